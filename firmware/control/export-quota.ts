import { BoxError, type Clock } from '../base/index.ts';
import type { Caller } from '../accounts/index.ts';
import { jobOwner } from './job-desk.ts';
import { isoOf } from './shapes.ts';

const HOUR_US = 3600e6;
/** The window of a day moves on by the hour. */
const HOURS = 24;

export interface ExportQuotaDeps {
  readonly clock: Pick<Clock, 'wallUs' | 'monoUs'>;
  /** Bytes that one user may download in a day; 0: as many as they like. */
  most(): number;
}

/** What is left to somebody. */
export interface Allowed {
  readonly mostBytes: number;
  readonly leftBytes: number;
  /** When more is left, ISO 8601; undefined while nothing is used. */
  readonly moreAt: string | undefined;
}

/** A download that has its bytes reserved. */
export interface Taking {
  /** So many of them have been handed out. */
  used(bytes: number): void;
  /** Gives back what was not handed out. */
  end(): void;
}

interface Spent {
  /** Bytes handed out, by the hour of the monotonic clock, which nobody sets; the oldest first. */
  readonly hours: Map<number, number>;
  reservedBytes: number;
}

/**
 * How much each user takes out of the box: whoever may export must not be able to carry off everything in a night, or to keep the
 * disks and the line busy for ever. Whoever may change the setting is not held by it. Counted in memory, from the start of the box.
 */
export class ExportQuota {
  readonly #deps: ExportQuotaDeps;
  readonly #spent = new Map<string, Spent>();

  constructor(deps: ExportQuotaDeps) {
    this.#deps = deps;
  }

  /** Undefined: nothing holds them. */
  allowed(caller: Caller): Allowed | undefined {
    const mostBytes = this.#mostOf(caller);
    if (mostBytes === undefined) return undefined;
    const spent = this.#spentOf(jobOwner(caller));
    const leftBytes = Math.max(0, mostBytes - takenOf(spent));
    const [oldest] = spent?.hours.keys() ?? [];
    return { mostBytes, leftBytes, moreAt: oldest === undefined ? undefined : this.#isoOfEnd(oldest) };
  }

  /** @throws BoxError exports.quota if so many bytes are more than is left. */
  check(caller: Caller, bytes: number): void {
    const mostBytes = this.#mostOf(caller);
    if (mostBytes === undefined) return;
    const spent = this.#spentOf(jobOwner(caller));
    if (takenOf(spent) + bytes <= mostBytes) return;
    const { leftBytes } = this.allowed(caller)!;
    throw new BoxError('exports.quota', { mostBytes, leftBytes, until: this.#roomAt(spent, bytes, mostBytes) });
  }

  /** Reserves so many bytes, so that downloads side by side do not take more together. Throws as `check` does. */
  take(caller: Caller, bytes: number): Taking {
    this.check(caller, bytes);
    const owner = jobOwner(caller);
    const spent: Spent = this.#spent.get(owner) ?? { hours: new Map(), reservedBytes: 0 };
    this.#spent.set(owner, spent);
    spent.reservedBytes += bytes;
    let left = bytes;
    const giveBack = (count: number): void => {
      const back = Math.min(count, left);
      left -= back;
      spent.reservedBytes -= back;
    };
    return {
      used: (count) => {
        giveBack(count);
        const hour = this.#hour();
        spent.hours.set(hour, (spent.hours.get(hour) ?? 0) + count);
      },
      end: () => giveBack(left),
    };
  }

  #mostOf(caller: Caller): number | undefined {
    const most = this.#deps.most();
    return most === 0 || caller.kind === 'local' || caller.may('settings') ? undefined : most;
  }

  #hour(): number {
    return Math.floor(this.#deps.clock.monoUs() / HOUR_US);
  }

  /** Without what is a day old; people who have taken nothing for a day are forgotten. */
  #spentOf(owner: string): Spent | undefined {
    const now = this.#hour();
    for (const [name, { hours, reservedBytes }] of this.#spent) {
      for (const hour of hours.keys()) if (hour + HOURS < now) hours.delete(hour);
      if (hours.size === 0 && reservedBytes === 0) this.#spent.delete(name);
    }
    return this.#spent.get(owner);
  }

  /** When so many bytes fit; undefined if they never do, or only when another download has ended. */
  #roomAt(spent: Spent | undefined, bytes: number, mostBytes: number): string | undefined {
    let taken = takenOf(spent);
    for (const [hour, count] of spent?.hours ?? []) {
      taken -= count;
      if (taken + bytes <= mostBytes) return this.#isoOfEnd(hour);
    }
    return undefined;
  }

  /** When what was taken in an hour does not count any more. */
  #isoOfEnd(hour: number): string {
    const { clock } = this.#deps;
    return isoOf(clock.wallUs() + (hour + HOURS + 1) * HOUR_US - clock.monoUs());
  }
}

function takenOf(spent: Spent | undefined): number {
  let bytes = spent?.reservedBytes ?? 0;
  for (const count of spent?.hours.values() ?? []) bytes += count;
  return bytes;
}
