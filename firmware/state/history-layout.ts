import { crc32 } from 'node:zlib';

/** One resolution of the history: points of `stepS`, `slots` of them round and round, written in blocks of `block` slots. */
export interface Tier {
  readonly name: string;
  readonly stepS: number;
  readonly slots: number;
  readonly block: number;
}

/** Six hours of 10 s, two days of minutes, thirty days of quarters of an hour, a year of six hours. */
export const TIERS: readonly Tier[] = [
  { name: '10s', stepS: 10, slots: 2190, block: 30 },
  { name: '1m', stepS: 60, slots: 2910, block: 30 },
  { name: '15m', stepS: 900, slots: 2912, block: 32 },
  { name: '6h', stepS: 21_600, slots: 1480, block: 20 },
];

/** Before the points: number of the block (u32), CRC-32 of name and points (u32). */
const HEAD_BYTES = 8;
/** Mean and largest value (f32 each). */
const POINT_BYTES = 8;

/** A point without a value is NaN. */
export interface Column {
  readonly mean: Float32Array;
  readonly max: Float32Array;
}

export function emptyColumn(tier: Tier): Column {
  return { mean: new Float32Array(tier.block).fill(Number.NaN), max: new Float32Array(tier.block).fill(Number.NaN) };
}

export function columnBytes(tier: Tier): number {
  return HEAD_BYTES + tier.block * POINT_BYTES;
}

/** Number of the slot that a moment falls into, since 1970. */
export function slotAt(tier: Tier, atUs: number): number {
  return Math.floor(atUs / 1e6 / tier.stepS);
}

export function blockOfSlot(tier: Tier, slot: number): number {
  return Math.floor(slot / tier.block);
}

/** Where the column of a series lies in the file of a tier. Blocks lie in a ring, columns of one block side by side. */
export function columnOffset(tier: Tier, block: number, column: number, capacity: number): number {
  const ring = block % (tier.slots / tier.block);
  return (ring * capacity + column) * columnBytes(tier);
}

/** Writes a column into a buffer. The name is part of the check, so a column that passes to another series reads as empty. */
export function writeColumn(target: Buffer, offset: number, name: string, block: number, { mean, max }: Column): void {
  for (let i = 0; i < mean.length; i++) {
    target.writeFloatLE(mean[i]!, offset + HEAD_BYTES + i * POINT_BYTES);
    target.writeFloatLE(max[i]!, offset + HEAD_BYTES + i * POINT_BYTES + 4);
  }
  const end = offset + HEAD_BYTES + mean.length * POINT_BYTES;
  target.writeUInt32LE(block, offset);
  target.writeUInt32LE(checkOf(name, block, target.subarray(offset + HEAD_BYTES, end)), offset + 4);
}

/** Undefined if another lap, another series or damage stands there. */
export function readColumn(source: Buffer, tier: Tier, name: string, block: number): Column | undefined {
  if (source.length < columnBytes(tier) || source.readUInt32LE(0) !== block) return undefined;
  const points = source.subarray(HEAD_BYTES, columnBytes(tier));
  if (source.readUInt32LE(4) !== checkOf(name, block, points)) return undefined;
  const column = emptyColumn(tier);
  for (let i = 0; i < tier.block; i++) {
    column.mean[i] = points.readFloatLE(i * POINT_BYTES);
    column.max[i] = points.readFloatLE(i * POINT_BYTES + 4);
  }
  return column;
}

function checkOf(name: string, block: number, points: Buffer): number {
  return crc32(points, crc32(`${name} ${block}`));
}
