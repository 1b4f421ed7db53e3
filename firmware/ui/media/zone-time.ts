/** Times of a zone and instants, in ms since 1970; apart from the page, so that each zone can be looked at. */

/** YYYY-MM-DDTHH:MM:SS of the zone. */
export function localIn(zone: string, atMs: number): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
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

/**
 * The instant of a local time; undefined if it is none. Of an hour that comes twice it is the first, and of one that is left out, the
 * same time after it.
 */
export function instantIn(zone: string, local: string): number | undefined {
  const asUtc = Date.parse(`${local}Z`);
  if (Number.isNaN(asUtc)) return undefined;
  const offsetAt = (at: number): number => Date.parse(`${localIn(zone, at)}Z`) - Math.floor(at / 1000) * 1000;
  const candidates = [asUtc - 86_400_000, asUtc + 86_400_000].map((near) => asUtc - offsetAt(near));
  const exact = candidates.filter((at) => Date.parse(`${localIn(zone, at)}Z`) === Math.floor(asUtc / 1000) * 1000);
  return exact.length > 0 ? Math.min(...exact) : Math.max(...candidates);
}
