export interface Span {
  readonly startUs: number;
  readonly endUs: number;
}

/** What was recorded of a stream on a volume in an hour of UTC, counted from 1970, and what of it is kept. */
export interface RecordedHour {
  readonly hour: number;
  readonly recordedUs: number;
  readonly keptUs: number;
}

const HOUR_US = 3600e6;

/** Shorter holes are no gaps. */
const GAP_US = 1_100_000;

/** Gaps and segments that meet may be a few pictures apart. */
const TOLERANCE_US = 100_000;

/** What repairs take off torn files in an hour is no deletion. */
const REPAIRED_US = 10e6;

/**
 * What no gap tells of in the holes between the spans of what was recorded, UTC microseconds. A process that is killed soon
 * after its start takes the reason for the hole before it along, or what it recorded between two holes.
 */
export function untoldHoles(recorded: readonly Span[], gaps: readonly Span[]): Span[] {
  const byStart = gaps.toSorted((a, b) => a.startUs - b.startUs);
  return recorded.slice(1).flatMap(({ startUs: endUs }, index) => {
    const startUs = recorded[index]!.endUs;
    return endUs - startUs < GAP_US ? [] : uncovered({ startUs, endUs }, byStart);
  });
}

/** True if footage was deleted in an hour of the hole: what is locked stands alone then, and the hole is where the rest was. */
export function mayBeDeleted({ startUs, endUs }: Span, hours: readonly RecordedHour[]): boolean {
  const [first, last] = [Math.floor(startUs / HOUR_US), Math.floor(endUs / HOUR_US)];
  return hours.some(
    ({ hour, recordedUs, keptUs }) => hour >= first && hour <= last && recordedUs - keptUs > REPAIRED_US,
  );
}

function uncovered({ startUs, endUs }: Span, gaps: readonly Span[]): Span[] {
  const left: Span[] = [];
  let reachedUs = startUs;
  for (const gap of [...gaps, { startUs: endUs, endUs }]) {
    const untilUs = Math.min(gap.startUs, endUs);
    if (untilUs - reachedUs > TOLERANCE_US) left.push({ startUs: reachedUs, endUs: untilUs });
    reachedUs = Math.max(reachedUs, gap.endUs);
  }
  return left;
}
