import type { CameraAddressRules } from '../base/index.ts';
import type { Settings } from '../config/index.ts';

/** 0 on an installed box, which has no cameras of its own. Started by hand, it may record those that a developer simulates beside it. */
const LOOPBACK_CAMERAS = 'IPVS_LOOPBACK_CAMERAS';

/** Where cameras may be. `listening`: ports that the box has open besides those of the settings, which may be 0 for any. */
export function cameraRulesOf(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
  listening: readonly number[] = [],
): CameraAddressRules {
  const { http, https, terminals } = settings;
  const ports = [http.port, https.port, https.redirectPort, ...listening].filter((port) => port !== 0);
  return {
    networks: terminals.networks,
    ownPorts: [...new Set(ports)],
    loopback: environment[LOOPBACK_CAMERAS] !== '0',
  };
}
