/** How far a forecast can be trusted: how much the days of a stream differ, and what that does to the days that are kept. Pure. */
import type { SeenHour, WeekRate } from './rates.ts';

/** How much the bytes of one day of a stream differ from what was expected of that day. */
export interface DayNoise {
  /** In bytes, squared. */
  readonly variance: number;
  /** Days that it was seen, and how many of them say something about the variance. */
  readonly days: number;
  readonly freedom: number;
}

/** What a stream writes to one place. */
export interface Written {
  /** Of the whole stream; and what part of it comes here. */
  readonly bytesPerDay: number;
  readonly share: number;
  /** False: `bytesPerDay` is a guess. */
  readonly measured: boolean;
  readonly noise: DayNoise | undefined;
  readonly keptDays: number;
}

/** A day of the site that was seen for the greater part. */
interface SeenDay {
  readonly startHour: number;
  readonly weekday: number;
  readonly bytes: number;
  /** What it was above that weekday's mean. */
  readonly residual: number;
}

/** Relative half width of the confidence where too few days say nothing about their differences, or nothing was measured at all. */
const UNKNOWN_WIDTH = 0.5;
const GUESS_WIDTH = 0.75;
/** Student's t, two-sided 90 %, for 1 to 9 degrees of freedom, and for more. */
const T90 = [6.31, 2.92, 2.35, 2.13, 2.02, 1.94, 1.9, 1.86, 1.83];
const T90_MANY = 1.72;
const LEAST_FREEDOM = 3;
const LEAST_WEEKS = 3;

/**
 * From the same weekdays of several weeks; where there is one week only, all that its days differ counts. Weeks that differ more
 * than their days explain (a holiday, the weather) widen it.
 */
export function dayNoise(rate: WeekRate, shareOf: (bin: number) => number): DayNoise | undefined {
  const days = daysOf(rate.seen, shareOf);
  const weekdays = new Set(days.map(({ weekday }) => weekday)).size;
  const freedom = days.length - weekdays;
  if (freedom >= LEAST_FREEDOM) {
    const byDay = sumOf(days, ({ residual }) => residual ** 2) / freedom;
    return { variance: Math.max(byDay, weekVariance(days) / 7), days: days.length, freedom };
  }
  if (days.length <= LEAST_FREEDOM) return undefined;
  const mean = sumOf(days, ({ bytes }) => bytes) / days.length;
  const variance = sumOf(days, ({ bytes }) => (bytes - mean) ** 2) / (days.length - 1);
  return { variance, days: days.length, freedom: days.length - 1 };
}

/**
 * By what part the bytes that streams write to one place may differ from their mean, nine times of ten, over the days that are
 * kept: the mean is not known exactly, and the days to come are not all alike. Streams err independently of each other.
 */
export function doubtOf(streams: readonly Written[]): number {
  let [mean, variance, freedom] = [0, 0, 0];
  for (const { bytesPerDay, measured, noise, share, keptDays } of streams) {
    mean += share * bytesPerDay;
    if (noise) {
      variance += share ** 2 * noise.variance * (1 / noise.days + 1 / Math.max(1, keptDays));
      freedom += noise.freedom;
    } else {
      variance += (share * bytesPerDay * ((measured ? UNKNOWN_WIDTH : GUESS_WIDTH) / T90_MANY)) ** 2;
      freedom += T90.length + 1;
    }
  }
  return mean > 0 ? ((T90[freedom - 1] ?? T90_MANY) * Math.sqrt(variance)) / mean : 0;
}

function daysOf(seen: readonly SeenHour[], shareOf: (bin: number) => number): SeenDay[] {
  const means = meansByBin(seen);
  const expected = (bin: number): number => means.get(bin)! * shareOf(bin);
  const fullDays = Array.from({ length: 7 }, (_, weekday) =>
    sumOf([...means.keys()], (bin) => (Math.floor(bin / 24) === weekday ? expected(bin) : 0)),
  );
  return [...Map.groupBy(seen, ({ hour, bin }) => hour - (bin % 24))].flatMap(([startHour, hours]): SeenDay[] => {
    const weekday = Math.floor(hours[0]!.bin / 24);
    const part = sumOf(hours, ({ bin }) => expected(bin));
    const full = fullDays[weekday]!;
    if (part <= full / 2) return [];
    const bytes = (sumOf(hours, ({ bin, bytesPerS }) => bytesPerS * shareOf(bin)) * 3600 * full) / part;
    return [{ startHour, weekday, bytes, residual: bytes - full * 3600 }];
  });
}

function meansByBin(seen: readonly SeenHour[]): Map<number, number> {
  const byBin = Map.groupBy(seen, ({ bin }) => bin);
  return new Map([...byBin].map(([bin, own]) => [bin, sumOf(own, ({ bytesPerS }) => bytesPerS) / own.length]));
}

/** Of the sums of whole weeks; 0 while there are too few. */
function weekVariance(days: readonly SeenDay[]): number {
  const first = days.reduce((least, { startHour }) => Math.min(least, startHour), Infinity);
  const weeks = [...Map.groupBy(days, ({ startHour }) => Math.floor((startHour - first + 12) / 168)).values()]
    .filter(({ length }) => length === 7)
    .map((week) => sumOf(week, ({ residual }) => residual));
  return weeks.length < LEAST_WEEKS ? 0 : sumOf(weeks, (each) => each ** 2) / (weeks.length - 1);
}

function sumOf<T>(list: readonly T[], of: (each: T) => number): number {
  return list.reduce((sum, each) => sum + of(each), 0);
}
