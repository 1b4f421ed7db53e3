const KEPT = 15;
const QUICK = 3;

/**
 * What other files and the file system itself take of a disk, from looks at its free space and at the segments that are not of
 * the same instant: the median of the last looks, so that their difference does not shake the marks. When it grows, that shows after three looks.
 */
export class SteadyBytes {
  readonly #looks: number[] = [];

  observe(bytes: number): void {
    this.#looks.push(bytes);
    if (this.#looks.length > KEPT) this.#looks.shift();
  }

  /** 0 before the first look. */
  get bytes(): number {
    if (this.#looks.length === 0) return 0;
    const median = this.#looks.toSorted((a, b) => a - b)[Math.floor(this.#looks.length / 2)]!;
    return Math.max(median, Math.min(...this.#looks.slice(-QUICK)));
  }
}
