import type { Clock } from '../base/index.ts';

/** What a clock that is kept in step by the network never does at once. */
const STEP_US = 2_000_000;

/** Sees steps of the wall clock against the clock that never steps. */
export class ClockWatch {
  readonly #clock: Pick<Clock, 'wallUs' | 'monoUs'>;
  #offsetUs: number;

  constructor(clock: Pick<Clock, 'wallUs' | 'monoUs'>) {
    this.#clock = clock;
    this.#offsetUs = this.#offset();
  }

  /** By how much the clock has stepped since the look before, forwards or back; undefined if it has not. */
  look(): number | undefined {
    const offsetUs = this.#offset();
    const stepUs = offsetUs - this.#offsetUs;
    // A clock that runs slightly fast or slow is followed.
    this.#offsetUs = offsetUs;
    return Math.abs(stepUs) > STEP_US ? stepUs : undefined;
  }

  #offset(): number {
    return this.#clock.wallUs() - this.#clock.monoUs();
  }
}
