import { digestOf } from './secrets.ts';
import { networkOf, type TryKey } from './tries.ts';

/** One name from one network: five minutes at most, so the owner behind the same address gets in as well. */
const PAIR = { free: 9, firstMs: 1000, mostMs: 5 * 60_000 };
/** One network, whatever names it tries. */
const NETWORK = { free: 20, firstMs: 1000, mostMs: 60_000 };
/** One name, from wherever it is tried. Networks from which the user has signed in before are not slowed down by this. */
const NAME = { free: 20, firstMs: 1000, mostMs: 30_000 };

/** How names are told apart: letters look the same whatever their case or composition. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}

/** What attempts at a name count against. Names are kept as digests: people type passwords into the wrong field. */
export function guessesOf(name: string): {
  readonly prefix: string;
  readonly from: (address: string, known: readonly string[]) => TryKey[];
} {
  const prefix = `name ${digestOf(nameKey(name))}`;
  return {
    prefix,
    from: (address, known) => {
      const network = networkOf(address);
      const keys = [
        { key: `${prefix} ${network}`, rule: PAIR },
        { key: `network ${network}`, rule: NETWORK },
      ];
      return known.includes(network) ? keys : [...keys, { key: prefix, rule: NAME }];
    },
  };
}
