import { constants } from 'node:fs';
import { access, chmod, chown, lstat, mkdir, mkdtemp, open, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BoxError } from '../base/index.ts';
import { deviceFileOf, type BlockDevice } from './block-device.ts';
import { numberOf } from './format.ts';
import { readMounts, type Mount } from './mount-table.ts';
import { FILE_SYSTEMS, IDENTITY_FILE, type FileSystem, type Inspection } from './protocol.ts';
import { readSignature, scan, withFileSystem } from './scan.ts';
import type { Task } from './task.ts';

/** Whose files the recordings are. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Never run, never obeyed, no device files, no access times: it is a store of recordings. */
const OPTIONS = ['noatime', 'nodev', 'nosuid', 'noexec'];
/** Not even the journal of the file system is replayed: nothing on the disk changes. */
const UNTOUCHED: Readonly<Record<FileSystem, string>> = { ext4: 'noload', xfs: 'norecovery' };
const MAX_IDENTITY_BYTES = 64 * 1024;
const MADE_BY_MKFS = new Set(['lost+found']);

export interface Found {
  readonly disk: BlockDevice;
  readonly device: BlockDevice;
}

/** The one file system of this uuid; rejects with disks.no-such-disk, disks.same-identity or disks.foreign-format. */
export async function findFileSystem(task: Task, uuid: string): Promise<Found & { readonly fs: FileSystem }> {
  const known = withFileSystem(await scan(task, { probe: 'unknown' }), uuid);
  const found = known.length > 0 ? known : withFileSystem(await scan(task, { probe: 'everything' }), uuid);
  const devices = found.map(({ device }) => device.name);
  if (found.length > 1) throw new BoxError('disks.same-identity', { fileSystem: uuid, devices });
  const [one] = found;
  if (!one) throw new BoxError('disks.no-such-disk', { fileSystem: uuid });
  // Straight from the disk: what udev remembers may be older than the last format.
  const signature = await readSignature(task, one.device);
  const fs = FILE_SYSTEMS.find((each) => each === signature.fileSystem);
  if (!fs || signature.fileSystemUuid !== uuid) {
    throw new BoxError('disks.foreign-format', { device: one.device.name, found: signature.fileSystem });
  }
  return { ...one, fs };
}

/** Mounts at `<root>/<uuid>` and gives the top folder, and what an older owner has left, to the box. */
export async function mount(
  task: Task,
  { device, fs }: Found & { readonly fs: FileSystem },
  options: { root: string; uuid: string; readOnly: boolean; owner: Owner },
): Promise<string> {
  const { uuid, readOnly, owner } = options;
  const folder = join(await safeRoot(options.root), uuid);
  const mounts = await readMounts();
  const here = mounts.filter((each) => each.folder === folder);
  if (here.some((each) => each.number === device.number && each.readOnly === readOnly)) return folder;
  const elsewhere = mounts.find((each) => each.number === device.number && each.folder !== folder);
  if (elsewhere) throw new BoxError('disks.mounted', { device: device.name, folder: elsewhere.folder });
  // A disk that was pulled out and comes back under another name: the old mount leads nowhere. Or it was mounted the other way.
  for (const each of here) await letGo(task, each);
  await mountPoint(folder);
  await mountAt(task, { device, fs, folder, readOnly });
  if (!readOnly) await own(task, folder, owner);
  return folder;
}

/** Unmounts what is at `<root>/<uuid>` and takes the empty folder away. */
export async function unmount(task: Task, root: string, uuid: string): Promise<{ folder: string; mounted: boolean }> {
  const folder = join(await safeRoot(root), uuid);
  const here = (await readMounts()).filter((mount) => mount.folder === folder);
  for (const each of here) await letGo(task, each);
  await rmdir(folder).catch((error: unknown) => {
    // It may be gone; and what lies in a bare mount point is not ours to remove.
    if (!['ENOENT', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  });
  return { folder, mounted: here.length > 0 };
}

/** What is on a file system that is not mounted, looked at without changing a byte of it. */
export async function inspect(
  task: Task,
  { device, fs }: Found & { readonly fs: FileSystem },
  root: string,
): Promise<Inspection> {
  const elsewhere = (await readMounts()).find(({ number }) => number === device.number);
  if (elsewhere) return look(elsewhere.folder);
  // Nobody but us can enter it.
  const folder = await mkdtemp(join(await safeRoot(root), '.look-'));
  try {
    await mountAt(task, { device, fs, folder, readOnly: true });
    try {
      return await look(folder);
    } finally {
      await task.must('umount', [folder]);
    }
  } finally {
    await rmdir(folder);
  }
}

async function mountAt(
  task: Task,
  { device, fs, folder, readOnly }: { device: BlockDevice; fs: FileSystem; folder: string; readOnly: boolean },
): Promise<void> {
  const options = [...OPTIONS, ...(readOnly ? ['ro', UNTOUCHED[fs]] : ['rw'])].join(',');
  await task.must('mount', ['-t', fs, '-o', options, deviceFileOf(device.name), folder]);
  const { dev } = await lstat(folder);
  if (numberOf(dev) === device.number) return;
  await task.must('umount', [folder]);
  throw new BoxError('disks.no-such-disk', { device: device.name, reason: 'another disk has taken its name' });
}

async function look(folder: string): Promise<Inspection> {
  const names = await readdir(folder);
  const empty = names.every((name) => MADE_BY_MKFS.has(name));
  if (!names.includes(IDENTITY_FILE)) return { empty };
  try {
    await using handle = await open(join(folder, IDENTITY_FILE), constants.O_RDONLY | constants.O_NOFOLLOW);
    const facts = await handle.stat();
    if (!facts.isFile() || facts.size > MAX_IDENTITY_BYTES) return { identity: '', empty };
    return { identity: await handle.readFile('utf8'), empty };
  } catch (error) {
    // A link, or unreadable: there is one, and it says nothing.
    if (['ELOOP', 'EIO'].includes((error as NodeJS.ErrnoException).code ?? '')) return { identity: '', empty };
    throw error;
  }
}

/** The disk's own top folder goes to the box. Files of another owner follow only if they are recordings. */
async function own(task: Task, folder: string, { uid, gid }: Owner): Promise<void> {
  const top = await lstat(folder);
  const { identity, empty } = await look(folder);
  if (identity === undefined && !empty) return;
  if (top.uid !== uid || top.gid !== gid) {
    if (!empty) await task.must('chown', ['--recursive', '--no-dereference', '-P', `${uid}:${gid}`, folder]);
    await chown(folder, uid, gid);
  }
  await chmod(folder, 0o750);
}

/** A disk that is gone cannot be unmounted in order; its mount is only taken out of sight. */
async function letGo(task: Task, { number, folder }: Mount): Promise<void> {
  const there = await access(`/sys/dev/block/${number}`).then(
    () => true,
    () => false,
  );
  const { exitCode, stderr } = await task.run('umount', [...(there ? [] : ['-l']), folder]);
  if (exitCode === 0) return;
  if (/busy/.test(stderr)) throw new BoxError('disks.still-busy', { folder });
  throw new BoxError('privileged.program-failed', { program: 'umount', said: stderr.trim().slice(0, 200) });
}

/** The folder below which disks are mounted: a real one, that only root may change. */
async function safeRoot(root: string): Promise<string> {
  // The umask is stricter than a folder that the box must get through.
  if ((await mkdir(root, { recursive: true })) !== undefined) await chmod(root, 0o755);
  const facts = await lstat(root);
  if (!facts.isDirectory() || facts.uid !== 0 || (facts.mode & 0o022) !== 0) {
    throw new BoxError('disks.bad-folder', { folder: root, reason: 'it must be a folder that only root may change' });
  }
  return root;
}

/** Belongs to root, so that the box cannot write to it while no disk is there. */
async function mountPoint(folder: string): Promise<void> {
  await mkdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
  const facts = await lstat(folder);
  if (!facts.isDirectory()) throw new BoxError('disks.bad-folder', { folder, reason: 'it is no folder' });
  await chown(folder, 0, 0);
  await chmod(folder, 0o755);
}
