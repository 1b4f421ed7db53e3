import { appendFile, readFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { isTimeZone } from '../base/index.ts';
import type { Settings } from '../config/index.ts';
import { changedPromises, type RecordingPromise } from './promise.ts';

/**
 * What was promised of every camera since when: a file of JSON lines that only grows, one line for each change. A line that
 * cannot be read is passed over.
 */
export class PromiseLog {
  readonly #path: string;
  readonly #history = new Map<string, RecordingPromise[]>();
  #lastWrite: Promise<void> = Promise.resolve();
  /** The last line is not whole: nothing may be written behind it. */
  #endsTorn = false;

  private constructor(path: string) {
    this.#path = path;
  }

  /** A file that cannot be read is told to `failed` and counts as empty; without `failed`, rejects with the file system's error. */
  static async open(path: string, failed?: (error: unknown) => void): Promise<PromiseLog> {
    const log = new PromiseLog(path);
    try {
      const text = await readIfThere(path);
      log.#endsTorn = text !== '' && !text.endsWith('\n');
      for (const line of text.split('\n')) {
        const promise = parsePromise(line);
        if (promise) log.#add(promise);
      }
    } catch (error) {
      if (!failed) throw error;
      failed(error);
    }
    return log;
  }

  /** What holds now, by camera. */
  get current(): ReadonlyMap<string, RecordingPromise> {
    return new Map([...this.#history].map(([camera, promises]) => [camera, promises.at(-1)!]));
  }

  get cameras(): string[] {
    return [...this.#history.keys()];
  }

  /** The promises of a camera, the oldest first. */
  historyOf(camera: string): readonly RecordingPromise[] {
    return this.#history.get(camera) ?? [];
  }

  /** Takes note of the settings in force from this instant on. Rejects with the file system's error; they count all the same. */
  note(settings: Settings, nowUs: number): Promise<void> {
    const changed = changedPromises(this.current, settings, nowUs);
    for (const promise of changed) this.#add(promise);
    if (changed.length === 0) return this.#lastWrite;
    const lines = changed.map((promise) => `${JSON.stringify(promise)}\n`);
    const text = `${this.#endsTorn ? '\n' : ''}${lines.join('')}`;
    this.#endsTorn = false;
    const write = this.#lastWrite.then(async () => {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
      await appendFile(this.#path, text, { mode: 0o600, flush: true });
    });
    // The failure belongs to the caller of this note, not to the next one.
    this.#lastWrite = write.then(nothing, nothing);
    return write;
  }

  #add(promise: RecordingPromise): void {
    const history = this.#history.get(promise.camera) ?? [];
    // The order of the lines counts, also where a clock was set back between them.
    const sinceUs = Math.max(promise.sinceUs, history.at(-1)?.sinceUs ?? -Infinity);
    history.push({ ...promise, sinceUs });
    this.#history.set(promise.camera, history);
  }
}

const time = z.string().regex(/^\d\d:[0-5]\d$/);
const Line = z.object({
  sinceUs: z.number(),
  camera: z.string(),
  name: z.string(),
  when: z.enum(['always', 'weekly', 'never']),
  stream: z.string(),
  times: z.array(z.object({ day: z.int().min(0).max(6), from: time, to: time })),
  timeZone: z.string().refine(isTimeZone),
});

/** A line of the file; undefined if it cannot be read: torn by a power cut, or damaged so that nothing can be reckoned by it. */
export function parsePromise(line: string): RecordingPromise | undefined {
  if (line === '') return undefined;
  try {
    return Line.safeParse(JSON.parse(line)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function nothing(): void {}
