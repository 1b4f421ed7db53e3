/** A point in time as ticks of a timescale. */
export interface Instant {
  readonly ticks: number;
  readonly timescale: number;
}

/** Whole ticks of another timescale, to the nearest; exact for any ticks that a number holds. */
export function rescale(ticks: number, from: number, to: number): number {
  if (from === to) return ticks;
  const seconds = Math.floor(ticks / from);
  return seconds * to + Math.round(((ticks - seconds * from) * to) / from);
}
