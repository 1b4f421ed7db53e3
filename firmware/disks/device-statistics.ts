import type { Fields } from './json-fields.ts';

/** Figures of the ATA device statistics log (ACS-3, log 04h), which mean the same with every maker. */
export interface DeviceStatistics {
  readonly reallocated: number | undefined;
  readonly candidates: number | undefined;
  readonly reported: number | undefined;
  readonly crc: number | undefined;
  readonly wearPercent: number | undefined;
  readonly maxTemperatureC: number | undefined;
  readonly minTemperatureC: number | undefined;
}

/** Page and offset of each figure. */
const PLACES = {
  reallocated: [3, 32],
  candidates: [3, 56],
  reported: [4, 8],
  crc: [6, 24],
  wearPercent: [7, 8],
  maxTemperatureC: [5, 88],
  minTemperatureC: [5, 104],
} as const;

export function readDeviceStatistics(root: Fields): DeviceStatistics {
  const rows = new Map<string, number>();
  for (const page of root.object('ata_device_statistics').list('pages')) {
    const number = page.count('number');
    for (const row of page.list('table')) {
      const value = row.number('value');
      // A figure that is not valid is printed as 0.
      if (value !== undefined && row.object('flags').flag('valid') !== false) {
        rows.set(`${number}:${row.count('offset')}`, value);
      }
    }
  }
  const at = (name: keyof typeof PLACES): number | undefined => rows.get(PLACES[name].join(':'));
  return {
    reallocated: at('reallocated'),
    candidates: at('candidates'),
    reported: at('reported'),
    crc: at('crc'),
    wearPercent: at('wearPercent'),
    maxTemperatureC: at('maxTemperatureC'),
    minTemperatureC: at('minTemperatureC'),
  };
}
