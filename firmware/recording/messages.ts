/** What the record worker and the main thread say to each other. Plain data; only ports are transferred. */
import type { MessagePort } from 'node:worker_threads';
import type { ErrorReport } from '../base/index.ts';
import type { MediaPart, TrackFacts } from '../media/index.ts';
import type { VolumeAsk, VolumeAsks } from '../storage/index.ts';
import type { LogLevel } from '../telemetry/index.ts';
import type { Homes, RecordPlan, Sparing } from './plan.ts';
import type { RecorderReport } from './report.ts';
import type { WatchReport } from './stream-watch.ts';
import type { RecordedHour } from './untold-holes.ts';

export interface RecordWorkerData {
  readonly box: string;
  readonly boot: string;
  readonly logLevel: LogLevel;
  readonly plan: RecordPlan;
  /** Where the cameras were at home before. */
  readonly homes: Homes;
  readonly sparings: readonly Sparing[];
}

/** Asked by the main thread, answered with the same id. */
export interface RecorderAsks {
  report: { args: Record<never, never>; answer: RecorderReport };
  manual: { args: { camera: string; on: boolean }; answer: undefined };
  /** `again`: it goes on, and was told before. */
  event: { args: { camera: string; kind: string; again?: boolean }; answer: undefined };
  plan: { args: RecordPlan; answer: undefined };
  sparing: { args: Sparing; answer: undefined };
  /** What a job wants of a volume: `VolumeAsks` of storage. */
  volume: { args: { ask: VolumeAsk; args: VolumeAsks[VolumeAsk]['args'] }; answer: unknown };
  /** Attaches a reader that counts; the answer is its number, for `endWatch`. */
  watch: { args: { camera: string; stream: string }; answer: number };
  endWatch: { args: { watch: number }; answer: WatchReport };
  /** Opens a tap under a number of the asker; its messages come before the answer. Rejects with live.no-such-stream. */
  tap: { args: { tap: number; camera: string; stream: string; sound: boolean }; answer: undefined };
}

/** What a tap sends; the bytes of parts are handed over. */
export type LiveMessage =
  | { readonly t: 'tap-track'; readonly tap: number; readonly facts: TrackFacts }
  | { readonly t: 'tap-part'; readonly tap: number; readonly part: MediaPart }
  /** The camera's session is over; another one may follow. */
  | { readonly t: 'tap-quiet'; readonly tap: number }
  /** The stream is not there any more, or another one has taken its place. */
  | { readonly t: 'tap-ended'; readonly tap: number };

export type Ask = keyof RecorderAsks;

/** Asked by the record worker of the catalogue, through the main thread. */
export interface CatalogueAsks {
  attach: { args: { volume: string; folder: string; readOnly?: boolean }; answer: { lost: boolean } };
  known: { args: { volume: string; sequences: number[] }; answer: number[] };
  bySequence: { args: { volume: string; afterSequence: number; limit: number }; answer: unknown[] };
  lastEnd: { args: { camera: string; stream: string }; answer: number | undefined };
  covered: { args: StreamRange; answer: { startUs: number; endUs: number }[] };
  gaps: { args: StreamRange; answer: { startUs: number; endUs: number }[] };
  /** Of all streams and volumes, one by one. */
  hours: { args: { fromHour: number }; answer: StreamHour[] };
}

export interface StreamHour extends RecordedHour {
  readonly camera: string;
  readonly stream: string;
}

/** Of a stream, UTC microseconds. */
export interface StreamRange {
  readonly camera: string;
  readonly stream: string;
  readonly fromUs: number;
  readonly toUs: number;
}

/** Of a camera its connection and its place on the disks, of a volume its state. */
export type ProblemTopic = 'connection' | 'placement' | 'volume';

export type ToWorker =
  | { readonly t: 'ask'; readonly id: number; readonly ask: Ask; readonly args: unknown }
  | { readonly t: 'feed'; readonly port: MessagePort }
  /** Bytes of a tap's parts that have left the main thread's hands. */
  | { readonly t: 'tap-taken'; readonly tap: number; readonly bytes: number }
  | { readonly t: 'tap-expect'; readonly viewers: boolean }
  | { readonly t: 'tap-sound'; readonly tap: number; readonly sound: boolean }
  | { readonly t: 'tap-shut'; readonly tap: number }
  | { readonly t: 'answer'; readonly id: number; readonly answer?: unknown; readonly error?: ErrorReport }
  | { readonly t: 'stop'; readonly deadlineMs: number };

export type FromWorker =
  | LiveMessage
  | { readonly t: 'ready' }
  /** Sent every second: the worker's event loop turns. */
  | { readonly t: 'alive' }
  | { readonly t: 'answer'; readonly id: number; readonly answer?: unknown; readonly error?: ErrorReport }
  | { readonly t: 'ask'; readonly id: number; readonly ask: keyof CatalogueAsks; readonly args: unknown }
  /** At most one problem stands for each subject and topic: the newest; undefined: none. */
  | {
      readonly t: 'problem';
      readonly subject: string;
      readonly topic: ProblemTopic;
      readonly error: ErrorReport | undefined;
    }
  /** A volume is in use: this uuid lives in that folder. */
  | { readonly t: 'volume'; readonly id: string; readonly uuid: string; readonly folder: string }
  /** A volume has left the settings and was let go of. */
  | { readonly t: 'left'; readonly id: string; readonly uuid: string }
  | { readonly t: 'homes'; readonly homes: Homes }
  /** A camera has shown this certificate (SHA-256), for which no authority was asked. */
  | { readonly t: 'certificate'; readonly camera: string; readonly fingerprint: string }
  | { readonly t: 'stopped'; readonly clean: boolean };
