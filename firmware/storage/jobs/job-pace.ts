import { setTimeout as delay } from 'node:timers/promises';

export interface PaceOptions {
  /** Part of the time in which the disk may work for the job, 0 to 1: the slower it is, the more it is left alone. */
  readonly share: number;
  readonly bytesPerSecond: number;
  readonly signal: AbortSignal;
}

/** Longest rest after one step: a disk that took half a minute for a read is not waited for all day. */
const MAX_REST_MS = 10_000;
/** Timers are coarse; shorter rests are saved up. */
const LEAST_REST_MS = 5;

/** Keeps a job in the background: it rests after each step, longer when the disk was slow, and never exceeds its rate. */
export class Pace {
  readonly #options: PaceOptions;
  #owedMs = 0;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** Ends the job. */
  get signal(): AbortSignal {
    return this.#options.signal;
  }

  /** Does one step of I/O and rests. Rejects with the step's error or the signal's reason. */
  async step<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const { share, bytesPerSecond, signal } = this.#options;
    signal.throwIfAborted();
    const fromMs = performance.now();
    const result = await work();
    const tookMs = performance.now() - fromMs;
    const restMs = Math.max(tookMs * (1 / share - 1), (bytes / bytesPerSecond) * 1000 - tookMs);
    this.#owedMs = Math.min(MAX_REST_MS, this.#owedMs + restMs);
    if (this.#owedMs < LEAST_REST_MS) return result;
    const restedFromMs = performance.now();
    await delay(this.#owedMs, undefined, { signal });
    this.#owedMs = Math.max(0, this.#owedMs - (performance.now() - restedFromMs));
    return result;
  }
}
