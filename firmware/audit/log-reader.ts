import { BoxError } from '../base/index.ts';
import { csvHead, csvRow } from './log-csv.ts';
import { filterOf, mayPass, type LogFilter } from './log-filter.ts';
import { finishedRange, linesBackwards, linesOf, listFiles, logFile } from './log-files.ts';
import { readLine, type HashedLine, type LogLine } from './line.ts';
import { verifyLog, type LogVerdict } from './log-verify.ts';

export interface LogSearch extends LogFilter {
  readonly limit: number;
  /** Where the page before ended. */
  readonly cursor?: string | undefined;
}

/** The newest first. `cursor` leads to older lines; absent: there are none. A page may be short, or empty, and yet have one. */
export interface LogPage {
  readonly lines: readonly (LogLine & { readonly hash: string })[];
  readonly cursor?: string;
}

export type ExportFormat = 'csv' | 'jsonl';

export interface LogExport extends LogFilter {
  readonly format: ExportFormat;
  readonly cursor?: string | undefined;
}

/** A piece of a file, from the oldest line on; all pieces one after another are the file. */
export interface ExportPage {
  readonly text: string;
  readonly cursor?: string;
}

/** After so much reading a page is over, whatever was found: nobody waits long for an answer. */
const MAX_READ_BYTES = 16 * 1024 * 1024;
const MAX_TEXT_CHARS = 512 * 1024;
const CURSOR = /^(\d{1,8})-(\d{1,12})$/;

interface Place {
  readonly file: number;
  readonly offset: number;
}

/** Reads the files of a log in blocks, whoever writes to them meanwhile. Keeps nothing but the times of finished files. */
export class LogReader {
  readonly #folder: string;
  readonly #ranges = new Map<number, { fromUs: number; toUs: number }>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Rejects with audit.bad-cursor, and with the file system's error. */
  async search(wanted: LogSearch): Promise<LogPage> {
    const passes = passing(wanted);
    const start = placeOf(wanted.cursor);
    const files = (await this.#filesIn(wanted)).filter((file) => !start || file <= start.file).toReversed();
    const lines: (LogLine & { hash: string })[] = [];
    let readBytes = 0;
    for (const file of files) {
      const before = file === start?.file ? start.offset : undefined;
      for await (const block of blocksOf(linesBackwards(logFile(this.#folder, file), before))) {
        for (const { offset, bytes } of block) {
          readBytes += bytes.length;
          const found = passes(bytes);
          if (found) lines.push({ ...found.line, hash: found.hash });
          if (lines.length >= wanted.limit) return { lines, cursor: cursorOf({ file, offset }) };
        }
        const last = block.at(-1);
        if (readBytes > MAX_READ_BYTES && last) return { lines, cursor: cursorOf({ file, offset: last.offset }) };
      }
    }
    return { lines };
  }

  /** Rejects with audit.bad-cursor, and with the file system's error. */
  async export(wanted: LogExport): Promise<ExportPage> {
    const passes = passing(wanted);
    const rowOf = wanted.format === 'csv' ? csvRow : jsonRow;
    const start = placeOf(wanted.cursor);
    const files = (await this.#filesIn(wanted)).filter((file) => !start || file >= start.file);
    const rows: string[] = start || wanted.format !== 'csv' ? [] : [csvHead()];
    let chars = 0;
    let readBytes = 0;
    for (const file of files) {
      const from = file === start?.file ? start.offset : 0;
      for await (const block of blocksOf(linesOf(logFile(this.#folder, file), from))) {
        for (const { offset, bytes, torn } of block) {
          readBytes += bytes.length;
          const found = torn ? undefined : passes(bytes);
          if (found) chars += rows.push(rowOf(found)) && rows.at(-1)!.length;
          if (chars < MAX_TEXT_CHARS && readBytes < MAX_READ_BYTES) continue;
          return { text: rows.join(''), cursor: cursorOf({ file, offset: offset + bytes.length + (torn ? 0 : 1) }) };
        }
      }
    }
    return { text: rows.join('') };
  }

  verify(): Promise<LogVerdict> {
    return verifyLog(this.#folder);
  }

  /** Files that may hold lines of this span, rising. */
  async #filesIn({ fromUs = -Infinity, toUs = Infinity }: LogFilter): Promise<number[]> {
    const files = await listFiles(this.#folder);
    for (const known of this.#ranges.keys()) if (!files.includes(known)) this.#ranges.delete(known);
    const found: number[] = [];
    for (const file of files) {
      const range = this.#ranges.get(file) ?? (await rangeOf(logFile(this.#folder, file)));
      if (range) this.#ranges.set(file, range);
      if (!range || (range.toUs >= fromUs && range.fromUs < toUs)) found.push(file);
    }
    return found;
  }
}

function passing(filter: LogFilter): (bytes: Buffer) => HashedLine | undefined {
  const may = mayPass(filter);
  const passes = filterOf(filter);
  return (bytes) => {
    const text = bytes.toString();
    if (!may(text)) return undefined;
    const found = readLine(text);
    return found && passes(found.line, found.json) ? found : undefined;
  };
}

/** A file that is deleted while it is looked for holds nothing any more. */
async function* blocksOf<T>(blocks: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* blocks;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function rangeOf(path: string): Promise<{ fromUs: number; toUs: number } | undefined> {
  try {
    return await finishedRange(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { fromUs: Infinity, toUs: -Infinity };
    throw error;
  }
}

function jsonRow({ json, hash }: HashedLine): string {
  return `${json.slice(0, -1)},"hash":"${hash}"}\n`;
}

function placeOf(cursor: string | undefined): Place | undefined {
  if (cursor === undefined) return undefined;
  const found = CURSOR.exec(cursor);
  if (!found) throw new BoxError('audit.bad-cursor', {});
  return { file: Number(found[1]), offset: Number(found[2]) };
}

function cursorOf({ file, offset }: Place): string {
  return `${file}-${offset}`;
}
