import { z } from 'zod';
import { EVERY_CAMERA } from '../../accounts/index.ts';
import { operation } from '../operation.ts';
import { Id, NoticeList, NoticeSeverity } from '../shapes.ts';

const Channel = z.object({ channel: z.string() });
const Pem = z.string().max(20_000);

export const noticesList = operation({
  name: 'notices.list',
  title: 'The channels, the last notices, and whether they were delivered',
  effect: 'read',
  right: 'settings',
  offline: false,
  input: z.object({ limit: z.int().min(1).max(200).default(20) }),
  output: NoticeList,
  // One notice may tell of many cameras by their names: who does not see them all is told of none.
  seen: (list, { sees }) => (sees(EVERY_CAMERA) ? list : { ...list, notices: [] }),
  handle: async ({ limit }, box) => box.notices.list(limit),
});

export const noticesTest = operation({
  name: 'notices.test',
  title: 'Send a test notice, and say what went wrong',
  effect: 'change',
  right: 'settings',
  offline: true,
  input: z.object({ channel: z.string().min(1).max(60) }),
  output: Channel,
  handle: async ({ channel }, box) => {
    await box.notices.test(channel);
    return { channel };
  },
});

export const noticesSet = operation({
  name: 'notices.set',
  title: 'Set language, quiet time and allowed networks of notices',
  effect: 'change',
  right: 'settings',
  offline: true,
  begins: true,
  input: z.object({
    language: z.enum(['en', 'zh-CN']).optional(),
    quietS: z.int().min(0).max(86_400).optional(),
    allowNetworks: z.array(z.string().max(50)).max(50).optional(),
  }),
  output: z.object({ language: z.string(), quietS: z.number(), allowNetworks: z.array(z.string()) }),
  handle: async (input, box) => box.notices.set(input),
});

export const noticesEmailSet = operation({
  name: 'notices.email.set',
  title: 'Send notices by e-mail; replaces what was set before',
  effect: 'change',
  right: 'settings',
  offline: true,
  begins: true,
  input: z.object({
    host: z.string().min(1).max(253),
    port: z.int().min(1).max(65_535).optional(),
    security: z.enum(['starttls', 'tls', 'none']).default('starttls'),
    username: z.string().max(200).default(''),
    password: z.string().max(200).default(''),
    from: z.string().min(1).max(320),
    to: z.array(z.string().min(1).max(320)).min(1).max(20),
    minSeverity: NoticeSeverity.default('warning'),
    quietHours: z
      .array(z.object({ from: z.string(), to: z.string() }))
      .max(7)
      .default([]),
    ca: Pem.default(''),
  }),
  output: Channel,
  handle: async ({ port, ...email }, box) => {
    const usual = { starttls: 587, tls: 465, none: 25 }[email.security];
    await box.notices.setEmail({ ...email, port: port ?? usual });
    return { channel: 'email' };
  },
});

export const noticesEmailRemove = operation({
  name: 'notices.email.remove',
  title: 'Send no more e-mail, and forget the login of the mail server',
  effect: 'change',
  right: 'settings',
  offline: true,
  input: z.object({}),
  output: Channel,
  handle: async (_input, box) => {
    await box.notices.setEmail(undefined);
    return { channel: 'email' };
  },
});

export const noticesWebhookAdd = operation({
  name: 'notices.webhook.add',
  title: 'Post notices to a web address',
  effect: 'change',
  right: 'settings',
  offline: true,
  begins: true,
  input: z.object({
    id: Id,
    url: z.string().min(8).max(2000),
    secret: z.string().min(16).max(200),
    minSeverity: NoticeSeverity.default('notice'),
    allowHttp: z.boolean().default(false),
    ca: Pem.default(''),
  }),
  output: Channel,
  handle: async (webhook, box) => {
    await box.notices.addWebhook(webhook);
    return { channel: `webhook/${webhook.id}` };
  },
});

export const noticesWebhookRemove = operation({
  name: 'notices.webhook.remove',
  title: 'Post no more notices to a web address',
  effect: 'change',
  right: 'settings',
  offline: true,
  input: z.object({ id: Id }),
  output: Channel,
  handle: async ({ id }, box) => {
    await box.notices.removeWebhook(id);
    return { channel: `webhook/${id}` };
  },
});
