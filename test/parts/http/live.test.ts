import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import t from 'tap';
import type { BoxMessage } from '../../../firmware/http/live-messages.ts';
import { Follower, isType } from '../../support/live-follower.ts';
import { WebLab } from '../../support/web-lab.ts';

t.setTimeout(240_000);

const JOB = { deep: false, state: 'running' as 'running' | 'stopped', segments: 0, of: 10, findings: [], listed: [] };

function camera(id: string, bitsPerSecond: number): Record<string, unknown> {
  const state = { mode: 'continuous', connection: 'playing', recording: 'recording', volumes: [], because: '' };
  const figures = { packetsLost: 0, framesRecorded: 0, recordedTodayS: 0, bytesToday: 0, notes: [] };
  return { id, name: id, stream: 'main', ...state, bitsPerSecond, ...figures };
}

t.test('a client hears of all there is, then of what changes', async (t) => {
  const lab = await WebLab.start(t);
  await lab.claim();
  const session = await lab.signIn();
  lab.state.cameras = [camera('front', 1), camera('yard', 1)] as never;
  const follower = new Follower(lab, session);
  t.match(await follower.until(isType('hello')), { protocol: 1, version: '1.2.3' });
  follower.send({ type: 'ping', id: 7 });
  t.match(await follower.until(isType('pong')), { id: 7 });
  follower.send({ type: 'subscribe', topics: ['status', 'problems'] });
  // The very first look may still have been under way when it subscribed.
  const items = new Map<string, unknown>();
  const apply = (message: BoxMessage): void => {
    if (message.type === 'snapshot') for (const [key, value] of Object.entries(message.items)) items.set(key, value);
    if (message.type !== 'delta') return;
    for (const [key, value] of Object.entries(message.set)) items.set(key, value);
    for (const key of message.gone) items.delete(key);
  };
  const either = (message: BoxMessage): message is BoxMessage => 'topic' in message && message.topic === 'status';
  while (!items.has('camera/yard/main')) {
    apply(await follower.until(either));
  }
  lab.state.cameras = [camera('front', 2)] as never;
  while (items.has('camera/yard/main')) apply(await follower.until(either));
  t.match(items.get('camera/front/main'), { bitsPerSecond: 2 });
  follower.close();
});

t.test('a client hears only of cameras it may know of (4)', async (t) => {
  const lab = await WebLab.start(t);
  await lab.claim();
  const session = await lab.signIn();
  for (const name of ['front', 'secret']) {
    await lab.ask({ path: '/api/cameras/add', json: { name, url: 'rtsp://192.0.2.1/a' }, headers: session });
  }
  lab.state.cameras = [camera('front', 1), camera('secret', 1)] as never;
  lab.state.problems = [
    {
      code: 'rtsp.refused',
      severity: 'error',
      subject: 'camera/secret',
      since: '2026-05-31T08:00:00.000Z',
      what: 'w',
      advice: 'a',
      repairs: [],
    },
    {
      code: 'rtsp.refused',
      severity: 'error',
      subject: 'camera/front',
      since: '2026-05-31T08:00:00.000Z',
      what: 'w',
      advice: 'a',
      repairs: [],
    },
  ];
  const cameras = [{ camera: 'front', rights: ['live'] }];
  const narrow = await lab.ask({
    path: '/api/users/add',
    headers: session,
    json: {
      user: 'guard',
      password: 'correct horse battery staple',
      role: 'custom',
      rights: ['live', 'state'],
      cameras,
    },
  });
  t.equal(narrow.status, 200, narrow.text);
  const follower = new Follower(lab, await lab.signIn('guard'));
  await follower.until(isType('hello'));
  follower.send({ type: 'subscribe', topics: ['status', 'problems', 'jobs'] });
  const all = new Follower(lab, session);
  await all.until(isType('hello'));
  all.send({ type: 'subscribe', topics: ['status', 'problems'] });
  lab.state.recording = lab.state.expected = 2;
  const names =
    (camera: string, bitsPerSecond: number) =>
    (message: BoxMessage): message is BoxMessage =>
      JSON.stringify(message).includes(`"id":"${camera}"`) &&
      JSON.stringify(message).includes(`"bitsPerSecond":${bitsPerSecond}`);
  await all.until(names('secret', 1));
  await follower.until(names('front', 1));
  lab.state.cameras = [camera('front', 2), camera('secret', 2)] as never;
  await all.until(names('secret', 2));
  await follower.until(names('front', 2));
  follower.send({ type: 'ping', id: 1 });
  await follower.until(isType('pong'));
  t.notMatch(follower.texts.join(' '), /secret/);
  t.notMatch(follower.texts.join(' '), /"expected"/, 'nor how many there are');
  t.match(all.texts.join(' '), /"expected":2/);
  follower.close();
  all.close();
});

t.test('a job on a disk is seen, found again and ended by all who look after disks, and by nobody else', async (t) => {
  const job = { ...JOB, volume: 'garage', job: 'disks.check/garage', by: 'admin', started: new Date().toISOString() };
  const lab = await WebLab.start(t, {
    box: {
      diskJobs: {
        evacuate: () => Promise.reject(new Error('not asked for')),
        stopEvacuation: () => Promise.reject(new Error('not asked for')),
        check: async () => job,
        list: async () => ({ evacuations: [], checks: [job] }),
        end: async (id) => {
          if (id === job.job) job.state = 'stopped';
        },
      },
    },
  });
  await lab.claim();
  const session = await lab.signIn();
  const password = 'correct horse battery staple';
  for (const [user, rights] of [
    ['keeper', ['state', 'disks']],
    ['guard', ['state', 'live']],
  ] as const) {
    const json = { user, password, role: 'custom', rights };
    t.equal((await lab.ask({ path: '/api/users/add', headers: session, json })).status, 200);
  }
  const begun = await lab.ask({ path: '/api/disks/check', headers: session, json: { volume: 'garage' } });
  const id = String(begun.body['job']);
  const path = `/api/jobs/get?id=${encodeURIComponent(id)}`;
  const guard = await lab.signIn('guard');
  const [keepers, guards] = [new Follower(lab, await lab.signIn('keeper')), new Follower(lab, guard)];
  for (const follower of [keepers, guards]) {
    await follower.until(isType('hello'));
    follower.send({ type: 'subscribe', topics: ['jobs'] });
  }
  const tells =
    (state: string) =>
    (message: BoxMessage): message is BoxMessage =>
      JSON.stringify(message).includes(`"id":"${id}"`) && JSON.stringify(message).includes(`"state":"${state}"`);
  await keepers.until(tells('running'));
  job.segments = 5;
  await keepers.until((message): message is BoxMessage => JSON.stringify(message).includes('"progress":0.5'));
  const keeper = await lab.signIn('keeper');
  t.match((await lab.ask({ path, headers: keeper })).body, { state: 'running', progress: 0.5, by: 'admin' });
  t.equal((await lab.ask({ path, headers: guard })).status, 404);
  t.equal((await lab.ask({ path: '/api/jobs/cancel', headers: guard, json: { id } })).status, 404);
  t.match(await lab.ask({ path: '/api/jobs/cancel', headers: keeper, json: { id } }), { body: { state: 'stopped' } });
  await keepers.until(tells('stopped'));
  guards.send({ type: 'ping', id: 1 });
  const heard: BoxMessage[] = [...guards.heard];
  await guards.until(isType('pong'));
  t.notOk([...heard, ...guards.heard].some((message) => JSON.stringify(message).includes(id)));
  keepers.close();
  guards.close();
});

t.test('nobody follows from another site, without a session, or after it (9, 13)', async (t) => {
  const lab = await WebLab.start(t);
  await lab.claim();
  const session = await lab.signIn();
  const upgrade = async (headers: Record<string, string>): Promise<number> => {
    const handshake = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
    const asked = request(`${lab.door.url!}/api/live`, {
      headers: { ...handshake, 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==', ...headers },
    });
    asked.end();
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    asked.on('response', (answer) => resolve(answer.statusCode ?? 0));
    asked.on('upgrade', (answer, socket) => {
      socket.destroy();
      resolve(answer.statusCode ?? 0);
    });
    asked.on('error', reject);
    return promise;
  };
  const { cookie } = session as { cookie: string };
  const own = lab.door.url!;
  t.equal(await upgrade({}), 401);
  t.equal(await upgrade({ origin: own }), 401);
  t.equal(await upgrade({ cookie: `${cookie}x`, origin: own }), 401);
  t.equal(await upgrade({ cookie }), 403, 'a browser says where it comes from');
  t.equal(await upgrade({ cookie, origin: 'https://evil.example' }), 403);
  t.equal(await upgrade({ cookie, origin: own, host: 'evil.example' }), 403);
  t.equal(await upgrade({ cookie, origin: own }), 101);
  const follower = new Follower(lab, session);
  await follower.until(isType('hello'));
  await lab.ask({ method: 'DELETE', path: '/api/session', headers: session });
  t.equal(await follower.closed, 4001, 'signing out ends what is open');
  const rude = new Follower(lab, await lab.signIn());
  await rude.until(isType('hello'));
  rude.send('{"type":"subscribe","topics":["everything"]}');
  t.equal(await rude.closed, 4004);
});

t.test('40. a live client that asks and asks and takes no answer is cut off before it costs memory', async (t) => {
  const lab = await WebLab.start(t);
  await lab.claim();
  const { authorization } = await lab.token(await lab.signIn(), { rights: ['live', 'state'] });
  const { hostname, port, host } = new URL(lab.door.url!);
  const frameOf = (opcode: number, text: string): Buffer =>
    Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
  for (const frame of [frameOf(1, '{"type":"ping","id":123456789}'), frameOf(9, 'x'.repeat(100))]) {
    const socket = connect(Number(port), hostname);
    t.teardown(() => socket.destroy());
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    socket.on('close', () => resolve());
    // Reset by the box while it writes.
    socket.on('error', () => undefined);
    socket.write(
      `GET /api/live HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${authorization}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    const [first] = (await once(socket, 'data')) as [Buffer];
    t.match(first.toString('latin1'), /^HTTP\/1\.1 101 /);
    socket.pause();
    const many = Buffer.concat(Array.from({ length: 1000 }, () => frame));
    let sent = 0;
    while (!socket.destroyed && sent < 100e6) {
      if (!socket.write(many)) await Promise.race([once(socket, 'drain').catch(() => undefined), closed]);
      sent += many.length;
    }
    t.ok(socket.destroyed, 'it is gone');
    await closed;
  }
});

t.test('bodies, headers and waiting have an end (40)', async (t) => {
  const lab = await WebLab.start(t);
  await lab.claim();
  const headers = await lab.signIn();
  const huge = JSON.stringify({ patch: { box: { name: 'x'.repeat(1 << 20) } } });
  const text = { ...headers, 'content-type': 'application/json' };
  t.match(await lab.ask({ path: '/api/config/set', text: huge, headers: text }), { status: 413 });
  const long = await lab.ask({ path: '/api/session', headers: { 'x-long': 'x'.repeat(20_000) } });
  t.equal(long.status, 431);
  // One that never ends its headers: the box closes, long before anybody is in want of sockets.
  const slow = connectTls({ port: lab.port, host: '127.0.0.1', servername: 'localhost', ca: lab.ca });
  await once(slow, 'secureConnect');
  slow.write('GET /api/session HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
  // One that asks nothing: browsers open such connections, and take what comes on them for the answer to their next question.
  const silent = connect(Number(new URL(lab.door.url!).port), '127.0.0.1');
  let told = '';
  silent.setEncoding('utf8').on('data', (text: string) => (told += text));
  const answer: Buffer[] = [];
  slow.on('data', (bytes: Buffer) => answer.push(bytes));
  await Promise.all([once(slow, 'close'), once(silent, 'close')]);
  t.match(Buffer.concat(answer).toString(), /^HTTP\/1\.1 408 /, 'closed');
  t.equal(told, '', 'nobody asked, so nothing is answered');
  const limited: number[] = [];
  for (let index = 0; index < 320; index++) {
    limited.push((await fetch(`${lab.door.url!}/api/session`)).status);
    if (limited.at(-1) === 429) break;
  }
  t.equal(limited.at(-1), 429, 'an address without a session asks only so often');
  t.equal((await lab.ask({ path: '/api/cameras/list', headers })).status, 200, 'which costs those with one nothing');
});
