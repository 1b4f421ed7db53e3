import { lstat, readdir, readFile, rm } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { asBoxError, BoxError, syncFolder, systemClock } from '../base/index.ts';
import { replaceFile, SettingsStore, type SettingsDraft } from '../config/index.ts';
import { isoOf, type BoxPorts } from '../control/index.ts';
import { judgeIdentity, readIdentityText } from '../storage/index.ts';

type Recordings = 'keep' | 'erase';

interface ResetOrder {
  readonly recordings: Recordings;
  readonly by: string;
  readonly at: string;
  readonly box: string;
  readonly volumes: SettingsDraft['volumes'];
  /** The folders of those volumes, absolute. */
  readonly folders: readonly string[];
}

/** What the log of the new box says first. */
export interface ResetDone extends Pick<ResetOrder, 'recordings' | 'by' | 'at'> {
  /** Volumes that were to be erased and could not be, and why. */
  readonly notErased: readonly { readonly volume: string; readonly why: string }[];
}

const ORDER = 'factory-reset.json';
const DONE = 'factory-reset-done.json';
/**
 * With recordings that are kept: which folders are the mount points of disks (invariant S1), how late it is, and what is found where.
 * None of it is a secret.
 */
const KEPT_WITH_RECORDINGS = new Set(['known-volumes.json', 'known-time.json', 'catalogue.db']);
/** Of a volume, in this order: as long as the identity is there, the rest of the work can be found again. */
const PARTS_OF_VOLUME = ['video', 'incoming', 'journal', 'ipvs-volume.json'];
/** A disk that hangs keeps nobody from starting the box. */
const VOLUME_DEADLINE_MS = 300_000;

/**
 * Writes down, durably, that the box is to be as it came from the factory. It is done by `carryOutReset` when nobody has files open in the
 * data folder any more.
 */
export async function orderReset(store: SettingsStore, recordings: Recordings, by: string): Promise<void> {
  const { box, volumes } = structuredClone(store.settings) as SettingsDraft;
  const writable = volumes.filter(({ readOnly }) => !readOnly);
  const order: ResetOrder = {
    recordings,
    by,
    at: isoOf(systemClock.wallUs()),
    box: box.id,
    volumes: recordings === 'keep' ? volumes : writable,
    folders: (recordings === 'keep' ? volumes : writable).map((volume) => store.volumeFolder(volume)),
  };
  await replaceFile(join(store.folder, ORDER), JSON.stringify(order));
}

/**
 * Does what was ordered, before anything of the data folder is opened: users, tokens, sessions, keys, settings with all logins, notices and the log
 * go, recordings only if that was said. It may be cut off anywhere and goes on at the next start. False: nothing was ordered.
 */
export async function carryOutReset(dataFolder: string): Promise<boolean> {
  const order = await read<ResetOrder>(join(dataFolder, ORDER));
  if (!order) return false;
  const notErased: { volume: string; why: string }[] = [];
  if (order.recordings === 'erase') {
    for (const [index, folder] of order.folders.entries()) {
      const why = await eraseVolume(folder, order.box).catch((error: unknown) => asBoxError(error, 'storage.io').code);
      if (why !== undefined) notErased.push({ volume: order.volumes[index]!.id, why });
    }
  }
  await eraseDataFolder(dataFolder, order);
  if (order.recordings === 'keep') {
    const store = await SettingsStore.open(dataFolder);
    await store.update((draft) => {
      // The volumes are this box's by its identity.
      draft.box.id = order.box;
      draft.volumes = order.volumes;
    });
  }
  const { recordings, by, at } = order;
  await replaceFile(join(dataFolder, DONE), JSON.stringify({ recordings, by, at, notErased } satisfies ResetDone));
  await rm(join(dataFolder, ORDER), { force: true });
  await syncFolder(dataFolder);
  return true;
}

/** What the last reset came to, once: for the log. */
export async function takeResetDone(dataFolder: string): Promise<ResetDone | undefined> {
  const done = await read<ResetDone>(join(dataFolder, DONE));
  if (done) await rm(join(dataFolder, DONE), { force: true });
  return done;
}

/** What control asks of it. `began` is told when the order is written: from then on the box has to begin anew. */
export function resetPort(store: SettingsStore, began: () => void): BoxPorts['reset'] {
  return async (recordings, by) => {
    await orderReset(store, recordings, by);
    began();
  };
}

/** Returns why it was not done. Nothing but what is known to be a volume's is removed. */
async function eraseVolume(folder: string, box: string): Promise<string | undefined> {
  const work = async (): Promise<string | undefined> => {
    const text = await readIdentityText(folder);
    if (text === undefined) return 'storage.not-mounted';
    const judged = judgeIdentity(text);
    if (judged.kind !== 'sound' || judged.identity.box !== box) return 'storage.not-ours';
    for (const part of PARTS_OF_VOLUME) await rm(join(folder, part), { recursive: true, force: true });
    await syncFolder(folder);
    return undefined;
  };
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => late.resolve('storage.hung'), VOLUME_DEADLINE_MS);
  return Promise.race([work(), late.promise]).finally(() => clearTimeout(timer));
}

/** Volumes may lie in the data folder; they are not looked into here. */
async function eraseDataFolder(dataFolder: string, { folders, recordings }: ResetOrder): Promise<void> {
  const withVolumes = new Set(folders.map((folder) => relative(dataFolder, folder).split(sep)[0]));
  for (const name of await readdir(dataFolder)) {
    const path = join(dataFolder, name);
    if (name === ORDER) continue;
    if (recordings === 'keep' && KEPT_WITH_RECORDINGS.has(name.replace(/-(?:wal|shm)$/, ''))) continue;
    if (withVolumes.has(name) && (await lstat(path)).isDirectory()) continue;
    await rm(path, { recursive: true, force: true });
  }
  await syncFolder(dataFolder);
}

async function read<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new BoxError('config.unreadable', { path }, { cause: error });
  }
}
