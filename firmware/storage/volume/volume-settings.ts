import type { BoxError } from '../../base/index.ts';
import type { JournalEntry, OpenRecord } from '../journal/journal.ts';
import type { SegmentEnd } from './segment-file.ts';
import type { VolumeState } from './volume-state.ts';

export interface VolumeSettings {
  /** A power cut loses at most this much of each camera; the time that data waits for its fragment and its read is part of it. */
  readonly recoveryPointMs: number;
  /** `volume`: one syncfs for all files, `file`: fdatasync of each. Without the programs for the first, the second is used. */
  readonly syncMode: 'volume' | 'file';
  readonly minSyncIntervalMs: number;
  /** Media that may wait for the disk. */
  readonly queueMaxBytes: number;
  /** An operation that takes longer means that the disk hangs: others take its recordings over from memory meanwhile. */
  readonly hungAfterMs: number;
  /** How often the mount and its space are looked at, apart from the check before each new file. */
  readonly checkMs: number;
  /** A full volume takes recordings again with so much room. */
  readonly resumeFreeBytes: number;
  readonly removePauseMs: number;
}

export const VOLUME_DEFAULTS: VolumeSettings = {
  recoveryPointMs: 2000,
  syncMode: 'volume',
  minSyncIntervalMs: 400,
  queueMaxBytes: 64 * 1024 * 1024,
  hungAfterMs: 5000,
  checkMs: 2000,
  resumeFreeBytes: 256 * 1024 * 1024,
  removePauseMs: 50,
};

/** Told synchronously, on the loop of the record worker: must be quick and must not throw. */
export interface VolumeListener {
  state?(state: VolumeState, error: BoxError | undefined): void;
  /** The file exists and the journal says so. */
  opened?(record: OpenRecord): void;
  /** The segment's file takes no more. `bytes` is what the system took; `reason` is a code or a word for the log. */
  ended?(record: OpenRecord, end: SegmentEnd, bytes: number, reason: string): void;
  deleted?(sequence: number): void;
  /** Journal records that are on stable storage now, in their order: what the catalogue may know. */
  journal?(entries: readonly JournalEntry[]): void;
  /** A sync ended well; it covered so many bytes of media. */
  synced?(bytes: number): void;
}
