import { TrustBook } from '../cameras/index.ts';
import { replaceFile, type SettingsStore } from '../config/index.ts';
import type { PtzPort, TerminalsPort } from '../control/index.ts';
import { cameraTable, patternsOf } from './camera-table.ts';

type Never = () => Promise<never>;

/** What can be done about cameras while the box is stopped: what stands in the settings. */
export async function stoppedTerminals(
  store: SettingsStore,
  notRunning: Never,
  notNow: () => never,
): Promise<TerminalsPort> {
  const trust = new TrustBook({ folder: store.folder, replaceFile, failed: () => undefined });
  await trust.load();
  return {
    search: notRunning,
    patterns: patternsOf,
    addMany: notRunning,
    standings: notNow,
    isTrusted: (camera) => trust.of(camera) === undefined,
    confirm: notRunning,
    ...cameraTable(store),
    clock: notRunning,
    reboot: notRunning,
    snapshot: notRunning,
    relays: notRunning,
    inputs: notRunning,
    setRelay: notRunning,
    events: notRunning,
  };
}

export function stoppedPtz(notRunning: Never): PtzPort {
  return {
    state: notRunning,
    move: notRunning,
    nudge: notRunning,
    centre: notRunning,
    stop: notRunning,
    take: notRunning,
    ask: notRunning,
    release: notRunning,
    goTo: notRunning,
    presets: notRunning,
    setPreset: notRunning,
    removePreset: notRunning,
    presetPicture: notRunning,
    setPresetPicture: notRunning,
    setHome: notRunning,
    lens: notRunning,
  };
}
