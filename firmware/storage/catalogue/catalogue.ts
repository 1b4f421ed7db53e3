import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { CatalogueLocks } from './catalogue-locks.ts';
import { Copies } from './catalogue-copies.ts';
import { CatalogueNames } from './catalogue-names.ts';
import { CatalogueQueries } from './catalogue-queries.ts';
import { FLAG, openDatabase } from './catalogue-schema.ts';
import { CatalogueUsage, type Usage } from './catalogue-usage.ts';
import type { HourInfo, KeptDay, OpenRow } from './catalogue-types.ts';
import { coverDay, DAY_US, daysOf } from './coverage.ts';
import type { Span } from './coverage.ts';
import { HourlyRates } from './hourly-rates.ts';
import type {
  AnchorRecord,
  CloseRecord,
  GapRecord,
  HeadRecord,
  JournalEntry,
  JournalPosition,
  LockRecord,
  OpenRecord,
  SealRecord,
  UnlockRecord,
} from '../journal/journal.ts';

interface Row {
  channel: number;
  start_us: number;
  end_us: number;
  bytes: number;
  flags: number;
  run: number;
  codec: number;
}

/** Where the catalogue stands in a volume's journal; `begunUs` is from the head of that file and tells histories apart. */
export interface Checkpoint extends JournalPosition {
  begunUs: number;
}

/** The newest seal of a volume: its segment and its chain; 0 and empty when there is none. */
export interface LastSeal {
  sealedLast: number;
  sealChain: string;
}

interface VolumeState extends Checkpoint, LastSeal {
  lastSequence: number;
  segments: number;
  bytes: number;
  /** Since the catalogue was opened. */
  deletedBytes: number;
  dirty: boolean;
}

/** No segment is longer: what claims to be was closed with a broken clock, and would make every query look far back. */
const MAX_SEGMENT_US = DAY_US;

/**
 * The cache of all journals, in SQLite. Synchronous: it lives in the catalogue worker. Changes gather in one transaction
 * until `commit`; queries see them at once. It holds exactly what the journals say, so losing it costs only time.
 */
export class Catalogue {
  readonly #database: DatabaseSync;
  readonly #names: CatalogueNames;
  readonly #hours: HourlyRates;
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #open = new Map<string, OpenRow>();
  readonly #volumes = new Map<number, VolumeState>();
  readonly #dirtyDays = new Map<number, Set<number>>();
  readonly #dirtyGaps = new Set<number>();
  readonly #copies: Copies;
  /** Volumes whose journal is being read in full: copies are looked for at its end. */
  readonly #inBulk = new Set<number>();
  readonly queries: CatalogueQueries;
  readonly locks: CatalogueLocks;
  readonly #usage: CatalogueUsage;
  /** There was no usable catalogue at this path: all volumes have to be read in full. */
  readonly fresh: boolean;
  #inTransaction = false;
  #pending = 0;

  /** Opens or makes the database at the path. Throws SQLite's error when the disk refuses. */
  constructor(path: string) {
    const { database, fresh } = openDatabase(path);
    this.#database = database;
    this.fresh = fresh;
    this.#names = new CatalogueNames(database);
    this.#hours = new HourlyRates(database);
    this.#statements = prepareStatements(database);
    this.#copies = new Copies(database, this.#names, (channel, startUs, endUs) => this.#touch(channel, startUs, endUs));
    this.queries = new CatalogueQueries(database, this.#names, { open: this.#open, settle: () => this.#settle() });
    this.locks = new CatalogueLocks(database);
    this.#usage = new CatalogueUsage(database);
    this.#load();
  }

  /** Changes since the last commit. */
  get pending(): number {
    return this.#pending;
  }

  /** Where the volume's journal has to be read on from; file 0 when nothing of it is known. */
  checkpoint(volume: string): Checkpoint {
    const { file, offset, begunUs } = this.#volume(this.#names.volume(volume));
    return { file, offset, begunUs };
  }

  /** Drops everything known of a volume, as before a full reading of its journal. */
  forgetVolume(volume: string): void {
    this.commit();
    const id = this.#names.volume(volume);
    this.#begin();
    for (const channel of this.#names.channelIds()) {
      for (const row of this.#statements.daysOfVolume.all(channel, id) as unknown as {
        start_us: number;
        end_us: number;
      }[])
        this.#touch(channel, row.start_us, row.end_us);
      this.#dirtyGaps.add(channel);
    }
    for (const [key, row] of this.#open) if (row.volume === id) this.#open.delete(key);
    this.locks.forgetVolume(id);
    this.#usage.forgetVolume(id);
    for (const statement of this.#statements.forget) statement.run(id);
    this.#hours.forgetVolume(id);
    this.#names.forgetRuns();
    this.#volumes.delete(id);
    this.#begin();
    this.#copies.settleShadowed();
    this.commit();
  }

  /** The entries to come are all that the volume's journal holds. */
  beginBulk(volume: string): void {
    this.#inBulk.add(this.#names.volume(volume));
  }

  endBulk(volume: string): void {
    this.#inBulk.delete(this.#names.volume(volume));
    this.#begin();
    this.#copies.settleAll();
    this.commit();
  }

  /** What an anchor adds to the times that a boot recorded under an untrusted clock; 0 if there is none. */
  anchorUs(volume: string, boot: string): number {
    return this.#names.boot(this.#names.volume(volume), boot).anchorUs;
  }

  lastSeal(volume: string): LastSeal {
    const { sealedLast, sealChain } = this.#volume(this.#names.volume(volume));
    return { sealedLast, sealChain };
  }

  /**
   * Takes the next entry of a volume's journal. Returns false when it shows that records before it were lost: then the
   * files have to be compared with the catalogue.
   */
  apply(volume: string, entry: JournalEntry): boolean {
    const id = this.#names.volume(volume);
    const state = this.#volume(id);
    const { record } = entry;
    let whole = true;
    this.#begin();
    this.#pending++;
    switch (record.t) {
      case 'head':
        whole = this.#applyHead(id, state, record);
        state.begunUs = record.begunUs;
        break;
      case 'open':
        this.#applyOpen(id, record);
        state.lastSequence = Math.max(state.lastSequence, record.sequence);
        break;
      case 'close':
        this.#applyClose(id, state, record);
        break;
      case 'mark':
        this.#setFlag(id, record.sequence, FLAG.marked);
        break;
      case 'unmark':
        this.#setFlag(id, record.sequence, FLAG.marked, false);
        break;
      case 'moved':
        this.#setFlag(id, record.sequence, FLAG.moved);
        break;
      case 'seal':
        this.#applySeal(id, state, record);
        break;
      case 'delete':
        this.#applyDelete(id, state, record.sequence);
        break;
      case 'gap':
        this.#applyGap(id, record);
        break;
      case 'anchor':
        this.#applyAnchor(id, record);
        break;
      case 'lock':
      case 'unlock':
        this.locks.apply(id, record);
        break;
    }
    state.file = entry.at.file;
    state.offset = entry.endOffset;
    state.dirty = true;
    return whole;
  }

  /** How far an open segment reaches by now. Kept in memory only. */
  progress(volume: string, sequence: number, endUs: number, bytes: number): void {
    const row = this.#open.get(openKey(this.#names.volume(volume), sequence));
    if (!row) return;
    row.endUs = clampEnd(row.startUs, endUs + this.#shift(row));
    row.bytes = bytes;
  }

  /** Makes all changes since the last commit one durable step, together with the checkpoints. */
  commit(): void {
    if (!this.#inTransaction) return;
    this.#settle();
    this.#hours.flush();
    for (const row of this.#open.values()) if (!row.stored) this.#store(row);
    for (const channel of this.#dirtyGaps) this.#statements.pruneGaps.run(channel, channel);
    this.#dirtyGaps.clear();
    for (const [id, state] of this.#volumes) {
      if (!state.dirty) continue;
      const { file, offset, begunUs, lastSequence, segments, bytes, sealedLast, sealChain } = state;
      const totals = [lastSequence, segments, bytes, sealedLast, sealChain] as const;
      this.#statements.saveVolume.run(file, offset, begunUs, ...totals, id);
      state.dirty = false;
    }
    this.#names.saveLongest();
    this.#usage.save();
    this.#database.exec('COMMIT');
    this.#inTransaction = false;
    this.#pending = 0;
  }

  /** Bytes and segments of a volume, open ones with their progress. */
  volumeTotals(volume: string): { segments: number; bytes: number; lastSequence: number } {
    const id = this.#names.volume(volume);
    const { segments, bytes, lastSequence } = this.#volume(id);
    const totals = { segments, bytes, lastSequence };
    for (const row of this.#open.values()) {
      if (row.volume !== id) continue;
      totals.segments++;
      totals.bytes += row.bytes;
    }
    return totals;
  }

  /** What streams wrote to volumes, hour by hour from `fromHour` on (hours of UTC since 1970), of closed segments. */
  hours(fromHour: number): HourInfo[] {
    this.#hours.flush();
    return this.#hours.since(fromHour).map(({ channel, volume, ...figures }) => ({
      ...this.#names.channelName(channel),
      volume: this.#names.volumeName(volume),
      ...figures,
    }));
  }

  /** What is kept of every stream on every volume, by days of UTC. */
  keptDays(): KeptDay[] {
    this.#hours.flush();
    return this.#hours.keptByDay().map(({ channel, volume, ...figures }) => ({
      ...this.#names.channelName(channel),
      volume: this.#names.volumeName(volume),
      ...figures,
    }));
  }

  /** Closed segments on a volume by stream and class, with the names of the streams. */
  usage(volume: string): (Usage & { camera: string; stream: string })[] {
    return this.#usage
      .of(this.#names.volume(volume))
      .map((usage) => ({ ...usage, ...this.#names.channelName(usage.channel) }));
  }

  /** Bytes of closed segments of a volume that are gone since the catalogue was opened. */
  deletedBytes(volume: string): number {
    return this.#volume(this.#names.volume(volume)).deletedBytes;
  }

  /** The number that stands for a volume in the tables. */
  volumeNumber(volume: string): number {
    return this.#names.volume(volume);
  }

  /** A lock, or its end, that no journal holds yet. */
  noteLock(record: LockRecord | UnlockRecord): void {
    this.#begin();
    this.#pending++;
    this.locks.apply(undefined, record);
  }

  close(): void {
    if (!this.#database.isOpen) return;
    this.commit();
    this.#database.close();
  }

  #load(): void {
    for (const row of this.#statements.loadVolumes.all() as unknown as (Omit<VolumeState, 'dirty' | 'deletedBytes'> & {
      id: number;
    })[]) {
      const { id, ...state } = row;
      this.#volumes.set(id, { ...state, deletedBytes: 0, dirty: false });
    }
    for (const row of this.#statements.loadOpen.all() as unknown as (Row & { volume: number; sequence: number })[]) {
      const { channel, volume, sequence, flags, run } = row;
      const open = {
        channel,
        volume,
        sequence,
        startUs: row.start_us,
        endUs: row.start_us,
        bytes: 0,
        flags,
        run,
        stored: true,
      };
      this.#open.set(openKey(volume, sequence), open);
    }
  }

  #begin(): void {
    if (this.#inTransaction) return;
    this.#database.exec('BEGIN');
    this.#inTransaction = true;
  }

  #volume(id: number): VolumeState {
    let state = this.#volumes.get(id);
    if (!state) {
      const place = { file: 0, offset: 0, begunUs: 0, lastSequence: 0 };
      state = { ...place, segments: 0, bytes: 0, deletedBytes: 0, sealedLast: 0, sealChain: '', dirty: true };
      this.#volumes.set(id, state);
    }
    return state;
  }

  #applyHead(volume: number, state: VolumeState, head: HeadRecord): boolean {
    let whole = head.base === true || state.lastSequence === 0 || head.lastSequence <= state.lastSequence;
    state.lastSequence = Math.max(state.lastSequence, head.lastSequence);
    const known = new Set<number>();
    for (const record of head.open) {
      known.add(record.sequence);
      if (this.#open.has(openKey(volume, record.sequence))) continue;
      this.#applyOpen(volume, record);
    }
    for (const row of this.#open.values()) {
      if (row.volume !== volume || known.has(row.sequence)) continue;
      this.#applyDelete(volume, state, row.sequence);
      whole = false;
    }
    return whole;
  }

  #applyOpen(volume: number, record: OpenRecord): void {
    const key = openKey(volume, record.sequence);
    if (this.#open.has(key) || this.#find(volume, record.sequence)) return;
    const untrusted = record.clock === 'untrusted';
    const boot = this.#names.boot(volume, record.boot);
    const startUs = record.startUs + (untrusted ? boot.anchorUs : 0);
    this.#open.set(key, {
      channel: this.#names.channel(record.camera, record.stream),
      volume,
      sequence: record.sequence,
      startUs,
      endUs: startUs,
      bytes: 0,
      flags:
        FLAG.open |
        (record.key ? FLAG.key : 0) |
        (untrusted ? FLAG.untrusted : 0) |
        (record.class === 'event' ? FLAG.event : 0) |
        (record.origin ? FLAG.copy : 0) |
        (record.origin && !untrusted ? FLAG.timedCopy : 0),
      run: this.#names.run(boot.id, record.run),
      stored: false,
    });
  }

  #applyClose(volume: number, state: VolumeState, record: CloseRecord): void {
    const key = openKey(volume, record.sequence);
    const open = this.#open.get(key);
    if (!open) return;
    const endUs = clampEnd(open.startUs, record.endUs + this.#shift(open));
    const flags = (open.flags & ~FLAG.open) | (record.suspect ? FLAG.suspect : 0);
    const { channel, startUs, sequence, run } = open;
    this.#statements.put.run(
      channel,
      startUs,
      volume,
      sequence,
      endUs,
      record.bytes,
      flags,
      run,
      this.#names.codec(record.codec),
    );
    this.#open.delete(key);
    state.segments++;
    state.bytes += record.bytes;
    this.#usage.add(volume, channel, flags, 1, record.bytes);
    this.#names.noteLength(channel, endUs - startUs);
    this.#hours.add(channel, volume, startUs, endUs, record.bytes, (flags & FLAG.copy) !== 0);
    this.#touch(channel, startUs, endUs);
    this.#settleCopies(volume, channel, startUs);
  }

  #applyDelete(volume: number, state: VolumeState, sequence: number): void {
    const key = openKey(volume, sequence);
    const open = this.#open.get(key);
    if (open) {
      this.#open.delete(key);
      if (open.stored) this.#statements.remove.run(open.channel, open.startUs, volume, sequence);
      return;
    }
    const row = this.#find(volume, sequence);
    if (!row) return;
    this.#statements.remove.run(row.channel, row.start_us, volume, sequence);
    state.segments--;
    state.bytes -= row.bytes;
    state.deletedBytes += row.bytes;
    this.#usage.add(volume, row.channel, row.flags, -1, row.bytes);
    this.#touch(row.channel, row.start_us, row.end_us);
    this.#hours.release(row.channel, volume, row.start_us, row.end_us, row.bytes);
    this.#settleCopies(volume, row.channel, row.start_us);
    this.#dirtyGaps.add(row.channel);
  }

  #applyGap(volume: number, record: GapRecord): void {
    const boot = record.boot === undefined ? undefined : this.#names.boot(volume, record.boot);
    const shiftUs = boot?.anchorUs ?? 0;
    const channel = this.#names.channel(record.camera, record.stream);
    const startUs = record.startUs + shiftUs;
    const endUs = Math.max(startUs, record.endUs + shiftUs);
    this.#statements.putGap.run(channel, volume, startUs, endUs, record.reason, boot?.id ?? null);
  }

  #applyAnchor(volume: number, record: AnchorRecord): void {
    const boot = this.#names.boot(volume, record.boot);
    const byUs = record.offsetUs - boot.anchorUs;
    this.#names.setAnchor(boot, record.offsetUs);
    if (byUs === 0) return;
    for (const row of this.#open.values()) {
      if (row.volume !== volume || !(row.flags & FLAG.untrusted) || this.#names.bootOfRun(row.run) !== boot.id)
        continue;
      if (row.stored) this.#statements.remove.run(row.channel, row.startUs, volume, row.sequence);
      row.stored = false;
      row.startUs += byUs;
      row.endUs += byUs;
    }
    const rows = this.#statements.untrusted.all(volume, FLAG.untrusted, FLAG.open, boot.id) as unknown as (Row & {
      sequence: number;
    })[];
    for (const row of rows) {
      const { channel, sequence, start_us: startUs, end_us: endUs, bytes, flags, run, codec } = row;
      this.#statements.remove.run(channel, startUs, volume, sequence);
      this.#touch(channel, startUs, endUs);
      this.#statements.put.run(channel, startUs + byUs, volume, sequence, endUs + byUs, bytes, flags, run, codec);
      this.#touch(channel, startUs + byUs, endUs + byUs);
      this.#hours.move(channel, volume, startUs, endUs, bytes, byUs, (flags & FLAG.copy) !== 0);
      this.#settleCopies(volume, channel, startUs);
      this.#settleCopies(volume, channel, startUs + byUs);
    }
    this.#statements.shiftGaps.run(byUs, byUs, volume, boot.id);
  }

  #applySeal(volume: number, state: VolumeState, record: SealRecord): void {
    this.#setFlag(volume, record.sequence, FLAG.sealed);
    state.sealedLast = record.sequence;
    state.sealChain = record.chain;
  }

  /** What the flag says may change which of several copies counts. */
  #setFlag(volume: number, sequence: number, flag: number, on = true): void {
    this.#statements.setFlag.run(flag, on ? flag : 0, volume, sequence);
    if (flag === FLAG.sealed || this.#inBulk.has(volume)) return;
    const row = this.#find(volume, sequence);
    if (row && !(row.flags & FLAG.open)) this.#settleCopies(volume, row.channel, row.start_us);
  }

  #settleCopies(volume: number, channel: number, startUs: number): void {
    if (!this.#inBulk.has(volume)) this.#copies.settle(channel, startUs);
  }

  #store(row: OpenRow): void {
    this.#statements.put.run(row.channel, row.startUs, row.volume, row.sequence, row.startUs, 0, row.flags, row.run, 0);
    row.stored = true;
  }

  #find(volume: number, sequence: number): Row | undefined {
    return this.#statements.find.get(volume, sequence) as unknown as Row | undefined;
  }

  #shift(row: OpenRow): number {
    return row.flags & FLAG.untrusted ? this.#names.anchorOfRun(row.run) : 0;
  }

  #touch(channel: number, startUs: number, endUs: number): void {
    let days = this.#dirtyDays.get(channel);
    if (!days) this.#dirtyDays.set(channel, (days = new Set()));
    const { first, last } = daysOf(startUs, endUs);
    for (let day = first; day <= last; day++) days.add(day);
  }

  /** Recomputes the coverage of the days that have changed, from their segments: right whatever the change was. */
  #settle(): void {
    if (this.#dirtyDays.size === 0) return;
    for (const [channel, days] of this.#dirtyDays) {
      const longestUs = this.#names.longestUs(channel);
      for (const day of days) {
        const from = day * DAY_US - longestUs;
        const rows = this.#statements.spans.all(
          channel,
          from,
          (day + 1) * DAY_US,
          FLAG.open | FLAG.shadowed,
        ) as unknown as Span[];
        const coverage = coverDay(day, rows);
        if (coverage) {
          const { recordedUs, segments, bytes, firstUs, lastUs } = coverage;
          this.#statements.putDay.run(channel, day, recordedUs, segments, bytes, firstUs, lastUs);
        } else {
          this.#statements.removeDay.run(channel, day);
        }
      }
    }
    this.#dirtyDays.clear();
  }
}

function openKey(volume: number, sequence: number): string {
  return `${volume}:${sequence}`;
}

function clampEnd(startUs: number, endUs: number): number {
  return Math.min(Math.max(startUs, endUs), startUs + MAX_SEGMENT_US);
}

function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    loadVolumes: prepare(
      `SELECT id, file, offset, begun_us begunUs, last_sequence lastSequence, segments, bytes,
       sealed_last sealedLast, seal_chain sealChain FROM volumes`,
    ),
    loadOpen: prepare('SELECT * FROM segments WHERE flags & 1'),
    saveVolume: prepare(
      `UPDATE volumes SET file = ?, offset = ?, begun_us = ?, last_sequence = ?, segments = ?, bytes = ?,
       sealed_last = ?, seal_chain = ? WHERE id = ?`,
    ),
    put: prepare('INSERT OR REPLACE INTO segments VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    find: prepare('SELECT * FROM segments WHERE volume = ? AND sequence = ?'),
    remove: prepare('DELETE FROM segments WHERE channel = ? AND start_us = ? AND volume = ? AND sequence = ?'),
    setFlag: prepare('UPDATE segments SET flags = flags & ~? | ? WHERE volume = ? AND sequence = ?'),
    untrusted: prepare(
      `SELECT s.* FROM segments s JOIN runs r ON r.id = s.run
       WHERE s.volume = ? AND s.flags & ? AND NOT s.flags & ? AND r.boot = ?`,
    ),
    spans: prepare(
      `SELECT start_us startUs, end_us endUs, bytes FROM segments
       WHERE channel = ? AND start_us >= ? AND start_us < ? AND NOT flags & ? ORDER BY start_us`,
    ),
    putDay: prepare('INSERT OR REPLACE INTO coverage VALUES(?, ?, ?, ?, ?, ?, ?)'),
    removeDay: prepare('DELETE FROM coverage WHERE channel = ? AND day = ?'),
    putGap: prepare('INSERT INTO gaps(channel, volume, start_us, end_us, reason, boot) VALUES(?, ?, ?, ?, ?, ?)'),
    shiftGaps: prepare('UPDATE gaps SET start_us = start_us + ?, end_us = end_us + ? WHERE volume = ? AND boot = ?'),
    pruneGaps: prepare(
      `DELETE FROM gaps WHERE channel = ? AND end_us <=
       (SELECT coalesce(min(start_us), 9e18) FROM segments WHERE channel = ?)`,
    ),
    daysOfVolume: prepare('SELECT start_us, end_us FROM segments WHERE channel = ? AND volume = ?'),
    forget: [
      prepare('DELETE FROM segments WHERE volume = ?'),
      prepare('DELETE FROM gaps WHERE volume = ?'),
      prepare('DELETE FROM runs WHERE boot IN (SELECT id FROM boots WHERE volume = ?)'),
      prepare('DELETE FROM boots WHERE volume = ?'),
      prepare(
        `UPDATE volumes SET file = 0, offset = 0, begun_us = 0, last_sequence = 0, segments = 0, bytes = 0,
         sealed_last = 0, seal_chain = '' WHERE id = ?`,
      ),
    ],
  };
}
