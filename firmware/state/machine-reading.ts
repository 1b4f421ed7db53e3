import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Counters of the machine at one moment, as the kernel gives them (proc(5), sysfs). Times of the processor in its own ticks. */
export interface MachineCounters {
  readonly monoUs: number;
  readonly cpuBusy: number;
  readonly cpuTotal: number;
  readonly cores: number;
  readonly load: readonly number[];
  readonly memoryBytes: number;
  readonly availableBytes: number;
  readonly temperatureC: number | undefined;
  readonly networks: ReadonlyMap<string, { readonly received: number; readonly sent: number }>;
  readonly disks: ReadonlyMap<string, { readonly read: number; readonly written: number; readonly busyMs: number }>;
}

/** Where the kernel tells of itself; another folder in tests. */
export interface KernelFolders {
  readonly proc: string;
  readonly sys: string;
}

export const KERNEL: KernelFolders = { proc: '/proc', sys: '/sys' };

const SECTOR_BYTES = 512;
/** However many there are: containers and virtual machines make them by the hundred. */
const MAX_DEVICES = 32;
const NETWORK = /^\s*([^\s:]{1,32}):\s*(\d+)(?:\s+\d+){7}\s+(\d+)/;
/** Whole disks; their parts, loops and memory disks say nothing of their own. */
const DISK = /^(?:sd[a-z]{1,2}|hd[a-z]|vd[a-z]{1,2}|xvd[a-z]|nvme\d+n\d+|mmcblk\d+|md\d+)$/;
const PROCESSOR = /cpu|soc|core|package|x86_pkg/i;

/** Reads small files that the kernel makes on the spot; starts nothing. Rejects with the file system's error. */
export async function readMachine(folders: KernelFolders, monoUs: number): Promise<MachineCounters> {
  const text = (name: string): Promise<string> => readFile(join(folders.proc, name), 'utf8');
  const [stat, memory, load, networks, disks, temperatureC] = await Promise.all([
    text('stat'),
    text('meminfo'),
    text('loadavg'),
    text('net/dev'),
    text('diskstats'),
    readTemperature(folders.sys),
  ]);
  return {
    monoUs,
    ...processorOf(stat),
    ...memoryOf(memory),
    load: load.split(' ').slice(0, 3).map(Number),
    networks: networksOf(networks),
    disks: disksOf(disks),
    temperatureC,
  };
}

function processorOf(stat: string): { cpuBusy: number; cpuTotal: number; cores: number } {
  const lines = stat.split('\n');
  // user nice system idle iowait irq softirq steal; guests are in user already.
  const ticks = (lines[0] ?? '').trim().split(/\s+/).slice(1, 9).map(Number);
  const total = ticks.reduce((sum, each) => sum + each, 0);
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  return { cpuBusy: total - idle, cpuTotal: total, cores: lines.filter((line) => /^cpu\d/.test(line)).length };
}

function memoryOf(meminfo: string): { memoryBytes: number; availableBytes: number } {
  const of = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(meminfo)?.[1] ?? 0) * 1024;
  return { memoryBytes: of('MemTotal'), availableBytes: of('MemAvailable') };
}

function networksOf(table: string): MachineCounters['networks'] {
  const found = new Map<string, { received: number; sent: number }>();
  for (const line of table.split('\n')) {
    const [, name = '', received, sent] = NETWORK.exec(line) ?? [];
    if (name === '' || name === 'lo' || found.size >= MAX_DEVICES) continue;
    found.set(name, { received: Number(received), sent: Number(sent) });
  }
  return found;
}

function disksOf(table: string): MachineCounters['disks'] {
  const found = new Map<string, { read: number; written: number; busyMs: number }>();
  for (const line of table.split('\n')) {
    const fields = line.trim().split(/\s+/);
    const name = fields[2] ?? '';
    if (!DISK.test(name) || found.size >= MAX_DEVICES) continue;
    found.set(name, {
      read: Number(fields[5]) * SECTOR_BYTES,
      written: Number(fields[9]) * SECTOR_BYTES,
      busyMs: Number(fields[12]),
    });
  }
  return found;
}

/**
 * Of the processor, else of the warmest zone; undefined where the machine has no sensor. Sensors of disks are left alone: reading
 * one of a disk that hangs would hang as well.
 */
async function readTemperature(sys: string): Promise<number | undefined> {
  const folder = join(sys, 'class/thermal');
  const zones = await readdir(folder).catch(() => []);
  const read: { processor: boolean; degrees: number }[] = [];
  for (const zone of zones.filter((name) => name.startsWith('thermal_zone')).slice(0, MAX_DEVICES)) {
    try {
      const type = await readFile(join(folder, zone, 'type'), 'utf8');
      const degrees = Number(await readFile(join(folder, zone, 'temp'), 'utf8')) / 1000;
      if (degrees > -40 && degrees < 150) read.push({ processor: PROCESSOR.test(type), degrees });
    } catch {
      // A zone that is switched off answers with an error.
      continue;
    }
  }
  const ofProcessor = read.filter(({ processor }) => processor);
  const counted = ofProcessor.length > 0 ? ofProcessor : read;
  return counted.length === 0 ? undefined : Math.max(...counted.map(({ degrees }) => degrees));
}
