import type { GapReason } from '../storage/index.ts';

/** Shorter interruptions are jitter, not gaps. */
const TOLERANCE_US = 1_000_000;

export interface Gap {
  readonly startUs: number;
  readonly endUs: number;
  readonly reason: GapReason;
}

/** Turns the life of one stream into gaps with reasons: what should have been recorded and was not (UTC microseconds). */
export class GapTracker {
  readonly #report: (gap: Gap) => void;
  #coveredUntilUs: number | undefined;
  #reason: GapReason | undefined;
  #resumedAtUs: number | undefined;
  #historyTaken = false;

  constructor(report: (gap: Gap) => void) {
    this.#report = report;
  }

  /** The end of what was recorded before, by an earlier process or recorder; may come after recording has begun again. */
  setHistory(lastEndUs: number | undefined, reason: GapReason = 'restart'): void {
    if (lastEndUs === undefined || this.#historyTaken) return;
    this.#historyTaken = true;
    if (this.#resumedAtUs === undefined) {
      this.#coveredUntilUs = lastEndUs;
      this.#reason = reason;
    } else {
      this.#close(lastEndUs, this.#resumedAtUs, reason);
    }
  }

  /** Recording goes on from here, without a hole or after one. */
  resumed(startUs: number): void {
    this.#resumedAtUs ??= startUs;
    if (this.#coveredUntilUs !== undefined && this.#reason) this.#close(this.#coveredUntilUs, startUs, this.#reason);
    this.#reason = undefined;
    this.#coveredUntilUs = startUs;
  }

  /** Footage reaches to here now. */
  covered(endUs: number): void {
    this.#coveredUntilUs = endUs;
  }

  /** Recording stopped at what is covered; the first reason of an interruption is the one that counts. */
  interrupted(reason: GapReason): void {
    this.#reason ??= reason;
  }

  /** In the midst of what was covered, something is on no disk. */
  hole(startUs: number, endUs: number, reason: GapReason): void {
    this.#close(startUs, endUs, reason);
  }

  /** Not recording is right from here on (event and manual mode): what follows is no gap. */
  excused(): void {
    this.#reason = undefined;
    this.#coveredUntilUs = undefined;
    this.#resumedAtUs ??= 0;
  }

  /** The interruption that goes on now, if any. */
  get open(): { sinceUs: number | undefined; reason: GapReason } | undefined {
    return this.#reason && { sinceUs: this.#coveredUntilUs, reason: this.#reason };
  }

  #close(startUs: number, endUs: number, reason: GapReason): void {
    if (endUs - startUs > TOLERANCE_US) this.#report({ startUs, endUs, reason });
  }
}
