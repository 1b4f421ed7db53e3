import t from 'tap';
import {
  baselineOf,
  CALM,
  countsBetween,
  nextSlowState,
  slowFinding,
  sumOfCounts,
  windowOf,
  type LatencyCounts,
  type LatencyWindow,
  type SlowState,
} from '../../firmware/disks/latency.ts';

const BOUNDS = [1, 10, 100, 1000, 4000, 8000];
const DAY_US = 86_400_000_000;

function counts(...buckets: number[]): LatencyCounts {
  return { bounds: BOUNDS, buckets, count: buckets.reduce((sum, n) => sum + n, 0), maxMs: 9000 };
}

const window = (medianMs: number, p99Ms: number, stalls = 0): LatencyWindow => ({
  count: 300,
  medianMs,
  p99Ms,
  stalls,
});
const USUAL = { medianMs: 5, p99Ms: 40 };

/** The levels after each window. */
function levels(windows: readonly LatencyWindow[], from: SlowState = CALM): string[] {
  let state = from;
  return windows.map((each) => (state = nextSlowState(state, each, USUAL)).level);
}

t.test('figures of counts', async (t) => {
  t.equal(windowOf(counts(0, 0, 0, 0, 0, 0)), undefined);
  const some = windowOf(counts(0, 100, 0, 0, 0, 0))!;
  t.strictSame([some.count, some.medianMs, some.stalls], [100, 5.5, 0]);
  const stalled = windowOf(counts(90, 0, 0, 0, 6, 4))!;
  t.equal(stalled.stalls, 4, 'longer than 4 s');
  t.ok(stalled.p99Ms > 4000);
  t.equal(windowOf({ ...counts(0, 0, 0, 0, 0, 0), count: 2 })?.p99Ms, 9000, 'above all bounds');
});

t.test('what came in between', async (t) => {
  t.strictSame(countsBetween(counts(5, 1, 0, 0, 0, 0), counts(7, 1, 1, 0, 0, 0)).buckets, [2, 0, 1, 0, 0, 0]);
  t.strictSame(
    countsBetween(counts(5, 1, 0, 0, 0, 0), counts(2, 0, 0, 0, 0, 0)).count,
    2,
    'the volume was opened anew',
  );
  t.strictSame(sumOfCounts(counts(1, 0, 0, 0, 0, 2), counts(1, 3, 0, 0, 0, 0)).buckets, [2, 3, 0, 0, 0, 2]);
});

t.test('what is usual is learned from days before today', async (t) => {
  const nowUs = 100 * DAY_US;
  const day = (ago: number, medianMs: number) => ({ atUs: nowUs - ago * DAY_US, medianMs, p99Ms: medianMs * 8 });
  t.equal(baselineOf([day(0.5, 5), day(1.5, 5)], nowUs), undefined, 'one day is not enough');
  t.strictSame(baselineOf([day(3.5, 4), day(2.5, 5), day(1.5, 6), day(0.1, 900)], nowUs), { medianMs: 5, p99Ms: 40 });
  t.strictSame(baselineOf([day(60, 1), day(3.5, 4), day(1.5, 6)], nowUs)?.medianMs, 5, 'too long ago');
});

t.test('a level rises only when it lasts, and falls only when it is over', async (t) => {
  const calm = window(5, 40);
  const slow = window(30, 200);
  t.strictSame(levels([slow, slow, calm, slow, slow]), Array(5).fill('ok'), 'ups and downs');
  t.strictSame(levels([slow, slow, slow]), ['ok', 'ok', 'notice']);
  const raised: SlowState = { level: 'notice', above: 0, below: 0 };
  t.strictSame(levels(Array(6).fill(calm), raised).slice(4), ['notice', 'ok']);
  t.strictSame(levels(Array(20).fill(window(19, 40)), raised).at(-1), 'notice', 'somewhat better is not well');
  t.strictSame(levels(Array(20).fill(window(19, 40))).at(-1), 'ok', 'nor is it bad enough to rise');
  t.strictSame(levels(Array(3).fill(window(5, 40, 1))).at(-1), 'notice', 'operations that stalled');
  t.strictSame(levels(Array(3).fill(window(5, 40, 9))).at(-1), 'warning');
  t.strictSame(levels(Array(3).fill(window(120, 2500))).at(-1), 'warning');
});

t.test('without anything to compare with only what is slow for any disk counts', async (t) => {
  const judge = (each: LatencyWindow): string =>
    Array.from({ length: 3 }).reduce<SlowState>((state) => nextSlowState(state, each, undefined), CALM).level;
  t.equal(judge(window(300, 900)), 'ok');
  t.equal(judge(window(300, 2500)), 'notice');
});

t.test('in words', async (t) => {
  t.equal(
    slowFinding('syncs', 'notice', window(42, 200), USUAL).text.en,
    'Making writes durable takes 42 ms where it used to take 5 ms.',
  );
  t.match(slowFinding('writes', 'warning', window(5, 4500, 7), USUAL).text.en, /more than 4 s 7 times/);
  t.match(slowFinding('writes', 'notice', window(5, 900), USUAL).text.zh, /900 毫秒/);
});
