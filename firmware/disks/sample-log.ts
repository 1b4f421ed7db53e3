import { constants } from 'node:fs';
import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../base/index.ts';
import { replaceFile } from '../config/index.ts';

/** The least a sample has. */
interface Sample {
  /** UTC microseconds. */
  readonly atUs: number;
}

const ID = /^[A-Za-z0-9_.-]{1,160}$/;
/** No id of a disk can then make a hidden file or an option of one. */
const BEGINNING = 'of-';
const ENDING = '.jsonl';
const DAY_US = 86_400_000_000;
/** All samples of the last days are kept, and one a day for somewhat more than a year. */
const DENSE_DAYS = 3;
const KEPT_DAYS = 400;
/** A file is written anew when it has so many lines more than it needs. */
const SLACK_LINES = 200;
/** Disks come and go; the histories that were longest without a word give way. */
const MAX_FILES = 128;
/** A file of the box itself stays far below. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Samples by id, each id in a file of JSON lines that is only appended to and now and then written anew without what is no longer
 * needed. After a power cut what was appended and synced is there; a torn last line is passed over.
 */
export class SampleLog<T extends Sample> {
  readonly #folder: string;
  readonly #read: (value: unknown) => T | undefined;
  readonly #samples = new Map<string, T[]>();
  readonly #lines = new Map<string, number>();
  #last: Promise<unknown> = Promise.resolve();

  /** `read` checks one line; undefined is left out. */
  constructor(folder: string, read: (value: unknown) => T | undefined) {
    this.#folder = folder;
    this.#read = read;
  }

  /** From the oldest on. Rejects with the file system's error. */
  samples(id: string): Promise<readonly T[]> {
    return this.#queued(() => this.#load(id));
  }

  /** Resolves when the sample is on stable storage. Rejects with the file system's error. */
  append(id: string, sample: T): Promise<void> {
    return this.#queued(async () => {
      const samples = await this.#load(id);
      samples.push(sample);
      const kept = thinned(samples, sample.atUs);
      this.#samples.set(id, kept);
      const lines = this.#lines.get(id) ?? 0;
      if (lines - kept.length >= SLACK_LINES) await this.#rewrite(id, kept);
      else await this.#write(id, `${JSON.stringify(sample)}\n`, lines === 0);
    });
  }

  /** One after another: reading, appending and writing anew share a file. */
  #queued<R>(work: () => Promise<R>): Promise<R> {
    const result = this.#last.then(work);
    // A failure belongs to its caller.
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #load(id: string): Promise<T[]> {
    const known = this.#samples.get(id);
    if (known) return known;
    const text = await this.#text(this.#path(id));
    const lines = text.split('\n');
    const torn = lines.pop() !== '';
    const samples = lines.flatMap((line) => this.#parse(line) ?? []);
    this.#samples.set(id, samples);
    this.#lines.set(id, lines.length);
    if (torn || samples.length < lines.length) await this.#rewrite(id, samples);
    return samples;
  }

  async #text(path: string): Promise<string> {
    try {
      if ((await stat(path)).size > MAX_BYTES) return '';
      return await readFile(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw error;
    }
  }

  #parse(line: string): T | undefined {
    try {
      return this.#read(JSON.parse(line));
    } catch {
      return undefined;
    }
  }

  async #write(id: string, line: string, isNew: boolean): Promise<void> {
    if (isNew) await this.#makeRoom();
    const { O_WRONLY, O_CREAT, O_APPEND } = constants;
    const file = await open(this.#path(id), O_WRONLY | O_CREAT | O_APPEND, 0o600);
    try {
      await file.writeFile(line);
      await file.datasync();
    } finally {
      await file.close();
    }
    if (isNew) await syncFolder(this.#folder);
    this.#lines.set(id, (this.#lines.get(id) ?? 0) + 1);
  }

  async #rewrite(id: string, samples: readonly T[]): Promise<void> {
    await replaceFile(this.#path(id), samples.map((sample) => `${JSON.stringify(sample)}\n`).join(''));
    this.#lines.set(id, samples.length);
  }

  async #makeRoom(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith(ENDING));
    if (names.length < MAX_FILES) return;
    const files = await Promise.all(
      names.map(async (name) => ({ name, changedMs: (await stat(join(this.#folder, name))).mtimeMs })),
    );
    files.sort((a, b) => a.changedMs - b.changedMs);
    for (const { name } of files.slice(0, names.length - MAX_FILES + 1)) {
      await rm(join(this.#folder, name), { force: true });
      const id = name.slice(BEGINNING.length, -ENDING.length);
      this.#samples.delete(id);
      this.#lines.delete(id);
    }
  }

  #path(id: string): string {
    if (!ID.test(id)) throw new RangeError(`no name of a history: ${JSON.stringify(id)}`);
    return join(this.#folder, `${BEGINNING}${id}${ENDING}`);
  }
}

/** The newest sample of each day, and all of the last days. */
function thinned<T extends Sample>(samples: readonly T[], nowUs: number): T[] {
  const day = (sample: T | undefined): number => Math.floor((sample?.atUs ?? 0) / DAY_US);
  return samples.filter((sample, at) => {
    const ageUs = nowUs - sample.atUs;
    if (ageUs > KEPT_DAYS * DAY_US) return false;
    return ageUs <= DENSE_DAYS * DAY_US || day(samples[at + 1]) !== day(sample);
  });
}
