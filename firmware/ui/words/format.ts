import { computed } from '@preact/signals';
import { boxNow } from '../box/client.ts';
import { box } from '../box/live.ts';
import { language, locale, t } from './index.ts';

const DASH = '–';
/** Ten years: nobody plans further. */
const MANY_DAYS = 3650;

/** The time zone of the site: all times are told in it, wherever the reader is. */
export const timeZone = computed(() => box.value?.timeZone ?? 'UTC');

const clockFormat = computed(() =>
  formatOf({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }),
);
const minuteFormat = computed(() => formatOf({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }));
const dayFormat = computed(() => formatOf({ weekday: 'short', day: 'numeric', month: 'short' }));
const isoDay = computed(
  () =>
    new Intl.DateTimeFormat('en-CA', { timeZone: timeZone.value, year: 'numeric', month: '2-digit', day: '2-digit' }),
);

function formatOf(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(locale.value, { timeZone: timeZone.value, ...options });
}

type Time = string | number | Date | undefined;

/** 14:32:08 */
export function clock(time: Time): string {
  return time === undefined ? DASH : clockFormat.value.format(new Date(time));
}

/** 14:32 */
export function minute(time: Time): string {
  return time === undefined ? DASH : minuteFormat.value.format(new Date(time));
}

/** YYYY-MM-DD of the site. */
export function dayOf(time: Time): string {
  return time === undefined ? '' : isoDay.value.format(new Date(time));
}

/** How far the zone of the site is ahead of UTC at a time, in ms. */
function offsetMs(at: number): number {
  const name = new Intl.DateTimeFormat('en', { timeZone: timeZone.value, timeZoneName: 'longOffset' })
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName')?.value;
  const [, sign = '+', hours_ = '0', minutes = '0'] = /GMT(?:([+-])(\d+):(\d+))?/.exec(name ?? '') ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours_) * 60 + Number(minutes)) * 60_000;
}

/** When a day of the site (YYYY-MM-DD) begins, or the one `later` days after it. */
export function beginOf(date: string, later = 0): string {
  const asUtc = Date.parse(`${date}T00:00:00Z`) + later * 86_400_000;
  return new Date(asUtc - offsetMs(asUtc - offsetMs(asUtc))).toISOString();
}

function yearOf(time: Time): string {
  return dayOf(time).slice(0, 4);
}

/** Sun 22 Nov; 11-22 周日. The year is told where it is not this one. */
export function day(time: Time): string {
  if (time === undefined) return DASH;
  const date = new Date(time);
  if (yearOf(date) !== yearOf(boxNow())) return dayOf(date);
  if (language.value === 'en') return dayFormat.value.format(date).replace(',', '');
  const weekday = new Intl.DateTimeFormat('zh-CN', { timeZone: timeZone.value, weekday: 'short' }).format(date);
  return `${dayOf(date).slice(5)} ${weekday}`;
}

/** Sun 22 Nov, 14:32:08; 11-22 周日 14:32:08 */
export function moment(time: Time): string {
  if (time === undefined) return DASH;
  return `${day(time)}${language.value === 'en' ? ', ' : ' '}${clock(time)}`;
}

/** A length of time in its two largest parts: 2 min 14 s, 3 d 4 h. */
export function length(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const units = [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ] as const;
  const first = units.findIndex(([, size]) => whole >= size);
  if (first < 0) return t('unit.s', { n: 0 });
  return units
    .slice(first, first + 2)
    .map(
      ([unit, size], at) =>
        [unit, at === 0 ? Math.floor(whole / size) : Math.floor((whole % units[first]![1]) / size)] as const,
    )
    .filter(([, count], at) => at === 0 || count > 0)
    .map(([unit, count]) => t(`unit.${unit}`, { n: count }))
    .join(' ');
}

/** h:mm:ss */
export function hours(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

/** Up to an hour ago as a length, later as the moment. */
export function since(time: Time, now = boxNow()): string {
  if (time === undefined) return DASH;
  const seconds = (now - new Date(time).getTime()) / 1000;
  return seconds < 3600 ? t('time.for', { length: length(seconds) }) : t('time.since', { moment: moment(time) });
}

export function ago(time: Time, now = boxNow()): string {
  if (time === undefined) return DASH;
  const seconds = (now - new Date(time).getTime()) / 1000;
  if (seconds < 5) return t('time.now');
  return seconds < 3600 ? t('time.ago', { length: length(seconds) }) : moment(time);
}

export function number(value: number, digits = 0): string {
  return value.toLocaleString(locale.value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function scaled(value: number, units: readonly string[], step: number): string {
  let at = 0;
  let left = value;
  while (Math.abs(left) >= step && at < units.length - 1) {
    left /= step;
    at++;
  }
  const digits = at === 0 || left >= 100 ? 0 : left >= 10 ? 1 : 2;
  return `${number(left, digits)} ${units[at]}`;
}

/** Decimal, as disks are sold. */
export function bytes(value: number): string {
  return scaled(value, ['B', 'kB', 'MB', 'GB', 'TB', 'PB'], 1000);
}

export function bits(perSecond: number): string {
  return scaled(perSecond, ['b/s', 'kb/s', 'Mb/s', 'Gb/s'], 1000);
}

export function bytesPerS(value: number): string {
  return scaled(value, ['B/s', 'kB/s', 'MB/s', 'GB/s'], 1000);
}

/** As many digits as it takes not to round a gap up to the whole. */
export function share(part: number, whole: number): string {
  if (whole <= 0) return DASH;
  const percent = Math.min(100, (100 * part) / whole);
  if (percent >= 100) return '100';
  const digits = percent < 99 ? 1 : percent > 99.99 ? 3 : 2;
  return number(Math.floor(percent * 10 ** digits) / 10 ** digits, digits);
}

/** Days kept are rounded down. */
export function days(value: number): string {
  if (value < 1) return t('unit.lessThanDay');
  return t('unit.days', { n: value >= MANY_DAYS ? `> ${number(MANY_DAYS)}` : Math.floor(value) });
}
