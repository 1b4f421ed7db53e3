/**
 * The one model of a volume's space (S5): from what is known of the disk it derives the marks between which recording and
 * deletion keep the volume, its state, and whether new segments may begin. Pure: no clock, no disk.
 */
import type { WriteRateFigures } from '../volume/write-rate.ts';

export interface SpaceFacts extends WriteRateFigures {
  /** Of the file system. */
  totalBytes: number;
  /** What may still be written to it. */
  freeBytes: number;
  /** All segments of the volume, open ones as far as they are known to reach. */
  segmentBytes: number;
  /** What the settings allow for segments; undefined: all of the disk but its reserve. */
  budgetBytes: number | undefined;
}

/** Bytes of segments: low < high < close <= limit. */
export interface SpaceMarks {
  /** Never exceeded. */
  limitBytes: number;
  /** Where nothing can be deleted, no segment begins above this; what is open may still grow by the rest. */
  closeBytes: number;
  /** Deletion begins above this; the distance to the limit is hours of writing at the fastest rate. */
  highBytes: number;
  /** Deletion rests below this. */
  lowBytes: number;
  /** Above this the disk itself has no room left, whatever the budget says. */
  diskCloseBytes: number;
}

/**
 * `comfortable`: nothing to do. `trimming`: the oldest footage makes room. `short`: deletion lags behind what is written.
 * `stuck`: room is needed, and nothing that is left may be deleted.
 */
export type SpaceState = 'comfortable' | 'trimming' | 'short' | 'stuck';

/** What a volume was at the last look; its hysteresis needs it. */
export interface SpaceStanding {
  state: SpaceState;
  /** No segment may begin. */
  closed: boolean;
  /** It is full for cameras whose footage is not overwritten. */
  full: boolean;
}

export const INITIAL_STANDING: SpaceStanding = { state: 'comfortable', closed: false, full: false };

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
/** Room that the file system and the journal keep: at least what a volume that was full needs to take recordings again. */
const RESERVE_SHARE = 0.01;
const RESERVE_MIN_BYTES = 256 * MIB;
const RESERVE_MAX_BYTES = 4 * GIB;
const RESERVE_LIMIT_SHARE = 0.05;
/** An hour of writing lies between the high mark and the limit ... */
const HEADROOM_S = 3600;
/** ... but no more of the volume than this share, unless even ... */
const HEADROOM_SHARE = 0.04;
/** ... a minute would not fit in it; ... */
const HEADROOM_LEAST_S = 60;
const HEADROOM_LEAST_SHARE = 0.005;
/** ... and of a small disk never more than this, or nothing would be left for recordings. */
const HEADROOM_MOST_SHARE = 0.1;
const HYSTERESIS_S = 360;
const HYSTERESIS_SHARE = 0.005;
const HYSTERESIS_LEAST_SHARE = 0.001;

/** The marks of a volume. They follow the rate of writing and the free space of the disk from one look to the next. */
export function spaceMarks(facts: SpaceFacts): SpaceMarks {
  const { totalBytes, freeBytes, segmentBytes, budgetBytes = Infinity, bytesPerS, peakBytesPerS } = facts;
  const diskBytes = Math.max(0, segmentBytes + freeBytes - reserveBytes(totalBytes));
  const limitBytes = Math.min(budgetBytes, diskBytes);
  // A file system that compresses or shares blocks holds more than its size; room is a matter of the disk that is there.
  const roomBytes = Math.min(limitBytes, totalBytes);
  const headroomBytes = headroomOf(roomBytes, peakBytesPerS);
  const wanted = Math.min(HYSTERESIS_S * bytesPerS, HYSTERESIS_SHARE * roomBytes);
  const hysteresisBytes = Math.max(wanted, HYSTERESIS_LEAST_SHARE * roomBytes);
  return {
    limitBytes: Math.floor(limitBytes),
    closeBytes: Math.floor(limitBytes - headroomBytes / 2),
    highBytes: Math.floor(limitBytes - headroomBytes),
    lowBytes: Math.floor(limitBytes - headroomBytes - hysteresisBytes),
    diskCloseBytes: Math.floor(diskBytes - headroomOf(Math.min(diskBytes, totalBytes), peakBytesPerS) / 2),
  };
}

function reserveBytes(totalBytes: number): number {
  const wanted = Math.min(RESERVE_MAX_BYTES, Math.max(RESERVE_MIN_BYTES, totalBytes * RESERVE_SHARE));
  return Math.min(wanted, totalBytes * RESERVE_LIMIT_SHARE);
}

function headroomOf(limitBytes: number, peakBytesPerS: number): number {
  const wanted = Math.min(HEADROOM_S * peakBytesPerS, HEADROOM_SHARE * limitBytes);
  const least = Math.max(HEADROOM_LEAST_S * peakBytesPerS, HEADROOM_LEAST_SHARE * limitBytes);
  return Math.min(Math.max(wanted, least), HEADROOM_MOST_SHARE * limitBytes);
}

/**
 * The state of a volume and who may begin segments on it. `exhausted`: everything that may be deleted has gone already.
 * Both kinds of closing end below the mark at which they began, so that no volume flutters. `lumpBytes`: the largest segment
 * that deletion takes; it may go below the low mark by so much.
 */
export function standingOf(
  before: SpaceStanding,
  usedBytes: number,
  marks: SpaceMarks,
  exhausted: boolean,
  lumpBytes = 0,
): SpaceStanding {
  const { closeBytes, highBytes, lowBytes, diskCloseBytes } = marks;
  const hysteresisBytes = highBytes - lowBytes;
  const trims = usedBytes > (before.state === 'comfortable' ? highBytes : lowBytes);
  let state: SpaceState = trims ? 'trimming' : 'comfortable';
  if (trims && usedBytes > (before.state === 'short' ? highBytes : closeBytes)) state = 'short';
  if (usedBytes > highBytes && exhausted) state = 'stuck';
  const mayNotGrow = usedBytes >= diskCloseBytes || (exhausted && usedBytes >= closeBytes);
  const mayGrowAgain = usedBytes <= highBytes || (!exhausted && usedBytes < diskCloseBytes - hysteresisBytes);
  return {
    state,
    closed: before.closed ? !mayGrowAgain : mayNotGrow,
    // Trimming for others swings between the marks; only room beyond that is room for footage that stays.
    full: usedBytes > (before.full ? lowBytes - hysteresisBytes - 2 * lumpBytes : highBytes),
  };
}

/** Deletion goes at least this fast, be the writing ever so slow: wishes of age and size are carried out, too. */
const PACE_LEAST_BYTES_PER_S = 4 * MIB;
/** Twice as fast as the fastest writing keeps up with it and leaves the disk to it. */
const PACE_SHARE = 2;
/** After a pause of the box no burst follows. */
const PACE_LONGEST_S = 10;

/** Bytes that may be asked for in one round after `elapsedS`, besides what has been asked for and is not gone. */
export function paceBytes(state: SpaceState, peakBytesPerS: number, elapsedS: number, pendingBytes: number): number {
  // Deletion that has fallen behind has the right of way; the remover still takes one file at a time.
  if (state === 'short' || state === 'stuck') return Infinity;
  const perS = Math.max(PACE_LEAST_BYTES_PER_S, PACE_SHARE * peakBytesPerS);
  return Math.max(0, perS * Math.min(elapsedS, PACE_LONGEST_S) - pendingBytes);
}
