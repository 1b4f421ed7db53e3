/** A finite number, or undefined. */
export function numberFrom(text: string | undefined): number | undefined {
  if (text === undefined || !/^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** The words that cameras use for yes and no. */
export function booleanFrom(text: string | undefined): boolean | undefined {
  const word = text?.trim().toLowerCase();
  if (word === 'true' || word === '1' || word === 'active' || word === 'on' || word === 'yes') return true;
  if (word === 'false' || word === '0' || word === 'inactive' || word === 'off' || word === 'no') return false;
  return undefined;
}

const DURATION =
  /^\s*(?<sign>[+-])?P(?:(?<years>\d+(?:\.\d+)?)Y)?(?:(?<months>\d+(?:\.\d+)?)M)?(?:(?<weeks>\d+(?:\.\d+)?)W)?(?:(?<days>\d+(?:\.\d+)?)D)?(?:T(?:(?<hours>\d+(?:\.\d+)?)H)?(?:(?<minutes>\d+(?:\.\d+)?)M)?(?:(?<seconds>\d+(?:\.\d+)?)S)?)?\s*$/i;
const MS = {
  years: 365 * 86_400_000,
  months: 30 * 86_400_000,
  weeks: 7 * 86_400_000,
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1000,
};

/** An xs:duration in ms, a bare number counted as seconds; undefined for anything else. */
export function durationMsFrom(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const bare = numberFrom(text);
  if (bare !== undefined) return bare * 1000;
  const groups = DURATION.exec(text)?.groups;
  if (!groups || !/\d/.test(text)) return undefined;
  const sum = Object.entries(MS).reduce((total, [unit, ms]) => total + Number(groups[unit] ?? 0) * ms, 0);
  return groups.sign === '-' ? -sum : sum;
}

const TIME =
  /^\s*(\d{4})-(\d{1,2})-(\d{1,2})[T ](\d{1,2}):(\d{1,2}):(\d{1,2}(?:\.\d+)?)\s*(Z|[+-]\d{2}(?::?\d{2})?)?\s*$/i;

/** An xs:dateTime in ms since 1970; without a zone it counts as UTC, which is what cameras mean. */
export function timeMsFrom(text: string | undefined): number | undefined {
  const match = TIME.exec(text ?? '');
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, zone = 'Z'] = match;
  const minutes = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute));
  const utc = Math.round(minutes + Number(second) * 1000 - zoneMs(zone));
  return Number.isFinite(utc) ? utc : undefined;
}

function zoneMs(zone: string): number {
  if (/z/i.test(zone)) return 0;
  const digits = zone.replace(':', '');
  const minutes = Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3, 5) || 0);
  return (digits.startsWith('-') ? -1 : 1) * minutes * 60_000;
}

/** An xs:dateTime with milliseconds; firmwares fail on longer fractions. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString();
}

/** Text as the content of an element or an attribute. What XML cannot hold becomes a blank. */
export function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
