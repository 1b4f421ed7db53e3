/** The least delayed frame of such a span tells the relation of two clocks; a stall of the network shorter than that is not seen. */
const SPAN_US = 5e6;
/** At first the estimate follows the least delay at once: a camera often begins with what it had in store. */
const SETTLING_US = 2e6;
/** Later it moves by at most this share of the elapsed time while it is nearly right ... */
const SLOW = 0.001;
const NEARLY_US = 100e3;
/** ... and else closes the difference within about this time. */
const CLOSING_US = 5e6;

/**
 * Estimates by how much arrival lags behind media time, from frames that are delayed now more and now less: the smallest lag
 * of the last 5 to 10 s, followed slowly.
 */
export class ArrivalFit {
  #beganUs = Number.NaN;
  #spanBeganUs = 0;
  #seenUs = 0;
  #least = Number.POSITIVE_INFINITY;
  #leastBefore = Number.POSITIVE_INFINITY;
  #lagUs = 0;

  /** Microseconds, arrival minus media time; 0 before the first frame. */
  get lagUs(): number {
    return this.#lagUs;
  }

  get known(): boolean {
    return !Number.isNaN(this.#beganUs);
  }

  /** A frame of media time `mediaUs` has arrived at `arrivalUs`; both in microseconds, with any origins. */
  observe(mediaUs: number, arrivalUs: number): void {
    const lag = arrivalUs - mediaUs;
    if (!this.known) {
      this.#beganUs = this.#spanBeganUs = this.#seenUs = arrivalUs;
      this.#lagUs = lag;
    }
    if (arrivalUs - this.#spanBeganUs >= SPAN_US) {
      this.#leastBefore = this.#least;
      this.#least = lag;
      this.#spanBeganUs = arrivalUs;
    } else if (lag < this.#least) {
      this.#least = lag;
    }
    const elapsedUs = arrivalUs - this.#seenUs;
    this.#seenUs = arrivalUs;
    this.#follow(Math.min(this.#least, this.#leastBefore), elapsedUs, arrivalUs - this.#beganUs < SETTLING_US);
  }

  /** Media time was moved forward by so much: the lag shrinks. */
  shift(mediaUs: number): void {
    this.#lagUs -= mediaUs;
    this.#least -= mediaUs;
    this.#leastBefore -= mediaUs;
  }

  /** Forgets delays of the past, not the estimate: media time has a new relation to arrival. */
  restart(arrivalUs: number): void {
    this.#least = this.#leastBefore = Number.POSITIVE_INFINITY;
    this.#spanBeganUs = arrivalUs;
  }

  #follow(target: number, elapsedUs: number, settling: boolean): void {
    const error = target - this.#lagUs;
    if (settling) {
      this.#lagUs = target;
      return;
    }
    const share = Math.abs(error) <= NEARLY_US ? SLOW : Math.abs(error) / CLOSING_US;
    const limit = share * elapsedUs;
    this.#lagUs += Math.max(-limit, Math.min(limit, error));
  }
}
