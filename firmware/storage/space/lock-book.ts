import type { LockRecord } from '../journal/journal.ts';

/** Everything of a camera that shares an instant with the range. Times are UTC microseconds. */
export interface LockedRange {
  camera: string;
  /** All streams of the camera when absent. */
  stream?: string;
  fromUs: number;
  toUs: number;
}

/** A lock as the box knows it. */
export interface LockInfo extends LockedRange {
  lock: string;
  reason: string;
  /** Absent: for ever. */
  untilUs?: number;
  atUs: number;
}

/** What a lock is held against. */
export interface LockedSpan {
  camera: string;
  stream: string;
  startUs: number;
  endUs: number;
}

/** A disk that was away for less than this after a lock ended still finds it in the catalogue. */
const EXPIRED_KEPT_US = 30 * 86_400_000_000;

/** All locks, and which of them hold. An unlock is final: whatever a disk says that comes later, the lock stays lifted. */
export class LockBook {
  readonly #locks = new Map<string, LockInfo>();
  readonly #lifted = new Map<string, number>();
  readonly #byCamera = new Map<string, LockInfo[]>();

  /** How many locks hold no more: changes when something that was locked may not be. */
  released(nowUs: number | undefined): number {
    return this.#locks.size - this.holding(nowUs).length;
  }

  add(record: Omit<LockRecord, 't'>): void {
    const { lock, camera, stream, fromUs, toUs, reason, untilUs, atUs } = record;
    const info: LockInfo = { lock, camera, fromUs, toUs, reason, atUs };
    if (stream !== undefined) info.stream = stream;
    if (untilUs !== undefined) info.untilUs = untilUs;
    this.#locks.set(lock, info);
    this.#sort();
  }

  lift(lock: string, atUs: number): void {
    this.#lifted.set(lock, atUs);
    this.#sort();
  }

  has(lock: string): boolean {
    return this.#locks.has(lock);
  }

  isLifted(lock: string): boolean {
    return this.#lifted.has(lock);
  }

  liftedAtUs(lock: string): number | undefined {
    return this.#lifted.get(lock);
  }

  /** Locks that were not lifted and have not run out; while the time is not known (undefined) none runs out. */
  holding(nowUs: number | undefined): LockInfo[] {
    return [...this.#locks.values()].filter((lock) => !this.isLifted(lock.lock) && !hasRunOut(lock, nowUs));
  }

  /** Locks that every volume has to know. */
  wanted(nowUs: number | undefined): LockInfo[] {
    const sinceUs = nowUs === undefined ? undefined : nowUs - EXPIRED_KEPT_US;
    return this.holding(sinceUs);
  }

  isLocked(span: LockedSpan, nowUs: number | undefined): boolean {
    const locks = this.#byCamera.get(span.camera);
    return locks !== undefined && locks.some((lock) => holdsFor(lock, span) && !hasRunOut(lock, nowUs));
  }

  #sort(): void {
    this.#byCamera.clear();
    for (const lock of this.#locks.values()) {
      if (this.isLifted(lock.lock)) continue;
      const list = this.#byCamera.get(lock.camera);
      if (list) list.push(lock);
      else this.#byCamera.set(lock.camera, [lock]);
    }
  }
}

function holdsFor(lock: LockInfo, { stream, startUs, endUs }: LockedSpan): boolean {
  return (lock.stream === undefined || lock.stream === stream) && startUs < lock.toUs && endUs > lock.fromUs;
}

function hasRunOut({ untilUs }: LockInfo, nowUs: number | undefined): boolean {
  return untilUs !== undefined && nowUs !== undefined && untilUs <= nowUs;
}
