import type { BoxError, Clock } from '../../base/index.ts';
import { Latency } from './volume-latency.ts';

/** Brings everything written before the call to stable storage. Rejects with storage.sync-failed when data may be lost. */
export interface Syncer {
  sync(): Promise<void>;
}

/** Data on its way: from the moment it was handed to the volume until it is stable. */
export interface Load {
  readonly acceptedUs: number;
  readonly bytes: number;
  state: 'waiting' | 'written' | 'syncing';
}

export interface SyncTiming {
  /** A sync begins at most this long after the first write that it covers, unless one is still running. */
  readonly latestMs: number;
  /** So long after the start of the last sync a pause between writes does not begin another one. */
  readonly minIntervalMs: number;
}

export interface SyncListener {
  synced(bytes: number): void;
  failed(error: BoxError): void;
}

/**
 * Decides when a volume is synced (R4): when a burst of writes is over, but not sooner after the last time than the interval;
 * and at the latest some time after the first unsynced byte, even if writes never pause.
 */
export class SyncSchedule {
  readonly latency = new Latency();
  readonly #timing: SyncTiming;
  readonly #clock: Pick<Clock, 'monoUs'>;
  readonly #syncer: Syncer;
  readonly #listener: SyncListener;
  #loads: Load[] = [];
  #timer: NodeJS.Timeout | undefined;
  #timerUs = Infinity;
  #dirtySinceUs: number | undefined;
  #startedUs: number | undefined;
  #lastStartUs = -Infinity;
  #waiters: Waiter[] = [];
  /** Somebody waits who does not want to wait for a good moment. */
  #urgent = false;
  #over: BoxError | undefined;
  #syncedBytes = 0;
  #syncedUs: number | undefined;
  #begun = 0;
  #endedWell = 0;

  constructor(timing: SyncTiming, clock: Pick<Clock, 'monoUs'>, syncer: Syncer, listener: SyncListener) {
    this.#timing = timing;
    this.#clock = clock;
    this.#syncer = syncer;
    this.#listener = listener;
  }

  /** How long the running sync has taken so far; 0 if none runs. */
  get runningMs(): number {
    return this.#startedUs === undefined ? 0 : (this.#clock.monoUs() - this.#startedUs) / 1000;
  }

  /** Age of the oldest data that is not stable yet: what a power cut would cost now. */
  get unsyncedMs(): number {
    const oldest = this.#loads[0];
    return oldest ? (this.#clock.monoUs() - oldest.acceptedUs) / 1000 : 0;
  }

  get syncedBytes(): number {
    return this.#syncedBytes;
  }

  /** End of the last good sync on the monotonic clock. */
  get syncedUs(): number | undefined {
    return this.#syncedUs;
  }

  /** Number of the sync that covers whatever is written now. */
  get nextSync(): number {
    return this.#begun + 1;
  }

  /** Number of the last sync that ended well: what it covers is stable. */
  get lastSync(): number {
    return this.#endedWell;
  }

  /** Bytes were handed to the volume. The returned load is given to `written` or `dropped`. */
  accepted(bytes: number): Load {
    const load: Load = { acceptedUs: this.#clock.monoUs(), bytes, state: 'waiting' };
    this.#loads.push(load);
    return load;
  }

  /** The system has the bytes. */
  written(load: Load): void {
    load.state = 'written';
    this.#dirtySinceUs ??= this.#clock.monoUs();
    this.#startAt(this.#latestUs(this.#dirtySinceUs));
  }

  /** The bytes will never be written. */
  dropped(load: Load): void {
    const at = this.#loads.indexOf(load);
    if (at >= 0) this.#loads.splice(at, 1);
  }

  /** No write is under way: a good moment. */
  idle(): void {
    if (this.#dirtySinceUs === undefined) return;
    this.#startAt(Math.max(this.#clock.monoUs(), this.#lastStartUs + this.#timing.minIntervalMs * 1000));
  }

  /** Resolves when everything written so far is stable; `now` does not wait for a good moment. */
  wait(options: { now?: boolean } = {}): Promise<void> {
    if (this.#over) return Promise.reject(this.#over);
    const unsynced = this.#loads.some((load) => load.state === 'written');
    if (!unsynced && this.#startedUs === undefined) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject, covered: false, needsAnother: unsynced });
      if (!unsynced || !options.now) return;
      this.#urgent = true;
      this.#startAt(this.#clock.monoUs());
    });
  }

  /** No sync begins any more; who waits gets the error. */
  stop(error: BoxError): void {
    this.#over ??= error;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#over);
  }

  #latestUs(dirtySinceUs: number): number {
    return dirtySinceUs + this.#timing.latestMs * 1000;
  }

  #startAt(atUs: number): void {
    if (this.#over || this.#startedUs !== undefined || atUs >= this.#timerUs) return;
    clearTimeout(this.#timer);
    this.#timerUs = atUs;
    const delayMs = Math.max(0, Math.ceil((atUs - this.#clock.monoUs()) / 1000));
    if (delayMs === 0) this.#begin();
    else this.#timer = setTimeout(() => this.#begin(), delayMs);
  }

  #begin(): void {
    this.#timerUs = Infinity;
    this.#timer = undefined;
    this.#startedUs = this.#lastStartUs = this.#clock.monoUs();
    this.#dirtySinceUs = undefined;
    this.#urgent = false;
    this.#begun++;
    for (const load of this.#loads) if (load.state === 'written') load.state = 'syncing';
    for (const waiter of this.#waiters) waiter.covered = true;
    this.#syncer.sync().then(
      () => this.#ended(),
      (error: BoxError) => this.#failed(error),
    );
  }

  #ended(): void {
    const nowUs = this.#clock.monoUs();
    this.latency.observe((nowUs - this.#startedUs!) / 1000);
    this.#startedUs = undefined;
    if (this.#over) return;
    let bytes = 0;
    this.#loads = this.#loads.filter((load) => {
      if (load.state === 'syncing') bytes += load.bytes;
      return load.state !== 'syncing';
    });
    this.#syncedBytes += bytes;
    this.#syncedUs = nowUs;
    this.#endedWell = this.#begun;
    this.#listener.synced(bytes);
    const done = this.#waiters.filter((waiter) => waiter.covered || !waiter.needsAnother);
    this.#waiters = this.#waiters.filter((waiter) => !done.includes(waiter));
    for (const waiter of done) waiter.resolve();
    if (this.#urgent) this.#startAt(nowUs);
    else if (this.#dirtySinceUs !== undefined) this.#startAt(this.#latestUs(this.#dirtySinceUs));
  }

  #failed(error: BoxError): void {
    this.#startedUs = undefined;
    if (this.#over) return;
    this.stop(error);
    this.#listener.failed(error);
  }
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: BoxError) => void;
  /** A sync that began after the wait is running. */
  covered: boolean;
  /** Something was written after the running sync had begun. */
  readonly needsAnother: boolean;
}
