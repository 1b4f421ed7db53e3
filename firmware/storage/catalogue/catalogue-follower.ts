import { join } from 'node:path';
import { isSqliteError } from './catalogue-schema.ts';
import type { AttachReport } from './catalogue-types.ts';
import type { Catalogue } from './catalogue.ts';
import { JournalReader } from '../journal/journal-reader.ts';
import { JOURNAL_FOLDER, type JournalDamage, type JournalEntry, type JournalPosition } from '../journal/journal.ts';

/** Changes in one transaction while a journal is read in full. */
const BULK_CHANGES = 50_000;
/** Live entries that may wait while the journal is read; beyond them they are dropped and read from the journal instead. */
const MAX_WAITING = 100_000;

/**
 * Keeps the catalogue level with one volume's journal: first from the files, then from the entries that the record worker
 * hands over. Each entry has a place, so what comes twice is passed over, and what is missing is read from the files.
 */
export class CatalogueFollower {
  readonly volume: string;
  readonly #catalogue: Catalogue;
  readonly #reader: JournalReader;
  readonly #signal: AbortSignal;
  readonly #waiting: JournalEntry[] = [];
  /** The live entries join the records read from the files without a gap. */
  #joined = false;
  #reading: Promise<void> | undefined;
  #lost = false;

  constructor(volume: string, folder: string, catalogue: Catalogue, signal: AbortSignal) {
    this.volume = volume;
    this.#catalogue = catalogue;
    this.#reader = new JournalReader(join(folder, JOURNAL_FOLDER));
    this.#signal = signal;
  }

  /** Reads what the catalogue does not know yet. Rejects with the file system's error, leaving the catalogue at its last commit or later. */
  async attach(): Promise<AttachReport> {
    const startedMs = performance.now();
    let how: AttachReport['how'] = 'tail';
    const checkpoint = this.#catalogue.checkpoint(this.volume);
    if (checkpoint.file === 0 || !(await this.#reader.continues(checkpoint))) {
      how = 'all';
      this.#catalogue.forgetVolume(this.volume);
      this.#catalogue.beginBulk(this.volume);
    }
    const damage: JournalDamage[] = [];
    let records = 0;
    const reading = this.#catchUp((count, found) => {
      records += count;
      if (found) damage.push(found);
    });
    this.#reading = reading.finally(() => (this.#reading = undefined));
    try {
      await this.#reading;
    } finally {
      if (how === 'all') this.#catalogue.endBulk(this.volume);
    }
    this.#drain();
    const lost = this.#lost || damage.some(({ kind }) => kind === 'damaged');
    return { volume: this.volume, how, records, damage, lost, durationMs: performance.now() - startedMs };
  }

  /** Takes live entries, in their order. Never waits. */
  feed(entries: readonly JournalEntry[]): void {
    if (this.#waiting.length + entries.length > MAX_WAITING) {
      this.#waiting.length = 0;
      this.#joined = false;
    }
    this.#waiting.push(...entries);
    if (!this.#reading) this.#drain();
  }

  #drain(): void {
    const { file, offset } = this.#catalogue.checkpoint(this.volume);
    const position = { file, offset };
    for (let index = 0; index < this.#waiting.length; index++) {
      const entry = this.#waiting[index]!;
      const order = comparePlaces(entry.at, position);
      if (order > 0 && !this.#joined) {
        this.#waiting.splice(0, index);
        this.#readMissing();
        return;
      }
      this.#joined = true;
      if (order < 0) continue;
      this.#apply(entry);
      position.file = entry.at.file;
      position.offset = entry.endOffset;
    }
    this.#waiting.length = 0;
  }

  #readMissing(): void {
    this.#reading = this.#catchUp(() => {}).then(
      () => {
        this.#reading = undefined;
        // The entries that wait are in the files by now, so the first of them joins.
        this.#joined = true;
        this.#drain();
      },
      (error: unknown) => {
        this.#reading = undefined;
        // The catalogue's own errors end its worker. If the disk refuses, the entries wait; the next one tries again.
        if (isSqliteError(error)) throw error;
      },
    );
  }

  async #catchUp(note: (count: number, damage: JournalDamage | undefined) => void): Promise<void> {
    const { file, offset } = this.#catalogue.checkpoint(this.volume);
    for await (const batch of this.#reader.read(file === 0 ? undefined : { file, offset })) {
      this.#signal.throwIfAborted();
      for (const entry of batch.entries) this.#apply(entry);
      note(batch.entries.length, batch.damage);
      if (this.#catalogue.pending >= BULK_CHANGES) this.#catalogue.commit();
    }
    this.#catalogue.commit();
  }

  #apply(entry: JournalEntry): void {
    if (!this.#catalogue.apply(this.volume, entry)) this.#lost = true;
  }
}

function comparePlaces(a: JournalPosition, b: JournalPosition): number {
  return a.file - b.file || a.offset - b.offset;
}
