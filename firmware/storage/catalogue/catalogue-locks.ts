import type { DatabaseSync } from 'node:sqlite';
import type { JournalEvent, LockRecord, UnlockRecord } from '../journal/journal.ts';
import { LockBook, type LockInfo } from '../space/lock-book.ts';

/** What the journal of a volume says of a lock. */
interface Place {
  locked: boolean;
  lifted: boolean;
}

/**
 * The catalogue's table of locks, and of which volume's journal holds which. Forgetting a volume forgets its places only:
 * until a new catalogue is made from the journals, a lock is never lost with a disk.
 */
export class CatalogueLocks {
  readonly book = new LockBook();
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #places = new Map<string, Map<number, Place>>();

  constructor(database: DatabaseSync) {
    this.#statements = prepareStatements(database);
    for (const row of this.#statements.locks.all()) {
      this.book.add(JSON.parse((row as { record: string }).record) as LockRecord);
    }
    for (const row of this.#statements.lifted.all() as unknown as { lock: string; atUs: number }[]) {
      this.book.lift(row.lock, row.atUs);
    }
    const places = this.#statements.places.all() as unknown as {
      lock: string;
      volume: number;
      locked: number;
      lifted: number;
    }[];
    for (const { lock, volume, locked, lifted } of places) {
      this.#place(lock, volume, { locked: locked === 1, lifted: lifted === 1 });
    }
  }

  /** A record of a volume's journal, or, without a volume, one that is still to be written to all of them. */
  apply(volume: number | undefined, record: LockRecord | UnlockRecord): void {
    if (record.t === 'lock') {
      if (!this.book.has(record.lock)) {
        this.#statements.addLock.run(record.lock, JSON.stringify(record));
        this.book.add(record);
      }
    } else if (!this.book.isLifted(record.lock)) {
      this.#statements.addLifted.run(record.lock, record.atUs);
      this.book.lift(record.lock, record.atUs);
    }
    if (volume === undefined) return;
    const before = this.#placesOf(record.lock).get(volume);
    const after = {
      locked: record.t === 'lock' || before?.locked === true,
      lifted: record.t === 'unlock' || before?.lifted === true,
    };
    this.#place(record.lock, volume, after);
    this.#statements.addPlace.run(record.lock, volume, Number(after.locked), Number(after.lifted));
  }

  /** On how many volumes it stands; with `lifted`, on how many that it is lifted. */
  volumesWith(lock: string, lifted: boolean): number {
    return [...this.#placesOf(lock).values()].filter((place) => (lifted ? place.lifted : place.locked)).length;
  }

  /** What is still to be written to this volume. */
  missing(volume: number, nowUs: number | undefined): JournalEvent[] {
    const records: JournalEvent[] = this.book
      .wanted(nowUs)
      .filter(({ lock }) => !this.#placesOf(lock).get(volume)?.locked)
      .map((info: LockInfo) => ({ t: 'lock', ...info }));
    for (const [lock, places] of this.#places) {
      const place = places.get(volume);
      const atUs = this.book.liftedAtUs(lock);
      if (place?.locked && !place.lifted && atUs !== undefined) records.push({ t: 'unlock', lock, atUs });
    }
    return records;
  }

  /** What of these locks a volume's journal must keep when it is compacted. */
  needed(locks: readonly string[], nowUs: number | undefined): { locked: Set<string>; lifted: Set<string> } {
    const wanted = new Set(this.book.wanted(nowUs).map(({ lock }) => lock));
    return {
      locked: new Set(locks.filter((lock) => wanted.has(lock))),
      // A disk that was away may come back with the lock at any time.
      lifted: new Set(locks.filter((lock) => this.book.isLifted(lock))),
    };
  }

  forgetVolume(volume: number): void {
    for (const places of this.#places.values()) places.delete(volume);
    this.#statements.forget.run(volume);
  }

  #placesOf(lock: string): Map<number, Place> {
    return this.#places.get(lock) ?? new Map<number, Place>();
  }

  #place(lock: string, volume: number, place: Place): void {
    const places = this.#places.get(lock);
    if (places) places.set(volume, place);
    else this.#places.set(lock, new Map([[volume, place]]));
  }
}

function prepareStatements(database: DatabaseSync) {
  return {
    locks: database.prepare('SELECT record FROM locks ORDER BY lock'),
    lifted: database.prepare('SELECT lock, at_us atUs FROM unlocks'),
    places: database.prepare('SELECT lock, volume, locked, lifted FROM lock_places'),
    addLock: database.prepare('INSERT OR REPLACE INTO locks VALUES(?, ?)'),
    addLifted: database.prepare('INSERT OR REPLACE INTO unlocks VALUES(?, ?)'),
    addPlace: database.prepare('INSERT OR REPLACE INTO lock_places VALUES(?, ?, ?, ?)'),
    forget: database.prepare('DELETE FROM lock_places WHERE volume = ?'),
  };
}
