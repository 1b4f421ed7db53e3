/** A real disk of its own for a test: a sparse image on a loop device with a file system. Needs root. */
import { mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, mustRun, runProgram } from './programs.ts';
import type { Teardown } from './temp-folder.ts';

export type FileSystem = 'ext4' | 'xfs';

const PREFIX = 'box-disk-';

/** For tap's `skip`: false if loop disks can be made here, else why not. */
export async function skipWithoutLoopDisks(fileSystem: FileSystem = 'ext4'): Promise<string | false> {
  if (process.getuid?.() !== 0) return 'loop disks need root';
  for (const name of ['losetup', 'mount', 'umount', `mkfs.${fileSystem}`]) {
    if (!(await findProgram(name))) return `${name} is not installed`;
  }
  const { code, stderr } = await runProgram('losetup', ['-f']);
  return code === 0 ? false : `no loop device: ${stderr.trim()}`;
}

/** Makes the file system on a block device or image. */
export async function makeFileSystem(fileSystem: FileSystem, device: string): Promise<void> {
  const lazy = 'lazy_itable_init=0,lazy_journal_init=0';
  if (fileSystem === 'ext4') await mustRun('mkfs.ext4', ['-q', '-F', '-m', '0', '-E', lazy, device]);
  else await mustRun('mkfs.xfs', ['-q', '-f', device]);
}

/** Lets go of a mount, a loop device and what else a disk consists of; each step is tried even if one before it fails. */
export async function releaseMount(mountPoint: string): Promise<void> {
  const gone = await runProgram('umount', [mountPoint], { timeoutMs: 20_000 });
  if (gone.code !== 0) await runProgram('umount', ['-l', '-f', mountPoint], { timeoutMs: 20_000 });
}

export class LoopDisk {
  readonly folder: string;
  /** Where it is mounted. */
  readonly path: string;
  readonly image: string;
  device = '';
  mounted = false;

  private constructor(folder: string, image: string) {
    this.folder = folder;
    this.path = join(folder, 'mount');
    this.image = image;
  }

  /**
   * A mounted disk of that size (XFS wants 300 MB), in a file of its own unless there is an image already; torn down with the
   * test, and by the next run if this one is killed.
   */
  static async create(
    t: Teardown,
    options: { bytes: number; fileSystem?: FileSystem; image?: string },
  ): Promise<LoopDisk> {
    await removeLeftDisks();
    const folder = await mkdtemp(join(tmpdir(), PREFIX));
    const disk = new LoopDisk(folder, options.image ?? join(folder, 'image'));
    t.teardown(() => disk.remove());
    await mkdir(disk.path);
    await writeFile(join(disk.folder, 'owner'), String(process.pid));
    if (options.image === undefined) {
      await using handle = await open(disk.image, 'w');
      await handle.truncate(options.bytes);
    }
    const fileSystem = options.fileSystem ?? 'ext4';
    await makeFileSystem(fileSystem, disk.image);
    disk.device = await mustRun('losetup', ['-f', '--show', disk.image]);
    await disk.mount('noatime', ...(fileSystem === 'ext4' ? ['errors=remount-ro'] : []));
    return disk;
  }

  async mount(...options: string[]): Promise<void> {
    await mustRun('mount', [...(options.length > 0 ? ['-o', options.join(',')] : []), this.device, this.path]);
    this.mounted = true;
  }

  /** Unmounts; with `lazy`, although files are open: what a pulled plug looks like to new calls. */
  async unmount(options: { lazy?: boolean } = {}): Promise<void> {
    await mustRun('umount', [...(options.lazy ? ['-l'] : []), this.path]);
    this.mounted = false;
  }

  async remountReadOnly(): Promise<void> {
    await mustRun('mount', ['-o', 'remount,ro', this.path]);
  }

  /** A copy of the image as it is now: what had reached the disk if the power went at this instant. Unsynced data is not in it. */
  async snapshot(file: string): Promise<void> {
    await mustRun('cp', ['--reflink=auto', '--sparse=always', this.image, file]);
  }

  async remove(): Promise<void> {
    if (this.mounted) await releaseMount(this.path);
    this.mounted = false;
    if (this.device) await runProgram('losetup', ['-d', this.device]);
    this.device = '';
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Takes away what test processes that were killed have left: mounts, loop devices, images. */
export async function removeLeftDisks(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(tmpdir(), name);
    const owner = await readFile(join(folder, 'owner'), 'utf8').catch(() => '');
    if (owner === '' || isAlive(Number(owner))) continue;
    await releaseMount(join(folder, 'mount'));
    const { stdout } = await runProgram('losetup', ['-n', '-O', 'NAME', '-j', join(folder, 'image')]);
    for (const device of stdout.split('\n').filter(Boolean)) await runProgram('losetup', ['-d', device.trim()]);
    await rm(folder, { recursive: true, force: true });
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
