import type { ArrivalFit } from './arrival-fit.ts';

/** A step of the time stamps beyond this, against arrival, is not believed at once. */
const STEP_US = 3e6;
/** Frames that are shown before ones sent earlier (B-frames) lie back by no more than this. */
const REORDER_US = 1e6;
/** So many senseless time stamps in a row, and arrival alone gives the time. */
const ARRIVAL_ALONE = 3;

/** What a track's timeline needs of the session: the instant that is its zero. */
export interface SessionOrigin {
  originUs(arrivalUs: number): number;
}

/**
 * Turns the 32-bit RTP time stamps of one track into time since the session's start, in RTP ticks without wrap.
 *
 * Steps: a time stamp that fits neither the one before nor the time that passed is answered with the time that was due, and
 * remembered. If the next one goes on from it, the camera has stepped and the track is re-based there; if the next one goes on
 * from before, it was a lone outlier and leaves no trace.
 */
export class Timeline {
  readonly fit: ArrivalFit;
  #clockRate: number;
  readonly #origin: SessionOrigin;
  /** Session time of the RTP time stamp `#last`, without the rounding of `stamp`. */
  #time = 0;
  #last = 0;
  #lastArrivalUs = 0;
  #usualTicks: number;
  #begun = false;
  #suspect = 0;
  #suspectTime = 0;
  #suspectCount = 0;
  #rebases = 0;
  /** The newest time given out. */
  #given = 0;
  mayReorder = false;

  constructor(origin: SessionOrigin, clockRate: number, fit: ArrivalFit) {
    this.#origin = origin;
    this.#clockRate = clockRate;
    this.fit = fit;
    this.#usualTicks = Math.round(clockRate / 25);
  }

  /** RTP ticks per second. */
  get clockRate(): number {
    return this.#clockRate;
  }

  /** Times the camera's time stamps made a step that lasted. */
  get rebases(): number {
    return this.#rebases;
  }

  /** Session time of a time stamp, in whole ticks. To be called once for each access unit or audio packet, in order of arrival. */
  stamp(timestamp: number, arrivalUs: number): number {
    if (!this.#begun) this.#begin(timestamp, arrivalUs);
    const delta = (timestamp - this.#last) | 0;
    const passedTicks = this.#ticksOf(arrivalUs - this.#lastArrivalUs);
    if (this.#fits(delta, passedTicks)) this.#goOn(timestamp, delta);
    else if (this.#suspectCount > 0 && this.#continuesSuspect(timestamp)) this.#rebase(timestamp, arrivalUs);
    else return this.#doubt(timestamp, arrivalUs, passedTicks);
    this.#lastArrivalUs = arrivalUs;
    this.#suspectCount = 0;
    this.#given = Math.round(this.#time);
    this.fit.observe(this.#usOf(this.#time), arrivalUs);
    return this.#given;
  }

  /** Session time in microseconds of a time stamp near the newest one; undefined if it is further away than `withinUs`. */
  peekUs(timestamp: number, withinUs: number): number | undefined {
    const delta = (timestamp - this.#last) | 0;
    if (!this.#begun || Math.abs(this.#usOf(delta)) > withinUs) return undefined;
    return this.#usOf(this.#time + delta);
  }

  /** Moves all later times, forward if positive. */
  shift(us: number): void {
    this.#time += this.#ticksOf(us);
    this.fit.shift(us);
  }

  /** The ticks turn out to be of another rate than announced; times given out so far stay. */
  changeRate(clockRate: number): void {
    const factor = clockRate / this.#clockRate;
    this.#clockRate = clockRate;
    this.#time *= factor;
    this.#given = Math.round(this.#given * factor);
    this.#usualTicks = Math.max(1, Math.round(this.#usualTicks * factor));
    this.#suspectCount = 0;
  }

  #begin(timestamp: number, arrivalUs: number): void {
    this.#begun = true;
    this.#time = Math.round(this.#ticksOf(arrivalUs - this.#origin.originUs(arrivalUs)));
    this.#last = timestamp;
    this.#lastArrivalUs = arrivalUs;
  }

  #fits(delta: number, passedTicks: number): boolean {
    if (delta >= 0 && delta <= this.#ticksOf(STEP_US)) return true;
    if (delta < 0) return this.mayReorder && delta >= -this.#ticksOf(REORDER_US);
    return Math.abs(delta - passedTicks) <= this.#ticksOf(STEP_US);
  }

  #goOn(timestamp: number, delta: number): void {
    this.#time += delta;
    this.#last = timestamp;
    if (delta > 0 && delta < this.#clockRate) this.#usualTicks = delta;
  }

  #continuesSuspect(timestamp: number): boolean {
    const delta = (timestamp - this.#suspect) | 0;
    return delta >= 0 && delta <= this.#ticksOf(STEP_US);
  }

  #rebase(timestamp: number, arrivalUs: number): void {
    this.#time = this.#suspectTime + ((timestamp - this.#suspect) | 0);
    this.#last = timestamp;
    this.#rebases++;
    this.fit.restart(arrivalUs);
  }

  /** Gives the time that was due and keeps the time stamp in mind. */
  #doubt(timestamp: number, arrivalUs: number, passedTicks: number): number {
    const pause = passedTicks > this.#ticksOf(STEP_US) || ++this.#suspectCount >= ARRIVAL_ALONE;
    if (pause) {
      const since = Math.round(this.#ticksOf(arrivalUs - this.fit.lagUs));
      this.#given = Math.max(this.#given + 1, since);
      this.#suspectCount = Math.max(1, this.#suspectCount);
    } else {
      this.#given += this.#usualTicks;
    }
    this.#suspect = timestamp;
    this.#suspectTime = this.#given;
    return this.#given;
  }

  #ticksOf(us: number): number {
    return (us * this.#clockRate) / 1e6;
  }

  #usOf(ticks: number): number {
    return (ticks * 1e6) / this.#clockRate;
  }
}
