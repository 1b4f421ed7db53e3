import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { FLAG } from './catalogue-schema.ts';
import type { FootageClass } from '../journal/journal.ts';

/** Closed segments of one stream and class on one volume. */
export interface Usage {
  volume: number;
  channel: number;
  class: FootageClass;
  /** Copies whose time is trusted; all others count together. */
  copies: boolean;
  segments: number;
  bytes: number;
  /** Segments that came since the catalogue was opened. */
  added: number;
}

/** Bytes per volume, stream and class: kept up to date with each segment, so that nobody ever has to add them up. */
export class CatalogueUsage {
  readonly #put: StatementSync;
  readonly #forget: StatementSync;
  readonly #rows = new Map<string, Usage>();
  readonly #dirty = new Set<Usage>();

  constructor(database: DatabaseSync) {
    this.#put = database.prepare('INSERT OR REPLACE INTO usage VALUES(?, ?, ?, ?, ?)');
    this.#forget = database.prepare('DELETE FROM usage WHERE volume = ?');
    for (const row of database.prepare('SELECT * FROM usage').all() as unknown as (Usage & { flag: number })[]) {
      const { volume, channel, flag, segments, bytes } = row;
      this.#rows.set(keyOf(volume, channel, flag), { volume, channel, ...kindOf(flag), segments, bytes, added: 0 });
    }
  }

  /** A segment was closed (`segments` 1) or is gone (-1). */
  add(volume: number, channel: number, flags: number, segments: 1 | -1, bytes: number): void {
    const key = keyOf(volume, channel, flags);
    let row = this.#rows.get(key);
    if (!row) this.#rows.set(key, (row = { volume, channel, ...kindOf(flags), segments: 0, bytes: 0, added: 0 }));
    if (segments > 0) row.added++;
    row.segments += segments;
    row.bytes += segments * bytes;
    this.#dirty.add(row);
  }

  /** What there is on a volume. */
  of(volume: number): Usage[] {
    return [...this.#rows.values()].filter((row) => row.volume === volume && row.segments > 0);
  }

  forgetVolume(volume: number): void {
    for (const [key, row] of this.#rows) {
      if (row.volume !== volume) continue;
      this.#rows.delete(key);
      this.#dirty.delete(row);
    }
    this.#forget.run(volume);
  }

  /** Part of the catalogue's commit. */
  save(): void {
    for (const row of this.#dirty) {
      this.#put.run(row.volume, row.channel, flagOf(row), row.segments, row.bytes);
    }
    this.#dirty.clear();
  }
}

export function classOf(flags: number): FootageClass {
  return flags & FLAG.event ? 'event' : 'continuous';
}

/** The bits of segments.flags that tell these from others. */
export function flagOf({ class: footage, copies }: Pick<Usage, 'class' | 'copies'>): number {
  return (footage === 'event' ? FLAG.event : 0) | (copies ? FLAG.timedCopy : 0);
}

function kindOf(flags: number): Pick<Usage, 'class' | 'copies'> {
  return { class: classOf(flags), copies: (flags & FLAG.timedCopy) !== 0 };
}

function keyOf(volume: number, channel: number, flags: number): string {
  return `${volume}/${channel}/${flagOf(kindOf(flags))}`;
}
