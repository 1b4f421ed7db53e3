import { once } from 'node:events';
import t, { type Test } from 'tap';
import { Box, until } from '../support/box.ts';
import { LOCAL_ADMIN_PASSWORD, signInAt, type BoxSession } from '../support/box-session.ts';
import { OnvifCamera } from '../support/onvif-camera/onvif-camera.ts';

const LOGIN = { user: 'admin', password: 'a long secret' };
/** The longest that may be asked for. */
const SECONDS = 10;

t.setTimeout(300_000);

/** Two cameras that turn: the one that is tried, and one whose move began earlier and is left to its own end. */
async function makeSite(t: Test): Promise<{ box: Box; tried: OnvifCamera; left: OnvifCamera }> {
  const [tried, left] = await Promise.all([OnvifCamera.start({ login: LOGIN }), OnvifCamera.start({ login: LOGIN })]);
  t.teardown(() => Promise.all([tried.stop(), left.stop()]));
  const cameras = [tried, left].map((camera, at) => ({
    id: ['tried', 'left'][at],
    mode: 'manual',
    username: LOGIN.user,
    password: LOGIN.password,
    onvif: { url: camera.url, events: false },
    streams: [{ id: 'main', url: 'rtsp://127.0.0.1:9/none' }],
  }));
  const box = await Box.start(t, { settings: { cameras } });
  return { box, tried, left };
}

/** An operator's window: signed in, and following the box. */
async function makeWindow(t: Test, box: Box): Promise<{ session: BoxSession; socket: WebSocket }> {
  const session = await signInAt(box, 'ann');
  const { 'x-csrf-token': _, ...headers } = session.headers;
  const socket = new WebSocket(`${box.url.replace('http', 'ws')}/api/live`, { headers });
  t.teardown(() => socket.close());
  await once(socket, 'message');
  return { session, socket };
}

const WAYS: Readonly<Record<string, (window: { session: BoxSession; socket: WebSocket }, box: Box) => Promise<void>>> =
  {
    'signed out': async ({ session }, box) => {
      const { ok } = await fetch(`${box.url}/api/session`, { method: 'DELETE', headers: session.headers });
      if (!ok) throw new Error('not signed out');
    },
    'signed out by an administrator': async (_window, box) => {
      const all = await box.call<{ id: string; user: string }[]>('sessions.list');
      await box.call('sessions.end', { id: all.find(({ user }) => user === 'ann')!.id });
    },
    'robbed of the right': async (_window, box) => {
      await box.call('users.change', { user: 'ann', role: 'viewer' });
    },
    'without a connection': async ({ socket }) => {
      socket.close();
    },
  };

for (const [way, drop] of Object.entries(WAYS)) {
  t.test(`a window that is ${way} stops the camera that it steers, and others may steer at once`, async (t) => {
    const { box, tried, left } = await makeSite(t);
    await signInAt(box);
    await box.call('users.add', { user: 'ann', role: 'operator', password: LOCAL_ADMIN_PASSWORD });
    const window = await makeWindow(t, box);
    const move = (camera: string) => ({ camera, pan: 0.01, seconds: SECONDS });
    await until('a camera that is asked', async () => box.call('ptz.move', move('left')).catch(() => undefined));
    const answer = await window.session.post('/api/ptz/move', move('tried'));
    t.equal(answer.status, 200, await answer.text());
    t.ok(tried.head.moving && left.head.moving);
    await drop(window, box);
    await until('the stop on the wire', async () => (tried.seen.includes('Stop') ? true : undefined));
    // It began earlier and lasts as long: had nobody but time stopped the other one, this one would stand, too.
    t.ok(left.head.moving, 'long before its time was over');
    t.notOk(tried.head.moving);
    await box.call('ptz.stop', { camera: 'left' });
    const state = await box.call<{ steering?: unknown }>('ptz.state', { camera: 'tried' });
    t.equal(state.steering, undefined, 'nobody holds it');
  });
}
