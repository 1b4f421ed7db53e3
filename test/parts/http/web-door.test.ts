import { execFile, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { once } from 'node:events';
import { promisify } from 'node:util';
import t from 'tap';
import { z } from 'zod';
import { BoxError, systemClock } from '../../../firmware/base/index.ts';
import { anonymous, Control, DownloadDesk, ExportQuota, type BoxPorts } from '../../../firmware/control/index.ts';
import { buildApp } from '../../../firmware/http/app.ts';
import { LiveHub } from '../../../firmware/http/live-hub.ts';
import { mayWait } from '../../../firmware/http/may-wait.ts';
import type { WebPorts } from '../../../firmware/http/ports.ts';
import { emptyBox } from '../../support/empty-box.ts';
import { WebLab, type Answer } from '../../support/web-lab.ts';

const run = promisify(execFile);
const unlimited = new ExportQuota({ clock: systemClock, most: () => 0 });
t.setTimeout(240_000);

t.test('before it is set up the box serves only the set-up (3)', async (t) => {
  const lab = await WebLab.start(t);
  t.match((await lab.ask({ path: '/api/session' })).body, { claimed: false, signedIn: false });
  for (const { name, right } of Control.describe()) {
    const answer = await lab.ask({ path: `/api/${name.replaceAll('.', '/')}`, json: {} });
    if (right === 'open') t.not(answer.body['code'], 'http.unclaimed', name);
    else t.match(answer, { status: 403, body: { code: 'http.unclaimed' } }, name);
  }
  t.match(await lab.ask({ path: '/api/session', json: { name: 'admin', password: 'admin' } }), { status: 403 });
  const wrong = { claimCode: 'AAAA-BBBB-CCCC', user: 'admin', password: 'correct horse battery staple' };
  t.match(await lab.ask({ path: '/api/box/claim', json: wrong }), { status: 403 });
  t.match(await lab.claim(), { status: 200, body: { user: 'admin' } });
  t.match(await lab.ask({ path: '/api/box/claim', json: wrong }), { status: 409 }, 'once');
});

t.test('every route but a short list wants somebody who has signed in (1)', async (t) => {
  const lab = await WebLab.start(t);
  await lab.claim();
  const session = await lab.signIn();
  const tampered = { ...session, cookie: `${session['cookie']!.slice(0, -2)}xx` };
  const bearers = ['x', 'ipvs_x', 'eyJhbGciOiJub25lIn0.e30.', ''].map((text) => ({ authorization: `Bearer ${text}` }));
  const open = Control.describe().filter(({ right }) => right === 'open');
  t.strictSame(open.map(({ name }) => name).toSorted(), ['box.claim', 'box.claimed']);
  for (const { name, right, effect } of Control.describe()) {
    if (right === 'open') continue;
    const path = `/api/${name.replaceAll('.', '/')}`;
    for (const headers of [{}, tampered, ...bearers.slice(0, effect === 'read' ? 1 : 0)]) {
      const answer = await lab.ask({ path, json: {}, headers });
      t.match(answer, { status: 401, body: { code: 'control.not-signed-in' } }, `${name} ${JSON.stringify(headers)}`);
    }
  }
});

/** Routes that answer somebody who has not signed in and comes from elsewhere. A line more is a door that stands open. */
const OPEN_ROUTES = [
  'DELETE /api/session',
  'GET /.well-known/security.txt',
  'GET /api/box/claimed',
  'GET /api/session',
  'POST /api/box/claim',
  'POST /api/box/claimed',
  'POST /api/session',
  // Signing in as well: a screen on a wall gives its token.
  'POST /api/session/screen',
];

t.test(
  'the table of routes itself, asked from elsewhere without a session, with a dead one, with no rights (1, 5)',
  async (t) => {
    const reached: string[] = [];
    const powerless = { ...anonymous('192.0.2.9'), kind: 'session', name: 'guard', id: 's', signedIn: true } as const;
    const ports: WebPorts = {
      operations: Control.describe(),
      call: async (operation) => void reached.push(operation),
      refused: () => undefined,
      accounts: {
        claimed: () => true,
        session: (secret) => (secret === 'powerless' ? powerless : undefined),
        token: () => undefined,
        signIn: () => Promise.reject(new BoxError('accounts.refused')),
        signOut: async () => undefined,
        touch: () => undefined,
      },
      jobs: { begin: () => ({}) as never, list: async () => [] },
      media: { connect: () => ({}) as never },
      left: () => undefined,
      downloads: new DownloadDesk({ find: () => undefined }, { note: () => undefined }, unlimited),
      status: () => Promise.reject(new BoxError('box.bug')),
      metrics: async () => '',
      ready: () => true,
      securityContact: () => 'mailto:a@b.example',
      version: '1',
      log: () => undefined,
    };
    const routes: string[] = [];
    const app = await buildApp({
      ports,
      live: new LiveHub(ports),
      secure: true,
      server: (handler) => createServer(handler as never),
      routed: (method, path) => routes.push(`${method} ${path}`),
    });
    t.teardown(() => app.close());
    t.ok(routes.length > 2 * Control.describe().length - 60, `${routes.length} routes`);
    const open = new Set<string>();
    let asked = 0;
    for (const route of new Set(routes)) {
      const [method = '', url = ''] = route.split(' ');
      if (method === 'HEAD') continue;
      const body = method === 'POST' ? { payload: {} } : {};
      for (const headers of [{}, { cookie: '__Host-ipvs=dead' }, { authorization: 'Bearer dead' }]) {
        // Of many addresses, so that the limit of one refuses nothing.
        const remoteAddress = `192.0.2.${asked++ % 250}`;
        const ask = { method: method as 'GET', url, headers, remoteAddress, ...body };
        const forged = { ...headers, 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '::1', forwarded: 'for=127.0.0.1' };
        for (const each of [ask, { ...ask, headers: forged }]) {
          const { statusCode, json } = await app.inject(each);
          const refused = statusCode === 401 && json().code === 'control.not-signed-in';
          if (!refused) open.add(route);
        }
      }
    }
    t.strictSame([...open].toSorted(), OPEN_ROUTES);
    t.strictSame([...new Set(reached)].toSorted(), ['box.claim', 'box.claimed']);
    const metrics = { url: '/metrics', headers: { cookie: '__Host-ipvs=powerless' } };
    t.equal((await app.inject(metrics)).statusCode, 403, 'of those that are no operations, what asks for a right');
  },
);

t.test('what is no operation wants a session too (1, 5)', async (t) => {
  const lab = await WebLab.start(t);
  await lab.claim();
  const session = await lab.signIn();
  for (const path of ['/api/openapi.json', '/metrics']) {
    t.equal((await lab.ask({ path })).status, 401, path);
    t.equal((await lab.ask({ path, headers: { authorization: 'Bearer no' } })).status, 401, path);
    const forged = { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1', host: 'localhost' };
    t.equal((await lab.ask({ path, headers: forged })).status, 401, 'headers grant nothing');
    t.equal((await lab.ask({ path, headers: session })).status, 200, path);
  }
  t.equal((await lab.ask({ path: '/healthz' })).status, 200, 'this machine');
  t.equal((await lab.ask({ path: '/readyz' })).status, 200);
  t.equal((await fetch(`${lab.door.url}/readyz`)).status, 200);
  for (const path of ['/status.json', '/metrics', '/api/box/status', '/api/cameras/list']) {
    const here = await fetch(`${lab.door.url}${path}`);
    t.ok([401, 404].includes(here.status), `5. to be on this machine opens nothing: ${path}`);
  }
  const viewer = await lab.token(session, { rights: ['live'] });
  t.match(await lab.ask({ path: '/metrics', headers: viewer }), { status: 403, body: { code: 'control.forbidden' } });
  const narrow = await lab.token(session, { rights: ['state'], cameras: [{ camera: 'gate', rights: [] }] });
  t.match((await lab.ask({ path: '/metrics', headers: narrow })).text, /\ngate\n/, '(4) figures of seen cameras alone');
  t.match(await lab.ask({ path: '/api/config/get', headers: viewer }), { status: 403 });
  t.equal((await lab.ask({ path: '/api/cameras/list', headers: { ...session, ...viewer } })).status, 200);
  const broken = { ...session, authorization: 'Bearer nonsense' };
  t.equal(
    (await lab.ask({ path: '/api/cameras/list', headers: broken })).status,
    401,
    'a bad token beside a good cookie',
  );
});

t.test('a change needs the page of the box itself and the token of its session (12)', async (t) => {
  const lab = await WebLab.start(t);
  await lab.claim();
  const session = await lab.signIn();
  const add = { path: '/api/cameras/add', json: { name: 'Front', url: 'rtsp://192.0.2.1/a' } };
  const {
    origin,
    'x-csrf-token': csrf,
    cookie,
  } = session as { origin: string; 'x-csrf-token': string; cookie: string };
  const refused: Record<string, string>[] = [
    { cookie },
    { cookie, origin },
    { cookie, 'x-csrf-token': csrf },
    { cookie, origin, 'x-csrf-token': 'x'.repeat(csrf.length) },
    { cookie, origin: 'https://evil.example', 'x-csrf-token': csrf },
    { cookie, origin: 'null', 'x-csrf-token': csrf },
    { cookie, origin, 'x-csrf-token': csrf, 'sec-fetch-site': 'cross-site' },
  ];
  for (const headers of refused) {
    const answer = await lab.ask({ ...add, headers });
    t.match(answer, { status: 403, body: { code: 'http.foreign-origin' } }, JSON.stringify(headers));
  }
  for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x']) {
    const headers = { ...session, 'content-type': type };
    const answer = await lab.ask({ path: add.path, text: JSON.stringify(add.json), headers });
    t.match(answer, { status: 415, body: { code: 'http.not-json' } }, type);
  }
  t.strictSame(lab.store.settings.cameras, []);
  const told = lab.lines.filter(({ result }) => result === 'http.foreign-origin');
  t.equal(told.length, refused.length, '(44) what the door refuses is in the log, too');
  t.match(told[0], { who: 'admin', kind: 'session', operation: 'cameras.add', address: '127.0.0.1' });
  t.equal((await lab.ask({ ...add, headers: session })).status, 200);
  t.match(await lab.ask({ ...add, headers: session }), { status: 409, body: { code: 'control.camera-exists' } });
  const foreign = {
    path: '/api/session',
    json: { name: 'a', password: 'b' },
    headers: { origin: 'https://evil.example' },
  };
  t.equal((await lab.ask(foreign)).status, 403, 'nobody is signed in from elsewhere');
});

t.test('the session is in a cookie that only this host gets, and signing out ends it (9)', async (t) => {
  const lab = await WebLab.start(t);
  await lab.claim();
  const json = { name: 'admin', password: 'correct horse battery staple' };
  const answer = await lab.ask({ path: '/api/session', json });
  t.match(answer.headers['set-cookie']?.[0], /^__Host-ipvs=[\w.-]+; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
  const first = { cookie: answer.headers['set-cookie']![0]!.split(';', 1)[0]!, origin: lab.origin };
  const again = await lab.ask({ path: '/api/session', json, headers: first });
  t.not(again.headers['set-cookie']?.[0], answer.headers['set-cookie']?.[0], 'a new id at each sign-in');
  t.equal((await lab.ask({ path: '/api/cameras/list', headers: first })).status, 401, 'and the old one has ended');
  const session = await lab.signIn();
  t.match((await lab.ask({ path: '/api/session', headers: session })).body, {
    signedIn: true,
    name: 'admin',
    csrf: /./,
  });
  t.equal((await lab.ask({ method: 'DELETE', path: '/api/session', headers: session })).status, 204);
  t.equal((await lab.ask({ path: '/api/cameras/list', headers: session })).status, 401);
  const unknown = await lab.ask({ path: '/api/session', json: { name: 'nobody', password: 'wrong wrong wrong' } });
  const wrong = await lab.ask({ path: '/api/session', json: { name: 'admin', password: 'wrong wrong wrong' } });
  t.equal(unknown.status, 401);
  t.strictSame(unknown.body, wrong.body, 'nobody learns which names there are');
});

t.test('errors are problem documents in the language of the client', async (t) => {
  const lab = await WebLab.start(t);
  await lab.claim();
  const session = await lab.signIn();
  const path = '/api/cameras/remove';
  const ask = { path, json: { camera: 'nowhere' } };
  const english = await lab.ask({ ...ask, headers: session });
  t.match(english.headers, { 'content-type': /^application\/problem\+json/, 'content-language': 'en' });
  const code = 'control.no-such-camera';
  t.match(english, { status: 404, body: { type: `urn:ipvs:error:${code}`, code, status: 404, title: /There is no/ } });
  for (const [wish, language] of [
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh-CN'],
    ['fr,en;q=0.5,zh;q=0.1', 'en'],
    ['zh;q=0', 'en'],
  ]) {
    const answer = await lab.ask({ ...ask, headers: { ...session, 'accept-language': wish! } });
    t.equal(answer.headers['content-language'], language);
    t.equal(/[\u4e00-\u9fff]/.test(answer.text), language === 'zh-CN');
  }
  t.match(await lab.ask({ path, headers: session }), { status: 405, headers: { allow: 'POST' } });
  t.match(await lab.ask({ path: '/api/no/such', headers: session }), {
    status: 404,
    body: { code: 'http.no-such-path' },
  });
});

t.test('JSON that would change more than it says is refused (25)', async (t) => {
  const lab = await WebLab.start(t);
  await lab.claim();
  const headers = { ...(await lab.signIn()), 'content-type': 'application/json' };
  const texts = [
    '{"patch":{"__proto__":{"admin":true}}}',
    '{"__proto__":{"x":1},"patch":{}}',
    '{"patch":{"constructor":{"prototype":{"x":1}}}}',
    '{"patch":',
    '',
  ];
  for (const text of texts) {
    t.match(
      await lab.ask({ path: '/api/config/set', text, headers }),
      { status: 400, body: { code: 'http.bad-json' } },
      text,
    );
  }
  t.equal(({} as Record<string, unknown>)['x'], undefined);
});

t.test('lists come page by page, whatever the query says (21)', async (t) => {
  const lab = await WebLab.start(t);
  await lab.claim();
  const headers = await lab.signIn();
  await lab.store.update((draft) => {
    for (let index = 0; index < 7; index++) {
      const stream = { id: 'main', url: `rtsp://192.0.2.1/${index}` };
      draft.cameras.push({ id: `c${index}`, streams: [stream] } as never);
    }
  });
  const seen: string[] = [];
  let cursor = '';
  for (;;) {
    const { body } = await lab.ask({ path: `/api/cameras/list?limit=3${cursor}`, headers });
    const page = body as unknown as { items: { id: string }[]; next?: string };
    seen.push(...page.items.map(({ id }) => id));
    if (page.next === undefined) break;
    cursor = `&cursor=${page.next}`;
    // One that was shown already goes: the next page is none shorter for it.
    if (seen.length === 3) await lab.store.update((draft) => void draft.cameras.splice(0, 1));
  }
  t.strictSame(seen, ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6']);
  for (const query of ['limit=0', 'limit=1001', 'limit=x', 'cursor=x', "cursor=';drop", 'limit=1&limit=2', 'from=1']) {
    const answer = await lab.ask({ path: `/api/cameras/list?${query}`, headers });
    t.ok(query === 'from=1' ? answer.status === 200 : answer.status === 400, `(21) ${query}: ${answer.status}`);
  }
});

t.test('a long operation goes on as a job that is found again', async (t) => {
  const { promise, resolve } = Promise.withResolvers<never>();
  const lab = await WebLab.start(t, { box: { probe: () => promise } });
  await lab.claim();
  const session = await lab.signIn();
  const headers = { ...session, prefer: 'respond-async' };
  const begun = await lab.ask({ path: '/api/cameras/test', json: { url: 'rtsp://192.0.2.1/a' }, headers });
  t.match(begun, {
    status: 202,
    headers: { location: /^\/api\/jobs\/get\?id=/ },
    body: { state: 'running', by: 'admin' },
  });
  const { location } = begun.headers;
  t.match((await lab.ask({ path: location!, headers: await lab.signIn() })).body, { state: 'running' });
  const other = await lab.token(session, { rights: ['live'] });
  t.equal((await lab.ask({ path: location!, headers: other })).status, 404, 'of others it is not known');
  const id = new URL(location!, lab.origin).searchParams.get('id');
  t.match(await lab.ask({ path: '/api/jobs/cancel', json: { id }, headers: session }), { status: 409 });
  resolve(undefined as never);
  await promise;
  const ended = await lab.ask({ path: location!, headers: session });
  t.match(ended.body, { state: 'failed', error: { code: 'box.bug', context: {} } }, 'the answer had the wrong shape');
  t.match((await lab.ask({ path: '/api/jobs/list', headers: session })).body, { items: [{ id }] });
});

t.test('an export that is being prepared is shown to who began it, and ends when it is cancelled', async (t) => {
  const begun = Promise.withResolvers<AbortSignal>();
  const empty = emptyBox();
  const exports: Partial<BoxPorts['exports']> = {
    prepare: async (_wish, watch) => {
      const signal = watch?.signal;
      watch?.progress?.(0.25);
      begun.resolve(signal!);
      await once(signal!, 'abort');
      throw signal!.reason;
    },
  };
  const cameras = [{ id: 'gate', name: 'Gate', streams: [] }] as never;
  const lab = await WebLab.start(t, {
    box: { exports: { ...empty.exports, ...exports }, settings: { ...empty.settings, cameras: () => cameras } },
  });
  await lab.claim();
  const session = await lab.signIn();
  const headers = { ...session, prefer: 'respond-async' };
  const range = { from: '2026-05-01T00:00:00Z', to: '2026-05-02T00:00:00Z' };
  const { body } = await lab.ask({ path: '/api/exports/prepare', json: { cameras: ['gate'], ...range }, headers });
  t.match(body, { state: 'running', cancellable: true });
  const signal = await begun.promise;
  const id = String(body['id']);
  const job = (who: Record<string, string>): Promise<Answer> =>
    lab.ask({ path: `/api/jobs/get?id=${id}`, headers: who });
  t.match(await job(session), { body: { subject: 'gate', progress: 0.25 } });
  const other = await lab.token(session, { rights: ['export', 'settings'] });
  t.equal((await job(other)).status, 404, 'what somebody exports is not for others');
  t.equal((await lab.ask({ path: '/api/jobs/cancel', json: { id }, headers: other })).status, 404);
  t.notOk(signal.aborted);
  const cancelled = await lab.ask({ path: '/api/jobs/cancel', json: { id }, headers: session });
  t.match(cancelled, { status: 200, body: { state: 'stopped', cancellable: false } });
  t.ok(signal.aborted);
  t.match(await lab.ask({ path: '/api/jobs/cancel', json: { id }, headers: session }), { status: 409 });
});

t.test('28. what is told once is told to who asked, and is in no job', async (t) => {
  const lab = await WebLab.start(t);
  await lab.claim();
  const session = await lab.signIn();
  const headers = { ...session, prefer: 'respond-async' };
  const made = await lab.ask({ path: '/api/tokens/add', headers, json: { name: 'admin', rights: ['live'], days: 1 } });
  t.match(made, { status: 200, body: { secret: /^ipvs_/ } });
  const login = await lab.ask({ path: '/api/rtsp/passwords/create', headers, json: { label: 'wall' } });
  t.match(login, { status: 200, body: { user: /^rtsp-/, password: /./ } });
  t.match((await lab.ask({ path: '/api/jobs/list', headers: session })).body, { items: [] });
  const namesake = { authorization: `Bearer ${String(made.body['secret'])}` };
  await lab.ask({ path: '/api/cameras/test', json: { url: 'rtsp://192.0.2.1/a' }, headers });
  t.match((await lab.ask({ path: '/api/jobs/list', headers: session })).body, { items: [{ by: 'admin' }] });
  t.strictSame(
    (await lab.ask({ path: '/api/jobs/list', headers: namesake })).body,
    { items: [] },
    'a token of that name',
  );
  const secrets = /"(?:secret|password|recoveryCodes|claimCode)"/;
  for (const each of Control.describe()) {
    if (!secrets.test(JSON.stringify(z.toJSONSchema(each.output, { unrepresentable: 'any' })))) continue;
    t.notOk(mayWait(each), each.name);
  }
});

t.test('the certificate is of the box, is trusted by other programs, and can be replaced (31)', async (t) => {
  const lab = await WebLab.start(t);
  const path = join(lab.folder, 'tls.pem');
  t.equal((await stat(path)).mode & 0o777, 0o600, '(29) the key is nobody else’s');
  const ca = join(lab.folder, 'ca.pem');
  await writeFile(ca, lab.ca);
  const curl = ['-sS', '--cacert', ca, '--resolve', `box.test:${lab.port}:127.0.0.1`];
  t.match((await run('curl', [...curl, `${lab.origin}/api/session`])).stdout, /"claimed":false/);
  await t.rejects(run('curl', [...curl, `https://box.test:${lab.port}/api/session`]), 'another name');
  await t.rejects(run('curl', [...curl, '--tls-max', '1.1', `${lab.origin}/api/session`]), 'an old TLS');
  await lab.claim();
  const headers = await lab.signIn();
  const before = (await lab.ask({ path: '/api/certificate/show', headers })).text;
  t.notMatch(before, /PRIVATE/);
  const key = join(lab.folder, 'own.key');
  const own = join(lab.folder, 'own.pem');
  const subject = ['-subj', '/CN=own', '-addext', 'subjectAltName=DNS:localhost', '-days', '10'];
  await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', own, ...subject]);
  const json = { certificate: await readFile(own, 'utf8'), privateKey: await readFile(key, 'utf8') };
  const other = { ...json, privateKey: /-----BEGIN PRIVATE[^]*/.exec(await readFile(path, 'utf8'))![0] };
  const replace = { path: '/api/certificate/replace', headers };
  t.match(await lab.ask({ ...replace, json: other }), { status: 400, body: { code: 'http.certificate-refused' } });
  t.equal((await lab.ask({ path: '/api/certificate/show', headers })).text, before, 'nothing has changed');
  t.match(await lab.ask({ ...replace, json }), { status: 200, body: { madeByBox: false, subject: 'CN=own' } });
  const socket = connectTls({ port: lab.port, host: '127.0.0.1', servername: 'localhost', ca: lab.ca });
  await once(socket, 'secureConnect');
  t.equal(socket.getPeerCertificate().subject.CN, 'own', 'in force without a restart');
  socket.destroy();
  t.match(await lab.ask({ ...replace, json: {} }), { status: 200, body: { madeByBox: true } });
});

t.test('31. TLS as strangers try it: no old version, no weak suite, no renegotiation', async (t) => {
  const lab = await WebLab.start(t);
  const client = async (input: string, ...how: string[]): Promise<string> => {
    const args = ['s_client', '-connect', `127.0.0.1:${lab.port}`, ...how];
    const child = spawn('openssl', args, { stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdin.on('error', () => undefined);
    child.stdin.write(input);
    // Without an answer to what it sent, it would stay.
    const said = Promise.all([text(child.stdout), text(child.stderr)]);
    setTimeout(() => child.kill(), 60_000).unref();
    return (await said).join('\n');
  };
  const bye = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
  t.match(await client(bye, '-tls1_3', '-ign_eof'), /New, TLSv1\.3[^]*HTTP\/1\.1 \d/);
  t.match(await client(bye, '-tls1_2', '-ign_eof'), /New, TLSv1\.2, Cipher is ECDHE-ECDSA[^]*HTTP\/1\.1 \d/);
  const weak = ['AES128-SHA', 'AES128-GCM-SHA256', 'ECDHE-ECDSA-AES128-SHA256', 'NULL', 'DES-CBC3-SHA'];
  for (const how of [['-tls1_1'], ['-tls1'], ...weak.map((suite) => ['-tls1_2', '-cipher', `${suite}:@SECLEVEL=0`])]) {
    t.notMatch(await client(bye, '-ign_eof', ...how), /HTTP\/1\.1/, how.join(' '));
  }
  // A line that is only an R makes openssl ask for another handshake.
  t.match(await client('R\n', '-tls1_2'), /RENEGOTIATING[^]*no renegotiation/);
});

t.test('answers carry what keeps browsers safe (31, 35)', async (t) => {
  const lab = await WebLab.start(t);
  for (const path of ['/api/session', '/api/box/status', '/nowhere', '/%ff', `/api/exports/${'a'.repeat(200)}/%`]) {
    const { headers, body } = await lab.ask({ path, headers: { origin: 'https://evil.example' } });
    if (path.includes('%')) t.match(body, { code: 'http.no-such-path', status: 404 }, 'what is no address at all');
    t.match(headers['content-security-policy'], /default-src 'none'.*frame-ancestors 'none'/);
    t.notMatch(headers['content-security-policy'], /unsafe|\*/);
    t.match(headers, {
      'x-content-type-options': 'nosniff',
      'strict-transport-security': /max-age=31536000/,
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    t.equal(headers['access-control-allow-origin'], undefined);
  }
});

t.test('39. whoever finds a weakness learns whom to tell, once the box knows it', async (t) => {
  const lab = await WebLab.start(t);
  const path = '/.well-known/security.txt';
  t.equal((await lab.ask({ path })).status, 404);
  await lab.claim();
  const headers = await lab.signIn();
  const set = (securityContact: string): Promise<Answer> =>
    lab.ask({ path: '/api/config/set', headers, json: { patch: { https: { securityContact } } } });
  t.equal((await set('javascript:alert(1)')).status, 400);
  t.equal((await set('mailto:a@b.example\nX: y')).status, 400);
  t.equal((await set('mailto:security@installer.example')).status, 200);
  const { status, text, headers: answer } = await lab.ask({ path });
  t.equal(status, 200);
  t.match(answer['content-type'], /^text\/plain/);
  t.match(text, /^Contact: mailto:security@installer\.example\nExpires: \d{4}-\d\d-\d\dT00:00:00Z\n/);
  const aheadDays = (Date.parse(/Expires: (.+)/.exec(text)![1]!) - Date.now()) / 86_400_000;
  t.ok(aheadDays > 30 && aheadDays < 365, `${aheadDays}`);
});

t.test('31. the port without TLS leads to the one with it, and nowhere else', async (t) => {
  const lab = await WebLab.start(t, { redirect: true });
  const { redirect, secure } = lab.ports;
  const ask = (head: string): Promise<string> => spoken(redirect, `${head}\r\n\r\n`);
  const to = (answer: string): string | undefined => /\r\nlocation: (.+)\r\n/i.exec(answer)?.[1];
  const led = await ask(`GET /a/b?c=d HTTP/1.1\r\nHost: localhost:${redirect}`);
  t.match(led, /^HTTP\/1\.1 308 /);
  t.equal(to(led), `https://localhost:${secure}/a/b?c=d`);
  t.equal(to(await ask('GET / HTTP/1.1\r\nHost: [::1]:80')), `https://[::1]:${secure}/`);
  t.equal(to(await ask('GET //evil.example/x HTTP/1.1\r\nHost: box')), `https://box:${secure}/`);
  t.equal(to(await ask('GET http://evil.example/x HTTP/1.1\r\nHost: box')), `https://box:${secure}/`);
  for (const host of ['evil.example/x', 'a b', 'a@evil.example', '"', '[::1', '']) {
    t.match(await ask(`GET / HTTP/1.1\r\nHost: ${host}`), /^HTTP\/1\.1 400 /, host);
  }
  // A secret that came this way was read by whoever listens; it must not be answered as if nothing had happened.
  const posted = await ask('POST /api/session HTTP/1.1\r\nHost: box\r\nContent-Length: 2\r\n\r\n{}');
  t.match(posted, /^HTTP\/1\.1 308 /);
  t.notMatch(posted, /set-cookie/i);
});

/** All that comes back for these bytes until the other end hangs up. */
async function spoken(port: number, bytes: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.end(bytes);
  return text(socket);
}
