import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../config/index.ts';
import type { KnownTime } from '../storage/index.ts';

const FILE = 'known-time.json';
/** It is written as often, and at once when the clock is doubted or no longer is. */
const WRITE_EVERY_US = 5 * 60e6;

const Content = z.object({
  knownUs: z.number(),
  held: z.object({ forS: z.number(), far: z.boolean(), wrong: z.boolean(), byUs: z.number() }).optional(),
});

/** How late it was when the box last looked: a clock that is wrong at the next start is found by that. */
export class KnownTimeFile {
  readonly #path: string;
  #known: KnownTime | undefined;

  constructor(dataFolder: string) {
    this.#path = join(dataFolder, FILE);
  }

  /** Rejects with the file system's error, or that of a damaged file; nothing is known then. */
  async load(): Promise<void> {
    try {
      this.#known = Content.parse(JSON.parse(await readFile(this.#path, 'utf8')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }

  get known(): KnownTime | undefined {
    return this.#known;
  }

  /** Rejects with the file system's error; it is tried again with the next note. */
  async note(known: KnownTime): Promise<void> {
    const before = this.#known;
    const isOld = !before || Math.abs(known.knownUs - before.knownUs) >= WRITE_EVERY_US;
    if (!isOld && statusOf(before) === statusOf(known)) return;
    await replaceFile(this.#path, `${JSON.stringify(known)}\n`);
    this.#known = known;
  }
}

function statusOf({ held }: KnownTime): string {
  return held ? `${held.far} ${held.wrong} ${held.byUs}` : '';
}
