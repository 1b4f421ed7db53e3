import { BoxError, type Clock } from '../base/index.ts';

/** How much guessing one key allows: so many tries without waiting, then a wait that doubles with each, up to a bound. */
export interface TryRule {
  readonly free: number;
  readonly firstMs: number;
  readonly mostMs: number;
}

export interface TryKey {
  readonly key: string;
  readonly rule: TryRule;
}

interface Count {
  failures: number;
  untilUs: number;
  lastUs: number;
}

const MAX_KEYS = 20_000;
/** After this long without a failure a key is as new. */
const FORGET_US = 24 * 3600 * 1_000_000;

/** A try that counts as failed until it is told otherwise, so that many at once are no way around the waits. */
export interface Try {
  succeeded(): void;
  /** It was no guess at all. */
  uncount(): void;
}

/**
 * Slows guessing down: each key waits longer after each failure. Waits are bounded and refused tries do not lengthen them, so
 * nobody is locked out for ever. Kept in memory only.
 */
export class Tries {
  readonly #clock: Pick<Clock, 'monoUs'>;
  readonly #counts = new Map<string, Count>();

  constructor(clock: Pick<Clock, 'monoUs'>) {
    this.#clock = clock;
  }

  /** The first key is that of the one who tries: a success forgets its failures. Throws accounts.too-many-tries. */
  begin(keys: readonly TryKey[]): Try {
    const nowUs = this.#clock.monoUs();
    const counts = keys.map(({ key }) => this.#countOf(key, nowUs));
    const untilUs = Math.max(0, ...counts.map((count) => count.untilUs));
    if (untilUs > nowUs) {
      throw new BoxError('accounts.too-many-tries', { waitS: Math.ceil((untilUs - nowUs) / 1e6) });
    }
    counts.forEach((count, i) => {
      count.failures++;
      count.lastUs = nowUs;
      count.untilUs = nowUs + waitMs(keys[i]!.rule, count.failures) * 1000;
    });
    const uncount = (): void => {
      for (const count of counts) {
        count.failures = Math.max(0, count.failures - 1);
        count.untilUs = 0;
      }
    };
    return {
      uncount,
      succeeded: () => {
        uncount();
        if (counts[0]) counts[0].failures = 0;
      },
    };
  }

  /** Forgets the failures of all keys that begin like this. */
  forget(prefix: string): void {
    for (const key of this.#counts.keys()) if (key.startsWith(prefix)) this.#counts.delete(key);
  }

  #countOf(key: string, nowUs: number): Count {
    let count = this.#counts.get(key);
    if (!count || nowUs - count.lastUs > FORGET_US) count = { failures: 0, untilUs: 0, lastUs: nowUs };
    // The key that was used last stands last, so the ones that go first are those that nobody has tried for long.
    this.#counts.delete(key);
    this.#counts.set(key, count);
    if (this.#counts.size > MAX_KEYS) {
      for (const oldest of this.#counts.keys()) {
        this.#counts.delete(oldest);
        break;
      }
    }
    return count;
  }
}

function waitMs({ free, firstMs, mostMs }: TryRule, failures: number): number {
  const over = failures - free;
  return over <= 0 ? 0 : Math.min(mostMs, firstMs * 2 ** Math.min(over - 1, 30));
}

/** The part of an address that one subscriber holds: IPv6 by its first 64 bits (RFC 6177). */
export function networkOf(address: string): string {
  const plain = address.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  const groups = [...left, ...zeros, ...right].map((group) => group.replace(/^0+(?=.)/, ''));
  return groups.slice(0, 4).join(':');
}
