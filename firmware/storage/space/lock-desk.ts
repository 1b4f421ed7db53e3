import { BoxError } from '../../base/index.ts';
import type { LockReport } from '../catalogue/catalogue-messages.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { JournalEvent, LockRecord, UnlockRecord } from '../journal/journal.ts';
import type { LockInfo } from './lock-book.ts';

interface Waiting {
  isKept(): boolean;
  resolve(): void;
  timer: NodeJS.Timeout;
}

/** A record that no journal shows by then is sent again. */
const SEND_AGAIN_MS = 30_000;
const KEPT_DEADLINE_MS = 4000;

/**
 * Takes locks and lifts them, and sees to it that every volume's journal holds what it has to: those that are here at once, those
 * that come later when they come. A lock is in force from the moment it is taken.
 */
export class LockDesk {
  readonly #catalogue: Catalogue;
  readonly #nowUs: () => number | undefined;
  readonly #append: (volume: string, records: JournalEvent[]) => void;
  readonly #volumes = new Set<string>();
  /** By volume: what its journal lacks, and when it was sent. */
  readonly #sent = new Map<string, ReadonlyMap<string, number>>();
  readonly #waiting = new Set<Waiting>();

  /** `nowUs` says nothing while the time is not known; `append` writes to a volume's journal. */
  constructor(
    catalogue: Catalogue,
    nowUs: () => number | undefined,
    append: (volume: string, records: JournalEvent[]) => void,
  ) {
    this.#catalogue = catalogue;
    this.#nowUs = nowUs;
    this.#append = append;
  }

  attach(volume: string): void {
    this.#volumes.add(volume);
    this.write();
  }

  detach(volume: string): void {
    this.#volumes.delete(volume);
    this.#sent.delete(volume);
  }

  /** Whoever was to write is gone. */
  renew(): void {
    this.#sent.clear();
  }

  stop(): void {
    for (const waiting of this.#waiting) clearTimeout(waiting.timer);
    this.#waiting.clear();
  }

  async lock(record: LockRecord): Promise<LockReport> {
    this.#note(record);
    await this.#kept(record.lock, () => this.#catalogue.locks.volumesWith(record.lock, false) > 0);
    return this.#report(record);
  }

  async unlock(record: UnlockRecord): Promise<LockReport> {
    const { locks } = this.#catalogue;
    const info = locks.book.holding(undefined).find(({ lock }) => lock === record.lock);
    if (!info) throw new BoxError('locks.no-such-lock', { lock: record.lock });
    this.#note(record);
    const isKept = (): boolean =>
      locks.volumesWith(record.lock, true) > 0 || locks.volumesWith(record.lock, false) === 0;
    await this.#kept(record.lock, isKept);
    return this.#report(info);
  }

  list(): LockReport[] {
    return this.#catalogue.locks.book.holding(this.#nowUs()).map((info) => this.#report(info));
  }

  /** What a volume's journal must not forget. */
  needed(locks: readonly string[]): { locked: Set<string>; lifted: Set<string> } {
    return this.#catalogue.locks.needed(locks, this.#nowUs());
  }

  /** Journals have grown: some of it may have been waited for. */
  look(): void {
    for (const waiting of this.#waiting) {
      if (!waiting.isKept()) continue;
      this.#waiting.delete(waiting);
      clearTimeout(waiting.timer);
      waiting.resolve();
    }
  }

  /** Sends what journals lack. */
  write(): void {
    const nowMs = performance.now();
    const nowUs = this.#nowUs();
    for (const volume of this.#volumes) {
      const { locks } = this.#catalogue;
      const missing = locks.missing(this.#catalogue.volumeNumber(volume), nowUs);
      const before = this.#sent.get(volume);
      const due: JournalEvent[] = [];
      const sent = new Map<string, number>();
      for (const record of missing) {
        const sentMs = before?.get(keyOf(record));
        const isDue = sentMs === undefined || nowMs - sentMs > SEND_AGAIN_MS;
        if (isDue) due.push(record);
        sent.set(keyOf(record), isDue ? nowMs : sentMs);
      }
      this.#sent.set(volume, sent);
      if (due.length > 0) this.#append(volume, due);
    }
  }

  #note(record: LockRecord | UnlockRecord): void {
    this.#catalogue.noteLock(record);
    this.#catalogue.commit();
    this.write();
  }

  #kept(lock: string, isKept: () => boolean): Promise<void> {
    if (isKept()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiting);
        reject(new BoxError('locks.not-kept', { lock }));
      }, KEPT_DEADLINE_MS);
      const waiting = { isKept, resolve, timer };
      this.#waiting.add(waiting);
    });
  }

  #report({ lock, camera, stream, fromUs, toUs, reason, untilUs, atUs }: LockInfo): LockReport {
    const { queries, locks } = this.#catalogue;
    const sums = queries
      .streams()
      .filter((each) => each.camera === camera && (stream === undefined || each.stream === stream))
      .map((each) => queries.sum({ ...each, fromUs, toUs }));
    return {
      lock,
      camera,
      ...(stream === undefined ? {} : { stream }),
      fromUs,
      toUs,
      reason,
      ...(untilUs === undefined ? {} : { untilUs }),
      atUs,
      holds: locks.book.holding(this.#nowUs()).some((each) => each.lock === lock),
      volumes: locks.volumesWith(lock, false),
      segments: sums.reduce((sum, { segments }) => sum + segments, 0),
      bytes: sums.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }
}

function keyOf(record: JournalEvent): string {
  return `${record.t}/${'lock' in record ? record.lock : ''}`;
}
