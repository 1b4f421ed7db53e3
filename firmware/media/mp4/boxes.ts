import { BoxError } from '../../base/index.ts';

/**
 * ISO base media file format boxes (ISO/IEC 14496-12 section 4.2) as data: a tree of parts is described first, then measured
 * and written once into one buffer of exactly the right size.
 */
export interface Box {
  /** Four characters. */
  readonly type: string;
  readonly parts: readonly Part[];
}

/** Unsigned big-endian numbers, all of the same width in bytes. */
interface Numbers {
  readonly width: 1 | 2 | 4 | 8;
  readonly values: readonly number[];
}

/** Bytes that are produced while writing: sample tables, or values that are known only once the tree has been measured. */
export interface Table {
  readonly bytes: number;
  fill(into: Buffer, at: number): void;
}

export type Part = Box | Numbers | Table | Uint8Array;

export const HEADER_BYTES = 8;

export function box(type: string, ...parts: Part[]): Box {
  return { type, parts };
}

/** A FullBox: version and 24 bits of flags stand before the content. */
export function fullBox(type: string, version: number, flags: number, ...parts: Part[]): Box {
  return { type, parts: [u32(((version << 24) | flags) >>> 0), ...parts] };
}

export const u8 = (...values: number[]): Numbers => ({ width: 1, values });
export const u16 = (...values: number[]): Numbers => ({ width: 2, values });
export const u32 = (...values: number[]): Numbers => ({ width: 4, values });
export const u64 = (...values: number[]): Numbers => ({ width: 8, values });
export const text = (value: string): Uint8Array => Buffer.from(value, 'utf8');
export const zeros = (bytes: number): Uint8Array => new Uint8Array(bytes);

/** An unsigned 32-bit number that is asked for only when it is written. */
export function late(value: () => number): Table {
  return { bytes: 4, fill: (into, at) => void into.writeUInt32BE(value(), at) };
}

export function measure(part: Part): number {
  if ('type' in part) {
    let bytes = HEADER_BYTES;
    for (const child of part.parts) bytes += measure(child);
    return bytes;
  }
  if (part instanceof Uint8Array) return part.length;
  if ('fill' in part) return part.bytes;
  return part.width * part.values.length;
}

/** The parts one after another, as bytes. */
export function serialise(...parts: Part[]): Buffer {
  let bytes = 0;
  for (const part of parts) bytes += measure(part);
  const into = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const part of parts) at = write(part, into, at);
  if (at !== bytes) throw new BoxError('box.bug', { where: 'mp4.serialise', measured: bytes, written: at });
  return into;
}

function write(part: Part, into: Buffer, at: number): number {
  if ('type' in part) return writeBox(part, into, at);
  if (part instanceof Uint8Array) {
    into.set(part, at);
    return at + part.length;
  }
  if ('fill' in part) {
    part.fill(into, at);
    return at + part.bytes;
  }
  for (const value of part.values) at = writeNumber(into, at, part.width, value);
  return at;
}

function writeBox({ type, parts }: Box, into: Buffer, start: number): number {
  into.write(type, start + 4, 4, 'latin1');
  let at = start + HEADER_BYTES;
  for (const part of parts) at = write(part, into, at);
  into.writeUInt32BE(at - start, start);
  return at;
}

function writeNumber(into: Buffer, at: number, width: number, value: number): number {
  if (width !== 8) return into.writeUIntBE(value, at, width);
  into.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  return into.writeUInt32BE(value % 2 ** 32, at + 4);
}
