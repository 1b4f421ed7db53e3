import { readFile } from 'node:fs/promises';
import { replaceFile } from '../config/index.ts';

const MAX_SERIES = 2048;
const FIRST_CAPACITY = 256;

/** Which column of the files belongs to which series, kept in a small file of its own. */
export class SeriesDirectory {
  readonly #path: string;
  readonly #columns = new Map<string, { column: number; usedUs: number }>();
  #capacity = FIRST_CAPACITY;
  #changed = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** A file that is missing or cannot be understood counts as empty: the history begins anew. */
  async load(): Promise<void> {
    try {
      const { capacity, columns } = JSON.parse(await readFile(this.#path, 'utf8')) as {
        capacity: number;
        columns: Record<string, { column: number; usedUs: number }>;
      };
      if (!Number.isInteger(capacity) || capacity < FIRST_CAPACITY || capacity > MAX_SERIES) return;
      this.#capacity = capacity;
      for (const [name, { column, usedUs }] of Object.entries(columns)) {
        if (Number.isInteger(column) && column >= 0 && column < capacity) this.#columns.set(name, { column, usedUs });
      }
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof TypeError || isMissing(error))) throw error;
    }
  }

  /** How many columns the files have. */
  get capacity(): number {
    return this.#capacity;
  }

  names(): string[] {
    return [...this.#columns.keys()];
  }

  columnOf(name: string): number | undefined {
    return this.#columns.get(name)?.column;
  }

  /**
   * Gives columns to the series of now; where there is none left, the series that was longest without a value loses its own.
   * Returns true if the files must be made anew with more columns. Series beyond the limit get none.
   */
  use(names: readonly string[], nowUs: number): boolean {
    const wanted = names.slice(0, MAX_SERIES);
    let grown = false;
    for (const name of wanted) {
      const known = this.#columns.get(name);
      if (known) {
        known.usedUs = nowUs;
        continue;
      }
      if (this.#columns.size >= this.#capacity && this.#capacity < MAX_SERIES) {
        this.#capacity *= 2;
        grown = true;
      }
      if (this.#columns.size >= this.#capacity) this.#giveUp(new Set(wanted));
      this.#columns.set(name, { column: this.#free(), usedUs: nowUs });
      this.#changed = true;
    }
    return grown;
  }

  /** Must be on the disk before anything stands in the columns. Rejects with the file system's error. */
  async save(): Promise<void> {
    if (!this.#changed) return;
    const columns = Object.fromEntries(this.#columns);
    await replaceFile(this.#path, `${JSON.stringify({ capacity: this.#capacity, columns })}\n`);
    this.#changed = false;
  }

  #giveUp(kept: ReadonlySet<string>): void {
    let oldest: string | undefined;
    for (const [name, { usedUs }] of this.#columns) {
      if (kept.has(name)) continue;
      if (oldest === undefined || usedUs < this.#columns.get(oldest)!.usedUs) oldest = name;
    }
    if (oldest !== undefined) this.#columns.delete(oldest);
  }

  #free(): number {
    const taken = new Set([...this.#columns.values()].map(({ column }) => column));
    let column = 0;
    while (taken.has(column)) column++;
    return column;
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
