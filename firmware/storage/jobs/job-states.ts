/** What is asked of copying and checking, and how far they have come. Plain data, known by all threads. */
import { systemClock, type ErrorReport } from '../../base/index.ts';
import type { FindingCode } from '../recovery/verify-findings.ts';

export interface EvacuationOptions {
  /** uuid of the volume that is left. */
  volume: string;
  folder: string;
  /** uuid of this box. */
  box: string;
  /** `locked`: only what is locked. */
  what: 'all' | 'locked';
  /** Deletes each original once its copy stands; else it is only marked as moved. */
  remove: boolean;
  /** Part of the time that either disk may work for this, 0 to 1. */
  share: number;
  bytesPerSecond: number;
  /** A disk that has not answered by then is left alone until it does. */
  deadlineMs: number;
  /** So long another disk is waited for. */
  targetWithinMs: number;
}

export interface EvacuationState {
  volume: string;
  /** `incomplete`: it is over, and something is left that could not be read or found no room. */
  state: 'running' | 'done' | 'incomplete' | 'stopped' | 'failed';
  phase: 'locked' | 'rest' | 'over';
  /** Of the whole volume at the beginning, without what stands elsewhere already. */
  segments: number;
  bytes: number;
  copied: number;
  copiedBytes: number;
  /** uuids of the volumes that it writes to. */
  targets: string[];
  /** Files that could not be copied, the first ones by name. */
  unreadable: { path: string; code: string }[];
  unreadableCount: number;
  /** Files that are not what their seal says; they were copied as suspect. */
  notAsSealed: string[];
  /** Found no room. */
  noRoom: { segments: number; bytes: number; locked: number };
  startedUs: number;
  endedUs?: number;
  error?: ErrorReport;
}

export interface CheckOptions {
  volume: string;
  folder: string;
  /** Reads all media and compares files with their seals. */
  deep: boolean;
  /** Part of the time that the disk may work for this, 0 to 1. */
  share: number;
  bytesPerSecond: number;
  deadlineMs: number;
}

export interface CheckState {
  volume: string;
  deep: boolean;
  state: 'running' | 'done' | 'stopped' | 'failed';
  segments: number;
  of: number;
  /** By code; notes are not counted. */
  findings: Partial<Record<FindingCode, number>>;
  /** The first ones. */
  listed: { code: FindingCode; path: string }[];
  startedUs: number;
  endedUs?: number;
  error?: ErrorReport;
}

/**
 * The state of a copying that begins. `before`: it was cut off, and goes on; what stood in its way then is looked at again.
 */
export function beginEvacuation({ volume }: EvacuationOptions, before?: EvacuationState): EvacuationState {
  return {
    volume,
    state: 'running',
    phase: 'locked',
    segments: before?.segments ?? 0,
    bytes: before?.bytes ?? 0,
    copied: before?.copied ?? 0,
    copiedBytes: before?.copiedBytes ?? 0,
    targets: [],
    unreadable: [],
    unreadableCount: 0,
    notAsSealed: before?.notAsSealed ?? [],
    noRoom: { segments: 0, bytes: 0, locked: 0 },
    startedUs: before?.startedUs ?? systemClock.wallUs(),
  };
}

/** The state of a check that begins. One that was cut off looks at everything again. */
export function beginCheck({ volume, deep }: CheckOptions, before?: CheckState): CheckState {
  return {
    volume,
    deep,
    state: 'running',
    segments: 0,
    of: before?.of ?? 0,
    findings: {},
    listed: [],
    startedUs: before?.startedUs ?? systemClock.wallUs(),
  };
}
