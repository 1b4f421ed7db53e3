import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import t from 'tap';
import { CameraAddresses } from '../../firmware/base/index.ts';
import { resolveTarget, RtspSession } from '../../firmware/rtsp/index.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { makeDeps, watch } from '../support/rtsp-watch.ts';

const LOGIN = { user: 'admin', password: 'a secret' };

t.test('18. no byte goes to an address outside the camera networks, asked for or redirected to', async (t) => {
  const made = await makeDeps();
  const farm = await CameraFarm.start({ cameras: [{ path: 'lure' }] });
  // What a camera would like the box to talk to: a service of the box itself.
  let callers = 0;
  const service = createServer((socket) => {
    callers++;
    socket.destroy();
  });
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  t.teardown(async () => {
    service.close();
    await farm.stop();
    await made.beat.stop();
  });
  const { port } = service.address() as AddressInfo;
  const guarded = (loopback: boolean): typeof made => {
    return { ...made, addresses: new CameraAddresses({ networks: ['10.0.0.0/8'], ownPorts: [port], loopback }) };
  };
  t.match((await watch({ url: `rtsp://127.0.0.1:${port}/x` }, guarded(false))).error, {
    code: 'cameras.address-refused',
  });
  t.match((await watch({ url: `rtsp://localhost:${port}/x` }, guarded(true))).error, {
    code: 'cameras.address-refused',
  });
  for (const location of [`rtsp://127.0.0.1:${port}/x`, `rtsp://0x7f.1:${port}/x`, 'rtsp://169.254.169.254/latest']) {
    farm.camera('lure').faults.set({ redirectTo: location });
    const { error } = await watch({ url: farm.url('lure') }, guarded(true));
    t.equal(error?.code, 'cameras.address-refused', location);
  }
  t.equal(callers, 0, 'nobody has called at the service');
});

t.test('18. a name that means another address the second time leads nowhere else', async (t) => {
  const made = await makeDeps();
  const farm = await CameraFarm.start({ cameras: [{ path: 'a' }] });
  t.teardown(async () => {
    await farm.stop();
    await made.beat.stop();
  });
  // Answers as a rebinding name server does: with a camera's address when it is checked, and what it wants later.
  let asked = 0;
  const addresses = {
    resolve: async () => {
      asked++;
      return [{ address: '127.0.0.1', family: 4 as const }];
    },
  };
  const url = farm.url('a').replace('127.0.0.1', 'rebinding.invalid');
  const { error, video } = await watch({ url }, { ...made, addresses });
  t.equal(error, undefined, 'the name itself is known to no name server: it was not asked');
  t.ok(video > 0);
  t.equal(asked, 1);
});

t.test('33. another certificate than the remembered one is told, and gets no readable password', async (t) => {
  const deps = await makeDeps();
  const farm = await CameraFarm.start({
    cameras: [
      { path: 'basic', auth: { ...LOGIN, schemes: ['basic'] } },
      { path: 'digest', auth: { ...LOGIN } },
    ],
    tls: true,
  });
  t.teardown(async () => {
    await farm.stop();
    await deps.beat.stop();
  });
  const show = async (path: string, pin: string): Promise<{ told: unknown[]; frames: number; code: unknown }> => {
    const told: unknown[] = [];
    const enough = new AbortController();
    let frames = 0;
    const session = new RtspSession(
      resolveTarget({ url: farm.url(path, { tls: true }), ...LOGIN, verifyTls: false, pin }),
      deps,
      {
        description: () => undefined,
        playing: () => undefined,
        frame: () => {
          // More may be on their way when the session is told to end.
          if (frames < 5 && ++frames === 5) enough.abort();
        },
        note: () => undefined,
        certificate: (fingerprint, changed) => told.push([fingerprint, changed]),
      },
    );
    const code = await session.run(enough.signal).then(
      () => undefined,
      (error: unknown) => (error as { code: string }).code,
    );
    return { told, frames, code };
  };
  const first = await show('basic', '');
  t.match(first, { frames: 5, code: undefined, told: [[/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/, false]] });
  const [fingerprint] = first.told[0] as [string];
  t.match(await show('basic', fingerprint), { frames: 5, told: [[fingerprint, false]] });
  farm.camera('basic').seen.length = 0;
  const other = fingerprint.replaceAll(/[0-9A-F]/g, '0');
  t.match(await show('basic', other), { frames: 0, code: 'rtsp.unauthorized', told: [[fingerprint, true]] });
  t.ok(farm.camera('basic').seen.every(({ headers }) => !headers.has('authorization')));
  t.match(await show('digest', other), { frames: 5, told: [[fingerprint, true]] }, 'recording goes on');
});
