/** Block devices as typed facts, out of what lsblk(8) prints. Pure: names and numbers of hostile devices stop here. */
import { BoxError, type ErrorCode } from '../base/index.ts';

export interface BlockDevice {
  /** The kernel's name, `sda1`. Changes from start to start; only ever used to find the device now. */
  readonly name: string;
  /** major:minor */
  readonly number: string;
  /** disk, part, loop, crypt, lvm, raid1, rom ... */
  readonly type: string;
  /** The same wherever the disk is plugged in; undefined if the device has nothing of its own. Only of whole disks. */
  readonly stableId: string | undefined;
  readonly sizeBytes: number;
  readonly readOnly: boolean;
  /** Made to be plugged in and out. */
  readonly removable: boolean;
  readonly rotational: boolean;
  /** sata, usb, nvme ..., or empty. */
  readonly transport: string;
  readonly model: string;
  readonly serial: string;
  /** ext4, xfs, ntfs, LVM2_member ..., or empty. */
  readonly fileSystem: string;
  readonly fileSystemUuid: string;
  readonly fileSystemLabel: string;
  /** gpt, dos, or empty. */
  readonly partitionTable: string;
  /** Where it is mounted; `[SWAP]` for swap. */
  readonly mounts: readonly string[];
  readonly children: readonly BlockDevice[];
}

/** Columns of lsblk that `parseBlockDevices` reads. */
export const COLUMNS = [
  'NAME,KNAME,MAJ:MIN,TYPE,SIZE,RO,RM,HOTPLUG,ROTA,TRAN,MODEL,SERIAL,WWN',
  'FSTYPE,LABEL,UUID,PTTYPE,MOUNTPOINTS',
].join(',');

/** Names that kernels give; "!" stands for "/" of drivers such as cciss. */
const KERNEL_NAME = /^[A-Za-z0-9][A-Za-z0-9!_.:-]{0,62}$/;
const NUMBER = /^\d{1,8}:\d{1,8}$/;
/** Memory and optical drives, which are no disks. */
const NO_DISK = /^(?:ram|zram|sr|fd|mtdblock|nbd)\d/;
const MAX_DEVICES = 1000;
const MAX_DEPTH = 8;
const MAX_TEXT = 120;

/** What the system lives on. */
const SYSTEM_FOLDERS = new Set([
  '/',
  '/boot',
  '/boot/efi',
  '/boot/firmware',
  '/efi',
  '/etc',
  '/home',
  '/opt',
  '/usr',
  '/var',
]);

/**
 * Reads the output of `lsblk --json --bytes --output COLUMNS`. Whatever has no name of a kernel is left out. `placeOf` says
 * where a device without number of its own is plugged in. Throws privileged.program-failed if it is no such output.
 */
export function parseBlockDevices(json: string, placeOf: (name: string) => string | undefined): BlockDevice[] {
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch (cause) {
    throw new BoxError('privileged.program-failed', { program: 'lsblk', reason: 'its output is not JSON' }, { cause });
  }
  const list = Object(document) as { blockdevices?: unknown };
  if (!Array.isArray(list.blockdevices)) {
    throw new BoxError('privileged.program-failed', { program: 'lsblk', reason: 'its output names no devices' });
  }
  const budget = { left: MAX_DEVICES };
  return read(list.blockdevices, placeOf, 0, budget).filter(
    ({ name, sizeBytes }) => !NO_DISK.test(name) && sizeBytes > 0,
  );
}

function read(
  rows: readonly unknown[],
  placeOf: (name: string) => string | undefined,
  depth: number,
  budget: { left: number },
): BlockDevice[] {
  const found: BlockDevice[] = [];
  for (const row of rows) {
    if (typeof row !== 'object' || row === null || budget.left-- <= 0) continue;
    const given = row as Record<string, unknown>;
    const { kname, children } = given;
    const number = text(given['maj:min']).trim();
    if (typeof kname !== 'string' || !KERNEL_NAME.test(kname) || !NUMBER.test(number)) continue;
    const type = text(given['type']);
    const [model, serial] = [text(given['model']), text(given['serial'])];
    found.push({
      name: kname,
      number,
      type,
      stableId: depth === 0 ? stableIdOf({ wwn: text(given['wwn']), model, serial, place: placeOf(kname) }) : undefined,
      sizeBytes: size(given['size']),
      readOnly: flag(given['ro']),
      removable: flag(given['rm']) || flag(given['hotplug']),
      rotational: flag(given['rota']),
      transport: text(given['tran']),
      model,
      serial,
      fileSystem: text(given['fstype']),
      fileSystemUuid: text(given['uuid']).toLowerCase(),
      fileSystemLabel: text(given['label']),
      partitionTable: text(given['pttype']),
      mounts: Array.isArray(given['mountpoints']) ? given['mountpoints'].filter(isFolder) : [],
      children: Array.isArray(children) && depth < MAX_DEPTH ? read(children, placeOf, depth + 1, budget) : [],
    });
  }
  return found;
}

/**
 * A name for a disk that stays wherever it is plugged in: its WWN; else model and serial number; else, for one that has neither,
 * the place where it is plugged in. Letters, digits and `_.-` only.
 */
export function stableIdOf(facts: {
  readonly wwn: string;
  readonly model: string;
  readonly serial: string;
  readonly place: string | undefined;
}): string | undefined {
  const { wwn, model, serial, place } = facts;
  if (tells(wwn)) return plain(wwn);
  if (tells(serial)) return plain(model ? `${model}-${serial}` : `disk-${serial}`);
  return place === undefined ? undefined : plain(`at-${place}`);
}

/** False for what enclosures put where a number should be. */
function tells(number: string): boolean {
  return /[1-9A-Za-z]/.test(number.replace(/^0x/, '')) && !/^(?:none|unknown|n\/a|default)$/i.test(number);
}

function plain(id: string): string {
  return id
    .replaceAll(/[^A-Za-z0-9_.-]/g, '_')
    .replace(/^(?![A-Za-z0-9])/, 'x')
    .slice(0, 128);
}

/** The device itself and all that stands on it: partitions, and what is made of them. */
export function withDescendants(device: BlockDevice): BlockDevice[] {
  return [device, ...device.children.flatMap(withDescendants)];
}

/** True if the system of the machine lives on this disk. */
export function isSystemDisk(disk: BlockDevice): boolean {
  return withDescendants(disk).some(({ mounts }) => mounts.some((mount) => SYSTEM_FOLDERS.has(mount)));
}

/** Why a disk must not be formatted, as far as can be told by looking; undefined if nothing speaks against it. */
export function obstacleOf(disk: BlockDevice): ErrorCode | undefined {
  if (disk.type !== 'disk' && disk.type !== 'loop') return 'disks.not-a-disk';
  if (disk.stableId === undefined) return 'disks.not-a-disk';
  if (isSystemDisk(disk)) return 'disks.system-disk';
  const all = withDescendants(disk);
  const mounts = all.flatMap((each) => each.mounts);
  if (mounts.includes('[SWAP]')) return 'disks.in-use';
  if (mounts.length > 0) return 'disks.mounted';
  if (all.some(({ type }) => type !== 'disk' && type !== 'loop' && type !== 'part')) return 'disks.in-use';
  if (disk.readOnly) return 'disks.read-only';
  return undefined;
}

/** Where the device is for programs. */
export function deviceFileOf(name: string): string {
  return `/dev/${name.replaceAll('!', '/')}`;
}

/** Without characters that would let a device disguise itself in lists and logs. */
function text(value: unknown): string {
  if (typeof value !== 'string') return '';
  return value
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .trim()
    .slice(0, MAX_TEXT);
}

function isFolder(value: unknown): value is string {
  return typeof value === 'string' && (value.startsWith('/') || value === '[SWAP]');
}

/** Older versions of lsblk print numbers and truth as text. */
function size(value: unknown): number {
  const bytes = Number(value);
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : 0;
}

function flag(value: unknown): boolean {
  return value === true || value === '1' || value === 1;
}
