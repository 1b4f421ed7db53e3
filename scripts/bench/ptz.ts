/** How long it takes from an order to steer until the camera has it. */
import { Box } from '../../test/support/box.ts';
import { CameraFarm } from '../../test/support/camera/farm.ts';
import { OnvifCamera } from '../../test/support/onvif-camera/onvif-camera.ts';

const LOGIN = { user: 'admin', password: 'a long secret' };
const MOVES = 200;
const AIM_MS = 150;

/** Moves a simulated camera again and again, over loopback, as a page does that is being dragged on. */
export async function measurePtz(say: (text: string) => void): Promise<{ met: boolean; text: string }> {
  const endings: (() => unknown)[] = [];
  const scope = { teardown: (end: () => unknown) => void endings.push(end) };
  try {
    const farm = await CameraFarm.start({ cameras: [{ path: 'a', auth: { ...LOGIN } }] });
    scope.teardown(() => farm.stop());
    const camera = await OnvifCamera.start({ login: LOGIN, discoverable: false });
    scope.teardown(() => camera.stop());
    const box = await Box.start(scope, { settings: { cameras: [] } });
    const cameras = [{ address: camera.url }];
    const { added } = await box.call<{ added: { camera?: string }[] }>('cameras.add-many', {
      cameras,
      username: LOGIN.user,
      password: LOGIN.password,
    });
    const id = added[0]?.camera;
    if (id === undefined) throw new Error('the camera was not added');
    // The page asks for this when it is opened, before anybody steers.
    await box.call('ptz.state', { camera: id });
    const arrivals = watchArrivals(camera);
    say(`${MOVES} moves`);
    const tookMs: number[] = [];
    for (let n = 0; n < MOVES; n++) {
      const arrived = arrivals.next();
      const beganMs = performance.now();
      await box.call('ptz.move', { camera: id, pan: n % 2 === 0 ? 0.5 : -0.5, seconds: 2 });
      tookMs.push((await arrived) - beganMs);
    }
    await box.call('ptz.stop', { camera: id });
    return report(tookMs);
  } finally {
    for (const end of endings.toReversed()) await end();
  }
}

/** When the camera gets its next order to move. */
function watchArrivals(camera: OnvifCamera): { next(): Promise<number> } {
  let waiting: ((atMs: number) => void) | undefined;
  const push = camera.seen.push.bind(camera.seen);
  camera.seen.push = (...operations: string[]): number => {
    if (operations.includes('ContinuousMove')) waiting?.(performance.now());
    return push(...operations);
  };
  return {
    next: () => {
      const { promise, resolve } = Promise.withResolvers<number>();
      waiting = resolve;
      return promise;
    },
  };
}

function report(tookMs: readonly number[]): { met: boolean; text: string } {
  const sorted = tookMs.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  const p99 = at(0.99);
  const text = `order to camera, ${sorted.length} moves: median ${at(0.5).toFixed(1)} ms, p95 ${at(0.95).toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, largest ${sorted.at(-1)!.toFixed(1)} ms (must: ${AIM_MS} ms)`;
  return { met: p99 <= AIM_MS, text };
}
