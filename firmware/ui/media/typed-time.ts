import { instantIn, localIn } from './zone-time.ts';

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const YESTERDAY = /^(?:yesterday|昨天|昨日)\s*/i;
const TODAY = /^(?:today|今天|今日)\s*/i;

export interface TypedTime {
  readonly at: number;
  /** The time did not exist that day: clocks were set forward over it. */
  readonly skipped: boolean;
}

/**
 * What somebody types as a time of a zone: `12:45`, `1245`, `12:45:30`, `-10m`, `yesterday 8:00`, `2026-11-22 14:32:08`, a whole day, and
 * with an offset behind it (`02:30 +01:00`) the one or the other of an hour that comes twice. A time without a day is that of `near`.
 * Undefined for anything else. All in ms since 1970.
 */
export function typedTime(zone: string, text: string, near: number, now: number): TypedTime | undefined {
  if (text.trim() === '') return undefined;
  const typed = text.trim().replace('T', ' ').replace(/[：]/g, ':');
  const back = /^-\s*(\d+(?:\.\d+)?)\s*([smhd])$/i.exec(typed);
  if (back)
    return { at: now - Number(back[1]) * UNITS_MS[back[2]!.toLowerCase() as keyof typeof UNITS_MS], skipped: false };
  const offset = /\s*([+-])(\d{2}):?(\d{2})$/.exec(typed);
  const local = (offset ? typed.slice(0, offset.index) : typed).trim();
  const day = dayIn(zone, local, near, now);
  const clock = clockIn(
    local
      .replace(YESTERDAY, '')
      .replace(TODAY, '')
      .replace(/^\d{4}-\d{1,2}-\d{1,2}\s*/, ''),
  );
  if (day === undefined || clock === undefined) return undefined;
  if (offset) {
    const at = Date.parse(`${day}T${clock}${offset[1]}${offset[2]}:${offset[3]}`);
    return Number.isNaN(at) ? undefined : { at, skipped: false };
  }
  const at = instantIn(zone, `${day}T${clock}`);
  return at === undefined ? undefined : { at, skipped: localIn(zone, at) !== `${day}T${clock}` };
}

function dayIn(zone: string, text: string, near: number, now: number): string | undefined {
  const today = localIn(zone, now).slice(0, 10);
  if (YESTERDAY.test(text)) return dayBefore(today);
  if (TODAY.test(text)) return today;
  const date = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:\s|$)/.exec(text);
  if (!date) return localIn(zone, near).slice(0, 10);
  const day = `${date[1]}-${date[2]!.padStart(2, '0')}-${date[3]!.padStart(2, '0')}`;
  const noon = Date.parse(`${day}T12:00:00Z`);
  // The 31st of a shorter month is not a day.
  return Number.isNaN(noon) || !new Date(noon).toISOString().startsWith(day) ? undefined : day;
}

function dayBefore(day: string): string {
  return new Date(Date.parse(`${day}T12:00:00Z`) - UNITS_MS.d).toISOString().slice(0, 10);
}

/** HH:MM:SS; of a day alone, its beginning. */
function clockIn(text: string): string | undefined {
  if (text.trim() === '') return '00:00:00';
  const parts = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?$/.exec(text) ?? /^(\d{2})(\d{2})(\d{2})?$/.exec(text);
  if (!parts) return undefined;
  const [hours, minutes, seconds] = [parts[1], parts[2], parts[3] ?? '00'].map(Number) as [number, number, number];
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  return [hours, minutes, seconds].map((each) => String(each).padStart(2, '0')).join(':');
}
