import { readAacConfig } from './aac.ts';
import { BitReader } from './bit-reader.ts';

/** What a StreamMuxConfig says (ISO/IEC 14496-3 1.7.3.1), of one program with one layer, which is all that cameras send. */
export interface LatmMux {
  /** The AudioSpecificConfig, from a byte's start on. */
  readonly config: Buffer;
  /** Access units in one AudioMuxElement, 1 to 64. */
  readonly unitsPerElement: number;
  /** Bytes of each unit where all have the same length; else each tells its own. */
  readonly fixedUnitBytes: number | undefined;
  /** Bits behind the units that are no sound. */
  readonly otherDataBits: number;
}

/** One AudioMuxElement (1.7.3.1). */
export interface LatmElement {
  readonly mux: LatmMux;
  readonly units: readonly Buffer[];
}

const FIXED_LENGTH = 1;
/** A fixed length is told as this much less, in bytes. */
const FIXED_LENGTH_BASE = 20;
const MOST_OTHER_DATA_BITS = 1 << 20;

/**
 * Reads a StreamMuxConfig as it stands in an SDP. Undefined if it is cut off, senseless, or has several programs or layers. What
 * ends behind the AudioSpecificConfig, as with GStreamer, has units that tell their lengths, and nothing else.
 */
export function parseStreamMuxConfig(bytes: Uint8Array): LatmMux | undefined {
  return readStreamMux(new BitReader(bytes), bytes, true);
}

/**
 * Takes an AudioMuxElement apart. `known` is the configuration so far; `inBand` says whether the element tells whether it stands
 * (muxConfigPresent). Undefined if it cannot be read with that, or does not fill the bytes.
 */
export function readLatmElement(
  bytes: Uint8Array,
  known: LatmMux | undefined,
  inBand: boolean,
): LatmElement | undefined {
  const reader = new BitReader(bytes);
  const mux = inBand && !reader.flag() ? readStreamMux(reader, bytes, false) : known;
  if (!mux) return undefined;
  const units: Buffer[] = [];
  for (let index = 0; index < mux.unitsPerElement; index++) {
    const length = mux.fixedUnitBytes ?? readLength(reader);
    if (reader.failed || length * 8 > reader.left) return undefined;
    units.push(bytesAt(bytes, reader.position, length * 8));
    reader.skip(length * 8);
  }
  reader.skip(mux.otherDataBits);
  return reader.failed || reader.left >= 8 ? undefined : { mux, units };
}

function readStreamMux(reader: BitReader, bytes: Uint8Array, mayEndEarly: boolean): LatmMux | undefined {
  const version = reader.bits(1);
  if (version === 1 && reader.flag()) return undefined; // audioMuxVersionA: reserved
  if (version === 1) readValue(reader); // taraBufferFullness
  const sameFraming = reader.flag();
  const unitsPerElement = 1 + reader.bits(6);
  const programs = 1 + reader.bits(4);
  const layers = 1 + reader.bits(3);
  if (!sameFraming || programs > 1 || layers > 1) return undefined;
  const config = readConfig(reader, bytes, version);
  if (!config) return undefined;
  if (mayEndEarly && reader.left < 8) return { config, unitsPerElement, fixedUnitBytes: undefined, otherDataBits: 0 };
  const lengthType = reader.bits(3);
  if (lengthType > FIXED_LENGTH) return undefined;
  const fixed = lengthType === FIXED_LENGTH ? FIXED_LENGTH_BASE + reader.bits(9) : undefined;
  if (fixed === undefined) reader.skip(8); // latmBufferFullness
  const otherDataBits = reader.flag() ? readOtherLength(reader, version) : 0;
  if (reader.flag()) reader.skip(8); // crcCheckSum
  if (reader.failed || otherDataBits > MOST_OTHER_DATA_BITS) return undefined;
  return { config, unitsPerElement, fixedUnitBytes: fixed, otherDataBits };
}

/** The AudioSpecificConfig with its length in front (version 1), or as long as its fields are. */
function readConfig(reader: BitReader, bytes: Uint8Array, version: number): Buffer | undefined {
  const announced = version === 1 ? readValue(reader) : undefined;
  const start = reader.position;
  if (!readAacConfig(reader)) return undefined;
  const bits = announced ?? reader.position - start;
  const filled = start + bits - reader.position;
  if (filled < 0 || filled > reader.left) return undefined;
  reader.skip(filled);
  return bytesAt(bytes, start, bits);
}

function readOtherLength(reader: BitReader, version: number): number {
  if (version === 1) return readValue(reader);
  let length = 0;
  let more = true;
  while (more && !reader.failed && length <= MOST_OTHER_DATA_BITS) {
    more = reader.flag();
    length = length * 256 + reader.bits(8);
  }
  return length;
}

/** LatmGetValue (1.7.3.1): one to four bytes. */
function readValue(reader: BitReader): number {
  const count = 1 + reader.bits(2);
  let value = 0;
  for (let at = 0; at < count; at++) value = value * 256 + reader.bits(8);
  return value;
}

/** PayloadLengthInfo (1.7.3.1): bytes that are added up as long as they are 255. */
function readLength(reader: BitReader): number {
  let length = 0;
  let byte = 255;
  while (byte === 255 && !reader.failed) {
    byte = reader.bits(8);
    length += byte;
  }
  return length;
}

/** Bits from anywhere on, moved to a byte's start; the last byte is filled up with zeros. */
function bytesAt(bytes: Uint8Array, fromBit: number, bits: number): Buffer {
  const out = Buffer.alloc((bits + 7) >> 3);
  const shift = fromBit & 7;
  const from = fromBit >> 3;
  if (shift === 0) {
    out.set(bytes.subarray(from, from + out.length));
  } else {
    for (let at = 0; at < out.length; at++) {
      out[at] = (bytes[from + at]! << shift) | ((bytes[from + at + 1] ?? 0) >> (8 - shift));
    }
  }
  const over = out.length * 8 - bits;
  if (over > 0) out[out.length - 1]! &= 0xff << over;
  return out;
}
