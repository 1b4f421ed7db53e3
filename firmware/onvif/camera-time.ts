import type { DeviceTime } from './replies/device-replies.ts';
import { escapeXml } from './xml/values.ts';

const HOUR_MS = 3_600_000;
/** "CST-8", "BRT3", "MST7MDT,M3.2.0,M11.1.0", "CST+7:00:00DST01:00:00,...", "<-03>3" (POSIX 8.3: positive is west). */
const ZONE =
  /^\s*(?:<[^>]*>|[A-Za-z]+)\s*(?<sign>[+-])?(?<hours>\d{1,2})(?::(?<minutes>\d{1,2}))?(?::\d{1,2})?(?<rest>.*)$/s;

/**
 * Camera minus box in ms, or undefined if the camera tells no time that can be used. UTC is taken where it is told. Local time
 * needs the zone, and zones of cameras are odd, so of the readings that the text allows the one nearest to the box counts:
 * a camera that is off by hours in one reading and by seconds in the other is off by seconds.
 */
export function clockOffsetMs(time: DeviceTime, boxMs: number): number | undefined {
  if (time.utcMs !== undefined) return time.utcMs - boxMs;
  if (time.localMs === undefined) return undefined;
  const local = time.localMs;
  const offsets = westMs(time.zone, time.daylightSavings ?? false).map((west) => local + west - boxMs);
  return offsets.reduce((best, each) => (Math.abs(each) < Math.abs(best) ? each : best));
}

function westMs(zone: string | undefined, daylightSavings: boolean): number[] {
  const groups = ZONE.exec(zone ?? '')?.groups;
  if (!groups) return [0];
  const size = Number(groups.hours) * HOUR_MS + Number(groups.minutes ?? 0) * 60_000;
  const west = groups.sign === '-' ? -size : size;
  const hasSummer = daylightSavings && /[A-Za-z]/.test(groups.rest ?? '');
  return hasSummer ? [west, west - HOUR_MS] : [west];
}

export interface TimeWish {
  readonly utcMs?: number;
  readonly zone?: string | undefined;
  readonly daylightSavings?: boolean | undefined;
}

/** What stands in SetSystemDateAndTime (ONVIF Core section 8.3.6). */
export function setTimeContent(kind: 'Manual' | 'NTP', wish: TimeWish): string {
  const { utcMs, zone, daylightSavings } = wish;
  return (
    `<t:DateTimeType>${kind}</t:DateTimeType><t:DaylightSavings>${daylightSavings ?? false}</t:DaylightSavings>` +
    (zone === undefined ? '' : `<t:TimeZone><tt:TZ>${escapeXml(zone)}</tt:TZ></t:TimeZone>`) +
    (utcMs === undefined ? '' : dateTimeContent(new Date(utcMs)))
  );
}

function dateTimeContent(date: Date): string {
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()];
  const day = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
  return (
    `<t:UTCDateTime><tt:Time><tt:Hour>${time[0]}</tt:Hour><tt:Minute>${time[1]}</tt:Minute><tt:Second>${time[2]}</tt:Second></tt:Time>` +
    `<tt:Date><tt:Year>${day[0]}</tt:Year><tt:Month>${day[1]}</tt:Month><tt:Day>${day[2]}</tt:Day></tt:Date></t:UTCDateTime>`
  );
}
