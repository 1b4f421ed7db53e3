import { X509Certificate } from 'node:crypto';
import * as z from 'zod';
import { isNetwork } from '../base/index.ts';
import { notes } from './setting-notes.ts';

const ID = /^[a-z0-9-]{1,40}$/;
const HOUR = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
/** One plain address: no display name, no list, nothing that could begin another header (RFC 5321 section 4.1.2). */
const ADDRESS = /^[^\s<>(),;:"\\@[\]\p{Cc}]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/u;

const severity = (initial: 'notice' | 'warning' | 'error') =>
  z
    .enum(['notice', 'warning', 'error'])
    .default(initial)
    .meta(notes({ title: 'From', help: 'The least severity that is sent: notice, warning or error.' }));

const authority = () =>
  z
    .string()
    .max(20_000)
    .refine((text) => text === '' || isCertificate(text), 'must be a certificate in PEM form')
    .default('')
    .meta(
      notes({
        title: 'Certificate',
        help: 'Certificate (PEM) that the server must be trusted by, instead of the public authorities.',
      }),
    );

const quietRow = z
  .strictObject({
    from: z
      .string()
      .regex(HOUR, 'must be HH:MM')
      .meta(notes({ title: 'From', help: 'Begin of the quiet hours, HH:MM in the time zone of the site.' })),
    to: z
      .string()
      .regex(HOUR, 'must be HH:MM')
      .meta(notes({ title: 'To', help: 'Their end; earlier than the begin means the next day.' })),
  })
  .refine(({ from, to }) => from !== to, { path: ['to'], error: 'must differ from the begin' });

const email = z
  .strictObject({
    host: z
      .string()
      .regex(/^[A-Za-z0-9.:-]{0,253}$/, 'must be a host name or an address')
      .default('')
      .meta(notes({ title: 'Server', help: 'Mail server (SMTP) that takes the mail; empty: no e-mail is sent.' })),
    port: z
      .int()
      .min(1)
      .max(65_535)
      .default(587)
      .meta(notes({ title: 'Port', help: 'Its port: 587 for starttls, 465 for tls.' })),
    security: z
      .enum(['starttls', 'tls', 'none'])
      .default('starttls')
      .meta(
        notes({
          title: 'Security',
          help: 'starttls: encryption is demanded after connecting; tls: from the first byte; none: open, without login.',
        }),
      ),
    username: z
      .string()
      .max(200)
      .default('')
      .meta(notes({ title: 'User name', help: 'Account at the mail server; empty if it asks for none.' })),
    password: z
      .string()
      .max(200)
      .default('')
      .meta(notes({ title: 'Password', help: 'Password of that account.', secret: true })),
    from: z
      .string()
      .refine((text) => text === '' || ADDRESS.test(text), 'must be one e-mail address')
      .default('')
      .meta(notes({ title: 'Sender', help: 'Address that the mail comes from.' })),
    to: z
      .array(z.string().regex(ADDRESS, 'must be one e-mail address'))
      .max(20)
      .default([])
      .meta(notes({ title: 'Recipients', help: 'Addresses that the mail goes to.' })),
    minSeverity: severity('warning'),
    quietHours: z
      .array(quietRow)
      .max(7)
      .default([])
      .meta(notes({ title: 'Quiet hours', help: 'Times of day in which only errors are sent; the rest waits.' })),
    ca: authority(),
  })
  .superRefine((given, context) => {
    const fault = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (given.host !== '' && given.from === '') fault('from', 'is needed to send e-mail');
    if (given.host !== '' && given.to.length === 0) fault('to', 'needs at least one address');
    if (given.security === 'none' && given.username !== '') fault('security', 'a login needs starttls or tls');
  });

const webhook = z
  .strictObject({
    id: z
      .string()
      .regex(ID)
      .meta(notes({ title: 'Id', help: 'Name of the webhook.' })),
    url: z
      .string()
      .max(2000)
      .refine(isWebUrl, 'must be https://host[:port]/path, without user name and password')
      .meta(
        notes({
          title: 'URL',
          help: 'Where the box posts its notices. Never shown beyond the host: a path may be a key.',
          secret: true,
        }),
      ),
    secret: z
      .string()
      .min(16)
      .max(200)
      .meta(
        notes({
          title: 'Secret',
          help: 'Key that signs what is posted: whsec_ with base64 behind it, or any text of 16 characters or more.',
          secret: true,
        }),
      ),
    minSeverity: severity('notice'),
    allowHttp: z
      .boolean()
      .default(false)
      .meta(notes({ title: 'Allow http', help: 'Whether the URL may be http://; what is posted can then be read.' })),
    ca: authority(),
  })
  .refine(({ url, allowHttp }) => allowHttp || !/^http:/i.test(url), {
    path: ['url'],
    error: 'must be https://, unless allowHttp is set',
  });

/** How problems of the box reach people. */
export const notices = z.strictObject({
  language: z
    .enum(['en', 'zh-CN'])
    .default('en')
    .meta(notes({ title: 'Language', help: 'Language of the notices: English or Chinese.' })),
  quietS: z
    .int()
    .min(0)
    .max(86_400)
    .default(900)
    .meta(
      notes({
        title: 'Quiet time',
        help: 'Seconds in which repeats of one problem are gathered into one notice; 0 tells of each at once.',
      }),
    ),
  allowNetworks: z
    .array(z.string().refine(isNetwork, 'must be a network such as 192.168.1.0/24'))
    .max(50)
    .default([])
    .meta(
      notes({
        title: 'Allowed networks',
        help: 'Networks of the site in which a mail server or webhook may be; public addresses always may.',
      }),
    ),
  email: email.prefault({}),
  webhooks: z
    .array(webhook)
    .max(20)
    .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'two webhooks have the same id')
    .default([])
    .meta(notes({ title: 'Webhooks', help: 'Web addresses that notices are posted to.' })),
});

function isWebUrl(text: string): boolean {
  if (/[\p{Cc}\s]/u.test(text) || !/^https?:\/\//i.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  return url.hostname !== '' && url.username === '' && url.password === '' && !/^https?:\/\/[^/?#]*@/i.test(text);
}

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).subject !== null;
  } catch {
    return false;
  }
}
