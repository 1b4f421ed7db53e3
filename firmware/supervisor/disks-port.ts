import { BoxError, ERROR_CODES, systemClock } from '../base/index.ts';
import type { SettingsDraft, SettingsStore } from '../config/index.ts';
import type { BoxPorts } from '../control/index.ts';
import { DiskPool, type PoolPorts, type PoolVolume } from '../disks/index.ts';
import type { Privileged } from '../privileged/index.ts';
import type { DiskRemovals } from './disk-removals.ts';
import { camerasOn, judgeIdentity, openVolumeFolder, readIdentityText, takeOverVolume } from '../storage/index.ts';
import type { KnownVolumes } from './known-volumes.ts';

const OPEN_MS = 10_000;
const MAX_ID = 40;

export interface DisksPortOptions {
  readonly store: SettingsStore;
  readonly known: KnownVolumes;
  readonly privileged: Privileged;
  readonly removals: DiskRemovals;
  /** Without it nothing is being done with volumes in the background. */
  readonly quiet?: PoolPorts['quiet'];
  /** Ids of cameras that there is footage of. */
  readonly recorded: () => Promise<readonly string[]>;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}

/** Disks as operations see them, of a running box and of a stopped one. */
export function disksPort({ privileged, log, ...rest }: DisksPortOptions): BoxPorts['disks'] {
  const pool = new DiskPool({ ports: poolPorts(rest), privileged, clock: systemClock, log });
  return {
    list: async () => {
      const { disks, volumes, limited } = await pool.list();
      return {
        disks: disks.map(({ obstacle, fileSystems, volumes: on, ...disk }) => ({
          ...disk,
          volumes: [...on],
          fileSystems: fileSystems.map((each) => ({ ...each, mounts: [...each.mounts] })),
          ...(obstacle && { obstacle: { code: obstacle, ...wordsOf(obstacle) } }),
        })),
        volumes: [...volumes],
        limited,
      };
    },
    format: (disk, options) => pool.format(disk, options),
    adopt: (what, options) => pool.adopt(what, options),
    remove: (what) => pool.remove(what),
    label: (volume, name) => pool.label(volume, name),
  };
}

/** The volumes of the settings as the pool of disks sees them. */
export function poolVolumesOf(store: SettingsStore): PoolVolume[] {
  return store.settings.volumes.map((volume) => ({
    id: volume.id,
    name: volume.name,
    folder: store.volumeFolder(volume),
    readOnly: volume.readOnly,
  }));
}

type Sources = Omit<DisksPortOptions, 'privileged' | 'log'>;

function poolPorts({
  store,
  known,
  removals,
  recorded,
  quiet = async () => ({ ended: [], over: nothing }),
}: Sources): PoolPorts {
  const { id: box } = store.settings.box;
  return {
    box,
    dataFolder: store.folder,
    volumes: () => poolVolumesOf(store),
    cameras: async () => [...store.settings.cameras.map(({ id }) => id), ...(await recorded())],
    add: async ({ name, folder, readOnly, uuid }) => {
      const taken = new Set(store.settings.volumes.map(({ id }) => id));
      const id = freeId(taken, known.idOf(uuid), name);
      // From now on an empty folder in its place is the bare mount point of a disk that is away.
      await known.note(id, uuid);
      await store.update((draft) => {
        // Completed with the defaults by the schema.
        draft.volumes.push({ id, name, folder, readOnly } as SettingsDraft['volumes'][number]);
      });
      return id;
    },
    drop: async (ids) => {
      await store.update((draft) => {
        draft.volumes = draft.volumes.filter(({ id }) => !ids.includes(id));
      });
    },
    quiet,
    removals,
    rename: async (id, name) => {
      await store.update((draft) => {
        const volume = draft.volumes.find((each) => each.id === id);
        if (!volume) throw new BoxError('disks.no-such-volume', { volume: id });
        volume.name = name;
      });
    },
    identity: {
      judge: (text) => {
        const judged = judgeIdentity(text);
        if (judged.kind !== 'sound') return { kind: judged.kind };
        return { kind: 'sound', volume: judged.identity.volume, box: judged.identity.box };
      },
      read: readIdentityText,
      cameras: camerasOn,
      create: async (folder) => {
        const options = { box, adoptEmpty: true, deadlineMs: OPEN_MS, clock: systemClock };
        const opened = await openVolumeFolder(folder, options);
        await opened.close();
        return opened.identity.volume;
      },
      takeOver: async (folder) => {
        await takeOverVolume(folder, box);
      },
    },
  };
}

/** The id that the volume had before, else one that follows its name, else the next number. */
function freeId(taken: ReadonlySet<string>, before: string | undefined, name: string): string {
  if (before !== undefined && !taken.has(before)) return before;
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, MAX_ID);
  if (plain !== '' && !taken.has(plain)) return plain;
  for (let number = taken.size + 1; ; number++) if (!taken.has(`disk${number}`)) return `disk${number}`;
}

function wordsOf(code: keyof typeof ERROR_CODES): { what: string; advice: string } {
  const { what, advice } = ERROR_CODES[code];
  return { what, advice };
}

function nothing(): void {}
