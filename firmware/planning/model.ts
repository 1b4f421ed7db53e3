import type { FootageClass } from '../storage/index.ts';
import type { WeekRate } from './rates.ts';

export type Mode = 'continuous' | 'schedule' | 'event' | 'manual';

export interface PlanStream {
  readonly id: string;
  readonly record: boolean;
  readonly rate: WeekRate;
}

/** A camera as planning sees it: what it writes, and what its owner wishes. */
export interface PlanCamera {
  readonly id: string;
  readonly name: string;
  /** False: switched off, so that it writes nothing. */
  readonly enabled: boolean;
  readonly mode: Mode;
  readonly streams: readonly PlanStream[];
  /** Share of each hour of the week (0: Sunday's first) in which it is recorded, for the mode schedule. */
  readonly scheduleShare: readonly number[];
  /** Group of volumes that it is bound to; empty: any. */
  readonly group: string;
  readonly copies: 1 | 2;
  /** Its oldest footage is overwritten when the disks are full; false: it stops. */
  readonly overwrite: boolean;
  readonly days: number | undefined;
  readonly eventDays: number | undefined;
  readonly maxBytes: number | undefined;
  readonly wishDays: number | undefined;
}

export interface PlanVolume {
  readonly id: string;
  readonly group: string;
  /** Of the file system, and what is free of it now. */
  readonly totalBytes: number;
  readonly freeBytes: number;
  /** What segments take now. */
  readonly segmentBytes: number;
  readonly budgetBytes: number | undefined;
  /** The fastest minute of the last day, if it is known. */
  readonly peakBytesPerS: number | undefined;
}

/** Footage that is there: a part of a stream on a volume. */
export interface KeptPiece {
  readonly camera: string;
  readonly stream: string;
  readonly volume: string;
  readonly startUs: number;
  readonly endUs: number;
  readonly bytes: number;
}

/** Where a stream has been written lately: bytes by volume. */
export interface Home {
  readonly camera: string;
  readonly stream: string;
  readonly volume: string;
  readonly bytes: number;
}

/** Everything that a plan is made from. Times are UTC microseconds. */
export interface PlanInput {
  readonly nowUs: number;
  readonly timeZone: string;
  readonly cameras: readonly PlanCamera[];
  /** Those that are written to. */
  readonly volumes: readonly PlanVolume[];
  readonly kept: readonly KeptPiece[];
  readonly homes: readonly Home[];
}

/** The class of what a camera records by its mode. */
export function classOf(camera: PlanCamera): FootageClass {
  return camera.mode === 'event' || camera.mode === 'manual' ? 'event' : 'continuous';
}
