import { close, constants, fsync, open, type BigIntStats } from 'node:fs';
import { mkdir, readFile, readdir, stat } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { BoxError, syncFolder, type Clock } from '../../base/index.ts';
import {
  IDENTITY_FILE,
  IDENTITY_VERSION,
  judgeIdentity,
  NEW_IDENTITY_FILE,
  writeIdentity,
  type VolumeIdentity,
} from './identity-file.ts';
import { diskError, errnoOf, withDeadline } from './volume-io.ts';

/** What a folder may hold and still count as empty: what mkfs makes, and what a crash in `writeIdentity` leaves. */
export const NOTHING = new Set(['lost+found', NEW_IDENTITY_FILE]);

const openFd = promisify(open);
const closeFd = promisify(close);
const syncFd = promisify(fsync);

export interface OpenFolderOptions {
  /** uuid of this box: a volume of another one is refused. */
  readonly box: string;
  /** Volumes of other boxes are opened, too: for reading only. */
  readonly ofAnyBox?: boolean;
  /** Makes a volume of a folder that is empty or does not exist yet. Only ever on a person's word: an unmounted mount point is empty, too. */
  readonly adoptEmpty: boolean;
  /** How long the disk may take to answer. */
  readonly deadlineMs: number;
  readonly clock: Pick<Clock, 'wallUs'>;
}

/**
 * Opens a folder as a volume of this box (S1). Rejects with storage.not-mounted (no folder, or nothing in it),
 * storage.not-ours (someone else's data or identity), storage.hung, or what the disk says.
 */
export async function openVolumeFolder(folder: string, options: OpenFolderOptions): Promise<VolumeFolder> {
  const abandoned = { yes: false };
  const work = openIt(folder, options, abandoned);
  try {
    return await withDeadline(work, options.deadlineMs, { folder });
  } catch (error) {
    abandoned.yes = true;
    throw diskError(error, { folder });
  }
}

/**
 * A volume's folder, held by a descriptor. Everything below it is reached through the descriptor, so that it lands in the file
 * system that was checked, and never in the bare mount point of a disk that was unmounted or replaced behind our back.
 */
export class VolumeFolder {
  readonly folder: string;
  readonly identity: VolumeIdentity;
  readonly fd: number;
  /** The folder as a path that survives unmounting; for this process only. */
  readonly root: string;
  #stamp: BigIntStats;

  constructor(folder: string, fd: number, identity: VolumeIdentity, stamp: BigIntStats) {
    this.folder = folder;
    this.fd = fd;
    this.root = rootOf(fd);
    this.identity = identity;
    this.#stamp = stamp;
  }

  /** Path of something in the volume that is known by its relative path. */
  path(relative: string): string {
    return `${this.root}/${relative}`;
  }

  /**
   * Rejects with storage.not-mounted or storage.not-ours when the folder's path no longer leads to the disk and the identity
   * that were opened. One stat while nothing has changed.
   */
  async check(): Promise<void> {
    const file = join(this.folder, IDENTITY_FILE);
    const stamp = await stat(file, { bigint: true }).catch((error: unknown) => {
      throw missing(error, this.folder);
    });
    if (stamp.dev !== this.#stamp.dev) {
      throw new BoxError('storage.not-mounted', { folder: this.folder, reason: 'another disk is in its place' });
    }
    if (stamp.ino === this.#stamp.ino && stamp.mtimeNs === this.#stamp.mtimeNs) return;
    const now = await readIdentity(this.folder);
    if (now?.volume !== this.identity.volume || now.box !== this.identity.box) {
      throw new BoxError('storage.not-ours', { folder: this.folder, volume: now?.volume, box: now?.box });
    }
    const held = await stat(this.path(IDENTITY_FILE), { bigint: true }).catch((error: unknown) => {
      throw missing(error, this.folder);
    });
    if (held.ino !== stamp.ino) {
      throw new BoxError('storage.not-mounted', { folder: this.folder, reason: 'another folder is in its place' });
    }
    this.#stamp = stamp;
  }

  async close(): Promise<void> {
    await closeFd(this.fd);
  }
}

async function openIt(folder: string, options: OpenFolderOptions, abandoned: { yes: boolean }): Promise<VolumeFolder> {
  if (options.adoptEmpty) await makeFolder(folder);
  const fd = await openFd(folder, constants.O_RDONLY | constants.O_DIRECTORY).catch((error: unknown) => {
    throw missing(error, folder);
  });
  try {
    const root = rootOf(fd);
    const identity = (await readIdentity(root)) ?? (await adopt(root, fd, folder, options));
    if (identity.box !== options.box && !options.ofAnyBox) {
      throw new BoxError('storage.not-ours', { folder, volume: identity.volume, box: identity.box });
    }
    const opened = new VolumeFolder(folder, fd, identity, await stat(join(root, IDENTITY_FILE), { bigint: true }));
    if (abandoned.yes) throw new BoxError('storage.hung', { folder });
    return opened;
  } catch (error) {
    await closeFd(fd);
    throw error;
  }
}

/** Makes the folder durably, if it is not there. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o750 });
  if (first !== undefined) await syncFolder(dirname(first));
}

async function adopt(root: string, fd: number, folder: string, options: OpenFolderOptions): Promise<VolumeIdentity> {
  const names = (await readdir(root)).filter((name) => !NOTHING.has(name));
  if (names.length > 0)
    throw new BoxError('storage.not-ours', { folder, reason: 'it holds other data and no identity' });
  if (!options.adoptEmpty) throw new BoxError('storage.not-mounted', { folder, reason: 'it is empty' });
  const identity: VolumeIdentity = {
    version: IDENTITY_VERSION,
    volume: randomUUID(),
    box: options.box,
    createdUs: options.clock.wallUs(),
  };
  await writeIdentity(root, identity);
  await syncFd(fd);
  return identity;
}

/** The folder's identity, or undefined if it has none. One that cannot be understood is somebody else's: storage.not-ours. */
async function readIdentity(root: string): Promise<VolumeIdentity | undefined> {
  let text: string;
  try {
    text = await readFile(join(root, IDENTITY_FILE), 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  const judged = judgeIdentity(text);
  if (judged.kind === 'sound') return judged.identity;
  const newer = judged.kind === 'newer';
  const reason = newer ? 'a newer firmware has made it' : 'its identity file cannot be understood';
  throw new BoxError('storage.not-ours', { reason });
}

function rootOf(fd: number): string {
  return `/proc/self/fd/${fd}`;
}

function missing(error: unknown, folder: string): BoxError {
  const errno = errnoOf(error);
  if (errno !== 'ENOENT' && errno !== 'ENOTDIR') return diskError(error, { folder });
  return new BoxError('storage.not-mounted', { folder, errno });
}
