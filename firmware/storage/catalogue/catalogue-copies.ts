import type { DatabaseSync } from 'node:sqlite';
import type { CatalogueNames } from './catalogue-names.ts';
import { FLAG } from './catalogue-schema.ts';

interface Twin {
  volume: number;
  sequence: number;
  endUs: number;
  flags: number;
  run: number;
}

/** Copies of the same file end at the same time; those that were recorded at once may differ by a fragment. */
const SAME_END_US = 1_000_000;

/**
 * Footage that stands on several volumes: copies are closed segments of one stream and one run with the same start on different volumes. All but one
 * of them are `shadowed`: they count for their volume, and are neither listed nor covered. That needs no journal to tell it, so a
 * rebuild from the disks alone finds footage once, too.
 */
export class Copies {
  readonly #names: CatalogueNames;
  readonly #touch: (channel: number, startUs: number, endUs: number) => void;
  readonly #statements: ReturnType<typeof prepareStatements>;

  /** `touch` is told of spans whose coverage has changed. */
  constructor(
    database: DatabaseSync,
    names: CatalogueNames,
    touch: (channel: number, startUs: number, endUs: number) => void,
  ) {
    this.#names = names;
    this.#touch = touch;
    this.#statements = prepareStatements(database);
  }

  /** Something has changed about a segment of this stream that begins at this time. */
  settle(channel: number, startUs: number): void {
    const rows = this.#statements.twins.all(channel, startUs) as unknown as Twin[];
    if (rows.length === 0) return;
    if (rows.length === 1) {
      this.#shadow(channel, startUs, rows[0]!, false);
      return;
    }
    for (const twins of Map.groupBy(rows, ({ run }) => this.#names.runNames(run).run).values()) {
      const best = twins.reduce((a, b) => (this.#isBetter(b, a) ? b : a));
      // No volume holds a copy of what it holds itself.
      for (const twin of twins) this.#shadow(channel, startUs, twin, twin.volume !== best.volume);
    }
  }

  /** After a journal was read in full: looks at everything that begins at the same time as something else. */
  settleAll(): void {
    for (const { channel, startUs } of this.#statements.doubles.all() as unknown as {
      channel: number;
      startUs: number;
    }[]) {
      this.settle(channel, startUs);
    }
  }

  /** After segments of a volume were forgotten: what they have put into the shade may be the only one now. */
  settleShadowed(): void {
    for (const { channel, startUs } of this.#statements.shadowed.all() as unknown as {
      channel: number;
      startUs: number;
    }[]) {
      this.settle(channel, startUs);
    }
  }

  #shadow(channel: number, startUs: number, twin: Twin, shadowed: boolean): void {
    if (((twin.flags & FLAG.shadowed) !== 0) === shadowed) return;
    const { volume, sequence, endUs, flags } = twin;
    this.#statements.setFlags.run(flags ^ FLAG.shadowed, channel, startUs, volume, sequence);
    this.#touch(channel, startUs, endUs);
  }

  /**
   * A copy was compared with its original, which lies on a disk that was failing, so it is never worse. Among equals the choice is
   * arbitrary and always the same.
   */
  #isBetter(a: Twin, b: Twin): boolean {
    const differs = (flag: number): boolean => (a.flags & flag) !== (b.flags & flag);
    if (differs(FLAG.marked)) return (b.flags & FLAG.marked) !== 0;
    // Of a stream that is recorded on two disks, one may have failed or been left early.
    if (Math.abs(a.endUs - b.endUs) > SAME_END_US) return a.endUs > b.endUs;
    if (differs(FLAG.copy)) return (a.flags & FLAG.copy) !== 0;
    if (differs(FLAG.suspect)) return (b.flags & FLAG.suspect) !== 0;
    if (differs(FLAG.moved)) return (b.flags & FLAG.moved) !== 0;
    const names = [this.#names.volumeName(a.volume), this.#names.volumeName(b.volume)] as const;
    return names[0] === names[1] ? a.sequence > b.sequence : names[0] > names[1];
  }
}

function prepareStatements(database: DatabaseSync) {
  return {
    twins: database.prepare(
      `SELECT volume, sequence, end_us endUs, flags, run FROM segments WHERE channel = ? AND start_us = ?
       AND NOT flags & ${FLAG.open}`,
    ),
    doubles: database.prepare(
      `SELECT channel, start_us startUs FROM segments WHERE NOT flags & ${FLAG.open}
       GROUP BY channel, start_us HAVING count(*) > 1`,
    ),
    shadowed: database.prepare(`SELECT channel, start_us startUs FROM segments WHERE flags & ${FLAG.shadowed}`),
    setFlags: database.prepare(
      'UPDATE segments SET flags = ? WHERE channel = ? AND start_us = ? AND volume = ? AND sequence = ?',
    ),
  };
}
