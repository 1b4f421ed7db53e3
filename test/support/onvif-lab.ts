import type { Test } from 'tap';
import { CredentialGuard, systemClock } from '../../firmware/base/index.ts';
import { OnvifCamera, type OnvifDeps, type OnvifTarget } from '../../firmware/onvif/index.ts';
import { OnvifCamera as SimulatedCamera } from './onvif-camera/onvif-camera.ts';

/** What tests need to speak to a simulated camera: nothing is refused unless a test says so. */
export function onvifDeps(parts: Partial<OnvifDeps> = {}): OnvifDeps {
  return { clock: systemClock, guard: new CredentialGuard(systemClock), connectGuard: () => undefined, ...parts };
}

export interface Lab {
  readonly simulated: SimulatedCamera;
  readonly camera: OnvifCamera;
  readonly signal: AbortSignal;
}

/** A simulated camera and the box's end of the line to it. Both end with the test. */
export async function onvifLab(
  t: Test,
  options: Parameters<typeof SimulatedCamera.start>[0] & {
    deps?: Partial<OnvifDeps>;
    target?: Partial<OnvifTarget>;
  } = {},
): Promise<Lab> {
  const { deps, target, ...rest } = options;
  const simulated = await SimulatedCamera.start(rest);
  const ending = new AbortController();
  t.teardown(async () => {
    ending.abort();
    await simulated.stop();
  });
  const { login } = rest;
  const credentials = login && { user: login.user, password: login.password };
  const address = { address: simulated.url, ...(credentials && { credentials }), ...target };
  return { simulated, camera: new OnvifCamera(address, onvifDeps(deps)), signal: ending.signal };
}
