import type { MachineCounters } from './machine-reading.ts';

export interface NetworkRate {
  readonly name: string;
  readonly receivedBytesPerS: number;
  readonly sentBytesPerS: number;
}

export interface DiskRate {
  readonly device: string;
  readonly readBytesPerS: number;
  readonly writtenBytesPerS: number;
  /** Share of the time in which it had something to do. */
  readonly busyPercent: number;
}

/** How the machine is, from two readings of its counters. */
export interface MachineState {
  readonly cpuPercent: number;
  readonly cores: number;
  readonly load: readonly number[];
  readonly memoryBytes: number;
  readonly availableBytes: number;
  readonly temperatureC: number | undefined;
  readonly networks: readonly NetworkRate[];
  readonly disks: readonly DiskRate[];
}

export function machineState(now: MachineCounters, before: MachineCounters | undefined): MachineState {
  const seconds = before ? (now.monoUs - before.monoUs) / 1e6 : 0;
  const rate = (to: number, from: number | undefined): number =>
    from === undefined || seconds <= 0 ? 0 : Math.max(0, to - from) / seconds;
  const ticks = now.cpuTotal - (before?.cpuTotal ?? 0);
  const { cores, load, memoryBytes, availableBytes, temperatureC } = now;
  return {
    cpuPercent: before && ticks > 0 ? percent((now.cpuBusy - before.cpuBusy) / ticks) : 0,
    cores,
    load,
    memoryBytes,
    availableBytes,
    temperatureC,
    networks: [...now.networks].map(([name, { received, sent }]) => {
      const last = before?.networks.get(name);
      return { name, receivedBytesPerS: rate(received, last?.received), sentBytesPerS: rate(sent, last?.sent) };
    }),
    disks: [...now.disks].map(([device, { read, written, busyMs }]) => {
      const last = before?.disks.get(device);
      return {
        device,
        readBytesPerS: rate(read, last?.read),
        writtenBytesPerS: rate(written, last?.written),
        busyPercent: percent(rate(busyMs, last?.busyMs) / 1000),
      };
    }),
  };
}

function percent(share: number): number {
  return Math.min(100, Math.max(0, share * 100));
}
