import { finding, type Finding } from './finding.ts';
import { median } from './trend.ts';

/** How long operations took, as counts per range. */
export interface LatencyCounts {
  /** Upper ends of the ranges in milliseconds, rising. */
  readonly bounds: readonly number[];
  /** One more than there are bounds may be missing: what is above all of them. */
  readonly buckets: readonly number[];
  readonly count: number;
  readonly maxMs: number;
}

/** Some minutes of one kind of operation on a volume. */
export interface LatencyWindow {
  readonly count: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  /** Operations that took longer than STALL_MS. */
  readonly stalls: number;
}

/** What is usual for a disk. */
export interface LatencyBaseline {
  readonly medianMs: number;
  readonly p99Ms: number;
}

const STALL_MS = 4000;
const DAY_US = 86_400_000_000;
const BASELINE_DAYS = 45;
const BASELINE_MIN_DAYS = 2;

/** What came in between two readings of the same counts; a volume that was opened anew began at zero. */
export function countsBetween(before: LatencyCounts | undefined, after: LatencyCounts): LatencyCounts {
  const restarted = !before || after.count < before.count || after.buckets.some((n, i) => n < (before.buckets[i] ?? 0));
  if (restarted) return after;
  return {
    ...after,
    count: after.count - before.count,
    buckets: after.buckets.map((n, i) => n - (before.buckets[i] ?? 0)),
  };
}

export function sumOfCounts(a: LatencyCounts | undefined, b: LatencyCounts): LatencyCounts {
  if (!a) return b;
  return {
    bounds: b.bounds,
    buckets: b.buckets.map((n, i) => n + (a.buckets[i] ?? 0)),
    count: a.count + b.count,
    maxMs: Math.max(a.maxMs, b.maxMs),
  };
}

/** Figures of counts; undefined without any. */
export function windowOf(counts: LatencyCounts): LatencyWindow | undefined {
  if (counts.count <= 0) return undefined;
  const within = counts.bounds.findLastIndex((bound) => bound <= STALL_MS);
  const quick = counts.buckets.slice(0, within + 1).reduce((sum, n) => sum + n, 0);
  return {
    count: counts.count,
    medianMs: quantile(counts, 0.5),
    p99Ms: quantile(counts, 0.99),
    stalls: counts.count - quick,
  };
}

/** Straight between the ends of the range that holds it. */
function quantile({ bounds, buckets, count, maxMs }: LatencyCounts, share: number): number {
  const wanted = count * share;
  let seen = 0;
  for (const [index, n] of buckets.entries()) {
    if (n > 0 && seen + n >= wanted) {
      const low = index === 0 ? 0 : (bounds[index - 1] ?? 0);
      const high = bounds[index] ?? Math.max(low, maxMs);
      return low + ((high - low) * (wanted - seen)) / n;
    }
    seen += n;
  }
  return maxMs;
}

/** Of the days before today, each day counting once; undefined before there are two. */
export function baselineOf(
  samples: readonly (LatencyBaseline & { readonly atUs: number })[],
  nowUs: number,
): LatencyBaseline | undefined {
  const byDay = new Map<number, LatencyBaseline[]>();
  for (const sample of samples) {
    const ageUs = nowUs - sample.atUs;
    if (ageUs < DAY_US || ageUs > BASELINE_DAYS * DAY_US) continue;
    const day = Math.floor(sample.atUs / DAY_US);
    byDay.set(day, [...(byDay.get(day) ?? []), sample]);
  }
  if (byDay.size < BASELINE_MIN_DAYS) return undefined;
  const of = (figure: keyof LatencyBaseline): number =>
    median([...byDay.values()].map((day) => median(day.map((sample) => sample[figure]))));
  return { medianMs: of('medianMs'), p99Ms: of('p99Ms') };
}

export type SlowLevel = 'ok' | 'notice' | 'warning';

/** A level that rises and falls only after it has been seen for a while. */
export interface SlowState {
  readonly level: SlowLevel;
  /** Windows in a row that were above the level, and those that were below. */
  readonly above: number;
  readonly below: number;
}

export const CALM: SlowState = { level: 'ok', above: 0, below: 0 };

const RISES_AFTER = 3;
const FALLS_AFTER = 6;
/** To fall, a disk must be this much better than it had to be bad to rise. */
const EASE = 0.7;
const RANK: Readonly<Record<SlowLevel, number>> = { ok: 0, notice: 1, warning: 2 };

/** Against what is usual for the disk: so many times as long, and by so many milliseconds. */
const SLOWER = { notice: { times: 3, moreMs: 20 }, warning: { times: 10, moreMs: 100 } };
const PEAKS = { notice: { times: 5, atLeastMs: 500 }, warning: { times: 10, atLeastMs: 2000 } };
const STALLS = { notice: 1, warning: 5 };
/** Without anything to compare with, only what is slow for any disk. */
const UNKNOWN_P99_MS = { notice: 2000, warning: 8000 };

/** The state after one more window. */
export function nextSlowState(
  state: SlowState,
  window: LatencyWindow,
  baseline: LatencyBaseline | undefined,
): SlowState {
  const up = levelOf(window, baseline, 1);
  if (RANK[up] > RANK[state.level]) {
    const above = state.above + 1;
    return above >= RISES_AFTER ? { level: up, above: 0, below: 0 } : { ...state, above, below: 0 };
  }
  const down = levelOf(window, baseline, EASE);
  if (RANK[down] >= RANK[state.level]) return { ...state, above: 0, below: 0 };
  const below = state.below + 1;
  return below >= FALLS_AFTER ? { level: down, above: 0, below: 0 } : { ...state, above: 0, below };
}

function levelOf(window: LatencyWindow, baseline: LatencyBaseline | undefined, ease: number): SlowLevel {
  if (isSlow(window, baseline, 'warning', ease)) return 'warning';
  return isSlow(window, baseline, 'notice', ease) ? 'notice' : 'ok';
}

function isSlow(
  { medianMs, p99Ms, stalls }: LatencyWindow,
  usual: LatencyBaseline | undefined,
  level: 'notice' | 'warning',
  ease: number,
): boolean {
  if (stalls >= STALLS[level]) return true;
  if (!usual) return p99Ms >= UNKNOWN_P99_MS[level] * ease;
  const slower = Math.max(usual.medianMs * SLOWER[level].times, usual.medianMs + SLOWER[level].moreMs);
  const peak = Math.max(usual.p99Ms * PEAKS[level].times, PEAKS[level].atLeastMs);
  return medianMs >= slower * ease || p99Ms >= peak * ease;
}

const DOING = {
  writes: { doing: 'Writing', doingZh: '写入' },
  syncs: { doing: 'Making writes durable', doingZh: '数据落盘' },
};

/** Why a state that is not ok is so, in words. */
export function slowFinding(
  kind: 'writes' | 'syncs',
  level: 'notice' | 'warning',
  window: LatencyWindow,
  usual: LatencyBaseline | undefined,
): Finding {
  const names = DOING[kind];
  if (window.stalls > 0) {
    return finding('stalls', level, { ...names, count: window.stalls, seconds: STALL_MS / 1000 });
  }
  if (usual && window.medianMs >= usual.medianMs * SLOWER.notice.times * EASE) {
    return finding('slower', level, { ...names, ms: rounded(window.medianMs), usual: rounded(usual.medianMs) });
  }
  return finding('slow-now-and-then', level, { ...names, ms: rounded(window.p99Ms) });
}

function rounded(ms: number): number {
  return ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms);
}
