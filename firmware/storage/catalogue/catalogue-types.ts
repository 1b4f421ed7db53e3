import type { DayCoverage } from './coverage.ts';
import type { FootageClass, GapReason, JournalDamage } from '../journal/journal.ts';

/** A segment as the catalogue knows it. Times are UTC microseconds, corrected by the anchor of its boot. */
export interface SegmentInfo {
  volume: string;
  sequence: number;
  camera: string;
  stream: string;
  startUs: number;
  /** Of an open segment: as far as it is known to reach. */
  endUs: number;
  bytes: number;
  /** Empty while the segment is open. */
  codec: string;
  boot: string;
  run: string;
  /** Relative to the volume. */
  path: string;
  /** Still being written, or torn by a crash and not yet repaired. */
  open: boolean;
  suspect: boolean;
  startsWithKey: boolean;
  class: FootageClass;
  /** Its deletion is decided. */
  marked: boolean;
  /** The same footage stands on another volume, and is listed there. */
  elsewhere: boolean;
  /** Recorded before the box knew the time. */
  untrusted: boolean;
}

export interface GapInfo {
  camera: string;
  stream: string;
  startUs: number;
  endUs: number;
  reason: GapReason;
}

/** Coverage of one UTC day of one stream; `day` counts from 1970-01-01. */
export interface DayInfo extends DayCoverage {
  camera: string;
  stream: string;
  day: number;
}

export interface VolumeTotals {
  volume: string;
  /** Open ones included, as far as their progress is known. */
  segments: number;
  bytes: number;
  /** Highest sequence that the catalogue has heard of. */
  lastSequence: number;
}

export interface StreamTotals {
  camera: string;
  stream: string;
  segments: number;
  bytes: number;
  recordedUs: number;
  firstUs: number;
  lastUs: number;
}

/** What a stream wrote to a volume in one hour of UTC (`hour` counts from 1970), and what of it is still there. */
export interface HourInfo {
  camera: string;
  stream: string;
  volume: string;
  hour: number;
  recordedUs: number;
  bytes: number;
  keptUs: number;
  keptBytes: number;
}

/** What is kept of a stream on a volume of one UTC day; `day` counts from 1970-01-01. */
export interface KeptDay {
  camera: string;
  stream: string;
  volume: string;
  day: number;
  keptUs: number;
  keptBytes: number;
}

/** What reading a volume's journal into the catalogue came to. */
export interface AttachReport {
  volume: string;
  /** `tail`: from the checkpoint on; `all`: the volume was unknown, or the checkpoint did not fit its journal. */
  how: 'tail' | 'all';
  records: number;
  damage: JournalDamage[];
  /** Records are missing in the middle of the journal: only a look at all files tells what is there. */
  lost: boolean;
  durationMs: number;
}

/** Which segments of a stream: those that share an instant with [fromUs, toUs). */
export interface RangeQuery {
  camera: string;
  stream: string;
  fromUs: number;
  toUs: number;
  /** At most this many, the earliest ones. Default 10 000. */
  limit?: number;
}

/** A segment that is not closed. `stored` once its row is in the database. */
export interface OpenRow {
  channel: number;
  volume: number;
  sequence: number;
  startUs: number;
  endUs: number;
  bytes: number;
  flags: number;
  run: number;
  stored: boolean;
}
