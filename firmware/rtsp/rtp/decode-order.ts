/** The standards allow at most 16 pictures to wait for display. */
const MOST = 16;
/** Without any picture out of order for so long, none will come: the declared depth was only a limit. */
const IDLE_FRAMES = 120;
/** One backward step may be a fault of the camera; at the second it has B-frames. */
const SIGHTINGS = 2;

/**
 * Makes decode times for pictures whose time stamps are display times. With a depth of N pictures that may overtake, the
 * decode time of a picture is the smallest of its own and the N largest display times before it that have not served yet: this
 * needs no look ahead, so nothing is delayed. Without reordering, decode time is display time.
 */
export class DecodeOrder {
  /** Results of `next`. */
  dts = -1;
  pts = -1;
  #depth = 0;
  #mayLearn = true;
  #sightings = 0;
  #inOrder = 0;
  #highest = Number.NEGATIVE_INFINITY;
  readonly #recent: number[] = [];
  /** Display times that have not become decode times yet, in order; at most `#depth` of them between calls. */
  #waiting: number[] = [];

  /** Depth as the stream declares it; undefined if it does not, which leaves it to be seen. */
  declare(depth: number | undefined): void {
    this.#mayLearn = depth !== 0;
    this.#sightings = 0;
    this.#setDepth(Math.min(MOST, depth ?? 0));
  }

  get depth(): number {
    return this.#depth;
  }

  /** Takes the display time of the next picture in decoding order, in ticks; `usualTicks` is the usual distance of pictures. */
  next(time: number, key: boolean, usualTicks: number): void {
    if (time > this.#highest) {
      this.#highest = time;
      this.#inOrder++;
      if (key && this.#depth > 0 && this.#inOrder > IDLE_FRAMES) this.#setDepth(0);
    } else if (this.#mayLearn) {
      this.#learn(time);
    }
    this.#remember(time);
    const due = this.#depth === 0 ? time : this.#overtaken(time, usualTicks);
    this.dts = Math.max(due, this.dts + 1);
    this.pts = Math.max(time, this.dts);
  }

  #learn(time: number): void {
    let above = 0;
    for (const other of this.#recent) if (other > time) above++;
    // Before all that is remembered: a backward step, not a picture between others.
    if (above === 0 || above === this.#recent.length) return;
    this.#inOrder = 0;
    if (++this.#sightings >= SIGHTINGS && above > this.#depth) this.#setDepth(above);
  }

  #setDepth(depth: number): void {
    if (depth === this.#depth) return;
    this.#depth = depth;
    this.#inOrder = 0;
    this.#waiting = depth === 0 ? [] : this.#recent.toSorted((a, b) => a - b).slice(-depth);
  }

  #remember(time: number): void {
    this.#recent.push(time);
    if (this.#recent.length > MOST) this.#recent.shift();
  }

  #overtaken(time: number, usualTicks: number): number {
    const waiting = this.#waiting;
    let at = waiting.length;
    while (at > 0 && waiting[at - 1]! > time) at--;
    waiting.splice(at, 0, time);
    // At the start nothing waits yet: the first pictures are decoded as long before the first display as the depth asks.
    if (waiting.length <= this.#depth)
      return Math.max(0, waiting[0]! - (this.#depth + 1 - waiting.length) * usualTicks);
    return waiting.shift()!;
  }
}
