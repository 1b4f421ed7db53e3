/** What a process and all its children cost, as Linux tells it. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { runProgram } from '../../test/support/programs.ts';

/** USER_HZ: the unit of times in /proc, the same on all machines that Node runs on. */
const TICKS_PER_SECOND = 100;
const SECTOR_BYTES = 512;

export interface Cost {
  readonly atMs: number;
  /** User and system time of all processes, with those that have ended in between. */
  readonly cpuS: number;
  /** Bytes handed to write calls. */
  readonly writtenBytes: number;
  readonly writeCalls: number;
}

export interface Memory {
  /** Proportional set size: shared pages are split among those that share them. */
  readonly pssMb: number;
  readonly rssMb: number;
}

/** The costs of these processes and everything below them until now. */
export function costOf(roots: readonly number[]): Cost {
  let [ticks, writtenBytes, writeCalls] = [0, 0, 0];
  for (const pid of tree(roots)) {
    const fields = statFields(pid);
    // utime, stime, and the same of children that were waited for.
    for (const index of [11, 12, 13, 14]) ticks += Number(fields[index] ?? 0);
    const io = read(`/proc/${pid}/io`);
    writtenBytes += numberOf(io, 'wchar');
    writeCalls += numberOf(io, 'syscw');
  }
  return { atMs: performance.now(), cpuS: ticks / TICKS_PER_SECOND, writtenBytes, writeCalls };
}

export function memoryOf(roots: readonly number[]): Memory {
  let [pss, rss] = [0, 0];
  for (const pid of tree(roots)) {
    const rollup = read(`/proc/${pid}/smaps_rollup`);
    pss += numberOf(rollup, 'Pss');
    rss += numberOf(rollup, 'Rss');
  }
  return { pssMb: pss / 1024, rssMb: rss / 1024 };
}

/** Bytes written so far to the block device under a folder. */
export function deviceBytes(folder: string): number {
  const { dev } = statSync(folder);
  const major = (dev >> 8) & 0xfff;
  const minor = (dev & 0xff) | ((dev >> 12) & 0xfff00);
  const sectors = read(`/sys/dev/block/${major}:${minor}/stat`).trim().split(/\s+/)[6];
  return Number(sectors ?? Number.NaN) * SECTOR_BYTES;
}

/** Brings everything of the folder's file system to its device. */
export async function syncFolder(folder: string): Promise<void> {
  await runProgram('sync', ['-f', folder]);
}

/** The machine in one line, for whoever reads the figures elsewhere. */
export function machine(): string {
  const [cpu] = cpus();
  const model = cpu?.model.trim() ?? 'unknown processor';
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GB`;
  return `${availableParallelism()} x ${model} (${process.arch}), ${memory}, Linux ${read('/proc/sys/kernel/osrelease').trim()}, Node ${process.version}`;
}

/** Processes that ran or waited to run, over the last minute. */
export function load(): number {
  return loadavg()[0] ?? 0;
}

function tree(roots: readonly number[]): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const parent = Number.isInteger(pid) ? Number(statFields(pid)[1]) : 0;
    if (parent > 0) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found = [...roots];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

/** The fields of /proc/<pid>/stat behind the name: state, parent, ... (proc_pid_stat(5), from field 3 on). */
function statFields(pid: number): string[] {
  const text = read(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function numberOf(text: string, key: string): number {
  return Number(new RegExp(`^${key}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? 0);
}

/** Nothing if the process has just ended. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}
