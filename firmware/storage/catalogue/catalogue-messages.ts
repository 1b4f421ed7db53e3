import type { MessagePort } from 'node:worker_threads';
import type { ErrorReport } from '../../base/index.ts';
import type {
  AttachReport,
  DayInfo,
  GapInfo,
  HourInfo,
  RangeQuery,
  SegmentInfo,
  StreamTotals,
  VolumeTotals,
} from './catalogue-types.ts';
import type { DayFigure, HourFigure, PackedRows } from './packed-rows.ts';
import type { CompactionReport } from '../journal/journal-compaction.ts';
import type { DeletionStep } from '../space/deletion-plan.ts';
import type { JournalEntry, JournalEvent, LockRecord } from '../journal/journal.ts';
import type { LockInfo } from '../space/lock-book.ts';
import type { KeptFinding } from '../space/space-check.ts';
import type { Admission, SpacePolicy, SpaceReport, VolumeFacts } from '../space/space-policy.ts';

/** What the record worker tells the catalogue worker through their port. Nobody answers, nobody waits. */
export type FeedMessage =
  /** Lines that are synced in the volume's journal, in their order. */
  | { t: 'entries'; volume: string; entries: readonly JournalEntry[] }
  /** How far open segments reach; endUs as in the journal, not corrected by an anchor. */
  | { t: 'progress'; volume: string; segments: readonly { sequence: number; endUs: number; bytes: number }[] }
  /** How the disk is, every few seconds. */
  | { t: 'facts'; volume: string; facts: VolumeFacts };

/** What the catalogue worker asks of the record worker through the same port. */
export type FeedRequest =
  | { t: 'delete'; volume: string; segments: DeletionStep[] }
  /** Deletions that are decided and do not happen: the segments are locked. */
  | { t: 'keep'; volume: string; segments: DeletionStep[] }
  /** Deletions that were asked for and have not begun are taken back, of all volumes. */
  | { t: 'withdraw' }
  /** Records that the volume's journal lacks. */
  | { t: 'append'; volume: string; records: JournalEvent[] }
  | ({ t: 'admission' } & Admission);

/** A lock with what it keeps. */
export interface LockReport extends LockInfo {
  /** It was not lifted and has not run out. */
  holds: boolean;
  /** Whose journals say it. */
  volumes: number;
  /** Closed footage in its range. */
  segments: number;
  bytes: number;
}

/** Everything that can be asked of the catalogue: arguments and answer. */
export interface CatalogueOperations {
  /** Brings the catalogue level with the journal of the volume in this folder, and follows it from then on. */
  attach: { args: { volume: string; folder: string }; answer: AttachReport };
  /** No more is expected of the volume; what is known of it stays. */
  detach: { args: { volume: string }; answer: void };
  /** Drops what is known of a volume, for one that has left for good. It must not be attached. */
  forget: { args: { volume: string }; answer: void };
  segments: { args: RangeQuery; answer: SegmentInfo[] };
  locate: { args: { camera: string; stream: string; timeUs: number }; answer: SegmentInfo | undefined };
  days: { args: { camera: string; stream?: string; fromDay: number; toDay: number }; answer: DayInfo[] };
  totals: { args: { fromDay: number; toDay: number }; answer: StreamTotals[] };
  volumes: { args: Record<never, never>; answer: VolumeTotals[] };
  gaps: { args: RangeQuery; answer: GapInfo[] };
  /** When there is footage of a stream, on any volume: ordered spans within the range that neither touch nor overlap. */
  covered: { args: Omit<RangeQuery, 'limit'>; answer: { startUs: number; endUs: number }[] };
  hours: { args: { fromHour: number }; answer: HourInfo[] };
  /** The same of weeks. */
  packedHours: { args: { fromHour: number }; answer: PackedRows<HourFigure> };
  keptDays: { args: Record<never, never>; answer: PackedRows<DayFigure> };
  lastEnd: { args: { camera: string; stream: string }; answer: number | undefined };
  streams: { args: Record<never, never>; answer: { camera: string; stream: string }[] };
  bySequence: { args: { volume: string; afterSequence: number; limit: number }; answer: SegmentInfo[] };
  unsealed: { args: { volume: string; afterSequence: number; limit: number }; answer: SegmentInfo[] };
  /** How far the volume's journal is known. */
  checkpoint: { args: { volume: string }; answer: { file: number; offset: number } };
  lastSeal: { args: { volume: string }; answer: { sealedLast: number; sealChain: string } };
  /** What stands on no other volume, newest first. */
  uncopied: { args: { volume: string; beforeSequence: number; limit: number }; answer: SegmentInfo[] };
  lonelyGaps: {
    args: { volume: string; afterId: number; limit: number };
    answer: (GapInfo & { id: number; boot: string | null })[];
  };
  copied: {
    args: { volume: string };
    answer: { segments: number; bytes: number; copied: number; copiedBytes: number };
  };
  /** By its boot: what an anchor adds to times of segments of this volume. */
  anchor: { args: { volume: string; boot: string }; answer: number };
  known: { args: { volume: string; sequences: number[] }; answer: number[] };
  open: { args: { volume: string }; answer: SegmentInfo[] };
  marked: { args: { volume: string }; answer: SegmentInfo[] };
  wrongDays: { args: { camera: string; stream: string }; answer: number[] };
  /** Until there is one nothing is deleted. It replaces the one before. */
  spacePolicy: { args: SpacePolicy; answer: void };
  space: { args: Record<never, never>; answer: SpaceReport };
  /** Whether the wall clock, which is doubted, is right. Rejects with space.clock-not-doubted. */
  clockVerdict: { args: { verdict: 'right' | 'wrong' }; answer: void };
  spaceCheck: { args: Record<never, never>; answer: KeptFinding[] };
  /** Resolves when a volume's journal holds it. Rejects with locks.not-kept: it is in force, and kept once a disk takes it. */
  lock: { args: Omit<LockRecord, 't'>; answer: LockReport };
  /** The same for its end. Rejects with locks.no-such-lock. */
  unlock: { args: { lock: string; atUs: number }; answer: LockReport };
  /** All that hold. */
  locks: { args: Record<never, never>; answer: LockReport[] };
  /** Drops journal files that say nothing any more. */
  compact: { args: { volume: string }; answer: CompactionReport };
  commit: { args: Record<never, never>; answer: void };
}

export type Operation = keyof CatalogueOperations;
export type Args<O extends Operation> = CatalogueOperations[O]['args'];
export type Answer<O extends Operation> = CatalogueOperations[O]['answer'];

export interface RequestMessage<O extends Operation = Operation> {
  t: 'request';
  id: number;
  operation: O;
  args: Args<O>;
}

export type WorkerMessage =
  | { t: 'answer'; id: number; answer: unknown }
  | { t: 'failed'; id: number; error: ErrorReport }
  | { t: 'ready'; fresh: boolean };

export type ClientMessage =
  | RequestMessage
  | { t: 'stop' }
  /** The record worker is another one: its end of this port feeds the catalogue from now on. */
  | { t: 'feed'; port: MessagePort };

/** Exit codes of the worker. `corrupt`: the catalogue is damaged and has to be made anew. */
export const EXIT = { done: 0, failed: 1, corrupt: 3 } as const;
