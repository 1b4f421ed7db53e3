import type { Verdict } from './finding.ts';
import { Fields } from './json-fields.ts';
import { SampleLog } from './sample-log.ts';
import type { KeyFigures } from './smart-reading.ts';
import type { DiskSample } from './trend.ts';

const FIGURES: readonly (keyof KeyFigures)[] = [
  'reallocated',
  'pending',
  'uncorrectable',
  'reported',
  'crc',
  'timeouts',
  'mediaErrors',
  'grownDefects',
  'uncorrectedIo',
  'errorLog',
  'selfTestFailures',
  'wearPercent',
  'sparePercent',
  'hotMinutes',
  'temperatureC',
  'hours',
];
/** These change all the time and are worth a line only now and then. */
const RESTLESS = new Set<keyof KeyFigures>(['temperatureC', 'hours', 'hotMinutes']);
const VERDICTS: readonly Verdict[] = ['ok', 'notice', 'warning', 'failing', 'unknown'];
const EVERY_US = 3600_000_000;

/** Opens the histories of the disks in a folder; which need not be there yet. */
export function openDiskHistory(folder: string): SampleLog<DiskSample> {
  return new SampleLog(folder, readSample);
}

/** True if a sample says something that the last one does not: a figure that moved, or an hour that passed. */
export function isWorthKeeping(last: DiskSample | undefined, sample: DiskSample): boolean {
  if (!last || Math.abs(sample.atUs - last.atUs) >= EVERY_US) return true;
  if (last.verdict !== sample.verdict) return true;
  return FIGURES.some((figure) => !RESTLESS.has(figure) && last[figure] !== sample[figure]);
}

function readSample(value: unknown): DiskSample | undefined {
  const fields = new Fields(value);
  const atUs = fields.count('atUs');
  if (atUs === undefined) return undefined;
  const figures = FIGURES.flatMap((figure) => {
    const number = fields.number(figure);
    return number === undefined ? [] : [[figure, number] as const];
  });
  const verdict = VERDICTS.find((each) => each === fields.text('verdict'));
  return { atUs, ...Object.fromEntries(figures), ...(verdict && { verdict }) };
}
