import type { Clock } from '../base/index.ts';

/** A wall clock before this instant was never set (boards without a battery wake up in 1970). */
const TRUSTED_AFTER_US = Date.UTC(2026, 0, 1) * 1000;
/** A difference larger than this, seen between two looks, is a step and not drift. */
const STEP_US = 500_000;
/** The slow correction follows the system clock by at most this share of the elapsed time (NTP slews at 500 ppm). */
const SLEW_LIMIT = 0.001;

export interface ClockStep {
  /** Microseconds by which the wall clock moved; positive is forward. */
  readonly byUs: number;
  readonly wasTrusted: boolean;
  readonly trusted: boolean;
}

/**
 * The one relation between monotonic and UTC time that all recordings use (invariant R6): an anchor plus a slow, bounded
 * correction. Steps of the system clock are reported, and everything recorded afterwards uses the new relation.
 */
export class WallClock {
  readonly #clock: Clock;
  #offsetUs: number;
  #lookedAtUs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lookedAtUs = clock.monoUs();
    this.#offsetUs = clock.wallUs() - this.#lookedAtUs;
  }

  /** UTC microseconds of a monotonic instant. */
  wallOf(monoUs: number): number {
    return Math.round(monoUs + this.#offsetUs);
  }

  get trusted(): boolean {
    return this.wallOf(this.#clock.monoUs()) >= TRUSTED_AFTER_US;
  }

  /** Compares with the system clock; to be called a few times a second. Returns the step, if there was one. */
  look(): ClockStep | undefined {
    const monoUs = this.#clock.monoUs();
    const elapsedUs = monoUs - this.#lookedAtUs;
    const differenceUs = this.#clock.wallUs() - monoUs - this.#offsetUs;
    this.#lookedAtUs = monoUs;
    if (Math.abs(differenceUs) > STEP_US) {
      const wasTrusted = this.wallOf(monoUs) >= TRUSTED_AFTER_US;
      this.#offsetUs += differenceUs;
      return { byUs: differenceUs, wasTrusted, trusted: this.trusted };
    }
    const limitUs = elapsedUs * SLEW_LIMIT;
    this.#offsetUs += Math.max(-limitUs, Math.min(limitUs, differenceUs));
    return undefined;
  }
}
