import type { SettingsStore } from '../config/index.ts';
import type { PtzPort, TerminalsPort } from '../control/index.ts';
import { cameraTable, patternsOf } from './camera-table.ts';

type Never = () => Promise<never>;

/** What can be done about cameras while the box is stopped: what stands in the settings. */
export function stoppedTerminals(store: SettingsStore, notRunning: Never, notNow: () => never): TerminalsPort {
  return {
    search: notRunning,
    patterns: patternsOf,
    addMany: notRunning,
    standings: notNow,
    confirm: notRunning,
    ...cameraTable(store),
    clock: notRunning,
    reboot: notRunning,
    snapshot: notRunning,
    relays: notRunning,
    setRelay: notRunning,
    events: notRunning,
  };
}

export function stoppedPtz(notRunning: Never): PtzPort {
  return {
    state: notRunning,
    move: notRunning,
    nudge: notRunning,
    stop: notRunning,
    release: notRunning,
    goTo: notRunning,
    presets: notRunning,
    setPreset: notRunning,
    removePreset: notRunning,
    setHome: notRunning,
    lens: notRunning,
  };
}
