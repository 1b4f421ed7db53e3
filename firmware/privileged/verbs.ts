/** The verbs: how their arguments are checked and what they do. Nothing else is ever done for a client. */
import { BoxError } from '../base/index.ts';
import type { DiskLocks } from './disk-locks.ts';
import { findDisk, format, mustBeFree } from './format.ts';
import { findFileSystem, inspect, mount, unmount, type Owner } from './mounting.ts';
import {
  FILE_SYSTEMS,
  SMART_TYPES,
  STABLE_ID,
  UUID,
  type Args,
  type Result,
  type SmartType,
  type Verb,
} from './protocol.ts';
import { deviceFileOf } from './block-device.ts';
import { scan } from './scan.ts';
import type { Task } from './task.ts';

export interface Surroundings {
  /** The folder below which disks are mounted. */
  readonly root: string;
  readonly owner: Owner;
  readonly locks: DiskLocks;
}

type Check<T> = (value: unknown) => value is T;

interface VerbOf<V extends Verb> {
  /** The arguments there must be, each with its check, and no others. */
  readonly takes: { readonly [Name in keyof Args<V>]: Check<Args<V>[Name]> };
  readonly run: (args: Args<V>, task: Task, around: Surroundings) => Promise<Result<V>>;
}

/** No time before this firmware was made can be true, and none after 2100 will be told to it. */
const EARLIEST_US = Date.UTC(2026, 0, 1) * 1000;
const LATEST_US = Date.UTC(2100, 0, 1) * 1000;

/** The exit status that smartctl is asked to give for a disk that sleeps; of its own accord it never gives it. */
const SLEEPING_STATUS = 3;

const isUuid = matches(UUID);
const isStableId = matches(STABLE_ID);
const isFileSystem = oneOf(FILE_SYSTEMS);
const isSmartType = oneOf(SMART_TYPES);
const isLabel = matches(/^[A-Za-z0-9 _.-]{0,40}$/);
const isDeviceName = matches(/^[A-Za-z0-9][A-Za-z0-9!]{0,31}$/);
const isBoolean: Check<boolean> = (value) => typeof value === 'boolean';
const isWallUs: Check<number> = (value): value is number =>
  Number.isSafeInteger(value) && (value as number) >= EARLIEST_US && (value as number) < LATEST_US;

const VERBS: { readonly [V in Verb]: VerbOf<V> } = {
  'disks.scan': {
    takes: {},
    run: async (_args, task, { root }) => ({ root, disks: await scan(task, { probe: 'unknown' }) }),
  },
  'smart.read': {
    takes: { device: isDeviceName, type: isSmartType },
    run: async ({ device, type }, task, { locks }) => {
      // Only names that the kernel gives itself reach a program.
      const disk = (await scan(task, { probe: 'nothing' })).find(({ name }) => name === device);
      if (!disk) throw new BoxError('disks.no-such-disk', { device });
      return locks.during(disk.name, task, async () => {
        const { exitCode, stdout } = await task.run('smartctl', smartctlArguments(disk.name, type));
        return { exitCode, json: stdout };
      });
    },
  },
  'volume.inspect': {
    takes: { uuid: isUuid },
    run: async ({ uuid }, task, { locks, root }) => {
      const found = await findFileSystem(task, uuid);
      return locks.during(found.disk.name, task, () => inspect(task, found, root));
    },
  },
  'volume.format': {
    takes: { disk: isStableId, confirm: isStableId, fs: isFileSystem, label: isLabel },
    run: async (args, task, { locks }) => {
      const { disk: id, confirm, fs } = args;
      if (id !== confirm) throw new BoxError('disks.not-confirmed', { disk: id, repeated: confirm });
      const { name } = await findDisk(task, id);
      return locks.during(name, task, async () => {
        const disk = await findDisk(task, id);
        if (disk.name !== name) throw new BoxError('privileged.busy', { device: name });
        mustBeFree(disk, fs);
        return { uuid: await format(task, disk, args) };
      });
    },
  },
  'volume.mount': {
    takes: { uuid: isUuid, readOnly: isBoolean },
    run: async ({ uuid, readOnly }, task, { locks, root, owner }) => {
      const found = await findFileSystem(task, uuid);
      return locks.during(found.disk.name, task, async () => ({
        folder: await mount(task, found, { root, uuid, readOnly, owner }),
      }));
    },
  },
  'volume.unmount': {
    takes: { uuid: isUuid },
    // The disk may be gone, so the mount point is what is locked.
    run: async ({ uuid }, task, { locks, root }) => locks.during(uuid, task, () => unmount(task, root, uuid)),
  },
  'clock.set': {
    takes: { wallUs: isWallUs },
    run: async ({ wallUs }, task, { locks }) =>
      locks.during('clock', task, async () => {
        await task.must('date', ['--utc', `--set=@${(wallUs / 1e6).toFixed(6)}`]);
        return {};
      }),
  },
};

/** A disk that sleeps is not woken. Several bridges hang on the 48-bit commands that the long form needs. */
export function smartctlArguments(device: string, type: SmartType): string[] {
  const long = type === 'auto' || type === 'scsi' || type === 'nvme';
  const kind = type === 'auto' ? [] : ['-d', type];
  return ['--json=c', '-n', `standby,${SLEEPING_STATUS}`, long ? '-x' : '-a', ...kind, deviceFileOf(device)];
}

export function isVerb(name: string): name is Verb {
  return Object.hasOwn(VERBS, name);
}

/** Checks the arguments of a verb and does it. Rejects with privileged.bad-request naming the argument that is wrong. */
export async function perform<V extends Verb>(
  name: V,
  given: unknown,
  task: Task,
  around: Surroundings,
): Promise<Result<V>> {
  const verb: VerbOf<V> = VERBS[name];
  return verb.run(checked(name, verb.takes, given), task, around);
}

function checked<V extends Verb>(verb: V, takes: VerbOf<V>['takes'], given: unknown): Args<V> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new BoxError('privileged.bad-request', { verb, fault: 'the arguments are no object' });
  }
  const surplus = Object.keys(given).find((name) => !Object.hasOwn(takes, name));
  if (surplus !== undefined) throw new BoxError('privileged.bad-request', { verb, fault: 'an argument is unknown' });
  for (const [name, check] of Object.entries<Check<unknown>>(takes)) {
    if (!check((given as Record<string, unknown>)[name])) {
      throw new BoxError('privileged.bad-request', { verb, fault: `${name} is not allowed` });
    }
  }
  return given;
}

function matches(pattern: RegExp): Check<string> {
  return (value): value is string => typeof value === 'string' && pattern.test(value);
}

function oneOf<T extends string>(words: readonly T[]): Check<T> {
  return (value): value is T => words.some((word) => word === value);
}
