import { Accounts } from '../../firmware/accounts/index.ts';
import { BoxError, systemClock } from '../../firmware/base/index.ts';
import type { BoxPorts } from '../../firmware/control/index.ts';

/** Nobody has an account, and nobody can get one: there is no such folder. */
const accounts = await Accounts.open({
  dataFolder: '/nonexistent/accounts',
  clock: systemClock,
  audit: { note: () => {} },
  log: () => {},
});

/** A box in memory, as operations see it: cameras can be added and removed, nothing was ever recorded. */
export function emptyBox(): BoxPorts {
  const cameras: ReturnType<BoxPorts['settings']['cameras']>[number][] = [];
  const unreachable = (): never => {
    throw new BoxError('control.not-running');
  };
  return {
    accounts,
    reset: unreachable,
    settings: {
      boxName: () => 'IPVS box',
      setUp: unreachable,
      cameras: () => cameras,
      addCamera: async (camera) => {
        if (cameras.some(({ id }) => id === camera.id))
          throw new BoxError('control.camera-exists', { camera: camera.id });
        cameras.push({ ...camera, groups: [], labels: [] });
      },
      source: unreachable,
      removeCamera: async (id) => {
        cameras.splice(
          cameras.findIndex((camera) => camera.id === id),
          1,
        );
      },
    },
    footage: {
      segments: async () => [],
      gaps: async () => [],
      days: async () => [],
      verify: async () => ({ ok: true, volumes: 0, segments: 0, findings: [] }),
      rebuild: async () => ({ segments: 0, ms: 0 }),
    },
    terminals: {
      search: unreachable,
      patterns: () => [],
      addMany: unreachable,
      standings: () => [],
      isTrusted: () => true,
      confirm: unreachable,
      change: unreachable,
      exportCsv: () => '',
      importCsv: unreachable,
      clock: unreachable,
      reboot: unreachable,
      snapshot: unreachable,
      relays: unreachable,
      inputs: unreachable,
      setRelay: unreachable,
      events: async () => ({ events: [], counts: {}, more: false }),
    },
    ptz: {
      state: unreachable,
      move: unreachable,
      nudge: unreachable,
      centre: unreachable,
      stop: unreachable,
      take: unreachable,
      ask: unreachable,
      release: unreachable,
      goTo: unreachable,
      presets: unreachable,
      setPreset: unreachable,
      removePreset: unreachable,
      presetPicture: unreachable,
      setPresetPicture: unreachable,
      setHome: unreachable,
      lens: unreachable,
    },
    recorder: { status: unreachable, manual: async () => {}, event: async () => {}, watch: unreachable },
    diskJobs: {
      evacuate: unreachable,
      stopEvacuation: unreachable,
      check: unreachable,
      list: unreachable,
      end: unreachable,
    },
    space: {
      show: async () => ({ volumes: [], groups: [] }),
      answer: unreachable,
      clock: unreachable,
      locks: async () => [],
      lock: unreachable,
      unlock: unreachable,
    },
    notices: {
      list: async () => ({ channels: [], dropped: 0, notices: [] }),
      test: async () => {},
      set: async () => ({ language: 'en', quietS: 900, allowNetworks: [] }),
      setEmail: async () => {},
      addWebhook: async () => {},
      removeWebhook: async () => {},
    },
    disks: {
      list: async () => ({ disks: [], volumes: [], limited: false }),
      format: unreachable,
      adopt: unreachable,
      remove: unreachable,
      label: unreachable,
    },
    planning: { show: unreachable, propose: unreachable, apply: unreachable },
    assurance: { report: unreachable },
    rtsp: { show: () => ({ enabled: false, port: 0, securePort: 0, udpPort: 0, readers: [] }) },
    diskHealth: { list: async () => ({ disks: [], volumes: [] }) },
    config: {
      show: () => ({}),
      change: async () => ({ settings: {}, changed: [], afterRestart: [] }),
      export: async () => ({ format: 'ipvs-settings', version: 1 }),
      import: unreachable,
    },
    certificate: { show: unreachable, replace: unreachable, makeOwn: unreachable },
    log: { list: unreachable, export: unreachable, verify: unreachable },
    exports: { prepare: unreachable, list: () => [], discard: () => false, key: unreachable },
    exportQuota: { allowed: () => undefined, check: () => undefined },
    picture: unreachable,
    conversion: async () => ({ ffmpeg: false, used: 0, most: 6 }),
    views: { list: () => [], save: unreachable, remove: unreachable, keepOnly: async () => {} },
    state: { now: unreachable, series: () => [], history: unreachable, terminals: () => [] },
    jobs: { list: () => [], end: async () => {} },
    probe: unreachable,
  };
}
