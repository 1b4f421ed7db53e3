import { readFile } from 'node:fs/promises';
import { replaceFile } from '../config/index.ts';

/** A few things by name in a file of JSON that is replaced as a whole with each change: they outlive the process and a power cut. */
export class KeptMap<V> {
  readonly #path: string;
  readonly #entries: Map<string, V>;
  #written: Promise<void> = Promise.resolve();

  private constructor(path: string, entries: Map<string, V>) {
    this.#path = path;
    this.#entries = entries;
  }

  /** A file that is missing, or damaged, has nothing in it. Rejects with the file system's error. */
  static async open<V>(path: string): Promise<KeptMap<V>> {
    try {
      const content = JSON.parse(await readFile(path, 'utf8')) as Record<string, V>;
      return new KeptMap(path, new Map(Object.entries(content)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' && !(error instanceof SyntaxError)) throw error;
      return new KeptMap(path, new Map());
    }
  }

  get entries(): ReadonlyMap<string, V> {
    return this.#entries;
  }

  /** Resolves when it is durable. Rejects with the file system's error; it holds until the process ends then. */
  set(names: readonly string[], value: V): Promise<void> {
    for (const name of names) this.#entries.set(name, value);
    return this.#write();
  }

  /** Resolves when they are gone for good; nothing is written if there were none. Rejects like `set`. */
  delete(names: readonly string[]): Promise<void> {
    const known = names.filter((name) => this.#entries.delete(name));
    return known.length > 0 ? this.#write() : this.#written;
  }

  /** Writes run one after another. */
  #write(): Promise<void> {
    const written = this.#written.then(() =>
      replaceFile(this.#path, `${JSON.stringify(Object.fromEntries(this.#entries), undefined, 2)}\n`),
    );
    // The failure belongs to the caller of this change, not to the next one.
    this.#written = written.then(nothing, nothing);
    return written;
  }
}

function nothing(): void {}
