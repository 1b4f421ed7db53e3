import { timeZone } from '../words/format.ts';
import { instantIn, localIn } from './zone-time.ts';

/** YYYY-MM-DDTHH:MM:SS of the site, as fields of forms take it. */
export function localOf(atMs: number): string {
  return localIn(timeZone.value, atMs);
}

/** For names of files: 2026-11-22 14-32-08. */
export function stamp(atMs: number): string {
  return localOf(atMs).replace('T', ' ').replaceAll(':', '-');
}

/** The instant of a local time of the site, as `instantIn`. */
function instantOf(local: string): number | undefined {
  return instantIn(timeZone.value, local);
}

/** Both ends of a day (YYYY-MM-DD) of the site: 23, 24 or 25 hours. */
export function dayRange(day: string): { from: number; to: number } {
  const next = new Date(Date.parse(`${day}T12:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
  return { from: instantOf(`${day}T00:00:00`) ?? 0, to: instantOf(`${next}T00:00:00`) ?? 0 };
}
