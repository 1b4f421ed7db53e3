/** How much of a day is recorded: pure sums over the segments of one stream. Days are whole UTC days counted from 1970. */

export const DAY_US = 86_400_000_000;

export interface Span {
  startUs: number;
  endUs: number;
  bytes: number;
}

export interface DayCoverage {
  /** Microseconds of the day that at least one segment covers. */
  recordedUs: number;
  /** Segments that start on this day, and their bytes, so that sums over days count each segment once. */
  segments: number;
  bytes: number;
  /** First and last recorded instant of the day. */
  firstUs: number;
  lastUs: number;
}

export function dayOf(timeUs: number): number {
  return Math.floor(timeUs / DAY_US);
}

/** The days that a span touches. An empty span touches the day it stands on; one that ends at midnight does not touch the next day. */
export function daysOf(startUs: number, endUs: number): { first: number; last: number } {
  const first = dayOf(startUs);
  return { first, last: endUs > startUs ? dayOf(endUs - 1) : first };
}

/** `spans` are all those that may touch the day, ordered by start. Undefined when none does. */
export function coverDay(day: number, spans: Iterable<Span>): DayCoverage | undefined {
  const dayStart = day * DAY_US;
  const dayEnd = dayStart + DAY_US;
  let coverage: DayCoverage | undefined;
  let coveredUntil = dayStart;
  for (const { startUs, endUs, bytes } of spans) {
    const { first, last } = daysOf(startUs, endUs);
    if (first > day || last < day) continue;
    const from = Math.max(startUs, dayStart);
    const to = Math.min(endUs, dayEnd);
    coverage ??= { recordedUs: 0, segments: 0, bytes: 0, firstUs: from, lastUs: to };
    coverage.recordedUs += Math.max(0, to - Math.max(from, coveredUntil));
    coverage.lastUs = Math.max(coverage.lastUs, to);
    coveredUntil = Math.max(coveredUntil, to);
    if (first === day) {
      coverage.segments++;
      coverage.bytes += bytes;
    }
  }
  return coverage;
}

/** The parts of [fromUs, toUs) that spans, ordered by start, cover: without overlaps, those that touch as one. */
export function joinSpans(
  spans: Iterable<{ startUs: number; endUs: number }>,
  fromUs: number,
  toUs: number,
): { startUs: number; endUs: number }[] {
  const joined: { startUs: number; endUs: number }[] = [];
  for (const span of spans) {
    const startUs = Math.max(span.startUs, fromUs);
    const endUs = Math.min(span.endUs, toUs);
    if (endUs <= startUs) continue;
    const last = joined.at(-1);
    if (last && startUs <= last.endUs) last.endUs = Math.max(last.endUs, endUs);
    else joined.push({ startUs, endUs });
  }
  return joined;
}
