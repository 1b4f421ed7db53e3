import { createHmac } from 'node:crypto';
import { createServer } from 'node:net';
import { once } from 'node:events';
import t from 'tap';
import { makeCertificate } from '../../support/camera/certificate.ts';
import { makeDesk, planOf } from '../../support/notice-desk.ts';
import { skipWithout } from '../../support/programs.ts';
import { tempFolder, type Teardown } from '../../support/temp-folder.ts';
import { until } from '../../support/until.ts';
import { status, WebReceiver } from '../../support/web-receiver.ts';

const SECRET = `whsec_${Buffer.from('0123456789abcdef0123').toString('base64')}`;

function hook(url: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { webhooks: [{ id: 'a', url, secret: SECRET, allowHttp: url.startsWith('http:'), ...more }] };
}

async function deskAt(t: Teardown, settings: Record<string, unknown>, options: Parameters<typeof makeDesk>[2] = {}) {
  const lab = makeDesk(await tempFolder(t, 'notices'), planOf(settings), options);
  t.teardown(() => lab.desk.stop());
  await lab.desk.start();
  return lab;
}

t.test('a problem is posted, signed, and once more when it is over', async (t) => {
  const receiver = await WebReceiver.start(t);
  const { desk, problems } = await deskAt(t, hook(receiver.url));
  problems.raise('storage.hung', 'volume/v', 'error', { folder: 'recordings', password: 'p' });
  await receiver.arrived(1);
  problems.clear('storage.hung', 'volume/v');
  await receiver.arrived(2);
  const [post, over] = receiver.posts;
  const body = JSON.parse(post!.body) as { id: string };
  t.match(body, {
    version: 1,
    kind: 'problems',
    severity: 'error',
    title: '[商店 Shop] Error: volume v: The disk has not answered for a long time.',
    items: [{ code: 'storage.hung', subject: 'volume/v', state: 'standing', context: { folder: 'recordings' } }],
  });
  t.match(JSON.parse(over!.body), { items: [{ state: 'over' }] });
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = post!.headers;
  t.equal(id, body.id);
  const key = Buffer.from('0123456789abcdef0123');
  const wanted = createHmac('sha256', key)
    .update(`${String(id)}.${String(at)}.${post!.body}`)
    .digest('base64');
  t.equal(signature, `v1,${wanted}`);
  t.not(over!.headers['webhook-id'], id);
  await until(() => desk.report(9).channels[0]!.waiting === 0);
  t.match(desk.report(9).notices, [
    { title: /Over: volume v/, deliveries: [{ channel: 'webhook/a', state: 'delivered', attempts: 1 }] },
    { deliveries: [{ state: 'delivered' }] },
  ]);
});

t.test('a server that is down is tried again with the same id; the trouble is a problem meanwhile', async (t) => {
  const receiver = await WebReceiver.start(t, { answer: status(503) });
  const { desk, problems, lines } = await deskAt(t, hook(receiver.url));
  problems.raise('storage.hung', 'volume/v', 'error');
  await receiver.arrived(3);
  await until(() => problems.list().some(({ code }) => code === 'notices.undelivered'));
  t.match(
    problems.list().find(({ code }) => code === 'notices.undelivered'),
    {
      subject: 'channel/webhook/a',
      context: { code: 'notices.server-busy' },
    },
  );
  receiver.become(status(200));
  await until(() => desk.report(9).channels.every(({ waiting, failures }) => waiting === 0 && failures === 0));
  const ids = new Set(receiver.posts.map(({ headers }) => headers['webhook-id']));
  t.equal(ids.size, 1);
  // It goes once the notice is settled, and that is written down first.
  await until(() => !problems.list().some(({ code }) => code === 'notices.undelivered'));
  t.notMatch(JSON.stringify([lines, desk.report(9)]), /whsec_|0123456789abcdef/);
});

t.test('Retry-After is kept to', async (t) => {
  const receiver = await WebReceiver.start(t, { answer: status(429, { 'retry-after': '3600' }) });
  const other = await WebReceiver.start(t);
  const second = { id: 'b', url: other.url, secret: SECRET, allowHttp: true };
  const settings = hook(receiver.url);
  const { desk, problems } = await deskAt(t, { webhooks: [...(settings['webhooks'] as unknown[]), second] });
  problems.raise('storage.hung', 'volume/v', 'error');
  await receiver.arrived(1);
  await other.arrived(1);
  problems.raise('storage.io', 'volume/w', 'error');
  await other.arrived(2);
  await until(() => desk.report(9).channels[1]!.waiting === 0);
  t.equal(receiver.posts.length, 1, 'the hour is not over');
  t.match(desk.report(9).channels, [
    { id: 'webhook/a', waiting: 2, error: { code: 'notices.server-busy' } },
    { waiting: 0 },
  ]);
});

for (const [code, wanted] of [
  [404, 'notices.refused'],
  [410, 'notices.refused'],
  [302, 'notices.redirected'],
  [307, 'notices.redirected'],
] as const) {
  t.test(`an answer ${code} is final`, async (t) => {
    const elsewhere = await WebReceiver.start(t);
    const receiver = await WebReceiver.start(t, { answer: status(code, { location: elsewhere.url }) });
    const { desk, problems } = await deskAt(t, hook(receiver.url));
    problems.raise('storage.hung', 'volume/v', 'error');
    const first = () => desk.report(9).notices.at(-1)?.deliveries;
    await until(() => first()?.[0]?.state === 'failed');
    t.match(first(), [{ attempts: 1, error: { code: wanted, context: { status: code } } }]);
    t.ok(problems.list().some((each) => each.code === 'notices.undelivered'));
    t.equal(elsewhere.connections, 0, 'no redirect is followed');
    await t.rejects(desk.test('webhook/a'), { code: wanted });
  });
}

t.test('a certificate must be trusted', { skip: await skipWithout('openssl') }, async (t) => {
  const certificate = await makeCertificate();
  const receiver = await WebReceiver.start(t, { certificate });
  const strangers = await deskAt(t, hook(receiver.url));
  await t.rejects(strangers.desk.test('webhook/a'), { code: 'notices.tls' });
  t.equal(receiver.posts.length, 0);
  const friends = await deskAt(t, hook(receiver.url, { ca: certificate.cert.toString() }));
  await friends.desk.test('webhook/a');
  t.match(JSON.parse(receiver.posts[0]!.body), { kind: 'test' });
  const other = await makeCertificate();
  const wrong = await deskAt(t, hook(receiver.url, { ca: other.cert.toString() }));
  await t.rejects(wrong.desk.test('webhook/a'), { code: 'notices.tls' });
});

t.test('addresses that the box must not call are not called', async (t) => {
  const receiver = await WebReceiver.start(t);
  const { desk } = await deskAt(t, { ...hook(receiver.url), allowNetworks: [] });
  await t.rejects(desk.test('webhook/a'), { code: 'notices.target-refused' });
  const named = await deskAt(t, { ...hook(`http://localhost:${receiver.port}/`), allowNetworks: [] });
  await t.rejects(named.desk.test('webhook/a'), { code: 'notices.target-refused' });
  const own = await deskAt(t, hook(receiver.url), { ownPorts: [receiver.port] });
  await t.rejects(own.desk.test('webhook/a'), { code: 'notices.target-refused' });
  t.equal(receiver.connections, 0);
});

t.test('endless answers, broken ones, and nobody there', async (t) => {
  const chatty = await WebReceiver.start(t, {
    answer: (response) => {
      response.writeHead(200);
      const pour = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384)));
      };
      response.on('drain', pour);
      pour();
    },
  });
  const { desk } = await deskAt(t, hook(chatty.url));
  await desk.test('webhook/a');
  const headers = await WebReceiver.start(t, { answer: status(200, { 'x-long': 'x'.repeat(40_000) }) });
  await t.rejects((await deskAt(t, hook(headers.url))).desk.test('webhook/a'), { code: 'notices.protocol' });
  const babble = createServer((socket) => socket.on('error', () => socket.destroy()).end('SSH-2.0-x\r\n\r\n'));
  t.teardown(() => babble.close());
  await once(babble.listen(0, '127.0.0.1'), 'listening');
  const { port } = babble.address() as { port: number };
  await t.rejects((await deskAt(t, hook(`http://127.0.0.1:${port}/`))).desk.test('webhook/a'), {
    code: 'notices.protocol',
  });
  const gone = await WebReceiver.start(t);
  const { url } = gone;
  await gone.stop();
  await t.rejects((await deskAt(t, hook(url))).desk.test('webhook/a'), { code: 'notices.unreachable' });
  await t.rejects(desk.test('webhook/none'), { code: 'notices.no-such-channel' });
});
