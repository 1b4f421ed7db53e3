import type { Fields } from './json-fields.ts';
import type { SmartAttribute } from './smart-reading.ts';

const LOW_16 = 0x1_0000;
const LOW_32 = 0x1_0000_0000;
/** Attributes whose threshold tells of heat only. */
const TEMPERATURES = new Set([190, 194, 231]);

/** The rows of `ata_smart_attributes`; rows without a number are left out. */
export function readAttributes(table: readonly Fields[]): SmartAttribute[] {
  return table.flatMap((row) => {
    const id = row.count('id');
    if (id === undefined || id < 1 || id > 255) return [];
    const raw = row.object('raw');
    const name = row.text('name') ?? 'Unknown_Attribute';
    const attribute = {
      id,
      name,
      value: row.count('value'),
      worst: row.count('worst'),
      threshold: row.count('thresh'),
      preFailure: row.object('flags').flag('prefailure') ?? false,
      raw: raw.count('value'),
      text: raw.text('string') ?? '',
    };
    return [{ ...attribute, failed: failedOf(row, attribute), figure: plainFigure(id, attribute.raw, attribute.text) }];
  });
}

/** A threshold of 0 never fails; values of 0, 254 and 255 are no values. */
function failedOf(row: Fields, row_: Pick<SmartAttribute, 'value' | 'worst' | 'threshold'>): SmartAttribute['failed'] {
  const said = row.text('when_failed')?.toLowerCase();
  if (said === 'now' || said === 'failing_now') return 'now';
  if (said === 'past' || said === 'in_the_past') return 'past';
  if (row_.threshold === undefined || row_.threshold === 0 || row_.threshold >= 254) return 'never';
  const low = (value: number | undefined): boolean =>
    value !== undefined && value > 0 && value < 254 && value <= row_.threshold!;
  if (low(row_.value)) return 'now';
  return low(row_.worst) ? 'past' : 'never';
}

/**
 * The first figure that smartctl prints is the plain one, since its drive database knows the packing of a model: "26 (Min/Max 13/41)",
 * "0 (2000 0)". What it takes for one number may still be packed: Seagate puts three counts of 16 bits into Command_Timeout.
 */
function plainFigure(id: number, raw: number | undefined, text: string): number | undefined {
  if (id === 188) return raw === undefined ? undefined : largestWord(raw);
  const printed = /^\d{1,15}(?![\dx])/.exec(text)?.[0];
  if (printed !== undefined) return unpacked(Number(printed));
  return raw === undefined ? undefined : unpacked(raw);
}

/** No disk counts four thousand million bad sectors: more than 32 bits are more than one number, the lowest 16 bits the first. */
function unpacked(figure: number): number {
  return figure < LOW_32 ? figure : figure % LOW_16;
}

function largestWord(raw: number): number {
  if (raw < LOW_16) return raw;
  if (raw < LOW_32) return Math.max(raw % LOW_16, Math.floor(raw / LOW_16));
  return Math.max(raw % LOW_16, Math.floor(raw / LOW_16) % LOW_16, Math.floor(raw / LOW_32) % LOW_16);
}

/** The attribute of that number if its name says that it means what is looked for. */
export function named(attributes: readonly SmartAttribute[], id: number, name: RegExp): SmartAttribute | undefined {
  return attributes.find((each) => each.id === id && name.test(each.name));
}

export function isTemperature(attribute: SmartAttribute): boolean {
  return TEMPERATURES.has(attribute.id) && /temp/i.test(attribute.name);
}
