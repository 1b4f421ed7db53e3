import { BoxError } from '../base/index.ts';

/**
 * Where media bytes live between the socket and the disk: fixed-size blocks, filled once, shared by reference count.
 * A frame's bytes are copied here from the socket's read buffer and never again.
 */

/** A reusable piece of memory. It returns to its pool when the last holder releases it. */
export class Block {
  readonly bytes: Buffer;
  #holders = 0;
  readonly #pool: BlockPool;

  constructor(pool: BlockPool, size: number) {
    this.#pool = pool;
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  retain(): void {
    this.#holders++;
  }

  release(): void {
    if (this.#holders < 1) throw new BoxError('box.bug', { what: 'block released more often than retained' });
    if (--this.#holders === 0) this.#pool.giveBack(this);
  }
}

/** Hands out blocks of one size and keeps a bounded number of unused ones. */
export class BlockPool {
  readonly blockBytes: number;
  readonly #maxFree: number;
  readonly #poison: boolean;
  readonly #small: BlockPool | undefined;
  readonly #free: Block[] = [];
  #inUse = 0;

  /**
   * `poison` overwrites returned blocks, so that a use after release shows in tests. `smallBlockBytes`: there are also blocks of
   * this size, as many as of the others.
   */
  constructor(options: { blockBytes: number; maxFreeBlocks: number; smallBlockBytes?: number; poison?: boolean }) {
    this.blockBytes = options.blockBytes;
    this.#maxFree = options.maxFreeBlocks;
    this.#poison = options.poison ?? false;
    const { smallBlockBytes, ...rest } = options;
    if (smallBlockBytes !== undefined) this.#small = new BlockPool({ ...rest, blockBytes: smallBlockBytes });
  }

  /** For tracks of few bytes: a block of the usual size would be held for seconds of their sound. */
  get small(): BlockPool {
    return this.#small ?? this;
  }

  /** A block with one holder. */
  take(): Block {
    const block = this.#free.pop() ?? new Block(this, this.blockBytes);
    this.#inUse++;
    block.retain();
    return block;
  }

  giveBack(block: Block): void {
    this.#inUse--;
    if (this.#poison) block.bytes.fill(0xdd);
    if (this.#free.length < this.#maxFree) this.#free.push(block);
  }

  /** Bytes held by somebody, and bytes kept for later. */
  get usage(): { inUseBytes: number; freeBytes: number } {
    const small = this.#small?.usage ?? { inUseBytes: 0, freeBytes: 0 };
    return {
      inUseBytes: this.#inUse * this.blockBytes + small.inUseBytes,
      freeBytes: this.#free.length * this.blockBytes + small.freeBytes,
    };
  }
}

export interface Slice {
  readonly block: Block;
  readonly start: number;
  end: number;
}

/** Bytes that are one after another in thought and in a few slices in memory. Immutable once cut from its writer. */
export class ByteRun {
  readonly slices: readonly Slice[];
  readonly length: number;

  constructor(slices: readonly Slice[]) {
    this.slices = slices;
    let length = 0;
    for (const slice of slices) length += slice.end - slice.start;
    this.length = length;
  }

  /** A run over memory that no pool owns, for small or foreign data. */
  static of(bytes: Uint8Array): ByteRun {
    const block = new LooseBlock(bytes);
    return new ByteRun([{ block, start: 0, end: bytes.length }]);
  }

  retain(): void {
    for (const slice of this.slices) slice.block.retain();
  }

  release(): void {
    for (const slice of this.slices) slice.block.release();
  }

  /** Views on the memory, valid while the run is held. */
  views(): Uint8Array[] {
    return this.slices.map((slice) => slice.block.bytes.subarray(slice.start, slice.end));
  }

  /** A copy that outlives the run. */
  toBuffer(): Buffer {
    const out = Buffer.allocUnsafe(this.length);
    let at = 0;
    for (const { block, start, end } of this.slices) at += block.bytes.copy(out, at, start, end);
    return out;
  }

  byteAt(index: number): number {
    let at = index;
    for (const { block, start, end } of this.slices) {
      if (at < end - start) return block.bytes[start + at]!;
      at -= end - start;
    }
    throw new BoxError('box.bug', { what: 'byte behind the end of a run', index, length: this.length });
  }
}

class LooseBlock extends Block {
  override readonly bytes: Buffer;

  constructor(bytes: Uint8Array) {
    super(NO_POOL, 0);
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.retain();
  }

  override release(): void {
    // Foreign memory is the garbage collector's business.
  }
}

const NO_POOL = { giveBack: () => {} } as unknown as BlockPool;

/** A place in a writer's current, uncut bytes, for rewinding and patching. */
export interface Mark {
  readonly length: number;
}

/**
 * Appends bytes of one track into pooled blocks; `cut` takes what has been appended since the last cut as a run whose
 * holder is the caller. Consecutive runs lie next to each other in memory, so a fragment of many frames is a few slices.
 */
export class ArenaWriter {
  readonly #pool: BlockPool;
  #block: Block | undefined;
  #at = 0;
  #slices: Slice[] = [];
  #length = 0;

  constructor(pool: BlockPool) {
    this.#pool = pool;
  }

  /** Bytes appended since the last cut. */
  get length(): number {
    return this.#length;
  }

  append(source: Buffer, start: number, end: number): void {
    let from = start;
    while (from < end) {
      const slice = this.#room();
      const count = Math.min(end - from, this.#pool.blockBytes - this.#at);
      source.copy(slice.block.bytes, this.#at, from, from + count);
      this.#advance(slice, count);
      from += count;
    }
  }

  appendByte(value: number): void {
    const slice = this.#room();
    slice.block.bytes[this.#at] = value;
    this.#advance(slice, 1);
  }

  mark(): Mark {
    return { length: this.#length };
  }

  /** Drops what was appended after the mark. */
  rewind(mark: Mark): void {
    let surplus = this.#length - mark.length;
    if (surplus < 0) throw new BoxError('box.bug', { what: 'mark behind the end of the writer' });
    this.#length = mark.length;
    while (surplus > 0) {
      const last = this.#slices.at(-1)!;
      const size = last.end - last.start;
      const taken = Math.min(size, surplus);
      last.end -= taken;
      surplus -= taken;
      if (last.block === this.#block) this.#at = last.end;
      if (taken === size) {
        this.#slices.pop();
        last.block.release();
      }
    }
  }

  /** Writes a big-endian 32-bit number over four bytes appended at the mark. */
  patchU32(mark: Mark, value: number): void {
    if (mark.length + 4 > this.#length) throw new BoxError('box.bug', { what: 'patch behind the end of the writer' });
    let skip = mark.length;
    let shift = 24;
    for (const { block, start, end } of this.#slices) {
      const size = end - start;
      if (skip >= size) {
        skip -= size;
        continue;
      }
      for (let at = start + skip; at < end && shift >= 0; at++, shift -= 8) block.bytes[at] = (value >>> shift) & 0xff;
      if (shift < 0) return;
      skip = 0;
    }
  }

  /** The bytes since the last cut. The caller becomes their holder. */
  cut(): ByteRun {
    const run = new ByteRun(this.#slices);
    this.#slices = [];
    this.#length = 0;
    return run;
  }

  /** Lets go of everything uncut and of the block in hand. */
  dispose(): void {
    for (const slice of this.#slices) slice.block.release();
    this.#slices = [];
    this.#length = 0;
    this.#block?.release();
    this.#block = undefined;
  }

  #room(): Slice {
    if (!this.#block || this.#at === this.#pool.blockBytes) {
      this.#block?.release();
      this.#block = this.#pool.take();
      this.#at = 0;
    }
    const last = this.#slices.at(-1);
    if (last && last.block === this.#block && last.end === this.#at) return last;
    const slice = { block: this.#block, start: this.#at, end: this.#at };
    this.#block.retain();
    // Most runs are one slice: a list that grows by pushing has room for many from the start.
    if (this.#slices.length === 0) this.#slices = [slice];
    else this.#slices.push(slice);
    return slice;
  }

  #advance(slice: Slice, count: number): void {
    this.#at += count;
    slice.end = this.#at;
    this.#length += count;
  }
}
