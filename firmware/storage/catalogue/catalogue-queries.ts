import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CatalogueNames } from './catalogue-names.ts';
import { FLAG } from './catalogue-schema.ts';
import { classOf, flagOf, type Usage } from './catalogue-usage.ts';
import type { DayInfo, GapInfo, OpenRow, RangeQuery, SegmentInfo, StreamTotals } from './catalogue-types.ts';
import { coverDay, DAY_US, daysOf, joinSpans } from './coverage.ts';
import type { DayCoverage, Span } from './coverage.ts';
import { segmentPath } from '../volume/volume-paths.ts';

interface SegmentRow {
  channel: number;
  volume: number;
  sequence: number;
  startUs: number;
  endUs: number;
  bytes: number;
  flags: number;
  run: number;
  codec: number;
}

interface Live {
  /** Segments that are not closed, with their progress; their rows in the database are only place holders. */
  open: ReadonlyMap<string, OpenRow>;
  /** Brings the coverage table up to date with the segments. */
  settle: () => void;
}

const DEFAULT_LIMIT = 10_000;
/** Two files of one stream are told of in turns, and end a fragment apart. */
const SAME_END_US = 2_500_000;

/** Everything that is asked of the catalogue. Answers from one moment: synchronous, and including changes not yet committed. */
export class CatalogueQueries {
  readonly #names: CatalogueNames;
  readonly #live: Live;
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(database: DatabaseSync, names: CatalogueNames, live: Live) {
    this.#names = names;
    this.#live = live;
    this.#statements = prepareStatements(database);
  }

  /** Segments of a stream that share an instant with the range, ordered by start. */
  segments({ camera, stream, fromUs, toUs, limit = DEFAULT_LIMIT }: RangeQuery): SegmentInfo[] {
    const channel = this.#names.knownChannel(camera, stream);
    if (channel === undefined) return [];
    const sinceUs = fromUs - this.#names.longestUs(channel);
    const rows = this.#statements.range.all(channel, sinceUs, toUs, fromUs, limit) as unknown as SegmentRow[];
    const open = this.#openOf(channel).filter(
      (row) => row.startUs < toUs && (row.endUs > fromUs || row.startUs >= fromUs),
    );
    const all = open.length === 0 ? rows : [...rows, ...open].sort(byStart).slice(0, limit);
    return all.map((row) => this.#info(row));
  }

  /** When there is footage of a stream within the range: ordered spans that neither touch nor overlap. */
  covered({ camera, stream, fromUs, toUs }: Omit<RangeQuery, 'limit'>): { startUs: number; endUs: number }[] {
    const channel = this.#names.knownChannel(camera, stream);
    if (channel === undefined) return [];
    const sinceUs = fromUs - this.#names.longestUs(channel);
    const closed = this.#statements.spans.all(channel, sinceUs, toUs) as unknown as Span[];
    return joinSpans([...closed, ...this.#openOf(channel)].sort(byStart), fromUs, toUs);
  }

  /** The segment that holds the instant (the latest begun, if several do), else the next one after it. */
  locate(camera: string, stream: string, timeUs: number): SegmentInfo | undefined {
    const channel = this.#names.knownChannel(camera, stream);
    if (channel === undefined) return undefined;
    const sinceUs = timeUs - this.#names.longestUs(channel);
    const open = this.#openOf(channel);
    const holding = [
      ...(this.#statements.holding.all(channel, sinceUs, timeUs, timeUs) as unknown as SegmentRow[]),
      ...open.filter((row) => row.startUs <= timeUs && row.endUs > timeUs),
    ].sort(byStart);
    const next = [
      ...(this.#statements.next.all(channel, timeUs) as unknown as SegmentRow[]),
      ...open.filter((row) => row.startUs > timeUs),
    ].sort(byStart);
    const found = holding.at(-1) ?? next[0];
    return found && this.#info(found);
  }

  /** Coverage of the days from `fromDay` up to and including `toDay`, of one stream or all of a camera, where there is any. */
  days(camera: string, stream: string | undefined, fromDay: number, toDay: number): DayInfo[] {
    this.#live.settle();
    const days: DayInfo[] = [];
    for (const channel of this.#channelsOf(camera, stream)) {
      const names = this.#names.channelName(channel);
      const stored = this.#statements.days.all(channel, fromDay, toDay) as unknown as (DayCoverage & { day: number })[];
      const byDay = new Map(stored.map(({ day, ...coverage }) => [day, coverage]));
      for (const day of this.#liveDays(channel, fromDay, toDay)) byDay.set(day, this.#liveCoverage(channel, day)!);
      for (const [day, coverage] of [...byDay].sort(([a], [b]) => a - b)) days.push({ ...names, day, ...coverage });
    }
    return days;
  }

  /** Sums per stream over days, open segments included. */
  totals(fromDay: number, toDay: number): StreamTotals[] {
    const totals: StreamTotals[] = [];
    for (const channel of this.#names.channelIds()) {
      const { camera, stream } = this.#names.channelName(channel);
      const days = this.days(camera, stream, fromDay, toDay);
      if (days.length === 0) continue;
      const sum = { camera, stream, segments: 0, bytes: 0, recordedUs: 0, firstUs: Infinity, lastUs: -Infinity };
      for (const day of days) {
        sum.segments += day.segments;
        sum.bytes += day.bytes;
        sum.recordedUs += day.recordedUs;
        sum.firstUs = Math.min(sum.firstUs, day.firstUs);
        sum.lastUs = Math.max(sum.lastUs, day.lastUs);
      }
      totals.push(sum);
    }
    return totals;
  }

  /** Gaps that share an instant with the range, ordered by start. */
  gaps({ camera, stream, fromUs, toUs, limit = DEFAULT_LIMIT }: RangeQuery): GapInfo[] {
    const channel = this.#names.knownChannel(camera, stream);
    if (channel === undefined) return [];
    const rows = this.#statements.gaps.all(channel, fromUs, toUs, limit) as unknown as Omit<
      GapInfo,
      'camera' | 'stream'
    >[];
    return rows.map((row) => ({ camera, stream, ...row }));
  }

  /** Closed segments of a volume behind a sequence, in the order of their creation. */
  bySequence(volume: string, afterSequence: number, limit: number): SegmentInfo[] {
    const rows = this.#statements.bySequence.all(this.#names.volume(volume), afterSequence, limit);
    return (rows as unknown as SegmentRow[]).map((row) => this.#info(row));
  }

  /** Closed segments of one kind of a volume's usage behind one of them: in the order of their creation, copies in that of their times. */
  oldest(of: Usage, after: { startUs: number; sequence: number } | undefined, limit: number): SegmentInfo[] {
    const { volume, channel } = of;
    const { startUs, sequence } = after ?? { startUs: Number.MIN_SAFE_INTEGER, sequence: 0 };
    const rows = of.copies
      ? this.#statements.oldestCopies.all(volume, channel, flagOf(of), startUs, sequence, limit)
      : this.#statements.oldest.all(volume, channel, flagOf(of), sequence, limit);
    return (rows as unknown as SegmentRow[]).map((row) => this.#info(row));
  }

  /** Number and bytes of a stream's closed segments that share an instant with the range and are not being deleted. */
  sum({ camera, stream, fromUs, toUs }: Omit<RangeQuery, 'limit'>): { segments: number; bytes: number } {
    const channel = this.#names.knownChannel(camera, stream);
    if (channel === undefined) return { segments: 0, bytes: 0 };
    const sinceUs = fromUs - this.#names.longestUs(channel);
    return this.#statements.sum.get(channel, sinceUs, toUs, fromUs) as { segments: number; bytes: number };
  }

  /** Which of these sequences the volume's catalogue holds, open ones included. */
  known(volume: string, sequences: readonly number[]): number[] {
    const id = this.#names.volume(volume);
    return sequences.filter(
      (sequence) => this.#live.open.has(`${id}:${sequence}`) || this.#statements.exists.get(id, sequence) !== undefined,
    );
  }

  /** Closed segments of a volume behind a sequence that have no seal, in the order of their creation. */
  unsealed(volume: string, afterSequence: number, limit: number): SegmentInfo[] {
    const rows = this.#statements.unsealed.all(this.#names.volume(volume), afterSequence, limit);
    return (rows as unknown as SegmentRow[]).map((row) => this.#info(row));
  }

  /** Gaps that the journal of this volume alone tells of, with their boots where those did not know the time. */
  lonelyGaps(volume: string, afterId: number, limit: number): (GapInfo & { id: number; boot: string | null })[] {
    const rows = this.#statements.lonelyGaps.all(this.#names.volume(volume), afterId, limit) as unknown as (Omit<
      GapInfo,
      'camera' | 'stream'
    > & { id: number; channel: number; boot: string | null })[];
    return rows.map(({ channel, ...row }) => ({ ...row, ...this.#names.channelName(channel) }));
  }

  /** Closed segments of a volume before a sequence that stand nowhere else, newest first. */
  uncopied(volume: string, beforeSequence: number, limit: number): SegmentInfo[] {
    const rows = this.#statements.uncopied.all(this.#names.volume(volume), beforeSequence, limit);
    return (rows as unknown as SegmentRow[]).map((row) => this.#info(row));
  }

  /** Closed segments of a volume whose deletion is not decided, and those of them that stand elsewhere, too. */
  copied(volume: string): { segments: number; bytes: number; copied: number; copiedBytes: number } {
    return this.#statements.copied.get(this.#names.volume(volume)) as {
      segments: number;
      bytes: number;
      copied: number;
      copiedBytes: number;
    };
  }

  /** Closed segments whose deletion was decided and not recorded as done. */
  marked(volume: string): SegmentInfo[] {
    const rows = this.#statements.marked.all(this.#names.volume(volume)) as unknown as SegmentRow[];
    return rows.map((row) => this.#info(row));
  }

  /** Segments of a volume that are not closed. */
  open(volume: string): SegmentInfo[] {
    const id = this.#names.volume(volume);
    return [...this.#live.open.values()]
      .filter((row) => row.volume === id)
      .map((row) => this.#info({ ...row, codec: 0 }));
  }

  /** Last recorded instant of a stream on all volumes, of closed segments. */
  lastEndUs(camera: string, stream: string): number | undefined {
    const channel = this.#names.knownChannel(camera, stream);
    if (channel === undefined) return undefined;
    const latest = this.#statements.latest.get(channel) as { startUs: number } | undefined;
    if (!latest) return undefined;
    const sinceUs = latest.startUs - this.#names.longestUs(channel);
    return (this.#statements.lastEnd.get(channel, sinceUs) as { endUs: number }).endUs;
  }

  /** Where the newest footage of known time ends that began before the instant, of closed segments. */
  newestEndUs(beforeUs: number): number | undefined {
    const ends = this.#names.channelIds().flatMap((channel) => {
      const newest = this.#statements.newest.get(channel, beforeUs) as { endUs: number } | undefined;
      return newest ? [newest.endUs] : [];
    });
    return ends.length > 0 ? Math.max(...ends) : undefined;
  }

  /** All streams that the catalogue has ever seen. */
  streams(): { camera: string; stream: string }[] {
    return this.#names.channelIds().map((id) => this.#names.channelName(id));
  }

  /** All volumes that the catalogue has ever seen. */
  volumes(): string[] {
    return this.#names.volumes();
  }

  /** Days of a stream where the coverage table differs from its segments: none, unless the catalogue is damaged. */
  wrongDays(camera: string, stream: string): number[] {
    this.#live.settle();
    const channel = this.#names.knownChannel(camera, stream);
    if (channel === undefined) return [];
    const stored = this.#statements.days.all(channel, -1e6, 1e7) as unknown as (DayCoverage & { day: number })[];
    const byDay = new Map(stored.map(({ day, ...coverage }) => [day, coverage]));
    const spansByDay = new Map<number, Span[]>();
    for (const span of this.#statements.allSpans.iterate(channel) as unknown as Iterable<Span>) {
      const { first, last } = daysOf(span.startUs, span.endUs);
      for (let day = first; day <= last; day++) {
        const spans = spansByDay.get(day);
        if (spans) spans.push({ ...span });
        else spansByDay.set(day, [{ ...span }]);
      }
    }
    const wrong = [...byDay.keys()].filter((day) => !spansByDay.has(day));
    for (const [day, spans] of spansByDay) {
      if (!sameCoverage(coverDay(day, spans), byDay.get(day))) wrong.push(day);
    }
    return wrong.sort((a, b) => a - b);
  }

  #channelsOf(camera: string, stream: string | undefined): number[] {
    return this.#names.channelIds().filter((id) => {
      const names = this.#names.channelName(id);
      return names.camera === camera && (stream === undefined || names.stream === stream);
    });
  }

  #openOf(channel: number): SegmentRow[] {
    const rows: SegmentRow[] = [];
    for (const row of this.#live.open.values()) {
      // A copy is whole before it is open, and not listed until it takes the place of its original.
      if (row.channel === channel && !(row.flags & FLAG.copy)) rows.push({ ...row, codec: 0 });
    }
    return rows.filter((row) => !this.#isListedElsewhere(row, rows)).sort(byStart);
  }

  /** A stream that is recorded on two disks grows in two files: one of them is listed, the longer one if they differ. */
  #isListedElsewhere(row: SegmentRow, open: readonly SegmentRow[]): boolean {
    const { run } = this.#names.runNames(row.run);
    const isTwin = (other: Pick<SegmentRow, 'volume' | 'startUs' | 'run'>): boolean =>
      other.volume !== row.volume && other.startUs === row.startUs && this.#names.runNames(other.run).run === run;
    const closed = this.#statements.closedAt.all(row.channel, row.startUs) as unknown as SegmentRow[];
    if (closed.some((other) => isTwin(other) && other.endUs >= row.endUs - SAME_END_US)) return true;
    return open.some((other) => {
      if (!isTwin(other)) return false;
      const longerUs = other.endUs - row.endUs;
      return Math.abs(longerUs) > SAME_END_US ? longerUs > 0 : other.volume < row.volume;
    });
  }

  #liveDays(channel: number, fromDay: number, toDay: number): Set<number> {
    const days = new Set<number>();
    for (const { startUs, endUs } of this.#openOf(channel)) {
      const { first, last } = daysOf(startUs, endUs);
      for (let day = Math.max(first, fromDay); day <= Math.min(last, toDay); day++) days.add(day);
    }
    return days;
  }

  #liveCoverage(channel: number, day: number): DayCoverage | undefined {
    const sinceUs = day * DAY_US - this.#names.longestUs(channel);
    const closed = this.#statements.spans.all(channel, sinceUs, (day + 1) * DAY_US) as unknown as Span[];
    return coverDay(day, [...closed, ...this.#openOf(channel)].sort(byStart));
  }

  #info(row: SegmentRow): SegmentInfo {
    const { camera, stream } = this.#names.channelName(row.channel);
    const untrusted = (row.flags & FLAG.untrusted) !== 0;
    const recordedStartUs = row.startUs - (untrusted ? this.#names.anchorOfRun(row.run) : 0);
    return {
      volume: this.#names.volumeName(row.volume),
      sequence: row.sequence,
      camera,
      stream,
      startUs: row.startUs,
      endUs: row.endUs,
      bytes: row.bytes,
      codec: this.#names.codecName(row.codec),
      ...this.#names.runNames(row.run),
      path: segmentPath({ camera, stream, startUs: recordedStartUs }, row.sequence) ?? '',
      open: (row.flags & FLAG.open) !== 0,
      suspect: (row.flags & FLAG.suspect) !== 0,
      startsWithKey: (row.flags & FLAG.key) !== 0,
      class: classOf(row.flags),
      marked: (row.flags & FLAG.marked) !== 0,
      elsewhere: (row.flags & (FLAG.shadowed | FLAG.moved)) !== 0,
      untrusted,
    };
  }
}

function byStart(a: { startUs: number }, b: { startUs: number }): number {
  return a.startUs - b.startUs;
}

function sameCoverage(a: DayCoverage | undefined, b: DayCoverage | undefined): boolean {
  if (!a || !b) return a === b;
  return (
    a.recordedUs === b.recordedUs &&
    a.segments === b.segments &&
    a.bytes === b.bytes &&
    a.firstUs === b.firstUs &&
    a.lastUs === b.lastUs
  );
}

const COLUMNS = 'channel, volume, sequence, start_us startUs, end_us endUs, bytes, flags, run, codec';

/** Growing ones are listed from memory, and footage that stands on several volumes once. */
const LISTED_NOT = FLAG.open | FLAG.shadowed;

function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    range: prepare(
      `SELECT ${COLUMNS} FROM segments WHERE channel = ? AND start_us >= ? AND start_us < ? AND end_us > ?
       AND NOT flags & ${LISTED_NOT} ORDER BY start_us LIMIT ?`,
    ),
    holding: prepare(
      `SELECT ${COLUMNS} FROM segments WHERE channel = ? AND start_us > ? AND start_us <= ? AND end_us > ?
       AND NOT flags & ${LISTED_NOT} ORDER BY start_us DESC LIMIT 1`,
    ),
    next: prepare(
      `SELECT ${COLUMNS} FROM segments WHERE channel = ? AND start_us > ?
       AND NOT flags & ${LISTED_NOT} ORDER BY start_us LIMIT 1`,
    ),
    days: prepare(
      `SELECT day, recorded_us recordedUs, segments, bytes, first_us firstUs, last_us lastUs FROM coverage
       WHERE channel = ? AND day BETWEEN ? AND ?`,
    ),
    spans: prepare(
      `SELECT start_us startUs, end_us endUs, bytes FROM segments
       WHERE channel = ? AND start_us >= ? AND start_us < ? AND NOT flags & ${LISTED_NOT} ORDER BY start_us`,
    ),
    allSpans: prepare(
      `SELECT start_us startUs, end_us endUs, bytes FROM segments
       WHERE channel = ? AND NOT flags & ${LISTED_NOT} ORDER BY start_us`,
    ),
    gaps: prepare(
      `SELECT DISTINCT start_us startUs, end_us endUs, reason FROM gaps
       WHERE channel = ? AND end_us > ? AND start_us < ? ORDER BY start_us, end_us LIMIT ?`,
    ),
    bySequence: prepare(
      `SELECT ${COLUMNS} FROM segments INDEXED BY segments_by_sequence WHERE volume = ? AND sequence > ?
       AND NOT flags & ${FLAG.open} ORDER BY sequence LIMIT ?`,
    ),
    oldest: prepare(
      `SELECT ${COLUMNS} FROM segments INDEXED BY segments_oldest
       WHERE volume = ? AND channel = ? AND flags & 4128 = ? AND sequence > ?
       AND NOT flags & ${FLAG.open} ORDER BY sequence LIMIT ?`,
    ),
    oldestCopies: prepare(
      `SELECT ${COLUMNS} FROM segments INDEXED BY segments_oldest_copies
       WHERE volume = ? AND channel = ? AND flags & 4128 = ? AND flags & 4096 AND (start_us, sequence) > (?, ?)
       AND NOT flags & ${FLAG.open} ORDER BY start_us, sequence LIMIT ?`,
    ),
    sum: prepare(
      `SELECT count(*) segments, coalesce(sum(bytes), 0) bytes FROM segments
       WHERE channel = ? AND start_us >= ? AND start_us < ? AND end_us > ?
       AND NOT flags & ${FLAG.open | FLAG.marked}`,
    ),
    unsealed: prepare(
      `SELECT ${COLUMNS} FROM segments INDEXED BY segments_unsealed WHERE volume = ? AND sequence > ?
       AND NOT flags & 521 ORDER BY sequence LIMIT ?`,
    ),
    lonelyGaps: prepare(
      `SELECT g.id, g.channel, g.start_us startUs, g.end_us endUs, g.reason,
       (SELECT b.boot FROM boots b WHERE b.id = g.boot AND b.anchor_us = 0) boot
       FROM gaps g WHERE g.volume = ? AND g.id > ? AND NOT EXISTS (SELECT 1 FROM gaps o WHERE o.channel = g.channel
       AND o.end_us = g.end_us AND o.start_us = g.start_us AND o.reason = g.reason AND o.volume != g.volume)
       ORDER BY g.id LIMIT ?`,
    ),
    uncopied: prepare(
      `SELECT ${COLUMNS} FROM segments INDEXED BY segments_by_sequence WHERE volume = ? AND sequence < ?
       AND NOT flags & ${FLAG.open | FLAG.marked | FLAG.shadowed} ORDER BY sequence DESC LIMIT ?`,
    ),
    copied: prepare(
      `SELECT count(*) segments, coalesce(sum(bytes), 0) bytes,
       coalesce(sum(flags & ${FLAG.shadowed} != 0), 0) copied,
       coalesce(sum(iif(flags & ${FLAG.shadowed}, bytes, 0)), 0) copiedBytes
       FROM segments WHERE volume = ? AND NOT flags & ${FLAG.open | FLAG.marked}`,
    ),
    exists: prepare('SELECT 1 FROM segments WHERE volume = ? AND sequence = ?'),
    marked: prepare(
      `SELECT ${COLUMNS} FROM segments WHERE volume = ? AND flags & ${FLAG.marked} AND NOT flags & ${FLAG.open} ORDER BY sequence`,
    ),
    latest: prepare(
      `SELECT start_us startUs FROM segments WHERE channel = ? AND NOT flags & ${FLAG.open} ORDER BY start_us DESC LIMIT 1`,
    ),
    newest: prepare(
      `SELECT end_us endUs FROM segments WHERE channel = ? AND start_us < ?
       AND NOT flags & ${FLAG.open | FLAG.untrusted} ORDER BY start_us DESC LIMIT 1`,
    ),
    closedAt: prepare(
      `SELECT ${COLUMNS} FROM segments WHERE channel = ? AND start_us = ? AND NOT flags & ${LISTED_NOT}`,
    ),
    lastEnd: prepare(
      `SELECT max(end_us) endUs FROM segments WHERE channel = ? AND start_us >= ? AND NOT flags & ${FLAG.open}`,
    ),
  };
}
