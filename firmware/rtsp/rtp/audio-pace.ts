/** Up to this distance from where it belongs, sound is moved there slowly; beyond, there is a gap or an overlap. */
const CLOSE_S = 0.1;
/** After a loss a smaller distance is a gap. */
const AFTER_LOSS_S = 0.01;
/** Sound that lies back by more than this is dropped until the rest is in place again ... */
const OVERLAP_S = 0.5;
/** ... but no more than this in a connection: then the time stamps are wrong, and sound is more than its place. */
const MOST_DROPPED_S = 10;
/** Share of a frame by which its distance from the one before may deviate. */
const SLEW = 0.005;

/** Places audio frames of exact lengths next to each other, and follows the time stamps where these tell of a gap or drift. */
export class AudioPace {
  readonly #rate: number;
  #next = Number.NaN;
  #lastDuration = 0;
  #droppedTicks = 0;

  constructor(rate: number) {
    this.#rate = rate;
  }

  /**
   * Decode time of the next frame, which lasts `duration` ticks and whose time stamp says `target`; `lost`: packets before it are
   * missing. Undefined if it has to be dropped, because its place is taken.
   */
  place(target: number, duration: number, lost: boolean): number | undefined {
    const away = target - this.#next;
    let dts: number;
    if (Number.isNaN(away) || away > CLOSE_S * this.#rate || (lost && away > AFTER_LOSS_S * this.#rate)) {
      dts = Math.round(target);
    } else if (away < -OVERLAP_S * this.#rate && this.#droppedTicks < MOST_DROPPED_S * this.#rate) {
      this.#droppedTicks += duration;
      return undefined;
    } else {
      const limit = Math.min(duration - 1, Math.max(1, Math.floor(duration * SLEW)));
      // A frame before that was very short must still lie before this one.
      const back = Math.min(limit, this.#lastDuration - 1);
      dts = this.#next + Math.max(-back, Math.min(limit, Math.trunc(away / 16)));
    }
    this.#lastDuration = duration;
    this.#next = dts + duration;
    return dts;
  }

  /** Whether sound whose time stamp says `target` leaves a gap behind `expected`. */
  isGap(target: number, expected: number, lost: boolean): boolean {
    const away = target - expected;
    return away > CLOSE_S * this.#rate || (lost && away > 0) || away < -CLOSE_S * this.#rate;
  }
}
