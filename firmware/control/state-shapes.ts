/** Shapes of how machine, box and cameras are, and what operations on them need of the box. */
import { z } from 'zod';
import { Id, Instant } from './shapes.ts';

const NetworkState = z.object({ name: z.string(), receivedBytesPerS: z.number(), sentBytesPerS: z.number() });

const DiskState = z.object({
  device: z.string(),
  readBytesPerS: z.number(),
  writtenBytesPerS: z.number(),
  /** Share of the time in which it had something to do. */
  busyPercent: z.number(),
});

const StreamState = z.object({
  camera: Id,
  stream: Id,
  bitsPerSecond: z.number(),
  framesPerSecond: z.number(),
  lostPerSecond: z.number(),
  /** Both since the box began. */
  lost: z.number(),
  reconnects: z.number(),
});

/** Pictures converted for browsers that cannot play what a camera sends. */
export const Conversion = z.object({
  /** Whether the program that converts is on the machine. */
  ffmpeg: z.boolean(),
  /** Streams that are converted now, and at most. */
  used: z.int(),
  most: z.int(),
});

export const SystemNow = z.object({
  at: z.string(),
  /** Absent: the machine has not been looked at yet. */
  machine: z
    .object({
      cpuPercent: z.number(),
      cores: z.number(),
      /** Over 1, 5 and 15 minutes. */
      load: z.array(z.number()),
      memoryBytes: z.number(),
      availableBytes: z.number(),
      temperatureC: z.number().optional(),
      networks: z.array(NetworkState),
      disks: z.array(DiskState),
    })
    .optional(),
  /** What the machine is made of; absent until it is known. */
  identity: z
    .object({
      maker: z.string(),
      model: z.string(),
      processor: z.string(),
      cores: z.number(),
      maxGhz: z.number(),
      architecture: z.string(),
      system: z.string(),
      kernel: z.string(),
    })
    .optional(),
  process: z.object({ rssBytes: z.number(), cpuPercent: z.number() }),
  conversion: Conversion,
  streams: z.array(StreamState),
});

export const HistoryWanted = z.object({
  series: z
    .array(z.string().regex(/^[a-zA-Z0-9@._:-]{1,120}$/))
    .min(1)
    .max(16),
  from: Instant,
  to: Instant,
  /** At most so many for each series. */
  points: z.int().min(1).max(2000).default(300),
});

export const HistoryAnswer = z.object({
  lines: z.array(
    z.object({
      series: z.string(),
      /** The length of time that a point stands for. */
      stepS: z.number(),
      /** From the oldest on; nothing stands where nothing is known. */
      points: z.array(z.object({ at: z.string(), mean: z.number(), max: z.number() })),
    }),
  ),
});

const TerminalState = z.enum(['online', 'offline', 'recording', 'failing']);

/** `online` counts all that send something. */
export const TerminalStatistics = z.object({
  total: z.number(),
  online: z.number(),
  offline: z.number(),
  recording: z.number(),
  failing: z.number(),
  terminals: z.array(z.object({ camera: Id, name: z.string(), state: TerminalState, since: z.string() })),
});

export interface StatePort {
  now(): Omit<z.input<typeof SystemNow>, 'conversion'>;
  /** Names that `history` knows. */
  series(): string[];
  history(wanted: {
    readonly series: readonly string[];
    readonly fromUs: number;
    readonly toUs: number;
    readonly points: number;
  }): Promise<z.input<typeof HistoryAnswer>>;
  terminals(): z.input<typeof TerminalStatistics>['terminals'];
}
