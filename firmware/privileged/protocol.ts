/** What may be asked of the process with the rights of root. README.md is the page for people. */
import type { ErrorReport } from '../base/index.ts';
import type { BlockDevice } from './block-device.ts';

export const FILE_SYSTEMS = ['ext4', 'xfs'] as const;
export type FileSystem = (typeof FILE_SYSTEMS)[number];

/**
 * What `smartctl -d` may be given, `auto`: nothing; smartctl(8). Types for the bridges of one maker are few on purpose: on another
 * maker's bridge some of them may damage data.
 */
export const SMART_TYPES = [
  'auto',
  'sat',
  'scsi',
  'nvme',
  'usbjmicron',
  'usbprolific',
  'usbsunplus',
  'sntjmicron',
  'sntasmedia',
  'sntrealtek',
] as const;
export type SmartType = (typeof SMART_TYPES)[number];

export interface Verbs {
  /** All disks of the machine. `root`: the folder below which this process mounts. */
  'disks.scan': { args: Record<never, never>; result: { root: string; disks: BlockDevice[] } };
  /** What smartctl says of a device (`sda`, `nvme0n1`) in JSON, and its exit status, which is a bit mask. */
  'smart.read': { args: { device: string; type: SmartType }; result: { exitCode: number; json: string } };
  /** Looks at a file system that is not mounted, without writing a byte to it. */
  'volume.inspect': { args: { uuid: string }; result: Inspection };
  /** Erases a whole disk. `disk` and `confirm` are its stable id, twice. `uuid`: of the new file system. */
  'volume.format': {
    args: { disk: string; confirm: string; fs: FileSystem; label: string };
    result: { uuid: string };
  };
  /** Mounts the file system with this uuid at `<root>/<uuid>`. Nothing happens if it is there already. */
  'volume.mount': { args: { uuid: string; readOnly: boolean }; result: { folder: string } };
  /** `mounted`: whether there was anything to unmount. */
  'volume.unmount': { args: { uuid: string }; result: { folder: string; mounted: boolean } };
  /** UTC microseconds. */
  'clock.set': { args: { wallUs: number }; result: Record<never, never> };
}

export type Verb = keyof Verbs;
export type Args<V extends Verb> = Verbs[V]['args'];
export type Result<V extends Verb> = Verbs[V]['result'];

export interface Inspection {
  /** Text of the identity file, if there is one; empty if it is a link or too large to be one. */
  readonly identity?: string;
  /** True if there is nothing but what mkfs makes. */
  readonly empty: boolean;
}

/** How long a verb may take. A large disk takes minutes to format; a dying one takes its time for everything. */
export const DEADLINES_MS: Readonly<Record<Verb, number>> = {
  'disks.scan': 20_000,
  'smart.read': 60_000,
  'volume.inspect': 60_000,
  'volume.format': 900_000,
  'volume.mount': 300_000,
  'volume.unmount': 60_000,
  'clock.set': 5_000,
};

export const IDENTITY_FILE = 'ipvs-volume.json';
export const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export const STABLE_ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

/** One line each way, then the connection ends. */
export interface Request {
  readonly token: string;
  readonly verb: string;
  readonly args: unknown;
}
export type Reply = { readonly result: unknown } | { readonly error: ErrorReport };

export const MAX_REQUEST_BYTES = 16 * 1024;
export const MAX_REPLY_BYTES = 8 * 1024 * 1024;

/** Where the secret lies that each request must show. */
export function tokenFileOf(socketPath: string): string {
  return `${socketPath}.token`;
}
