import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { syncFolder } from '../base/index.ts';
import { canonical, chained, type Entry } from './line.ts';
import { logFile, type ChainPlace } from './log-files.ts';
import type { LogTail } from './log-tail.ts';

/** A sync that failed: nobody knows what of the file is on the disk. */
export class SyncFailure extends Error {}

const DAY_US = 86_400_000_000;

/** One file of the log while it is written. What it says of its end is true only of what was synced. */
export class LogFileWriter {
  readonly file: number;
  readonly #folder: string;
  readonly #handle: FileHandle;
  #bytes: number;
  #last: ChainPlace;
  readonly #begunUs: number;
  #fromUs: number;
  #toUs: number;

  private constructor(
    folder: string,
    file: number,
    handle: FileHandle,
    from: { begunUs: number; bytes: number; last: ChainPlace; fromUs: number; toUs: number },
  ) {
    this.#folder = folder;
    this.file = file;
    this.#handle = handle;
    this.#bytes = from.bytes;
    this.#last = from.last;
    this.#begunUs = from.begunUs;
    this.#fromUs = from.fromUs;
    this.#toUs = from.toUs;
  }

  /** Begins a file behind this place of the chain. Rejects with the file system's error. */
  static async begin(folder: string, file: number, previous: ChainPlace, atUs: number): Promise<LogFileWriter> {
    const { O_WRONLY, O_CREAT, O_TRUNC } = constants;
    const handle = await open(logFile(folder, file), O_WRONLY | O_CREAT | O_TRUNC, 0o600);
    const empty = { begunUs: atUs, bytes: 0, last: previous, fromUs: Infinity, toUs: -Infinity };
    const writer = new LogFileWriter(folder, file, handle, empty);
    try {
      await writer.append([fileLine('file.begins', atUs, { file, previous: previous.hash })]);
      await syncFolder(folder);
      return writer;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Goes on behind what is there. */
  static async resume(folder: string, tail: LogTail): Promise<LogFileWriter> {
    const handle = await open(logFile(folder, tail.file), constants.O_WRONLY);
    return new LogFileWriter(folder, tail.file, handle, tail);
  }

  get bytes(): number {
    return this.#bytes;
  }

  get last(): ChainPlace {
    return this.#last;
  }

  get toUs(): number {
    return this.#toUs;
  }

  /** True if the file was begun on another day, by UTC. */
  isOfAnotherDay(nowUs: number): boolean {
    return Math.floor(this.#begunUs / DAY_US) !== Math.floor(nowUs / DAY_US);
  }

  /**
   * Resolves when the lines are on stable storage; one call at a time. Rejects with the file system's error, and then they count
   * as not written: the next call writes over them. Rejects with SyncFailure, after which nothing may be appended here.
   */
  async append(entries: readonly Entry[]): Promise<void> {
    let { n, hash } = this.#last;
    const lines: string[] = [];
    for (const entry of entries) {
      const json = canonical(++n, entry);
      hash = chained(hash, json);
      lines.push(`${hash} ${json}\n`);
    }
    const bytes = Buffer.from(lines.join(''));
    await writeAll(this.#handle, bytes, this.#bytes);
    try {
      await this.#handle.datasync();
    } catch (cause) {
      throw new SyncFailure(String(cause), { cause });
    }
    this.#bytes += bytes.length;
    this.#last = { n, hash };
    for (const { at } of entries) {
      this.#fromUs = Math.min(this.#fromUs, at);
      this.#toUs = Math.max(this.#toUs, at);
    }
  }

  /** Writes the last line, which says which times the file holds, and closes it. */
  async finish(atUs: number): Promise<void> {
    const fromUs = Math.min(this.#fromUs, atUs);
    const toUs = Math.max(this.#toUs, atUs);
    await this.append([fileLine('file.ends', atUs, { fromUs, toUs })]);
    await this.close();
  }

  /** Takes back what was written and not synced, and closes. */
  async giveUp(): Promise<void> {
    try {
      await this.#handle.truncate(this.#bytes);
    } finally {
      await this.#handle.close();
    }
    await syncFolder(this.#folder);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

function fileLine(what: string, at: number, detail: Record<string, unknown>): Entry {
  return { at, kind: 'file', severity: 'info', what, detail };
}

async function writeAll(handle: FileHandle, bytes: Buffer, at: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}
