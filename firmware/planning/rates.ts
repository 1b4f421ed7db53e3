/** What streams need, measured: rates by hour of the week. Pure. */
import { offsets } from '../base/index.ts';
import { DAY_US, HOUR_US, WEEK_HOURS } from './week.ts';

/** What a stream wrote in one hour of UTC; `hour` counts from 1970. */
export interface HourSample {
  readonly camera: string;
  readonly stream: string;
  readonly volume: string;
  readonly hour: number;
  readonly recordedUs: number;
  readonly bytes: number;
}

/** One hour of the week (0 is Sunday's first in the time zone of the site), over all weeks that were seen. */
export interface RateBin {
  readonly samples: number;
  /**
   * Bytes per second: of recorded time where a camera is recorded by the clock, of all time where it is recorded by what
   * happens. With no sample of its own: from the same hour of other days.
   */
  readonly bytesPerS: number;
}

/** One hour as it was measured, with the hour of the week that it is. */
export interface SeenHour {
  /** Of UTC, from 1970. */
  readonly hour: number;
  readonly bin: number;
  readonly bytesPerS: number;
}

export interface WeekRate {
  /** False: nothing was measured, the figures are a guess. */
  readonly measured: boolean;
  readonly bins: readonly RateBin[];
  /** The hours that were measured. */
  readonly seen: readonly SeenHour[];
  readonly recordedS: number;
}

export interface RateOptions {
  /** By what happens (event, manual): hours without footage count as well. */
  readonly sporadic: boolean;
  readonly timeZone: string;
  /** Samples before this are of another kind (other mode, other stream). */
  readonly sinceUs: number;
  readonly nowUs: number;
  /** On how many volumes the stream is written at once. */
  readonly copies: number;
  /** Taken where nothing was measured, in bytes per second. */
  readonly guessBytesPerS: number;
}

/** Less of an hour says little about it. */
const LEAST_US = 60_000_000;
/** Weight of what other days say at the same hour, in samples. */
const PRIOR = 0.5;
export function weekRate(samples: readonly HourSample[], options: RateOptions): WeekRate {
  const { sinceUs, guessBytesPerS } = options;
  const hours = hoursOf(
    samples.filter(({ hour }) => hour * HOUR_US >= sinceUs),
    options,
  );
  const measured = hours.filter(({ recordedUs }) => options.sporadic || recordedUs >= LEAST_US);
  const recordedS = hours.reduce((sum, { recordedUs }) => sum + recordedUs, 0) / 1e6;
  if (measured.length === 0) {
    return {
      measured: false,
      bins: Array.from({ length: WEEK_HOURS }, () => ({ samples: 0, bytesPerS: guessBytesPerS })),
      seen: [],
      recordedS,
    };
  }
  const seen = measured.map(({ hour, bin, bytes, recordedUs }) => {
    return { hour, bin, bytesPerS: bytes / ((options.sporadic ? HOUR_US : recordedUs) / 1e6) };
  });
  const values: number[][] = Array.from({ length: WEEK_HOURS }, () => []);
  for (const { bin, bytesPerS } of seen) values[bin]!.push(bytesPerS);
  const overall = meanOf(values.flat());
  const byHourOfDay = Array.from({ length: 24 }, (_, hour) => {
    const same = values.filter((_, bin) => bin % 24 === hour).flat();
    return same.length > 0 ? meanOf(same) : overall;
  });
  const bins = values.map((own, bin) => binOf(own, byHourOfDay[bin % 24]!));
  return { measured: true, bins, seen, recordedS };
}

/** Bytes of a week where `share` of each hour is recorded. */
export function weekBytes(rate: WeekRate, shareOf: (bin: number) => number): number {
  return rate.bins.reduce((sum, { bytesPerS }, bin) => sum + bytesPerS * 3600 * shareOf(bin), 0);
}

interface MeasuredHour {
  hour: number;
  bin: number;
  recordedUs: number;
  bytes: number;
}

/** The hours of a stream on all volumes, each instant counted once; of a sporadic one also those without footage. */
function hoursOf(samples: readonly HourSample[], options: RateOptions): MeasuredHour[] {
  const { sporadic, timeZone, nowUs, copies } = options;
  const byHour = new Map<number, { recordedUs: number; bytes: number }>();
  for (const { hour, recordedUs, bytes } of samples) {
    const sum = byHour.get(hour) ?? { recordedUs: 0, bytes: 0 };
    byHour.set(hour, { recordedUs: sum.recordedUs + recordedUs / copies, bytes: sum.bytes + bytes / copies });
  }
  if (byHour.size === 0) return [];
  const first = [...byHour.keys()].reduce((a, b) => Math.min(a, b));
  // The hour that goes on is not over, and its last file not yet closed.
  const end = Math.floor(nowUs / HOUR_US) - 1;
  const binAt = binsOf(timeZone, first * HOUR_US, Math.max(first + 1, end) * HOUR_US);
  const hours: MeasuredHour[] = [];
  for (let hour = first; hour < end; hour++) {
    const { recordedUs, bytes } = byHour.get(hour) ?? { recordedUs: 0, bytes: 0 };
    if (recordedUs > 0 || sporadic)
      hours.push({ hour, bin: binAt(hour), recordedUs: Math.min(recordedUs, HOUR_US), bytes });
  }
  if (hours.length > 0 || sporadic) return hours;
  return [...byHour].map(([hour, sum]) => ({ hour, bin: binAt(hour), ...sum }));
}

/** The hour of the week of hours of UTC, by the middle of each. */
export function binsOf(timeZone: string, startUs: number, endUs: number): (hour: number) => number {
  const parts = offsets(timeZone, { startUs, endUs });
  return (hour) => {
    const middleUs = (hour + 0.5) * HOUR_US;
    const part = parts.find((each) => middleUs < each.endUs) ?? parts.at(-1)!;
    // 1 January 1970 was a Thursday.
    const local = Math.floor((middleUs + part.offsetUs + 4 * DAY_US) / HOUR_US);
    return ((local % WEEK_HOURS) + WEEK_HOURS) % WEEK_HOURS;
  };
}

function binOf(own: readonly number[], otherDays: number): RateBin {
  const sum = own.reduce((total, value) => total + value, 0);
  return { samples: own.length, bytesPerS: (sum + PRIOR * otherDays) / (own.length + PRIOR) };
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
