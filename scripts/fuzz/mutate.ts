import type { Random } from './random.ts';

const MAX_BYTES = 64 * 1024;
const MAX_CHANGES = 8;
const BYTES = [0x00, 0x01, 0x7f, 0x80, 0xff, 0x20, 0x0a, 0x0d, 0x22, 0x24, 0x2c, 0x3b, 0x3d, 0x5c];
const NUMBERS = [0, 1, 2, 7, 8, 15, 16, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000];
const LARGE = [0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];
const TEXTS = ['-1', '0', '1e999', '4294967296', '9007199254740993', '99999999999999999999', 'null', '""', '[]', '{}'];

type Change = (input: Buffer, random: Random, seeds: readonly Buffer[]) => Buffer;

/** A new input made of the seeds. The same numbers give the same input. */
export function mutate(random: Random, seeds: readonly Buffer[]): Buffer {
  let input: Buffer = Buffer.from(random.pick(seeds));
  const changes = random.length(MAX_CHANGES);
  for (let n = 0; n < changes; n++) input = random.pick(CHANGES)(input, random, seeds);
  return input.length > MAX_BYTES ? Buffer.from(input.subarray(0, MAX_BYTES)) : input;
}

const CHANGES: readonly Change[] = [
  flipBit,
  flipBit,
  setByte,
  setByte,
  setNumber,
  corruptLength,
  corruptLength,
  changeDigits,
  insertBytes,
  insertToken,
  remove,
  duplicate,
  duplicateLine,
  move,
  overwriteFromSeed,
  splice,
  truncate,
  concatenate,
];

function flipBit(input: Buffer, random: Random): Buffer {
  if (input.length === 0) return input;
  const at = random.below(input.length);
  input[at] = input[at]! ^ (1 << random.below(8));
  return input;
}

function setByte(input: Buffer, random: Random): Buffer {
  if (input.length === 0) return input;
  const at = random.below(input.length);
  const kinds = [() => random.pick(BYTES), () => random.below(256), () => input[at]! + 1, () => input[at]! - 1];
  input[at] = random.pick(kinds)() & 0xff;
  return input;
}

/** A number at the edge of something, 2, 4 or 8 bytes wide, in either byte order. */
function setNumber(input: Buffer, random: Random): Buffer {
  const width = random.pick([2, 4, 8]);
  if (input.length < width) return input;
  const at = random.below(input.length - width + 1);
  const value = random.below(3) === 0 ? random.pick(LARGE) : random.pick(NUMBERS);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  const narrow = bytes.subarray(8 - width);
  (random.below(3) === 0 ? narrow.toReversed() : narrow).forEach((byte, n) => (input[at + n] = byte));
  return input;
}

/** Finds a number that may be the length of what follows it, and makes it a wrong one. */
function corruptLength(input: Buffer, random: Random): Buffer {
  const width = random.pick([1, 2, 4]);
  const from = random.below(Math.max(1, input.length));
  for (let at = from; at + width <= input.length && at < from + 64; at++) {
    const value = input.readUIntBE(at, width);
    const rest = input.length - at;
    if (value === 0 || value > rest) continue;
    const wrong = random.pick([value - 1, value + 1, 0, rest, rest + 1, value * 2, value >> 1, 2 ** (8 * width) - 1]);
    input.writeUIntBE(wrong % 2 ** (8 * width), at, width);
    return input;
  }
  return input;
}

/** A decimal number in text becomes another one. */
function changeDigits(input: Buffer, random: Random): Buffer {
  const isDigit = (at: number): boolean => input[at]! >= 0x30 && input[at]! <= 0x39;
  let start = random.below(Math.max(1, input.length));
  while (start < input.length && !isDigit(start)) start++;
  if (start >= input.length) return input;
  let end = start;
  while (end < input.length && isDigit(end)) end++;
  const text = random.below(2) === 0 ? random.pick(TEXTS) : String(random.pick([...NUMBERS, ...LARGE]));
  return replace(input, start, end, Buffer.from(text));
}

function insertBytes(input: Buffer, random: Random): Buffer {
  const bytes = Buffer.alloc(random.length(256), random.pick(BYTES));
  if (random.below(2) === 0) for (let at = 0; at < bytes.length; at++) bytes[at] = random.below(256);
  return insert(input, random, bytes);
}

function insertToken(input: Buffer, random: Random): Buffer {
  return insert(input, random, Buffer.from(random.pick(TEXTS)));
}

function remove(input: Buffer, random: Random): Buffer {
  const { start, end } = piece(input, random);
  return replace(input, start, end, Buffer.alloc(0));
}

function duplicate(input: Buffer, random: Random): Buffer {
  const { start, end } = piece(input, random);
  const times = random.below(8) === 0 ? 1 + random.below(64) : 1;
  return insert(input, random, Buffer.alloc((end - start) * times, input.subarray(start, end)));
}

function duplicateLine(input: Buffer, random: Random): Buffer {
  const start = input.indexOf(0x0a, random.below(Math.max(1, input.length))) + 1;
  const end = input.indexOf(0x0a, start) + 1;
  return replace(input, end, end, Buffer.from(input.subarray(start, end)));
}

function move(input: Buffer, random: Random): Buffer {
  const { start, end } = piece(input, random);
  const moved = Buffer.from(input.subarray(start, end));
  return insert(replace(input, start, end, Buffer.alloc(0)), random, moved);
}

function overwriteFromSeed(input: Buffer, random: Random, seeds: readonly Buffer[]): Buffer {
  const other = random.pick(seeds);
  const { start, end } = piece(other, random);
  other.copy(input, random.below(input.length + 1), start, end);
  return input;
}

/** The head of this one and the tail of another seed. */
function splice(input: Buffer, random: Random, seeds: readonly Buffer[]): Buffer {
  const other = random.pick(seeds);
  const tail = other.subarray(random.below(other.length + 1));
  return Buffer.concat([input.subarray(0, random.below(input.length + 1)), tail]);
}

function truncate(input: Buffer, random: Random): Buffer {
  return Buffer.from(input.subarray(0, random.below(input.length + 1)));
}

function concatenate(input: Buffer, random: Random, seeds: readonly Buffer[]): Buffer {
  return input.length > MAX_BYTES ? input : Buffer.concat([input, random.pick(seeds)]);
}

function insert(input: Buffer, random: Random, bytes: Buffer): Buffer {
  const at = random.below(input.length + 1);
  return input.length > MAX_BYTES ? input : replace(input, at, at, bytes);
}

function replace(input: Buffer, start: number, end: number, bytes: Buffer): Buffer {
  return Buffer.concat([input.subarray(0, start), bytes, input.subarray(end)]);
}

function piece(of: Buffer, random: Random): { start: number; end: number } {
  if (of.length === 0) return { start: 0, end: 0 };
  const start = random.below(of.length);
  return { start, end: start + random.length(of.length - start) };
}
