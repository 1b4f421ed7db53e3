import { systemClock } from '../base/index.ts';
import type { SettingsStore } from '../config/index.ts';
import { isoOf, type BoxPorts } from '../control/index.ts';
import type { DiskHealth } from '../disks/index.ts';
import type { Privileged } from '../privileged/index.ts';
import type { Recorder } from '../recording/index.ts';
import type { Problems } from '../telemetry/index.ts';
import { DiskHealthPart, type HealthVolume } from './disk-health-part.ts';

type Listed = Awaited<ReturnType<BoxPorts['diskHealth']['list']>>;
type Part = Pick<DiskHealthPart, 'disks' | 'volumes'>;

const DAY_US = 86_400_000_000;

/** The part that watches over the disks of the settings' volumes. */
export function watchDisks(box: {
  readonly store: SettingsStore;
  readonly recorder: Pick<Recorder, 'ask' | 'spare'>;
  readonly privileged: Privileged;
  readonly problems: Problems;
  readonly copyOff: (volume: string) => Promise<unknown>;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}): DiskHealthPart {
  const { store, recorder, privileged, problems, copyOff, log } = box;
  return new DiskHealthPart({
    dataFolder: store.folder,
    privileged,
    problems,
    clock: systemClock,
    volumes: () => volumesOf(store, recorder),
    spare: (volumes) => recorder.spare({ by: 'health', volumes }),
    copyOff,
    log,
  });
}

/** Without the record worker, which may be beginning anew, the speed of the volumes is not known. */
async function volumesOf(store: SettingsStore, recorder: Pick<Recorder, 'ask'>): Promise<HealthVolume[]> {
  const reports = await recorder.ask('report', {}).then(
    ({ volumes }) => volumes,
    () => [],
  );
  return store.settings.volumes.map((volume) => {
    const { writes, syncs } = reports.find(({ id }) => id === volume.id) ?? {};
    return { id: volume.id, folder: store.volumeFolder(volume), ...(writes && { writes }), ...(syncs && { syncs }) };
  });
}

/** The health of disks as operations see it. */
export function diskHealthPort(part: Part, wallUs: () => number): BoxPorts['diskHealth'] {
  return {
    list: async (historyDays) => {
      const sinceUs = wallUs() - historyDays * DAY_US;
      const volumesOn = (id: string): string[] =>
        part.volumes.filter(({ disks }) => disks.includes(id)).map(({ volume }) => volume);
      return {
        disks: part.disks.map((disk) => listed(disk, volumesOn(disk.id), sinceUs)),
        volumes: part.volumes.map(({ volume, disks, fitness, slow }) => ({
          volume,
          disks: [...disks],
          fitness,
          slow: [...slow],
        })),
      };
    },
  };
}

function listed(disk: DiskHealth, volumes: string[], sinceUs: number): Listed['disks'][number] {
  const { findings, medium, temperatureC, temperatureMaxC, hours, wearPercent, readUs, trend, samples, ...rest } = disk;
  const { days, week, warmerC, wear } = trend;
  return {
    ...rest,
    ...(medium && { medium }),
    reasons: [...findings],
    ...(temperatureC === undefined ? {} : { temperatureC }),
    ...(temperatureMaxC === undefined ? {} : { temperatureMaxC }),
    ...(hours === undefined ? {} : { hours }),
    ...(wearPercent === undefined ? {} : { wearPercent }),
    ...(wear && { wearEnds: isoOf(wear.endsUs) }),
    ...(readUs === undefined ? {} : { read: isoOf(readUs) }),
    volumes,
    trend: {
      days,
      grew: [...week],
      ...(warmerC === undefined ? {} : { warmerC }),
      ...(wear && { wearPercentPerYear: wear.percentPerYear }),
    },
    history: samples
      .filter(({ atUs }) => atUs >= sinceUs)
      .map(({ atUs, verdict: _verdict, ...figures }) => ({ at: isoOf(atUs), figures })),
  };
}
