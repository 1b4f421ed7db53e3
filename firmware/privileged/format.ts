import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { BoxError } from '../base/index.ts';
import { deviceFileOf, obstacleOf, type BlockDevice } from './block-device.ts';
import type { Args, FileSystem } from './protocol.ts';
import { scan, withStableId } from './scan.ts';
import type { Program, Task } from './task.ts';

const MIB = 1024 * 1024;
const SMALLEST_BYTES: Readonly<Record<FileSystem, number>> = { ext4: 64 * MIB, xfs: 300 * MIB };
/** Longest label of the file system itself. */
const LABEL_LETTERS: Readonly<Record<FileSystem, number>> = { ext4: 16, xfs: 12 };

/** The one disk of this id, as it is now; rejects with disks.no-such-disk or disks.ambiguous. */
export async function findDisk(task: Task, id: string): Promise<BlockDevice> {
  const found = withStableId(await scan(task, { probe: 'nothing' }), id);
  if (found.length === 0) throw new BoxError('disks.no-such-disk', { disk: id });
  if (found.length > 1) throw new BoxError('disks.ambiguous', { disk: id, devices: found.map(({ name }) => name) });
  return found[0]!;
}

/** Refuses a disk that something speaks against, with the code that says what. */
export function mustBeFree(disk: BlockDevice, fs: FileSystem): void {
  const context = { disk: disk.stableId, device: disk.name };
  const obstacle = obstacleOf(disk);
  if (obstacle) throw new BoxError(obstacle, context);
  const smallestBytes = SMALLEST_BYTES[fs];
  if (disk.sizeBytes < smallestBytes) {
    throw new BoxError('disks.too-small', { ...context, sizeBytes: disk.sizeBytes, smallestBytes });
  }
}

/** Erases the disk and makes a file system on all of it. Resolves with its uuid. */
export async function format(task: Task, disk: BlockDevice, { fs, label }: Args<'volume.format'>): Promise<string> {
  await mustBeUnclaimed(disk);
  const file = deviceFileOf(disk.name);
  const uuid = randomUUID();
  await task.must('wipefs', ['--all', '--quiet', file]);
  const [program, args] = mkfsOf(fs, uuid, label);
  await task.must(program, [...args, file]);
  return uuid;
}

/**
 * ext4: one inode per MiB (small event files fit, and the tables of 16 TB stay below 5 GB), no room reserved for root since the
 * box keeps headroom itself, read-only after the first error. xfs: 4096-byte sectors, so that the disk is readable behind every
 * bridge. Both keep their journal of metadata: a power cut must not need a check of hours.
 */
export function mkfsOf(fs: FileSystem, uuid: string, label: string): [Program, string[]] {
  const short = label.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, LABEL_LETTERS[fs]);
  // A label that begins with "-" would be taken for an option.
  const labelled = /^[A-Za-z0-9]/.test(short) ? ['-L', short] : [];
  if (fs === 'xfs') {
    return ['mkfs.xfs', ['-q', '-s', 'size=4096', '-m', `crc=1,reflink=0,uuid=${uuid}`, ...labelled]];
  }
  const ext4 = ['-q', '-b', '4096', '-i', String(MIB), '-m', '0', '-e', 'remount-ro', '-E', 'lazy_journal_init=0'];
  return ['mkfs.ext4', [...ext4, '-U', uuid, ...labelled]];
}

/**
 * The kernel's own word on whether anything uses the disk, in any mount namespace: mounts, RAID, volume groups and swap claim
 * their devices, and opening one exclusively fails then (open(2), O_EXCL). Also proves that the name leads to the device meant.
 */
async function mustBeUnclaimed(disk: BlockDevice): Promise<void> {
  const file = deviceFileOf(disk.name);
  const handle = await open(file, constants.O_RDWR | constants.O_EXCL).catch((cause: unknown) => {
    const errno = (cause as NodeJS.ErrnoException).code;
    const code = errno === 'EBUSY' ? 'disks.in-use' : errno === 'EROFS' ? 'disks.read-only' : 'disks.no-such-disk';
    throw new BoxError(code, { disk: disk.stableId, device: disk.name, errno }, { cause });
  });
  try {
    const facts = await handle.stat();
    if (!facts.isBlockDevice() || numberOf(facts.rdev) !== disk.number) {
      throw new BoxError('disks.no-such-disk', { disk: disk.stableId, device: disk.name });
    }
  } finally {
    await handle.close();
  }
}

/** major:minor of a device number as stat(2) gives it; makedev(3). */
export function numberOf(device: number): string {
  const wide = BigInt(device);
  const major = ((wide >> 8n) & 0xfffn) | ((wide >> 32n) & 0xfffff000n);
  const minor = (wide & 0xffn) | ((wide >> 12n) & 0xffffff00n);
  return `${major}:${minor}`;
}
