import t from 'tap';
import { makeCertificate } from '../../support/camera/certificate.ts';
import { MailServer, type MailServerOptions } from '../../support/mail-server.ts';
import { makeDesk, planOf } from '../../support/notice-desk.ts';
import { skipWithout } from '../../support/programs.ts';
import { tempFolder, type Teardown } from '../../support/temp-folder.ts';
import { until } from '../../support/until.ts';

const skip = await skipWithout('openssl');
const certificate = skip ? undefined : await makeCertificate();
const tls = { ...(certificate && { certificate }) };
const trusted = { ca: certificate?.cert.toString() ?? '' };
const PASSWORD = 'canary-7f3e-secret';

async function deskFor(
  t: Teardown,
  server: MailServer,
  email: Record<string, unknown>,
  more: Record<string, unknown> = {},
) {
  const settings = {
    ...more,
    email: { host: '127.0.0.1', port: server.port, from: 'box@site.test', to: ['guard@site.test'], ...email },
  };
  const lab = makeDesk(await tempFolder(t, 'notices'), planOf(settings));
  t.teardown(() => lab.desk.stop());
  await lab.desk.start();
  return lab;
}

const serve = (t: Teardown, options: MailServerOptions): Promise<MailServer> => MailServer.start(t, options);

t.test('mail over STARTTLS with login, in Chinese', { skip }, async (t) => {
  const server = await serve(t, { ...tls, login: `box:${PASSWORD}` });
  const { problems, desk } = await deskFor(
    t,
    server,
    { ...trusted, username: 'box', password: PASSWORD },
    { language: 'zh-CN' },
  );
  problems.raise('rtsp.timeout', 'camera/front', 'warning', { host: '10.0.0.7' });
  await server.arrived(1);
  const [mail] = server.mails;
  t.match(mail, { from: 'box@site.test', to: ['guard@site.test'], encrypted: true, login: `box:${PASSWORD}` });
  const { headers, text, subject } = read(mail!.raw);
  t.match(subject, '[商店 Shop] 警告：摄像机 front：摄像机没有及时应答。');
  t.match(text, /请检查本机与摄像机之间的网络/);
  await until(() => desk.report(1).notices[0]!.deliveries[0]!.state === 'delivered');
  t.match(headers, new RegExp(`Message-ID: <${desk.report(1).notices[0]!.id}@site\\.test>`));
  t.match(headers, /Auto-Submitted: auto-generated/);
});

t.test('TLS from the first byte', { skip }, async (t) => {
  const server = await serve(t, { ...tls, implicitTls: true });
  const { desk } = await deskFor(t, server, { ...trusted, security: 'tls' });
  await desk.test('email');
  t.match(server.mails, [{ encrypted: true }]);
});

t.test('nothing is said in the open, and no stranger is trusted', { skip }, async (t) => {
  const login = { username: 'box', password: PASSWORD };
  const plain = await serve(t, { login: `box:${PASSWORD}` });
  await t.rejects((await deskFor(t, plain, { ...trusted, ...login })).desk.test('email'), { code: 'notices.tls' });
  t.notOk(plain.commands.includes('AUTH') || plain.commands.includes('MAIL'), 'without STARTTLS nothing is sent');
  const server = await serve(t, { ...tls, login: `box:${PASSWORD}` });
  await t.rejects((await deskFor(t, server, login)).desk.test('email'), { code: 'notices.tls' });
  t.notOk(server.commands.includes('AUTH'), 'a certificate that nobody vouches for');
  const direct = await serve(t, { ...tls, implicitTls: true });
  await t.rejects((await deskFor(t, direct, { ...login, security: 'tls' })).desk.test('email'), {
    code: 'notices.tls',
  });
  const other = (await makeCertificate()).cert.toString();
  await t.rejects((await deskFor(t, server, { ...login, ca: other })).desk.test('email'), { code: 'notices.tls' });
  const open = await serve(t, {});
  await (await deskFor(t, open, { security: 'none' })).desk.test('email');
  t.match(open.mails, [{ encrypted: false, login: '' }], 'told otherwise, without login');
});

t.test('what servers refuse, in codes and without secrets', { skip }, async (t) => {
  const on =
    (verb: string, reply: string): MailServerOptions['reply'] =>
    (line) =>
      line.startsWith(verb) ? reply : undefined;
  const cases: [MailServerOptions, string][] = [
    [{ ...tls, login: 'box:another' }, 'notices.login-refused'],
    [{ ...tls, reply: on('RCPT', '550 5.1.1 nobody here') }, 'notices.refused'],
    [{ ...tls, reply: on('MAIL', '451 4.3.0 later') }, 'notices.server-busy'],
    [{ ...tls, reply: on('.', '554 5.7.1 no spam') }, 'notices.refused'],
    [{ ...tls, reply: on('.', '452 4.2.2 full') }, 'notices.server-busy'],
    [{ ...tls, reply: on('DATA', 'hang up') }, 'notices.unreachable'],
    [{ ...tls, reply: (line) => (line === '' ? 'HTTP/1.1 400 Bad Request' : undefined) }, 'notices.protocol'],
    [{ ...tls, reply: (line) => (line === '' ? '421 4.3.2 too busy' : undefined) }, 'notices.server-busy'],
  ];
  for (const [options, code] of cases) {
    const server = await serve(t, options);
    const { desk, problems, lines } = await deskFor(t, server, {
      ...trusted,
      username: options.login ? 'box' : '',
      password: PASSWORD,
    });
    const error: unknown = await desk.test('email').catch((each: unknown) => each);
    t.match(error, { code }, `${code}: ${String(error)}`);
    problems.raise('storage.hung', 'volume/v', 'error');
    await until(() => desk.report(1).channels[0]!.failures > 0);
    const said = JSON.stringify([error, String((error as Error).stack), problems.list(), lines, desk.report(9)]);
    t.notMatch(said, new RegExp(`${PASSWORD}|${Buffer.from(PASSWORD).toString('base64').slice(0, 12)}`));
    await desk.stop();
  }
});

t.test('one recipient of two is refused: the mail went out, and the owner hears of it', { skip }, async (t) => {
  const reply = (line: string): string | undefined => (line.includes('<gone@') ? '550 5.1.1 gone' : undefined);
  const server = await serve(t, { ...tls, reply });
  const { desk } = await deskFor(t, server, { ...trusted, to: ['guard@site.test', 'gone@site.test'] });
  await t.rejects(desk.test('email'), { code: 'notices.refused', context: { recipientsRefused: 1, recipients: 2 } });
  t.match(server.mails, [{ to: ['guard@site.test'] }]);
});

t.test('names with line breaks do not become headers', { skip }, async (t) => {
  const server = await serve(t, tls);
  const { problems } = await deskFor(t, server, trusted);
  problems.raise('storage.hung', 'disk/x\r\nBcc: all@site.test\r\n\r\nhello', 'error');
  await server.arrived(1);
  t.match(server.mails, [{ to: ['guard@site.test'] }]);
  t.notMatch(read(server.mails[0]!.raw).headers, /^Bcc/im);
});

t.test('a changed setting is in force at once', { skip }, async (t) => {
  const server = await serve(t, { ...tls, login: `box:${PASSWORD}` });
  const email = { host: '127.0.0.1', port: server.port, from: 'box@site.test', to: ['a@site.test'], ...trusted };
  const wrong = planOf({ email: { ...email, username: 'box', password: 'wrong' } });
  const { desk, problems } = makeDesk(await tempFolder(t, 'notices'), wrong, { retryMs: [3600_000] });
  t.teardown(() => desk.stop());
  await desk.start();
  problems.raise('storage.hung', 'volume/v', 'error');
  await until(() => desk.report(1).channels[0]?.failures === 1);
  desk.apply(planOf({ email: { ...email, username: 'box', password: PASSWORD } }));
  await server.arrived(1);
  desk.apply(planOf({}));
  problems.raise('storage.io', 'volume/v', 'error');
  await until(() => desk.report(1).notices[0]!.items[0]!.code === 'storage.io');
  t.match(desk.report(1), { channels: [], notices: [{ deliveries: [] }] });
});

/** Headers unfolded, and subject and text decoded, as a mailbox would. */
function read(raw: string): { headers: string; text: string; subject: string } {
  const at = raw.indexOf('\r\n\r\n');
  const headers = raw.slice(0, at).replaceAll(/\r\n[ \t]+/g, ' ');
  const body = raw.slice(at + 4);
  const encoding = /^Content-Transfer-Encoding: (\S+)/im.exec(headers)?.[1];
  const text =
    encoding === 'base64' ? Buffer.from(body, 'base64').toString() : decodeQuoted(body.replaceAll('=\r\n', ''));
  const words = (/^Subject: (.*)$/im.exec(headers)?.[1] ?? '').replaceAll(/\?= =\?/g, '?==?');
  const subject = words.replaceAll(/=\?UTF-8\?([BQ])\?([^?]*)\?=/gi, (_, kind: string, text: string) =>
    /b/i.test(kind) ? Buffer.from(text, 'base64').toString() : decodeQuoted(text.replaceAll('_', ' ')),
  );
  return { headers, text, subject };
}

function decodeQuoted(text: string): string {
  const bytes = text.replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
