import { rm, stat } from 'node:fs/promises';
import { syncFolder } from '../base/index.ts';
import { finishedRange, lastLine, listFiles, logFile, sizeOf, type ChainPlace } from './log-files.ts';

export interface KeepPolicy {
  readonly keepDays: number;
  readonly maxBytes: number;
}

/** What was deleted: so many files, up to this line. */
export interface Dropped {
  readonly files: number;
  readonly last: ChainPlace;
}

const DAY_US = 86_400_000_000;

/** The finished files of a log: how large they are, how old, and which have to go. */
export class LogRetention {
  readonly #folder: string;
  readonly #bytes = new Map<number, number>();
  readonly #untilUs = new Map<number, number>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** All files that are there, without the one that is still written. */
  async load(written: number | undefined): Promise<void> {
    for (const file of await listFiles(this.#folder)) if (file !== written) await this.finished(file);
  }

  /** A file that nothing more is written to. */
  async finished(file: number, untilUs?: number): Promise<void> {
    this.#bytes.set(file, await sizeOf(logFile(this.#folder, file)));
    if (untilUs !== undefined) this.#untilUs.set(file, untilUs);
  }

  /**
   * The oldest files that must go: all that are too much, and one at most that is too old, so that a clock that runs ahead for
   * an hour does not cost years.
   */
  async due(policy: KeepPolicy, nowUs: number, openBytes: number): Promise<number[]> {
    const files = [...this.#bytes.keys()].sort((a, b) => a - b);
    let total = openBytes + files.reduce((sum, file) => sum + (this.#bytes.get(file) ?? 0), 0);
    const due: number[] = [];
    for (const file of files) {
      if (total <= policy.maxBytes) break;
      total -= this.#bytes.get(file) ?? 0;
      due.push(file);
    }
    const oldest = files[0];
    if (due.length === 0 && oldest !== undefined) {
      const untilUs = await this.#until(oldest);
      if (untilUs < nowUs - policy.keepDays * DAY_US) due.push(oldest);
    }
    return due;
  }

  /** The last line of a file, or undefined if it is damaged. */
  async lastOf(file: number): Promise<ChainPlace | undefined> {
    const last = await lastLine(logFile(this.#folder, file));
    return last && { n: last.line.n, hash: last.hash };
  }

  async remove(files: readonly number[]): Promise<void> {
    for (const file of files) {
      const path = logFile(this.#folder, file);
      await rm(path, { force: true });
      await rm(`${path}.torn`, { force: true });
      this.#bytes.delete(file);
      this.#untilUs.delete(file);
    }
    await syncFolder(this.#folder);
  }

  async #until(file: number): Promise<number> {
    const known = this.#untilUs.get(file);
    if (known !== undefined) return known;
    const path = logFile(this.#folder, file);
    // A file that was not finished says by its last change how old it is.
    const untilUs = (await finishedRange(path))?.toUs ?? (await stat(path)).mtimeMs * 1000;
    this.#untilUs.set(file, untilUs);
    return untilUs;
  }
}
