/** RTSP through the web server of a camera: GStreamer's, and one of our own that can misbehave. */
import { createServer } from 'node:net';
import t, { type Test } from 'tap';
import type { CameraTarget } from '../../firmware/rtsp/index.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { HttpFront, type HttpFrontOptions } from '../support/camera/http-front.ts';
import { GstCameras, skipWithoutGstCamera } from '../support/gst-camera.ts';
import { makeDeps, watch, type Watched } from '../support/rtsp-watch.ts';

t.setTimeout(240_000);

const LOGIN = { user: 'admin', password: 'a:b@c' };

async function through(
  t: Test,
  front: Omit<HttpFrontOptions, 'rtspPort'>,
  target: Partial<CameraTarget> = {},
  wanted = { video: 10, audio: 5 },
): Promise<{ seen: Watched; requests: string[]; methods: string[] }> {
  const farm = await CameraFarm.start({ cameras: [{ path: 'a', audio: 'aac' }] });
  t.teardown(() => farm.stop());
  const deps = await makeDeps();
  t.teardown(() => deps.beat.stop());
  const web = await HttpFront.start(t, { ...front, rtspPort: Number(new URL(farm.url('a')).port) });
  const seen = await watch({ url: `rtsph://127.0.0.1:${web.port}/a`, ...target }, deps, wanted);
  t.equal(deps.pool.usage.inUseBytes, 0, 'every block came back');
  return { seen, requests: web.requests, methods: farm.camera('a').seen.map(({ method }) => method) };
}

t.test("GStreamer's tunnel", { skip: await skipWithoutGstCamera() }, async (t) => {
  const open = await GstCameras.start(t, [{ path: 'cam', audio: 'aac' }]);
  const locked = await GstCameras.start(t, [{ path: 'cam', audio: 'pcma', ...LOGIN }]);
  const deps = await makeDeps();
  t.teardown(() => deps.beat.stop());
  for (const [server, target] of [
    [open, {}],
    [locked, LOGIN],
  ] as const) {
    const url = server.url('cam').replace('rtsp:', 'rtsph:');
    const seen = await watch({ url, transport: 'auto', ...target }, deps, { video: 20, audio: 10 });
    t.equal(seen.error, undefined);
    t.equal(seen.transport, 'tcp');
    t.match(seen.figures, { junkBytes: 0, tracks: [{ lost: 0 }, { lost: 0 }] });
  }
});

t.test('pictures, sound and the way back', async (t) => {
  const { seen, requests, methods } = await through(t, {});
  t.equal(seen.error, undefined);
  t.match(requests, [/^GET \/a HTTP\/1\.0/, /^POST \/a HTTP\/1\.0/]);
  const cookies = requests.map((head) => /x-sessioncookie: (\S+)/.exec(head)?.[1]);
  t.equal(cookies[0], cookies[1]);
  t.equal(methods.at(-1), 'TEARDOWN', 'the camera was told');
});

t.test('what web servers do', async (t) => {
  for (const [name, front, requests] of [
    ['a head that comes byte by byte', { slowHead: true }, 2],
    ['a login, with the connection closed', { login: LOGIN }, 3],
    ['a login, with the connection kept', { login: LOGIN, keepsAfter401: true }, 3],
  ] as const) {
    await t.test(name, async (t) => {
      const { seen, requests: heads } = await through(t, front, LOGIN);
      t.equal(seen.error, undefined);
      t.equal(heads.length, requests);
    });
  }
  await t.test('a POST that is ended again and again', async (t) => {
    const { seen, requests, methods } = await through(t, { postBytes: 1 });
    t.equal(seen.error, undefined);
    t.ok(requests.filter((head) => head.startsWith('POST')).length >= 4, `${requests.length} requests`);
    t.equal(methods.at(-1), 'TEARDOWN');
  });
});

t.test('why it does not go', async (t) => {
  for (const [name, front, target, code] of [
    ['no tunnel', { status: 404 }, {}, 'rtsp.transport-refused'],
    ['not that way', { status: 405 }, {}, 'rtsp.transport-refused'],
    ['not for you', { status: 403 }, {}, 'rtsp.forbidden'],
    ['too many', { status: 503 }, {}, 'rtsp.too-many-clients'],
    ['no login is set', { login: LOGIN }, {}, 'rtsp.unauthorized'],
    ['a wrong password', { login: LOGIN }, { ...LOGIN, password: 'x' }, 'rtsp.unauthorized'],
  ] as const) {
    await t.test(name, async (t) => {
      const { seen, requests } = await through(t, front, target);
      t.equal(seen.error?.code, code);
      t.ok(requests.length <= 2, 'and it is not tried again at once');
      const isWrong = name === 'a wrong password';
      if (code === 'rtsp.unauthorized') t.equal(seen.error?.context.confirmed, isWrong);
    });
  }
});

t.test('a silent web server, and one that is not there', async (t) => {
  const deps = await makeDeps();
  t.teardown(() => deps.beat.stop());
  const silent = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
  await new Promise((resolve) => silent.once('listening', resolve));
  const { port } = silent.address() as { port: number };
  const target = { url: `rtsph://127.0.0.1:${port}/a` };
  const seen = await watch(target, deps, { limits: { connectMs: 300 } });
  t.equal(seen.error?.code, 'rtsp.timeout');
  await new Promise((resolve) => silent.close(resolve));
  t.equal((await watch(target, deps)).error?.code, 'rtsp.refused');
});
