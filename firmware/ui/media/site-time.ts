import { timeZone } from '../words/format.ts';

/** YYYY-MM-DDTHH:MM:SS of the site, as fields of forms take it. */
export function localOf(atMs: number): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: timeZone.value,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(new Date(atMs));
  const of = (type: string): string => parts.find((part) => part.type === type)?.value ?? '00';
  return `${of('year')}-${of('month')}-${of('day')}T${of('hour')}:${of('minute')}:${of('second')}`;
}

/** For names of files: 2026-11-22 14-32-08. */
export function stamp(atMs: number): string {
  return localOf(atMs).replace('T', ' ').replaceAll(':', '-');
}

/**
 * Milliseconds since 1970 of a local time of the site; undefined if it is none. Of an hour that comes twice it is the first, and of
 * one that is left out, the same time after it.
 */
export function instantOf(local: string): number | undefined {
  const asUtc = Date.parse(`${local}Z`);
  if (Number.isNaN(asUtc)) return undefined;
  const offsetAt = (at: number): number => Date.parse(`${localOf(at)}Z`) - Math.floor(at / 1000) * 1000;
  const candidates = [asUtc - 86_400_000, asUtc + 86_400_000].map((near) => asUtc - offsetAt(near));
  const exact = candidates.filter((at) => Date.parse(`${localOf(at)}Z`) === Math.floor(asUtc / 1000) * 1000);
  return exact.length > 0 ? Math.min(...exact) : Math.max(...candidates);
}

/** Both ends of a day (YYYY-MM-DD) of the site: 23, 24 or 25 hours. */
export function dayRange(day: string): { from: number; to: number } {
  const next = new Date(Date.parse(`${day}T12:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
  return { from: instantOf(`${day}T00:00:00`) ?? 0, to: instantOf(`${next}T00:00:00`) ?? 0 };
}
