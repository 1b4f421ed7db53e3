import type { SettingsStore } from '../config/index.ts';
import { isoOf, type BoxPorts } from '../control/index.ts';
import type { Args, KnownTime, LockReport, OverwriteGrant, SpacePolicy } from '../storage/index.ts';
import type { CatalogueDesk } from './footage.ts';
import type { SpaceAnswers } from './space-answers.ts';

type Lock = Awaited<ReturnType<BoxPorts['space']['lock']>>;

/** The id in the settings of the volume in this folder. */
export function volumeIdOf(store: SettingsStore, folder: string | undefined): string | undefined {
  return store.settings.volumes.find((volume) => store.volumeFolder(volume) === folder)?.id;
}

/** What the catalogue's worker needs to know of the settings. `folders`: of the volumes in use, by uuid. */
export function spacePolicyOf(
  store: SettingsStore,
  folders: ReadonlyMap<string, string>,
  answers: SpaceAnswers,
  known: KnownTime | undefined,
): SpacePolicy {
  const { cameras, cameraGroups } = store.settings;
  const volumes = [...folders].flatMap(([volume, folder]) => {
    const found = store.settings.volumes.find((each) => store.volumeFolder(each) === folder);
    return found ? [{ volume, budgetBytes: found.budgetBytes, readOnly: found.readOnly }] : [];
  });
  const grants: OverwriteGrant[] = [...answers.all]
    .filter(([, { decision }]) => decision === 'overwrite-once')
    .map(([group, { sequences }]) => ({ group, sequences: { ...sequences } }));
  return {
    volumes,
    cameras: cameras.map(({ id, cameraGroup, retention, wishDays }) => ({
      camera: id,
      group: cameraGroup,
      whenFull: cameraGroups.find((group) => group.id === cameraGroup)?.whenFull ?? 'overwrite',
      days: retention.days,
      eventDays: retention.eventDays,
      maxBytes: retention.maxBytes,
      wishDays,
    })),
    grants,
    known,
  };
}

/** Locks in the catalogue, whether the box runs or not. */
export function lockPortOf(desk: CatalogueDesk): {
  locks(): Promise<Lock[]>;
  add(record: Args<'lock'>): Promise<Lock>;
  lift(lock: string, atUs: number): Promise<Lock>;
} {
  return {
    locks: async () => (await desk.ask('locks', {})).map(shapeOf),
    add: async (record) => shapeOf(await desk.ask('lock', record)),
    lift: async (lock, atUs) => shapeOf(await desk.ask('unlock', { lock, atUs })),
  };
}

function shapeOf({ lock, camera, stream, fromUs, toUs, reason, untilUs, atUs, ...rest }: LockReport): Lock {
  return {
    id: lock,
    camera,
    ...(stream === undefined ? {} : { stream }),
    from: isoOf(fromUs),
    to: isoOf(toUs),
    reason,
    ...(untilUs === undefined ? {} : { until: isoOf(untilUs) }),
    made: isoOf(atUs),
    ...rest,
  };
}
