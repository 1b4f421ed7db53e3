/**
 * Growing pauses between attempts: exponential with full jitter, so that many clients that failed at the same moment do not
 * come back at the same moment. Every pause lies between `minMs` and the current ceiling, which never exceeds `maxMs`.
 */
export class Backoff {
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #factor: number;
  readonly #random: () => number;
  #attempts = 0;

  /** `random` gives numbers in [0, 1). */
  constructor(options: { minMs: number; maxMs: number; factor?: number; random?: () => number }) {
    this.#minMs = options.minMs;
    this.#maxMs = options.maxMs;
    this.#factor = options.factor ?? 2;
    this.#random = options.random ?? Math.random;
  }

  /** Failures since the last reset. */
  get attempts(): number {
    return this.#attempts;
  }

  /** The pause before the next attempt, in whole milliseconds. */
  nextMs(): number {
    this.#attempts++;
    const ceilingMs = Math.min(this.#maxMs, this.#minMs * this.#factor ** this.#attempts);
    return Math.round(this.#minMs + this.#random() * (ceilingMs - this.#minMs));
  }

  /** Called when an attempt has proved good, not merely begun. */
  reset(): void {
    this.#attempts = 0;
  }
}
