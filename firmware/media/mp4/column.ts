const BLOCK_SHIFT = 9;
const BLOCK = 1 << BLOCK_SHIFT;
const IN_BLOCK = BLOCK - 1;

/**
 * A growing list of whole numbers (-2^31 to 2^31-1) that takes as little memory as they need: kept in blocks, each a single
 * number while all its values are equal, then 16 bits a value, then 32. Nothing is ever copied when it grows.
 */
export class Column {
  readonly #blocks: (number | Uint16Array | Int32Array)[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    const index = this.#length++;
    if ((index & IN_BLOCK) === 0) this.#blocks.push(value);
    else this.#put(index, value);
  }

  /** The value at an index below `length`. */
  at(index: number): number {
    const block = this.#blocks[index >> BLOCK_SHIFT]!;
    return typeof block === 'number' ? block : block[index & IN_BLOCK]!;
  }

  /** Forgets all values from the index `length` on. */
  truncate(length: number): void {
    this.#length = length;
    this.#blocks.length = (length + IN_BLOCK) >> BLOCK_SHIFT;
  }

  /** Calls back for each run of equal values. */
  eachRun(run: (value: number, count: number) => void): void {
    let start = 0;
    for (let i = 1; i <= this.#length; i++) {
      if (i < this.#length && this.at(i) === this.at(start)) continue;
      run(this.at(start), i - start);
      start = i;
    }
  }

  /** Bytes of memory held. */
  get memoryBytes(): number {
    let bytes = 0;
    for (const block of this.#blocks) bytes += typeof block === 'number' ? 8 : block.byteLength;
    return bytes;
  }

  #put(index: number, value: number): void {
    const at = index & IN_BLOCK;
    let block = this.#blocks[index >> BLOCK_SHIFT]!;
    if (typeof block === 'number') {
      if (block === value) return;
      const fits = isU16(block) && isU16(value);
      const wider = fits ? new Uint16Array(BLOCK) : new Int32Array(BLOCK);
      wider.fill(block, 0, at);
      block = this.#blocks[index >> BLOCK_SHIFT] = wider;
    } else if (block instanceof Uint16Array && !isU16(value)) {
      block = this.#blocks[index >> BLOCK_SHIFT] = Int32Array.from(block);
    }
    block[at] = value;
  }
}

function isU16(value: number): boolean {
  return value >= 0 && value <= 0xffff;
}
