import type { ErrorReport } from '../base/index.ts';
import type { CutGap } from '../media/index.ts';

export interface CutTask {
  /** Segments of one stream, in order of time. */
  readonly files: readonly string[];
  readonly fromUs: number;
  readonly toUs: number;
}

export interface CutAnswer {
  readonly head: Uint8Array;
  /** Index into the files, offset and length, of each piece. */
  readonly pieces: Float64Array;
  readonly bytes: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly durationUs: number;
  readonly gaps: readonly CutGap[];
}

/** What the thread tells: how many files it has read, and in the end the answer or what is wrong. */
export interface CutNews {
  readonly files?: number;
  readonly answer?: CutAnswer;
  readonly error?: ErrorReport;
}
