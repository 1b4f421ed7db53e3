import type { DatabaseSync, StatementSync } from 'node:sqlite';

const HOUR_US = 3_600_000_000;
/** Hours of which nothing is kept any more still tell what a camera needs; after so many they go. */
const MEASURED_HOURS = 10 * 7 * 24;
/** Pruning reads the whole table. */
const PRUNE_EVERY_HOURS = 7 * 24;

/** One stream on one volume in one hour of UTC; `hour` counts from 1970. */
export interface HourRow {
  readonly channel: number;
  readonly volume: number;
  readonly hour: number;
  /** Length of all footage that was recorded in the hour, and its bytes. */
  readonly recordedUs: number;
  readonly bytes: number;
  /** What of that is still there. */
  readonly keptUs: number;
  readonly keptBytes: number;
}

interface Change {
  channel: number;
  volume: number;
  hour: number;
  recordedUs: number;
  bytes: number;
  keptUs: number;
  keptBytes: number;
}

/**
 * What every stream wrote to every volume by hours, counted as segments close and go, so that nobody has to look at all
 * segments to know what a camera needs. Changes gather in memory until `flush`.
 */
export class HourlyRates {
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #changes = new Map<string, Change>();
  #prunedAtHour = 0;

  constructor(database: DatabaseSync) {
    this.#statements = prepareStatements(database);
  }

  /** A segment was closed. Of a copy the camera has sent nothing, but it takes room. */
  add(channel: number, volume: number, startUs: number, endUs: number, bytes: number, isCopy: boolean): void {
    this.#spread(channel, volume, startUs, endUs, bytes, isCopy ? 0 : 1, 1);
  }

  /** A segment was deleted: it was recorded all the same. */
  release(channel: number, volume: number, startUs: number, endUs: number, bytes: number): void {
    this.#spread(channel, volume, startUs, endUs, bytes, 0, -1);
  }

  /** A segment turns out to have another time. */
  move(
    channel: number,
    volume: number,
    startUs: number,
    endUs: number,
    bytes: number,
    byUs: number,
    isCopy: boolean,
  ): void {
    this.#spread(channel, volume, startUs, endUs, bytes, isCopy ? 0 : -1, -1);
    this.#spread(channel, volume, startUs + byUs, endUs + byUs, bytes, isCopy ? 0 : 1, 1);
  }

  forgetVolume(volume: number): void {
    for (const [key, change] of this.#changes) if (change.volume === volume) this.#changes.delete(key);
    this.#statements.forget.run(volume);
  }

  /** Writes the changes; within the transaction of the segments that they come from. */
  flush(): void {
    if (this.#changes.size === 0) return;
    let newestHour = 0;
    for (const { channel, volume, hour, recordedUs, bytes, keptUs, keptBytes } of this.#changes.values()) {
      this.#statements.add.run(channel, volume, hour, recordedUs, bytes, keptUs, keptBytes);
      newestHour = Math.max(newestHour, hour);
    }
    this.#changes.clear();
    if (newestHour < this.#prunedAtHour + PRUNE_EVERY_HOURS) return;
    this.#prunedAtHour = newestHour;
    this.#statements.prune.run(newestHour - MEASURED_HOURS);
  }

  /** All hours from `fromHour` on; call `flush` before. */
  since(fromHour: number): HourRow[] {
    return this.#statements.since.all(fromHour) as unknown as HourRow[];
  }

  /** What is kept, by days of UTC. */
  keptByDay(): { channel: number; volume: number; day: number; keptUs: number; keptBytes: number }[] {
    return this.#statements.keptByDay.all() as unknown as ReturnType<HourlyRates['keptByDay']>;
  }

  #spread(
    channel: number,
    volume: number,
    startUs: number,
    endUs: number,
    bytes: number,
    measured: -1 | 0 | 1,
    kept: -1 | 1,
  ): void {
    const lengthUs = endUs - startUs;
    const last = lengthUs > 0 ? Math.floor((endUs - 1) / HOUR_US) : Math.floor(startUs / HOUR_US);
    let bytesLeft = bytes;
    for (let hour = Math.floor(startUs / HOUR_US); hour <= last; hour++) {
      const partUs = lengthUs > 0 ? Math.min(endUs, (hour + 1) * HOUR_US) - Math.max(startUs, hour * HOUR_US) : 0;
      const part = hour === last ? bytesLeft : Math.round((bytes * partUs) / lengthUs);
      bytesLeft -= part;
      const change = this.#changeOf(channel, volume, hour);
      change.recordedUs += measured * partUs;
      change.bytes += measured * part;
      change.keptUs += kept * partUs;
      change.keptBytes += kept * part;
    }
  }

  #changeOf(channel: number, volume: number, hour: number): Change {
    const key = `${channel}/${volume}/${hour}`;
    let change = this.#changes.get(key);
    if (!change) {
      change = { channel, volume, hour, recordedUs: 0, bytes: 0, keptUs: 0, keptBytes: 0 };
      this.#changes.set(key, change);
    }
    return change;
  }
}

function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    add: prepare(
      `INSERT INTO hours VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
       recorded_us = recorded_us + excluded.recorded_us, bytes = bytes + excluded.bytes,
       kept_us = kept_us + excluded.kept_us, kept_bytes = kept_bytes + excluded.kept_bytes`,
    ),
    forget: prepare('DELETE FROM hours WHERE volume = ?'),
    prune: prepare('DELETE FROM hours WHERE hour < ? AND kept_bytes <= 0 AND kept_us <= 0'),
    since: prepare(
      `SELECT channel, volume, hour, recorded_us recordedUs, bytes, kept_us keptUs, kept_bytes keptBytes FROM hours
       WHERE hour >= ? ORDER BY hour, channel, volume`,
    ),
    keptByDay: prepare(
      `SELECT channel, volume, hour / 24 day, sum(kept_us) keptUs, sum(kept_bytes) keptBytes FROM hours
       WHERE kept_bytes > 0 GROUP BY volume, channel, hour / 24 ORDER BY day, channel`,
    ),
  };
}
