import { open, readdir } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { journalFileName, journalFileNumber, parseLine } from './journal.ts';
import type { HeadRecord, JournalDamage, JournalEntry, JournalPosition, JournalRecord, OpenRecord } from './journal.ts';

/** A line as it stands, for those who copy lines. */
export interface JournalLine {
  record: JournalRecord | 'unknown';
  /** Newline included. A view into a read buffer: valid until the next batch is asked for. */
  raw: Buffer;
  offset: number;
  endOffset: number;
}

/** What the newest file tells. */
export interface JournalTail {
  /** Highest file number in the folder, readable or not; 0 when there is none. */
  lastFile: number;
  /** There is no journal, or none of its files has a readable head. */
  missing: boolean;
  lastSequence: number;
  /** Segments without a close record: torn by a crash. */
  open: OpenRecord[];
  damage: JournalDamage[];
  /** Last recorded instant by "camera/stream" as far as the newest file knows. Not of open segments. */
  endUs: Map<string, number>;
  /** By boot: a segment that was begun before the time was known, if no anchor has told it since. */
  untrusted: Map<string, OpenRecord>;
}

export interface JournalBatch {
  entries: JournalEntry[];
  /** Behind the last good line so far. */
  end: JournalPosition;
  damage?: JournalDamage;
}

const CHUNK_BYTES = 512 * 1024;
/** Enough for most heads. */
const HEAD_BYTES = 64 * 1024;
/** A head carries all open segments; a longer line is no line of ours. */
const LINE_BYTES = 4 * 1024 * 1024;
const NEWLINE = 0x0a;

/** Reads the journal of one volume. All calls reject with the file system's own error when the disk refuses. */
export class JournalReader {
  readonly #folder: string;

  /** `folder` is the volume's journal folder; it need not exist. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Numbers of all files in the folder, ascending, including those that a base has made void. */
  async files(): Promise<number[]> {
    const numbers: number[] = [];
    for (const name of await listNames(this.#folder)) {
      const number = journalFileNumber(name);
      if (number !== undefined) numbers.push(number);
    }
    return numbers.sort((a, b) => a - b);
  }

  /** The head of a file, or undefined when its first line is no head. */
  async head(file: number): Promise<HeadRecord | undefined> {
    for await (const { lines } of this.lines(file, 0, HEAD_BYTES)) {
      const first = lines[0]?.record;
      return typeof first === 'object' && first.t === 'head' ? first : undefined;
    }
    return undefined;
  }

  /** The files that count, ascending: from the newest base on. Looks no further back than `since`. */
  async validFiles(since = 0): Promise<number[]> {
    const files = (await this.files()).filter((file) => file >= since);
    for (let index = files.length - 1; index > 0; index--) {
      if ((await this.head(files[index]!))?.base) return files.slice(index);
    }
    return files;
  }

  /**
   * Whether the records behind a place are all that is missing to a reader who stands there: its file is still the one it
   * was (`begunUs` of its head), reaches that far, and has not been replaced by a base.
   */
  async continues(from: JournalPosition & { begunUs: number }): Promise<boolean> {
    const [first] = await this.validFiles(from.file);
    if (first !== from.file || (await this.head(from.file))?.begunUs !== from.begunUs) return false;
    await using handle = await open(join(this.#folder, journalFileName(from.file)), 'r');
    const before = await readChunk(handle, from.offset - 1, 1);
    return before[0] === NEWLINE;
  }

  /** What is needed to start recording. Reads the newest file that has a head, which is the newest file unless a crash tore it. */
  async readTail(): Promise<JournalTail> {
    const files = await this.files();
    const tail: JournalTail = {
      lastFile: files.at(-1) ?? 0,
      missing: true,
      lastSequence: 0,
      open: [],
      damage: [],
      endUs: new Map(),
      untrusted: new Map(),
    };
    for (const file of files.toReversed()) {
      if (await this.#readTailFile(file, tail)) break;
    }
    return tail;
  }

  /** All records from a place on (from the oldest file that counts when none is given), in bounded pieces. */
  async *read(from?: JournalPosition): AsyncGenerator<JournalBatch> {
    for (const file of await this.validFiles(from?.file)) {
      const offset = from?.file === file ? from.offset : 0;
      for await (const { lines, damage, endOffset } of this.lines(file, offset)) {
        const entries: JournalEntry[] = [];
        for (const line of lines) {
          if (line.record === 'unknown') continue;
          entries.push({ record: line.record, at: { file, offset: line.offset }, endOffset: line.endOffset });
        }
        yield { entries, end: { file, offset: endOffset }, ...(damage && { damage: { file, ...damage } }) };
      }
    }
  }

  /** The lines of one file from an offset on; ends at the first bad line, with a note whether good ones follow. */
  async *lines(
    file: number,
    offset: number,
    firstChunkBytes = CHUNK_BYTES,
  ): AsyncGenerator<{ lines: JournalLine[]; endOffset: number; damage?: Omit<JournalDamage, 'file'> }> {
    await using handle = await open(join(this.#folder, journalFileName(file)), 'r');
    let at = offset;
    let chunkBytes = firstChunkBytes;
    for (;;) {
      const chunk = await readChunk(handle, at, chunkBytes);
      const { lines, bad } = splitLines(chunk, at);
      const endOffset = lines.at(-1)?.endOffset ?? at;
      if (bad) {
        const kind = (await goodLineFollows(handle, endOffset)) ? 'damaged' : 'torn';
        yield { lines, endOffset, damage: { offset: endOffset, kind } };
        return;
      }
      const atEnd = chunk.length < chunkBytes;
      const torn = atEnd && endOffset < at + chunk.length;
      if (lines.length > 0 || torn)
        yield { lines, endOffset, ...(torn && { damage: { offset: endOffset, kind: 'torn' } }) };
      if (atEnd) return;
      if (lines.length === 0 && chunkBytes >= LINE_BYTES) {
        yield { lines, endOffset, damage: { offset: endOffset, kind: 'damaged' } };
        return;
      }
      chunkBytes = lines.length === 0 ? chunkBytes * 2 : CHUNK_BYTES;
      at = endOffset;
    }
  }

  /** False when the file has no head. */
  async #readTailFile(file: number, tail: JournalTail): Promise<boolean> {
    const known = new Map<number, OpenRecord>();
    const open = new Map<number, OpenRecord>();
    for await (const { lines, damage } of this.lines(file, 0)) {
      if (damage) tail.damage.push({ file, ...damage });
      for (const { record } of lines) {
        if (record === 'unknown') continue;
        if (tail.missing && record.t !== 'head') return false;
        tail.missing = false;
        applyToTail(record, { tail, known, open });
      }
    }
    if (tail.missing) return false;
    tail.open = [...open.values()];
    return true;
  }
}

interface TailState {
  tail: JournalTail;
  known: Map<number, OpenRecord>;
  open: Map<number, OpenRecord>;
}

function applyToTail(record: JournalRecord, { tail, known, open }: TailState): void {
  switch (record.t) {
    case 'head':
      tail.lastSequence = record.lastSequence;
      for (const segment of record.open) addOpen(segment);
      break;
    case 'open':
      tail.lastSequence = Math.max(tail.lastSequence, record.sequence);
      addOpen(record);
      break;
    case 'close': {
      open.delete(record.sequence);
      const segment = known.get(record.sequence);
      if (segment) noteEnd(tail.endUs, segment, record.endUs);
      break;
    }
    case 'delete':
      open.delete(record.sequence);
      break;
    case 'gap':
      noteEnd(tail.endUs, record, record.endUs);
      break;
    case 'anchor':
      tail.untrusted.delete(record.boot);
      break;
    case 'mark':
    case 'unmark':
    case 'lock':
    case 'unlock':
    case 'moved':
    case 'seal':
      break;
  }

  function addOpen(segment: OpenRecord): void {
    known.set(segment.sequence, segment);
    open.set(segment.sequence, segment);
    if (segment.clock === 'untrusted') tail.untrusted.set(segment.boot, segment);
  }
}

function noteEnd(ends: Map<string, number>, of: { camera: string; stream: string }, endUs: number): void {
  const key = `${of.camera}/${of.stream}`;
  const known = ends.get(key);
  if (known === undefined || endUs > known) ends.set(key, endUs);
}

function splitLines(chunk: Buffer, base: number): { lines: JournalLine[]; bad: boolean } {
  const lines: JournalLine[] = [];
  let from = 0;
  for (;;) {
    const newline = chunk.indexOf(NEWLINE, from);
    if (newline < 0) return { lines, bad: false };
    const record = parseLine(chunk.subarray(from, newline));
    if (record === 'bad') return { lines, bad: true };
    const raw = chunk.subarray(from, newline + 1);
    lines.push({ record, raw, offset: base + from, endOffset: base + newline + 1 });
    from = newline + 1;
  }
}

async function goodLineFollows(handle: FileHandle, offset: number): Promise<boolean> {
  const chunk = await readChunk(handle, offset, LINE_BYTES);
  for (let from = chunk.indexOf(NEWLINE) + 1; from > 0;) {
    const newline = chunk.indexOf(NEWLINE, from);
    if (newline < 0) return false;
    if (parseLine(chunk.subarray(from, newline)) !== 'bad') return true;
    from = newline + 1;
  }
  return false;
}

async function readChunk(handle: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const chunk = Buffer.allocUnsafe(bytes);
  let filled = 0;
  while (filled < bytes) {
    const { bytesRead } = await handle.read(chunk, filled, bytes - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return chunk.subarray(0, filled);
}

async function listNames(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
