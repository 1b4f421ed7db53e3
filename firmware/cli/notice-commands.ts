import type { ParseArgsOptionsConfig } from 'node:util';
import type { Command, Invocation } from './command.ts';
import { readGiven, readSecret } from './login.ts';
import { numberOption } from './number-option.ts';
import { formatNotices } from './notice-text.ts';

const TRUST: ParseArgsOptionsConfig = { severity: { type: 'string' }, 'ca-file': { type: 'string' } };

const list: Command = {
  name: 'notices list',
  usage: 'notices list [--limit 20]',
  help: 'lists the last notices, the newest first, and whether they were delivered',
  words: 0,
  options: { limit: { type: 'string' } },
  run: async ({ options, host }) => {
    const report = await host.call('notices.list', numberOption(options, 'limit'));
    return { json: report, text: formatNotices(report) };
  },
};

const test: Command = {
  name: 'notices test',
  usage: 'notices test email|webhook/ID',
  help: 'sends a test notice and says what went wrong if it does not arrive',
  words: 1,
  run: async ({ words, host }) => {
    const done = (await host.call('notices.test', { channel: words[0] })) as { channel: string };
    return { json: done, text: `${done.channel}: the server has taken the test notice.` };
  },
};

const set: Command = {
  name: 'notices set',
  usage: 'notices set [--language en|zh-CN] [--quiet SECONDS] [--networks 192.168.1.0/24,...]',
  help: 'sets the language, the quiet time, and the networks of the site that notices may go to',
  words: 0,
  options: { language: { type: 'string' }, quiet: { type: 'string' }, networks: { type: 'string' } },
  run: async ({ options, host }) => {
    const { language, networks } = options;
    const input = {
      ...(language === undefined ? {} : { language }),
      ...numberOption(options, 'quiet', 'quietS'),
      ...(networks === undefined ? {} : { allowNetworks: listOf(networks) }),
    };
    return { json: await host.call('notices.set', input), text: 'The settings of notices are in force.' };
  },
};

const emailSet: Command = {
  name: 'notices email set',
  usage:
    'notices email set HOST --from ADDRESS --to ADDRESS,... [--port 587] [--security starttls|tls|none] [--severity notice|warning|error] [--quiet-hours 22:00-07:00,...] [--username U --password-stdin | --password-file F] [--ca-file F]',
  help: 'sends notices by e-mail through this mail server',
  words: 1,
  options: {
    ...TRUST,
    from: { type: 'string' },
    to: { type: 'string' },
    port: { type: 'string' },
    security: { type: 'string' },
    'quiet-hours': { type: 'string' },
    username: { type: 'string' },
    'password-file': { type: 'string' },
    'password-stdin': { type: 'boolean' },
  },
  run: async ({ words, options, host }) => {
    const { from, to, security, username } = options;
    const password = await readSecret('password', options, host, 'Password of the mail account: ');
    const input = {
      host: words[0],
      ...(from === undefined ? {} : { from }),
      to: listOf(to),
      ...numberOption(options, 'port'),
      ...(security === undefined ? {} : { security }),
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      quietHours: listOf(options['quiet-hours']).map((row) => {
        const [begin, end] = row.split('-');
        return { from: begin, to: end };
      }),
      ...(await trust(options)),
    };
    const done = (await host.call('notices.email.set', input)) as { channel: string };
    return { json: done, text: 'Notices go out by e-mail. Try it: ipvs notices test email' };
  },
};

const emailRemove: Command = {
  name: 'notices email remove',
  usage: 'notices email remove',
  help: 'sends no more e-mail',
  words: 0,
  run: async ({ host }) => ({ json: await host.call('notices.email.remove', {}), text: 'No more e-mail is sent.' }),
};

const webhookAdd: Command = {
  name: 'notices webhook add',
  usage:
    'notices webhook add ID URL --secret-stdin | --secret-file F [--severity notice|warning|error] [--allow-http] [--ca-file F]',
  help: 'posts notices to this address, signed with the secret',
  words: 2,
  options: {
    ...TRUST,
    'secret-stdin': { type: 'boolean' },
    'secret-file': { type: 'string' },
    'allow-http': { type: 'boolean' },
  },
  run: async ({ words, options, host }) => {
    const [id = '', url = ''] = words;
    const secret = await readSecret('secret', options, host, 'Secret of the webhook: ');
    const input = {
      id,
      url,
      ...(secret === undefined ? {} : { secret }),
      ...(options['allow-http'] === true ? { allowHttp: true } : {}),
      ...(await trust(options)),
    };
    const done = (await host.call('notices.webhook.add', input)) as { channel: string };
    return { json: done, text: `Notices are posted. Try it: ipvs notices test ${done.channel}` };
  },
};

const webhookRemove: Command = {
  name: 'notices webhook remove',
  usage: 'notices webhook remove ID',
  help: 'posts no more notices to this webhook',
  words: 1,
  run: async ({ words, host }) => {
    const done = (await host.call('notices.webhook.remove', { id: words[0] })) as { channel: string };
    return { json: done, text: `Removed ${done.channel}.` };
  },
};

export const NOTICE_COMMANDS: readonly Command[] = [list, test, set, emailSet, emailRemove, webhookAdd, webhookRemove];

async function trust(options: Invocation['options']): Promise<{ minSeverity?: string; ca?: string }> {
  const { severity, 'ca-file': file } = options;
  return {
    ...(typeof severity === 'string' ? { minSeverity: severity } : {}),
    ...(typeof file === 'string' ? { ca: await readGiven('--ca-file', file) } : {}),
  };
}

function listOf(value: string | boolean | undefined): string[] {
  return typeof value === 'string' ? value.split(',').filter((each) => each !== '') : [];
}
