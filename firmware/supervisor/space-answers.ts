import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../config/index.ts';

export interface SpaceAnswer {
  readonly decision: 'overwrite-once' | 'keep-stopped';
  readonly atUs: number;
  /** What may be overwritten, for the first decision: up to these sequences, by uuid of the volume. */
  readonly sequences: Readonly<Record<string, number>>;
}

const FILE = 'space-answers.json';

/** What owners have answered to groups of cameras for which the disks were full; outlives the process. */
export class SpaceAnswers {
  readonly #path: string;
  readonly #answers = new Map<string, SpaceAnswer>();
  #written: Promise<void> = Promise.resolve();

  constructor(dataFolder: string) {
    this.#path = join(dataFolder, FILE);
  }

  /** Rejects with the file system's error, or a SyntaxError if the file is damaged; there are no answers then. */
  async load(): Promise<void> {
    try {
      const content = JSON.parse(await readFile(this.#path, 'utf8')) as Record<string, SpaceAnswer>;
      for (const [group, answer] of Object.entries(content)) this.#answers.set(group, answer);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }

  get all(): ReadonlyMap<string, SpaceAnswer> {
    return this.#answers;
  }

  /** Undefined takes the answer back. Rejects with the file system's error; the answer holds until the process ends then. */
  set(group: string, answer: SpaceAnswer | undefined): Promise<void> {
    if (answer) this.#answers.set(group, answer);
    else this.#answers.delete(group);
    const written = this.#written.then(() => {
      const content = Object.fromEntries(this.#answers);
      return replaceFile(this.#path, `${JSON.stringify(content, undefined, 2)}\n`);
    });
    // The failure belongs to the caller of this change, not to the next one.
    this.#written = written.then(nothing, nothing);
    return written;
  }
}

function nothing(): void {}
