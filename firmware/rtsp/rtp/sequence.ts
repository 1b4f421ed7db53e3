/** A jump forward of at least this many packets is a new start of the numbering, not a loss (RFC 3550 A.1). */
const MAX_DROPOUT = 3000;
/** A packet at most this far behind the newest is late; further behind, the numbering has started anew. */
const MAX_MISORDER = 100;

/** Extends 16-bit sequence numbers and keeps the loss accounts of one source (RFC 3550 A.1 and A.3). */
export class SequenceSpace {
  /** Answer of `accept`: the numbering has started anew with this packet. */
  static readonly RESTART = Number.MAX_SAFE_INTEGER;

  readonly #cautious: boolean;
  #highest = -1;
  #base = 0;
  #received = 0;
  #expectedBefore = 0;
  #receivedBefore = 0;
  #suspect = -1;

  /** `cautious` (for UDP) believes in a new start only when two packets in a row agree about it. */
  constructor(options: { cautious: boolean }) {
    this.#cautious = options.cautious;
  }

  /** The newest extended number; -1 before the first packet. */
  get highest(): number {
    return this.#highest;
  }

  /**
   * Takes a packet in and tells how far it lies ahead of the newest one before it: 1 for the one that is due, more after a
   * gap, 0 for an exact repeat, negative for a late one, RESTART for the first of a new numbering.
   */
  accept(sequence: number): number {
    if (this.#highest < 0) {
      this.#begin(sequence);
      return 1;
    }
    const step = (sequence - this.#highest) & 0xffff;
    if (step !== 0 && step < MAX_DROPOUT) {
      this.#highest += step;
      this.#received++;
      return step;
    }
    if (step === 0) return 0;
    if (step > 0xffff - MAX_MISORDER) {
      this.#received++;
      return step - 0x10000;
    }
    if (this.#cautious && sequence !== this.#suspect) {
      this.#suspect = (sequence + 1) & 0xffff;
      return 0;
    }
    this.#begin(sequence);
    return SequenceSpace.RESTART;
  }

  /** Another source begins with the next packet. */
  reset(): void {
    this.#highest = -1;
  }

  /** The loss figures of a receiver report; the fraction (of 256) covers the time since the last call. */
  report(): { fractionLost: number; cumulativeLost: number; highest: number } {
    const expected = this.#highest < 0 ? 0 : this.#highest - this.#base + 1;
    const expectedNow = expected - this.#expectedBefore;
    const lostNow = expectedNow - (this.#received - this.#receivedBefore);
    this.#expectedBefore = expected;
    this.#receivedBefore = this.#received;
    const fractionLost = expectedNow > 0 && lostNow > 0 ? Math.min(255, Math.floor((lostNow * 256) / expectedNow)) : 0;
    const cumulativeLost = Math.max(-0x800000, Math.min(0x7fffff, expected - this.#received));
    return { fractionLost, cumulativeLost, highest: Math.max(0, this.#highest) % 0x100000000 };
  }

  #begin(sequence: number): void {
    this.#highest = sequence;
    this.#base = sequence;
    this.#received = 1;
    this.#expectedBefore = 0;
    this.#receivedBefore = 0;
    this.#suspect = -1;
  }
}
