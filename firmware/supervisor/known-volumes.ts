import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../config/index.ts';

const FILE = 'known-volumes.json';

/**
 * Which volumes of the settings have been used before, and under which uuid. An empty folder becomes a volume only the first
 * time: later it is the bare mount point of a disk that is missing (invariant S1).
 */
export class KnownVolumes {
  readonly #path: string;
  readonly #uuids: Map<string, string>;
  #lastNote: Promise<void> = Promise.resolve();

  private constructor(path: string, uuids: Map<string, string>) {
    this.#path = path;
    this.#uuids = uuids;
  }

  static async open(dataFolder: string): Promise<KnownVolumes> {
    const path = join(dataFolder, FILE);
    try {
      const content = JSON.parse(await readFile(path, 'utf8')) as Record<string, string>;
      return new KnownVolumes(path, new Map(Object.entries(content)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new KnownVolumes(path, new Map());
      throw error;
    }
  }

  get ids(): ReadonlySet<string> {
    return new Set(this.#uuids.keys());
  }

  /** The setting's id of a volume. */
  idOf(uuid: string): string | undefined {
    return [...this.#uuids].find(([, each]) => each === uuid)?.[0];
  }

  /** The uuid under which a volume of the settings was last seen. */
  uuidOf(id: string): string | undefined {
    return this.#uuids.get(id);
  }

  /** Notes run one after another: two volumes are often opened at the same moment. Rejects with the file system's error. */
  note(id: string, uuid: string): Promise<void> {
    const note = this.#lastNote.then(() => this.#write(id, uuid));
    // The failure belongs to the caller of this note, not to the next one.
    this.#lastNote = note.then(nothing, nothing);
    return note;
  }

  async #write(id: string, uuid: string): Promise<void> {
    if (this.#uuids.get(id) === uuid) return;
    this.#uuids.set(id, uuid);
    await replaceFile(this.#path, `${JSON.stringify(Object.fromEntries(this.#uuids), undefined, 2)}\n`);
  }
}

function nothing(): void {}
