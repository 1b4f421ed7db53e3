/** A plain reader of FLAC frames (RFC 9639), written from the standard and not from the encoder, to check the encoder. */
export interface DecodedFlac {
  readonly samples: number[];
  readonly firstSample: number;
  readonly sampleRate: number;
}

const RATES = [0, 88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000];
const SAMPLE_SIZES = [0, 8, 12, 0, 16, 20, 24, 32];
const PREDICTORS = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]];

/** Decodes one frame of one channel; throws where the frame breaks the standard or a checksum is wrong. */
export function decodeFlacFrame(frame: Uint8Array): DecodedFlac {
  const { channels, ...rest } = decodeFlacChannels(frame);
  must(channels.length === 1, 'mono');
  return { samples: channels[0]!, ...rest };
}

/** Decodes one frame whose channels stand by themselves. */
export function decodeFlacChannels(frame: Uint8Array): {
  channels: number[][];
  firstSample: number;
  sampleRate: number;
} {
  const reader = new Bits(frame);
  must(reader.take(15) === 0x7ffc, 'sync code');
  must(reader.take(1) === 1, 'variable block size');
  const sizeCode = reader.take(4);
  const rateCode = reader.take(4);
  const channelCount = reader.take(4) + 1;
  must(channelCount <= 8, 'channels by themselves');
  const width = SAMPLE_SIZES[reader.take(3)]!;
  must(reader.take(1) === 0, 'reserved bit');
  const firstSample = codedNumber(reader);
  const count = sizeCode === 7 ? reader.take(16) + 1 : sizeCode === 6 ? reader.take(8) + 1 : 2 ** sizeCode;
  const sampleRate = rateCode === 13 ? reader.take(16) : RATES[rateCode]!;
  must(crc(frame.subarray(0, reader.at / 8), 0x07, 8) === reader.take(8), 'CRC-8');
  const channels = Array.from({ length: channelCount }, () => subframe(reader, count, width));
  reader.at = Math.ceil(reader.at / 8) * 8;
  must(reader.at / 8 + 2 === frame.length, 'length');
  must(crc(frame.subarray(0, -2), 0x8005, 16) === reader.take(16), 'CRC-16');
  return { channels, firstSample, sampleRate };
}

/** A native stream of frames, as players and ffmpeg read it. */
export function nativeFlac(streamInfo: Uint8Array, frames: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.from('fLaC'), Buffer.from([0x80, 0, 0, streamInfo.length]), streamInfo, ...frames]);
}

class Bits {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  take(count: number): number {
    let value = 0;
    for (let bit = 0; bit < count; bit++, this.at++) {
      must(this.at >> 3 < this.#bytes.length, 'enough bits');
      value = value * 2 + ((this.#bytes[this.at >> 3]! >> (7 - (this.at & 7))) & 1);
    }
    return value;
  }

  signed(count: number): number {
    const value = this.take(count);
    return value >= 2 ** (count - 1) ? value - 2 ** count : value;
  }

  unary(): number {
    let zeros = 0;
    while (this.take(1) === 0) zeros++;
    return zeros;
  }
}

function subframe(reader: Bits, count: number, width: number): number[] {
  must(reader.take(1) === 0, 'subframe padding');
  const type = reader.take(6);
  const wasted = reader.take(1) === 1 ? reader.unary() + 1 : 0;
  const bits = width - wasted;
  if (type === 0) return Array.from({ length: count }).fill(reader.signed(bits) * 2 ** wasted) as number[];
  const order = type === 1 ? count : type - 8;
  must(type === 1 || (order >= 0 && order <= 4), 'subframe type');
  const samples = Array.from({ length: order }, () => reader.signed(bits));
  const rest = type === 1 ? [] : residual(reader, count, order);
  const predictor = PREDICTORS[order] ?? [];
  for (const value of rest) {
    const from = samples.length - 1;
    samples.push(predictor.reduce((sum, factor, back) => sum + factor * samples[from - back]!, value));
  }
  return samples.map((sample) => sample * 2 ** wasted);
}

function residual(reader: Bits, count: number, order: number): number[] {
  must(reader.take(2) === 0, 'Rice codes with 4-bit parameters');
  const partitionOrder = reader.take(4);
  must(count % 2 ** partitionOrder === 0 && count >> partitionOrder >= order, 'partition order');
  const values: number[] = [];
  for (let part = 0; part < 2 ** partitionOrder; part++) {
    const rice = reader.take(4);
    must(rice < 15, 'no escape');
    for (let left = (count >> partitionOrder) - (part === 0 ? order : 0); left > 0; left--) {
      const folded = reader.unary() * 2 ** rice + reader.take(rice);
      values.push(folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2);
    }
  }
  return values;
}

/** Reads a sample number that stands alone. */
export function decodeCodedNumber(bytes: Uint8Array): number {
  return codedNumber(new Bits(bytes));
}

function codedNumber(reader: Bits): number {
  let ones = 0;
  while (reader.take(1) === 1) ones++;
  must(ones !== 1 && ones <= 7, 'coded number');
  let value = reader.take(Math.max(0, 7 - ones));
  for (let more = 1; more < ones; more++) {
    must(reader.take(2) === 2, 'coded number');
    value = value * 64 + reader.take(6);
  }
  return value;
}

function crc(bytes: Uint8Array, polynomial: number, width: number): number {
  let rest = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const carry = ((rest >> (width - 1)) & 1) ^ ((byte >> bit) & 1);
      rest = ((rest << 1) & (2 ** width - 1)) ^ (carry === 1 ? polynomial : 0);
    }
  }
  return rest;
}

function must(condition: boolean, what: string): void {
  if (!condition) throw new Error(`FLAC frame breaks the standard: ${what}`);
}
