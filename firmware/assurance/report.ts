import { localMonth, type LocalDay } from '../base/index.ts';
import type { DayAccount, MissingReason, MissingSpan } from './day-account.ts';
import { lengthUs } from './spans.ts';

/** Seconds with microseconds behind the point; `missing` and `recorded` together are `expected`. */
export interface Sums {
  readonly expectedS: number;
  readonly recordedS: number;
  readonly missingS: number;
  /** Part of `recordedS` that came later. */
  readonly filledInS: number;
  /** Footage beside what was expected. */
  readonly besidesS: number;
  readonly missingByReason: Readonly<Partial<Record<MissingReason, number>>>;
}

export interface ReportDay extends Sums {
  /** YYYY-MM-DD in the time zone of the site. */
  readonly day: string;
  readonly missing: readonly MissingSpan[];
}

export interface ReportCamera extends Sums {
  readonly camera: string;
  readonly name: string;
  /** All days of the month up to today, also those of which nothing was expected. */
  readonly days: readonly ReportDay[];
}

export interface AssuranceReport {
  readonly box: string;
  /** YYYY-MM */
  readonly month: string;
  readonly timeZone: string;
  /** UTC microseconds up to which the report speaks: the end of the month, or when it was made. */
  readonly untilUs: number;
  readonly madeUs: number;
  readonly total: Sums;
  readonly cameras: readonly ReportCamera[];
}

export interface ReportInput {
  readonly box: string;
  readonly month: string;
  readonly timeZone: string;
  readonly madeUs: number;
  readonly accounts: readonly DayAccount[];
  readonly nameOf: (camera: string) => string;
}

export function monthReport({ box, month, timeZone, madeUs, accounts, nameOf }: ReportInput): AssuranceReport {
  const days = localMonth(timeZone, month);
  const untilUs = Math.min(madeUs, days.at(-1)!.endUs);
  const begun = days.filter(({ startUs }) => startUs < untilUs);
  const cameras = [...new Set(accounts.map(({ camera }) => camera))].sort().map((camera) => {
    const own = new Map(accounts.filter((each) => each.camera === camera).map((each) => [each.day, each]));
    const reportDays = begun.map((day) => dayOf(day, own.get(day.day)));
    return { camera, name: nameOf(camera), ...sumOf(reportDays), days: reportDays };
  });
  return { box, month, timeZone, untilUs, madeUs, total: sumOf(cameras), cameras };
}

/** Share of the expected time that is recorded, 0 to 1; undefined where nothing was expected. */
export function shareOf({ expectedS, recordedS }: Sums): number | undefined {
  return expectedS > 0 ? recordedS / expectedS : undefined;
}

function dayOf({ day }: LocalDay, account: DayAccount | undefined): ReportDay {
  const missing = account?.missing ?? [];
  const missingByReason: Partial<Record<MissingReason, number>> = {};
  for (const reason of new Set(missing.map((span) => span.reason))) {
    missingByReason[reason] = seconds(lengthUs(missing.filter((span) => span.reason === reason)));
  }
  return {
    day,
    expectedS: seconds(lengthUs(account?.expected ?? [])),
    recordedS: seconds(lengthUs(account?.recorded ?? [])),
    missingS: seconds(lengthUs(missing)),
    filledInS: seconds(lengthUs(account?.filledIn ?? [])),
    besidesS: seconds(account?.besidesUs ?? 0),
    missingByReason,
    missing,
  };
}

function sumOf(parts: readonly Sums[]): Sums {
  const missingByReason: Partial<Record<MissingReason, number>> = {};
  const total = { expectedS: 0, recordedS: 0, missingS: 0, filledInS: 0, besidesS: 0 };
  for (const part of parts) {
    for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] = exact(total[key] + part[key]);
    for (const [reason, value] of Object.entries(part.missingByReason) as [MissingReason, number][]) {
      missingByReason[reason] = exact((missingByReason[reason] ?? 0) + value);
    }
  }
  return { ...total, missingByReason };
}

function seconds(us: number): number {
  return us / 1e6;
}

/** Sums of microseconds without the dust of binary fractions. */
function exact(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
