/** Repeatable random numbers (Mulberry32). The same seed and stream give the same numbers on every machine. */
export class Random {
  #state: number;

  /** `stream` keeps the numbers of one purpose apart from those of another with the same seed. */
  constructor(seed: number, stream: string | number) {
    let hash = 0x811c9dc5 ^ seed;
    for (const letter of Buffer.from(String(stream))) hash = Math.imul(hash ^ letter, 0x01000193);
    this.#state = hash >>> 0;
  }

  /** 0 to 2^32 - 1. */
  u32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor((this.u32() / 2 ** 32) * limit);
  }

  pick<T>(of: readonly T[]): T {
    return of[this.below(of.length)]!;
  }

  /** 1, 2, 4, ... with falling likelihood, at most `most`: short pieces are the usual thing, long ones happen. */
  length(most: number): number {
    const scale = 2 ** this.below(Math.ceil(Math.log2(most + 1)) + 1);
    return 1 + this.below(Math.min(most, scale));
  }
}
