import { join } from 'node:path';
import { KeptMap } from './kept-map.ts';

const FILE = 'disk-removals.json';

/**
 * File systems that are to be unmounted because their volumes leave the settings. Written down before the settings change, so that a
 * box that dies in between finds out at its next start what is left to do: the settings alone decide whether a volume is in use.
 */
export class DiskRemovals {
  /** The volumes of each file system, by its uuid. */
  readonly #kept: KeptMap<readonly string[]>;
  /** Those that an earlier process did not finish. */
  readonly #inherited: Set<string>;

  private constructor(kept: KeptMap<readonly string[]>, inherited: Set<string>) {
    this.#kept = kept;
    this.#inherited = inherited;
  }

  /** `used`: ids of the volumes in the settings. What is still among them was never taken out, and stays. */
  static async open(dataFolder: string, used: ReadonlySet<string>): Promise<DiskRemovals> {
    const kept = await KeptMap.open<readonly string[]>(join(dataFolder, FILE));
    const left = [...kept.entries].filter(([, volumes]) => !volumes.some((id) => used.has(id)));
    return new DiskRemovals(kept, new Set(left.map(([uuid]) => uuid)));
  }

  /** uuids of file systems whose removal an earlier process has begun and not finished. */
  get inherited(): readonly string[] {
    return [...this.#inherited];
  }

  /** Rejects with the file system's error; nothing has begun then. */
  begin(fileSystems: readonly string[], volumes: readonly string[]): Promise<void> {
    return this.#kept.set(fileSystems, volumes);
  }

  /** They are unmounted, or stay after all. Rejects with the file system's error. */
  over(fileSystems: readonly string[]): Promise<void> {
    for (const uuid of fileSystems) this.#inherited.delete(uuid);
    return this.#kept.delete(fileSystems);
  }
}
