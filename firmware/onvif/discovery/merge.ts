import type { FoundDevice } from '../types.ts';

/**
 * The answers of one search, one entry for each device. One address of the device service is one device. An endpoint is not
 * enough: some makers give a whole batch the same one, so it counts together with the address that answered or the MAC.
 */
export class FoundDevices {
  readonly #devices: FoundDevice[] = [];

  get all(): readonly FoundDevice[] {
    return this.#devices;
  }

  /** Gives the device as it is known now, or undefined if nothing new was learnt. `mayBeNew`: one that is not known yet is taken. */
  add(found: FoundDevice, mayBeNew = true): FoundDevice | undefined {
    const index = this.#devices.findIndex((known) => isSame(known, found));
    if (index < 0) {
      if (!mayBeNew) return undefined;
      this.#devices.push(found);
      return found;
    }
    const known = this.#devices[index]!;
    const merged = merge(known, found);
    if (JSON.stringify(merged) === JSON.stringify(known)) return undefined;
    this.#devices[index] = merged;
    return merged;
  }
}

function isSame(a: FoundDevice, b: FoundDevice): boolean {
  if (a.mac !== undefined && b.mac !== undefined && a.mac !== b.mac) return false;
  if (a.xaddrs.some((xaddr) => b.xaddrs.includes(xaddr))) return true;
  if (a.mac !== undefined && a.mac === b.mac) return true;
  return a.endpoint !== '' && a.endpoint === b.endpoint && a.address === b.address;
}

function merge(known: FoundDevice, found: FoundDevice): FoundDevice {
  const joined = (a: readonly string[], b: readonly string[]): string[] => [...new Set([...a, ...b])].slice(0, 64);
  return {
    ...found,
    ...known,
    endpoint: known.endpoint === '' ? found.endpoint : known.endpoint,
    xaddrs: joined(known.xaddrs, found.xaddrs),
    types: joined(known.types, found.types),
    scopes: joined(known.scopes, found.scopes),
  };
}
