const DAY_MIN = 24 * 60;

export interface QuietHours {
  /** HH:MM in the time zone of the site. */
  readonly from: string;
  /** Earlier than `from`: on the next day. */
  readonly to: string;
}

/** Minutes until the quiet hours that hold now are over; undefined outside of them. */
export function quietForMin(rows: readonly QuietHours[], wallUs: number, timeZone: string): number | undefined {
  if (rows.length === 0) return undefined;
  const now = minuteOfDay(wallUs, timeZone);
  const left = rows
    .map(({ from, to }) => ({ from: minutes(from), length: (minutes(to) - minutes(from) + DAY_MIN) % DAY_MIN }))
    .map(({ from, length }) => length - ((now - from + DAY_MIN) % DAY_MIN))
    .filter((rest) => rest > 0);
  return left.length === 0 ? undefined : Math.max(...left);
}

function minuteOfDay(wallUs: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return minutes(format.format(wallUs / 1000));
}

function minutes(text: string): number {
  const [hour, minute] = text.split(':');
  return Number(hour) * 60 + Number(minute);
}
