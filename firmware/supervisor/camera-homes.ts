import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../config/index.ts';
import type { Homes } from '../recording/index.ts';

const FILE = 'camera-homes.json';

/**
 * On which volumes each camera is at home, so that it stays there over a restart. Only a memory of the last placement: without
 * it the cameras are spread anew.
 */
export class CameraHomes {
  readonly #path: string;
  readonly #failed: (error: unknown) => void;
  #homes: Homes;
  #lastWrite: Promise<void> = Promise.resolve();

  private constructor(path: string, homes: Homes, failed: (error: unknown) => void) {
    this.#path = path;
    this.#homes = homes;
    this.#failed = failed;
  }

  /** `failed` hears why the file could not be used or written. */
  static async open(dataFolder: string, failed: (error: unknown) => void): Promise<CameraHomes> {
    const path = join(dataFolder, FILE);
    try {
      const content: unknown = JSON.parse(await readFile(path, 'utf8'));
      return new CameraHomes(path, understand(content), failed);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') failed(error);
      return new CameraHomes(path, [], failed);
    }
  }

  get homes(): Homes {
    return this.#homes;
  }

  note(homes: Homes): void {
    this.#homes = homes;
    const write = async (): Promise<void> => {
      if (this.#homes !== homes) return;
      await replaceFile(this.#path, `${JSON.stringify(Object.fromEntries(homes), undefined, 2)}\n`);
    };
    this.#lastWrite = this.#lastWrite.then(write).catch(this.#failed);
  }
}

function understand(content: unknown): Homes {
  if (typeof content !== 'object' || content === null) return [];
  return Object.entries(content).filter((entry): entry is [string, string[]] => {
    const [, volumes] = entry as [string, unknown];
    return Array.isArray(volumes) && volumes.every((each) => typeof each === 'string');
  });
}
