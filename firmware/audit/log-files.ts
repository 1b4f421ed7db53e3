import { open, readdir, readFile, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../config/index.ts';
import { GENESIS, MAX_LINE_BYTES, readLine, type HashedLine } from './line.ts';

const NAME = /^(\d{8})\.log$/;
const ANCHOR = 'anchor.json';
const BLOCK_BYTES = 64 * 1024;
const LINE_FEED = 0x0a;

/** One place in the chain: the number of a line and its hash. */
export interface ChainPlace {
  readonly n: number;
  readonly hash: string;
}

/**
 * What is known of the log beside its files. `dropped`: the last line of the files that were deleted by policy. `seen`: a line
 * that is known to have been on stable storage; a log that ends before it was cut.
 */
export interface Anchor {
  readonly dropped: ChainPlace;
  readonly seen: ChainPlace;
}

export const NO_ANCHOR: Anchor = { dropped: { n: 0, hash: GENESIS }, seen: { n: 0, hash: GENESIS } };

export interface FileRange {
  readonly fromUs: number;
  readonly toUs: number;
}

export function logFile(folder: string, file: number): string {
  return join(folder, `${String(file).padStart(8, '0')}.log`);
}

/** Numbers of the files that are there, rising. */
export async function listFiles(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  return names
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** Undefined if there is none, or none that can be read. */
export async function readAnchor(folder: string): Promise<Anchor | undefined> {
  try {
    const { dropped, seen } = JSON.parse(await readFile(join(folder, ANCHOR), 'utf8')) as Partial<Anchor>;
    return isPlace(dropped) && isPlace(seen) ? { dropped, seen } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export async function writeAnchor(folder: string, anchor: Anchor): Promise<void> {
  await replaceFile(join(folder, ANCHOR), `${JSON.stringify(anchor)}\n`);
}

/** What the last line of a finished file says of its times; undefined of a file that was not finished. */
export async function finishedRange(path: string): Promise<FileRange | undefined> {
  const last = (await lastLine(path))?.line;
  if (last?.what !== 'file.ends') return undefined;
  const { fromUs, toUs } = last.detail ?? {};
  return typeof fromUs === 'number' && typeof toUs === 'number' ? { fromUs, toUs } : undefined;
}

/** Undefined if the file is empty or its end is no whole line. */
export async function lastLine(path: string): Promise<HashedLine | undefined> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - MAX_LINE_BYTES - 1);
    const text = (await readBlock(file, start, size - start)).toString();
    if (!text.endsWith('\n')) return undefined;
    return readLine(text.slice(text.lastIndexOf('\n', text.length - 2) + 1, -1));
  } finally {
    await file.close();
  }
}

export async function sizeOf(path: string): Promise<number> {
  return (await stat(path)).size;
}

/** One line of a file, without its line feed, and where it begins. `torn`: the end of the file came before a line feed. */
export interface RawLine {
  readonly offset: number;
  readonly bytes: Buffer;
  readonly torn: boolean;
}

/** The lines of a file from its beginning on, or from a place in it, in blocks: little is in memory at any time. */
export async function* linesOf(path: string, from = 0): AsyncGenerator<RawLine[]> {
  const file = await open(path, 'r');
  try {
    let offset = from;
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const block = await readBlock(file, offset + rest.length, BLOCK_BYTES);
      const bytes = rest.length === 0 ? block : Buffer.concat([rest, block]);
      const lines: RawLine[] = [];
      let begin = 0;
      for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, begin)) {
        lines.push({ offset: offset + begin, bytes: bytes.subarray(begin, end), torn: false });
        begin = end + 1;
      }
      offset += begin;
      rest = bytes.subarray(begin);
      // A damaged file can be one endless line: it is passed on in pieces.
      if (block.length === 0 || rest.length > BLOCK_BYTES) {
        if (rest.length > 0) lines.push({ offset, bytes: rest, torn: true });
        offset += rest.length;
        rest = Buffer.alloc(0);
      }
      yield lines;
      if (block.length === 0) return;
    }
  } finally {
    await file.close();
  }
}

/** The whole lines of a file that begin before `before`, from the last to the first, in blocks. */
export async function* linesBackwards(path: string, before?: number): AsyncGenerator<RawLine[]> {
  const file = await open(path, 'r');
  try {
    let end = Math.min(before ?? Infinity, (await file.stat()).size);
    while (end > 0) {
      const start = Math.max(0, end - BLOCK_BYTES);
      const block = await readBlock(file, start, end - start);
      const lines: RawLine[] = [];
      let lineEnd = block.lastIndexOf(LINE_FEED);
      while (lineEnd >= 0) {
        const begin = lineEnd === 0 ? 0 : block.lastIndexOf(LINE_FEED, lineEnd - 1) + 1;
        if (begin === 0 && start > 0) break;
        lines.push({ offset: start + begin, bytes: block.subarray(begin, lineEnd), torn: false });
        lineEnd = begin - 1;
      }
      const first = lines.at(-1)?.offset;
      // A block without one whole line is damage; past it there may be lines again.
      end = first ?? start;
      yield lines;
    }
  } finally {
    await file.close();
  }
}

async function readBlock(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const block = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(block, 0, length, offset);
  return block.subarray(0, bytesRead);
}

function isPlace(value: unknown): value is ChainPlace {
  const { n, hash } = (value ?? {}) as Partial<ChainPlace>;
  return Number.isSafeInteger(n) && typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash);
}
