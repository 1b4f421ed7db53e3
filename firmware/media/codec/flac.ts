import { FlacWriter } from './flac-writer.ts';

const BITS_PER_SAMPLE = 16;
const MOST_HEADER_BYTES = 16;
const LEAST_BLOCK = 16;
const MOST_BLOCK = 4096;
const MOST_ORDER = 4;
const MOST_RICE = 14;
/** Partitions of fewer samples cost more in parameters than they save. */
const LEAST_PARTITION = 32;
const MOST_PARTITION_ORDER = 6;

const SUBFRAME_CONSTANT = 0;
const SUBFRAME_VERBATIM = 1;
const SUBFRAME_FIXED = 8;

/** Codes of section 9.1.2; other rates are written out in Hz. */
const RATE_CODES: ReadonlyMap<number, number> = new Map([
  [8000, 4],
  [16000, 5],
  [22050, 6],
  [24000, 7],
  [32000, 8],
  [44100, 9],
  [48000, 10],
  [96000, 11],
]);
const RATE_IN_HZ = 13;
const BLOCK_SIZE_16_BIT = 7;

/** Samples of a block: 64 to 128 ms, a power of two. */
export function flacBlockSamples(sampleRate: number): number {
  const wanted = 2 ** Math.floor(Math.log2(sampleRate * 0.13));
  return Math.min(MOST_BLOCK, Math.max(256, wanted));
}

/**
 * Lossless encoder for 16-bit sound (RFC 9639), each channel by itself: fixed predictors and Rice codes, which is all that voice needs and little work.
 * Low bits that are zero in a whole block are not stored, so companded G.711 costs 13 or 14 bits at the very most.
 * Frames carry sample numbers (variable block size), so that a block may end early where packets were lost.
 */
export class FlacEncoder {
  /** The STREAMINFO block without its header (section 8.2): length and checksum unknown, which is legal. */
  readonly streamInfo: Uint8Array;
  /** Most samples of one block. */
  readonly blockSamples: number;
  readonly #sampleRate: number;
  readonly #channels: number;
  readonly #writer: FlacWriter;
  readonly #samples: Int32Array;
  readonly #folded: Uint32Array;
  /** Sums of the folded residual by partition, all partition orders in one heap: part p of order o is at 2^o + p. */
  readonly #sums = new Float64Array(2 << MOST_PARTITION_ORDER);
  #nextSample = 0;

  /** `sampleRate` 1 to 65535 Hz, `channels` 1 to 8. */
  constructor(sampleRate: number, channels = 1) {
    this.#sampleRate = sampleRate;
    this.#channels = channels;
    this.blockSamples = flacBlockSamples(sampleRate);
    this.streamInfo = streamInfo(sampleRate, channels, this.blockSamples);
    const channelBytes = (this.blockSamples * BITS_PER_SAMPLE) / 8 + 16;
    this.#writer = new FlacWriter(MOST_HEADER_BYTES + channels * channelBytes);
    this.#samples = new Int32Array(this.blockSamples);
    this.#folded = new Uint32Array(this.blockSamples);
  }

  /** Encodes the first `count` (1 to blockSamples) samples of each channel, which stand in turns. Gives one frame, valid until the next call. */
  encode(samples: Int16Array, count: number): Uint8Array {
    const writer = this.#writer;
    writer.reset();
    this.#writeHeader(count);
    for (let channel = 0; channel < this.#channels; channel++) this.#writeSubframe(samples, channel, count);
    this.#nextSample = (this.#nextSample + count) % 2 ** 36;
    return writer.finish();
  }

  /** Section 9.1. */
  #writeHeader(count: number): void {
    const writer = this.#writer;
    const rateCode = RATE_CODES.get(this.#sampleRate) ?? RATE_IN_HZ;
    const isPowerOfTwo = count >= 256 && (count & (count - 1)) === 0;
    const sizeCode = isPowerOfTwo ? Math.log2(count) : BLOCK_SIZE_16_BIT;
    writer.bits(0xfff9, 16);
    writer.bits((sizeCode << 4) | rateCode, 8);
    writer.bits(((this.#channels - 1) << 4) | 0b0000_100_0, 8); // channels by themselves, 16 bits
    for (const byte of codedNumber(this.#nextSample)) writer.bits(byte, 8);
    if (sizeCode === BLOCK_SIZE_16_BIT) writer.bits(count - 1, 16);
    if (rateCode === RATE_IN_HZ) writer.bits(this.#sampleRate, 16);
    writer.headerChecksum();
  }

  /** Section 9.2. */
  #writeSubframe(source: Int16Array, channel: number, count: number): void {
    const step = this.#channels;
    const samples = this.#samples;
    let used = 0;
    let differs = 0;
    const first = source[channel]!;
    for (let at = 0, from = channel; at < count; at++, from += step) {
      const sample = source[from]!;
      samples[at] = sample;
      used |= sample;
      differs |= sample ^ first;
    }
    if (differs === 0) {
      this.#writer.bits(SUBFRAME_CONSTANT << 1, 8);
      this.#writer.bits(first, BITS_PER_SAMPLE);
      return;
    }
    const wasted = 31 - Math.clz32(used & -used);
    if (wasted > 0) for (let at = 0; at < count; at++) samples[at]! >>= wasted;
    const order = bestOrder(samples, count);
    const width = BITS_PER_SAMPLE - wasted;
    fold(samples, count, order, this.#folded);
    const best = this.#bestPartitions(count, order);
    if (best.bits + order * width + 6 < count * width) this.#writeFixed(count, order, width, wasted, best.order);
    else this.#writeVerbatim(count, width, wasted);
  }

  #writeSubframeHeader(type: number, wasted: number): void {
    this.#writer.bits((type << 1) | (wasted > 0 ? 1 : 0), 8);
    if (wasted > 0) this.#writer.bits(1, wasted);
  }

  #writeVerbatim(count: number, width: number, wasted: number): void {
    this.#writeSubframeHeader(SUBFRAME_VERBATIM, wasted);
    for (let at = 0; at < count; at++) this.#writer.bits(this.#samples[at]!, width);
  }

  #writeFixed(count: number, order: number, width: number, wasted: number, partitionOrder: number): void {
    const writer = this.#writer;
    this.#writeSubframeHeader(SUBFRAME_FIXED | order, wasted);
    for (let at = 0; at < order; at++) writer.bits(this.#samples[at]!, width);
    writer.bits(partitionOrder, 6); // Rice codes with 4-bit parameters, then the partition order
    const size = count >> partitionOrder;
    for (let part = 0; part < 1 << partitionOrder; part++) {
      const from = part === 0 ? order : part * size;
      const to = (part + 1) * size;
      const rice = riceFor(this.#sums[(1 << partitionOrder) + part]!, to - from);
      writer.bits(rice, 4);
      writer.riceCodes(this.#folded, from, to, rice);
    }
  }

  /** The partition order that costs least. `bits` is never less than what it will take. */
  #bestPartitions(count: number, order: number): { order: number; bits: number } {
    let finest = 0;
    while (finest < MOST_PARTITION_ORDER && count % (2 << finest) === 0 && count >> (finest + 1) >= LEAST_PARTITION)
      finest++;
    this.#sumUp(count, order, finest);
    let best = { order: finest, bits: this.#costOf(count, order, finest) };
    for (let coarser = finest - 1; coarser >= 0; coarser--) {
      const bits = this.#costOf(count, order, coarser);
      if (bits < best.bits) best = { order: coarser, bits };
    }
    return best;
  }

  #sumUp(count: number, order: number, finest: number): void {
    const sums = this.#sums;
    const folded = this.#folded;
    const size = count >> finest;
    for (let part = 0; part < 1 << finest; part++) {
      let sum = 0;
      const end = (part + 1) * size;
      for (let at = part === 0 ? order : part * size; at < end; at++) sum += folded[at]!;
      sums[(1 << finest) + part] = sum;
    }
    for (let node = (1 << finest) - 1; node > 0; node--) sums[node] = sums[2 * node]! + sums[2 * node + 1]!;
  }

  #costOf(count: number, order: number, partitionOrder: number): number {
    const size = count >> partitionOrder;
    let bits = 0;
    for (let part = 0; part < 1 << partitionOrder; part++) {
      const samples = part === 0 ? size - order : size;
      const sum = this.#sums[(1 << partitionOrder) + part]!;
      const rice = riceFor(sum, samples);
      bits += 4 + samples * (rice + 1) + Math.floor(sum / (1 << rice));
    }
    return bits;
  }
}

/** The Rice parameter whose codes are shortest for values of this sum: the mean's number of whole bits. */
function riceFor(sum: number, samples: number): number {
  let rice = 0;
  while (rice < MOST_RICE && samples * 2 ** (rice + 1) < sum) rice++;
  return rice;
}

/** The order of the fixed predictor (section 9.2.5) with the smallest residual. */
function bestOrder(samples: Int32Array, count: number): number {
  if (count <= MOST_ORDER) return 0;
  // The differences of the sample before, each order from the one below.
  let last0 = samples[3]!;
  let last1 = last0 - samples[2]!;
  let last2 = last1 - (samples[2]! - samples[1]!);
  let last3 = last2 - (samples[2]! - 2 * samples[1]! + samples[0]!);
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let sum4 = 0;
  for (let at = MOST_ORDER; at < count; at++) {
    const now0 = samples[at]!;
    const now1 = now0 - last0;
    const now2 = now1 - last1;
    const now3 = now2 - last2;
    const now4 = now3 - last3;
    sum0 += Math.abs(now0);
    sum1 += Math.abs(now1);
    sum2 += Math.abs(now2);
    sum3 += Math.abs(now3);
    sum4 += Math.abs(now4);
    last0 = now0;
    last1 = now1;
    last2 = now2;
    last3 = now3;
  }
  const all = [sum0, sum1, sum2, sum3, sum4];
  return all.indexOf(Math.min(...all));
}

/** Writes the residual of the predictor, folded (0, -1, 1, -2 ... become 0, 1, 2, 3 ...), from index `order` on. */
function fold(samples: Int32Array, count: number, order: number, folded: Uint32Array): void {
  for (let at = order; at < count; at++) {
    const rest = residual(samples, at, order);
    folded[at] = (rest << 1) ^ (rest >> 31);
  }
}

function residual(s: Int32Array, at: number, order: number): number {
  switch (order) {
    case 0:
      return s[at]!;
    case 1:
      return s[at]! - s[at - 1]!;
    case 2:
      return s[at]! - 2 * s[at - 1]! + s[at - 2]!;
    case 3:
      return s[at]! - 3 * (s[at - 1]! - s[at - 2]!) - s[at - 3]!;
    default:
      return s[at]! - 4 * (s[at - 1]! + s[at - 3]!) + 6 * s[at - 2]! + s[at - 4]!;
  }
}

/** A sample number below 2^36 in one to seven bytes, after the manner of UTF-8 (section 9.1.5). */
export function codedNumber(value: number): number[] {
  if (value < 0x80) return [value];
  let rest = value;
  const tail: number[] = [];
  // With n bytes behind it, the first byte has room for 6 - n bits.
  while (rest >= 2 ** (6 - tail.length)) {
    tail.unshift(0x80 | (rest % 64));
    rest = Math.floor(rest / 64);
  }
  return [((0xff00 >> (tail.length + 1)) & 0xff) | rest, ...tail];
}

function streamInfo(sampleRate: number, channels: number, blockSamples: number): Uint8Array {
  const info = Buffer.alloc(34);
  info.writeUInt16BE(LEAST_BLOCK, 0);
  info.writeUInt16BE(blockSamples, 2);
  // Bytes 4 to 9: frame sizes unknown. Then 20 bits of rate, 3 of channels - 1, 5 of bits per sample - 1, 36 of length.
  info.writeUInt32BE(sampleRate * 4096 + (channels - 1) * 512 + (BITS_PER_SAMPLE - 1) * 16, 10);
  return info;
}
