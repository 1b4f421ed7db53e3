import { named } from './smart-attributes.ts';
import type { SmartAttribute } from './smart-reading.ts';

/**
 * Where makers say how much of a flash disk's life is used. Everywhere the normalised value falls from 100 to the end; the raw
 * value is the remaining share with one maker and the used one with another, so it counts only where the name is clear.
 */
const WEAR: readonly { id: number; name: RegExp }[] = [
  { id: 231, name: /life.*(left|remain)/i },
  { id: 202, name: /(percent|perc).*life/i },
  { id: 169, name: /remain.*life/i },
  { id: 209, name: /remain.*life/i },
  { id: 201, name: /life.*remain/i },
  { id: 245, name: /life.*(remain|left)/i },
  { id: 248, name: /life.*remain|remain.*life/i },
  { id: 233, name: /media_wearout|remain.*life/i },
  { id: 177, name: /wear_leveling|life.*remain/i },
  { id: 173, name: /wear_leveling|av[eg]+_block-erase|percent_life_used/i },
];

/** Share of the rated life that a flash disk has used, in per cent, from its attributes; undefined if none tells it. */
export function wearOf(attributes: readonly SmartAttribute[]): number | undefined {
  for (const { id, name } of WEAR) {
    const found = named(attributes, id, name);
    const value = found?.value;
    // Before it was ever set a value is 200, 253 or the like.
    if (!found || value === undefined || value > 100) continue;
    const raw = found.raw;
    // Silicon Motion leaves the value at 100 and has the remaining share in raw.
    if (id === 169 && value === 100 && raw !== undefined && raw > 0 && raw <= 100) return 100 - raw;
    if (/used/i.test(found.name) && value === 100 && raw !== undefined && raw <= 255) return raw;
    return 100 - value;
  }
  return undefined;
}
