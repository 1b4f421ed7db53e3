import { dayRange } from '../../media/site-time.ts';
import { dayOf } from '../../words/format.ts';

const S = 1000;
const MIN = 60 * S;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;
const STEPS = [
  100,
  500,
  S,
  2 * S,
  5 * S,
  10 * S,
  30 * S,
  MIN,
  2 * MIN,
  5 * MIN,
  15 * MIN,
  30 * MIN,
  HOUR,
  2 * HOUR,
  6 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  31 * DAY,
  92 * DAY,
] as const;

/** Round instants of the site's clock, at least so many pixels apart. Times in ms since 1970. */
export function ticksOf(from: number, to: number, width: number, apartPx: number): { step: number; at: number[] } {
  const least = ((to - from) * apartPx) / Math.max(1, width);
  const step = STEPS.find((each) => each >= least) ?? 92 * DAY;
  const found: number[] = [];
  // From midnight of the site on, so that 6-hour ticks stand at 6, 12 and 18 there.
  const midnight = dayRange(dayOf(from)).from;
  if (step < DAY) {
    for (let at = midnight + Math.floor((from - midnight) / step) * step; at <= to; at += step) found.push(at);
    return { step, at: found };
  }
  const days = Math.round(step / DAY);
  for (let at = midnight; at <= to; at += days * DAY) found.push(dayRange(dayOf(at + HOUR)).from);
  return { step, at: found };
}
