/// <reference lib="esnext.temporal" />
/** Days and weekly times of a place, exact over changes of its clocks (days of 23 and 25 hours) and offsets of half hours. */

/** From `startUs` up to, not including, `endUs`; UTC microseconds. */
export interface TimeSpan {
  readonly startUs: number;
  readonly endUs: number;
}

/** A day as the clocks of a place show it. */
export interface LocalDay extends TimeSpan {
  /** YYYY-MM-DD */
  readonly day: string;
}

/** A time of every week; `to` of 24:00 is the end of the day, earlier than `from` it lies in the next day. */
export interface WeeklyTime {
  /** 0 is Sunday. */
  readonly day: number;
  /** HH:MM */
  readonly from: string;
  readonly to: string;
}

const MINUTE_US = 60_000_000;
const DAY_US = 86_400_000_000;
/** 1 January 1970 was a Thursday. */
const EPOCH_WEEKDAY = 4;

/** True for a name of the IANA list, for example Asia/Shanghai. */
export function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The day of the place that holds an instant. */
export function localDayAt(timeZone: string, wallUs: number): LocalDay {
  return dayOf(zonedAt(timeZone, wallUs).toPlainDate(), timeZone);
}

/** The days of the place that share an instant with the span, in order. */
export function localDays(timeZone: string, { startUs, endUs }: TimeSpan): LocalDay[] {
  const days: LocalDay[] = [];
  let date = zonedAt(timeZone, startUs).toPlainDate();
  for (;;) {
    const day = dayOf(date, timeZone);
    if (day.startUs >= endUs) return days;
    days.push(day);
    date = date.add({ days: 1 });
  }
}

/** All days of a month (YYYY-MM) of the place. Throws a RangeError if there is no such month. */
export function localMonth(timeZone: string, month: string): LocalDay[] {
  const { year, month: number, daysInMonth } = Temporal.PlainYearMonth.from(month);
  return Array.from({ length: daysInMonth }, (_, index) =>
    dayOf(Temporal.PlainDate.from({ year, month: number, day: index + 1 }), timeZone),
  );
}

/** When weekly times hold within a span: parts in order that neither touch nor overlap. */
export function weeklySpans(times: readonly WeeklyTime[], timeZone: string, within: TimeSpan): TimeSpan[] {
  const spans: TimeSpan[] = [];
  for (const { startUs, endUs, offsetUs } of offsets(timeZone, within)) {
    // A weekly time that began yesterday may last into the span.
    const first = Math.floor((startUs + offsetUs) / DAY_US) - 1;
    const last = Math.floor((endUs - 1 + offsetUs) / DAY_US);
    for (let day = first; day <= last; day++) {
      for (const time of times) {
        if (time.day !== (((day + EPOCH_WEEKDAY) % 7) + 7) % 7) continue;
        const fromUs = day * DAY_US + minuteOf(time.from) * MINUTE_US - offsetUs;
        const lengthUs = (minuteOf(time.to) - minuteOf(time.from)) * MINUTE_US;
        const toUs = fromUs + (lengthUs > 0 ? lengthUs : lengthUs + DAY_US);
        const part = { startUs: Math.max(fromUs, startUs), endUs: Math.min(toUs, endUs) };
        if (part.startUs < part.endUs) spans.push(part);
      }
    }
  }
  return joined(spans);
}

/** Parts of a span in which the place keeps one offset from UTC. */
export function offsets(timeZone: string, { startUs, endUs }: TimeSpan): (TimeSpan & { offsetUs: number })[] {
  const parts: (TimeSpan & { offsetUs: number })[] = [];
  for (let fromUs = startUs; fromUs < endUs;) {
    const zoned = zonedAt(timeZone, fromUs);
    const next = zoned.getTimeZoneTransition('next');
    const toUs = next ? Math.min(endUs, next.epochMilliseconds * 1000) : endUs;
    parts.push({ startUs: fromUs, endUs: toUs, offsetUs: zoned.offsetNanoseconds / 1000 });
    fromUs = toUs;
  }
  return parts;
}

function zonedAt(timeZone: string, wallUs: number): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(wallUs / 1000)).toZonedDateTimeISO(timeZone);
}

function dayOf(date: Temporal.PlainDate, timeZone: string): LocalDay {
  // Where clocks change at midnight, the day begins at the first instant that it has.
  const startUs = date.toZonedDateTime(timeZone).epochMilliseconds * 1000;
  const endUs = date.add({ days: 1 }).toZonedDateTime(timeZone).epochMilliseconds * 1000;
  return { day: date.toString(), startUs, endUs };
}

function joined(spans: TimeSpan[]): TimeSpan[] {
  spans.sort((a, b) => a.startUs - b.startUs);
  const result: { startUs: number; endUs: number }[] = [];
  for (const { startUs, endUs } of spans) {
    const last = result.at(-1);
    if (last && startUs <= last.endUs) last.endUs = Math.max(last.endUs, endUs);
    else result.push({ startUs, endUs });
  }
  return result;
}

function minuteOf(text: string): number {
  const [hours = '0', minutes = '0'] = text.split(':');
  return Number(hours) * 60 + Number(minutes);
}
