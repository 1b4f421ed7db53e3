import { BoxError } from '../../base/index.ts';

const SUBFRAME_CONSTANT = 0;
const SUBFRAME_VERBATIM = 1;
const SUBFRAME_FIXED = 8;
const MOST_ORDER = 4;
const BITS_PER_SAMPLE = 16;
const BLOCK_SIZE_8_BIT = 6;
const BLOCK_SIZE_16_BIT = 7;
const RATE_IN_HZ = 13;
const MONO_16_BIT = 0b0000_100_0;
const SYNC = 0xfff9;
const CHECKSUM_BYTES = 2;

/**
 * The samples of one FLAC frame as `FlacEncoder` makes them (RFC 9639): mono, 16 bits, constant, verbatim or with a fixed predictor.
 * Checksums are not looked at: the frame has never left the box. @throws BoxError mp4.damaged for any other frame.
 */
export function decodeFlacBlock(frame: Uint8Array): Int16Array {
  const bits = new BitReader(frame);
  const count = readHeader(bits);
  if (bits.take(1) !== 0) throw damaged('padding');
  const type = bits.take(6);
  const wasted = bits.take(1) === 1 ? bits.unary() + 1 : 0;
  const width = BITS_PER_SAMPLE - wasted;
  if (width < 1) throw damaged('width');
  const samples = new Int32Array(count);
  if (type === SUBFRAME_CONSTANT) samples.fill(bits.signed(width));
  else if (type === SUBFRAME_VERBATIM) for (let at = 0; at < count; at++) samples[at] = bits.signed(width);
  else readFixed(bits, samples, type - SUBFRAME_FIXED, width);
  return Int16Array.from(samples, (sample) => sample << wasted);
}

/** Section 9.1; the number of samples. */
function readHeader(bits: BitReader): number {
  if (bits.take(16) !== SYNC) throw damaged('sync');
  const sizeCode = bits.take(4);
  const rateCode = bits.take(4);
  if (bits.take(8) !== MONO_16_BIT) throw damaged('channels');
  // The number of the first sample: as many further bytes as the first one has leading ones, less one.
  let ones = 0;
  while (bits.take(1) === 1) ones++;
  if (ones === 1 || ones > 7) throw damaged('number');
  bits.take(7 - ones);
  for (let more = 1; more < ones; more++) bits.take(8);
  if (sizeCode < BLOCK_SIZE_8_BIT) throw damaged('block size');
  let count = 2 ** sizeCode;
  if (sizeCode === BLOCK_SIZE_8_BIT) count = bits.take(8) + 1;
  if (sizeCode === BLOCK_SIZE_16_BIT) count = bits.take(16) + 1;
  if (rateCode === RATE_IN_HZ) bits.take(16);
  bits.take(8);
  return count;
}

/** Sections 9.2.5 and 9.2.7. */
function readFixed(bits: BitReader, samples: Int32Array, order: number, width: number): void {
  if (order < 0 || order > MOST_ORDER || order > samples.length) throw damaged('order');
  for (let at = 0; at < order; at++) samples[at] = bits.signed(width);
  if (bits.take(2) !== 0) throw damaged('coding');
  const partitionOrder = bits.take(4);
  const size = samples.length >> partitionOrder;
  if (size << partitionOrder !== samples.length || size < order) throw damaged('partitions');
  for (let part = 0; part < 1 << partitionOrder; part++) {
    const rice = bits.take(4);
    if (rice === 15) throw damaged('escape');
    const end = (part + 1) * size;
    for (let at = part === 0 ? order : part * size; at < end; at++) {
      const folded = bits.unary() * 2 ** rice + bits.take(rice);
      samples[at] = predicted(samples, at, order) + ((folded >>> 1) ^ -(folded & 1));
    }
  }
}

function predicted(s: Int32Array, at: number, order: number): number {
  switch (order) {
    case 0:
      return 0;
    case 1:
      return s[at - 1]!;
    case 2:
      return 2 * s[at - 1]! - s[at - 2]!;
    case 3:
      return 3 * (s[at - 1]! - s[at - 2]!) + s[at - 3]!;
    default:
      return 4 * (s[at - 1]! + s[at - 3]!) - 6 * s[at - 2]! - s[at - 4]!;
  }
}

/** Bits, most significant first; never past the checksum at the end. */
class BitReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at = 0;

  constructor(frame: Uint8Array) {
    this.#bytes = frame;
    this.#end = (frame.length - CHECKSUM_BYTES) * 8;
  }

  /** Up to 16 bits. */
  take(count: number): number {
    if (this.#at + count > this.#end) throw damaged('length');
    const first = this.#at >> 3;
    const word = (this.#bytes[first]! << 16) | ((this.#bytes[first + 1] ?? 0) << 8) | (this.#bytes[first + 2] ?? 0);
    const value = (word >>> (24 - (this.#at & 7) - count)) & ((1 << count) - 1);
    this.#at += count;
    return value;
  }

  signed(count: number): number {
    const unused = 32 - count;
    return (this.take(count) << unused) >> unused;
  }

  /** Zeros before the next one. */
  unary(): number {
    let zeros = 0;
    while (this.take(1) === 0) zeros++;
    return zeros;
  }
}

function damaged(what: string): BoxError {
  return new BoxError('mp4.damaged', { what: `FLAC ${what}` });
}
