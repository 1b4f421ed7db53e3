import { open, writeFile } from 'node:fs/promises';
import { GENESIS, chained, readLine } from './line.ts';
import { linesOf, logFile, sizeOf, type ChainPlace } from './log-files.ts';

/** The end of the newest file, as it was found at a start. */
export interface LogTail {
  readonly file: number;
  /** Where the next line goes. */
  readonly bytes: number;
  readonly last: ChainPlace;
  /** When its first line was written. */
  readonly begunUs: number;
  readonly fromUs: number;
  readonly toUs: number;
  readonly lines: number;
  readonly finished: boolean;
  /** Bytes behind the last whole line that a power cut left; they stand in `<file>.log.torn` now. */
  readonly tornBytes: number;
  /** A line in the middle is not what was written: nothing was repaired, and nothing may be written behind it. */
  readonly damagedAt: number | undefined;
}

interface Walk {
  /** The last line that fits the chain, and the last whole line of all. */
  good: ChainPlace;
  last: ChainPlace;
  bytes: number;
  begunUs: number;
  fromUs: number;
  toUs: number;
  lines: number;
  finished: boolean;
  /** Where the first thing begins that does not fit. */
  damagedAt: number | undefined;
  /** Whole lines stand behind it: no power cut does that. */
  goesOn: boolean;
  holes: boolean;
}

/**
 * Reads the newest file and cuts off what a power cut left torn: the bytes behind the last line that fits the chain, if none
 * of them is a whole line, or if there are holes that were never written. Throws what the file system says.
 */
export async function repairTail(folder: string, file: number): Promise<LogTail> {
  const path = logFile(folder, file);
  const walk = await walkThrough(path);
  const torn = walk.damagedAt !== undefined && (!walk.goesOn || walk.holes);
  const size = await sizeOf(path);
  if (torn) await cutOff(path, walk.bytes, size);
  return {
    file,
    bytes: walk.bytes,
    last: torn ? walk.good : walk.last,
    begunUs: walk.begunUs,
    fromUs: walk.fromUs,
    toUs: walk.toUs,
    lines: walk.lines,
    finished: walk.finished,
    tornBytes: torn ? size - walk.bytes : 0,
    damagedAt: torn ? undefined : walk.damagedAt,
  };
}

async function walkThrough(path: string): Promise<Walk> {
  const walk: Walk = {
    good: { n: 0, hash: GENESIS },
    last: { n: 0, hash: GENESIS },
    bytes: 0,
    begunUs: 0,
    fromUs: Infinity,
    toUs: -Infinity,
    lines: 0,
    finished: false,
    damagedAt: undefined,
    goesOn: false,
    holes: false,
  };
  for await (const lines of linesOf(path)) for (const line of lines) step(walk, line);
  return walk;
}

function step(walk: Walk, { offset, bytes, torn }: { offset: number; bytes: Buffer; torn: boolean }): void {
  const found = torn ? undefined : readLine(bytes.toString());
  if (bytes.includes(0)) walk.holes = true;
  if (walk.damagedAt !== undefined) {
    if (!found) return;
    walk.goesOn = true;
    // What is written from now on goes behind the last line, whether or not it is what it was.
    walk.last = { n: found.line.n, hash: found.hash };
    return;
  }
  // The first line says itself what came before it.
  const previous = walk.lines === 0 ? found?.line.detail?.['previous'] : walk.last.hash;
  if (!found || typeof previous !== 'string' || chained(previous, found.json) !== found.hash) {
    walk.damagedAt = offset;
    walk.goesOn = found !== undefined;
    if (found) walk.last = { n: found.line.n, hash: found.hash };
    return;
  }
  if (walk.lines++ === 0) walk.begunUs = found.line.at;
  walk.bytes = offset + bytes.length + 1;
  walk.good = { n: found.line.n, hash: found.hash };
  walk.last = walk.good;
  walk.fromUs = Math.min(walk.fromUs, found.line.at);
  walk.toUs = Math.max(walk.toUs, found.line.at);
  walk.finished = found.line.what === 'file.ends';
}

async function cutOff(path: string, at: number, size: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const torn = Buffer.alloc(size - at);
    await file.read(torn, 0, torn.length, at);
    await writeFile(`${path}.torn`, torn, { mode: 0o600 });
    await file.truncate(at);
    await file.sync();
  } finally {
    await file.close();
  }
}
