import t from 'tap';
import { localMonth, type TimeSpan } from '../../firmware/base/index.ts';
import { accountDay, type DayAccount, type DayEvidence } from '../../firmware/assurance/day-account.ts';
import { expectedSpans, recordedOf, type RecordingPromise } from '../../firmware/assurance/promise.ts';
import { intersect, lengthUs, subtract, unite } from '../../firmware/assurance/spans.ts';

const S = 1_000_000;
const us = (text: string): number => Date.parse(text) * 1000;
const span = (from: number, to: number): TimeSpan => ({ startUs: from * S, endUs: to * S });

/** Small numbers in a fixed order for a seed (mulberry32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) % below;
  };
}

t.test('sets of instants agree with counting them one by one', async (t) => {
  const random = randomFrom(7);
  const some = (): TimeSpan[] =>
    Array.from({ length: random(8) }, () => {
      const startUs = random(60);
      return { startUs, endUs: startUs + random(15) };
    });
  const holds = (spans: readonly TimeSpan[], at: number): boolean =>
    spans.some(({ startUs, endUs }) => startUs <= at && at < endUs);
  for (let round = 0; round < 500; round++) {
    const [rawA, rawB] = [some(), some()];
    const [a, b] = [unite(rawA), unite(rawB)];
    const wrong: string[] = [];
    for (let at = 0; at < 80; at++) {
      if (holds(a, at) !== holds(rawA, at)) wrong.push(`unite ${at}`);
      if (holds(intersect(a, b), at) !== (holds(a, at) && holds(b, at))) wrong.push(`intersect ${at}`);
      if (holds(subtract(a, b), at) !== (holds(a, at) && !holds(b, at))) wrong.push(`subtract ${at}`);
    }
    const disjoint = [a, intersect(a, b), subtract(a, b)].every((set) =>
      set.every((each, index) => each.startUs < each.endUs && (index === 0 || set[index - 1]!.endUs < each.startUs)),
    );
    if (!disjoint) wrong.push('not disjoint');
    if (wrong.length > 0) t.fail(JSON.stringify({ rawA, rawB, wrong }));
  }
  t.pass('500 rounds');
});

const evidence = (given: Partial<DayEvidence>): DayEvidence => ({
  camera: 'yard',
  day: '2026-05-01',
  expected: [span(0, 86_400)],
  recorded: [span(0, 86_400)],
  besidesUs: 0,
  gaps: [],
  ...given,
});

t.test('recorded and missing together are what was expected, each instant once', async (t) => {
  const account = accountDay(
    evidence({
      recorded: [span(0, 100), span(250, 400), span(400.5, 86_400)],
      gaps: [
        { ...span(90, 200), reason: 'camera-down' },
        { ...span(150, 230), reason: 'restart' },
      ],
    }),
  );
  t.strictSame(account.missing, [
    { ...span(100, 200), reason: 'camera-down' },
    { ...span(200, 230), reason: 'restart' },
    { ...span(230, 250), reason: 'unknown' },
    { ...span(400, 400.5), reason: 'brief' },
  ]);
  t.equal(lengthUs(account.recorded) + lengthUs(account.missing), 86_400 * S);
});

t.test('footage that was deleted since was recorded all the same; a reason that was known stays known', async (t) => {
  const before = accountDay(
    evidence({ expected: [span(0, 1000)], recorded: [span(0, 500)], gaps: [{ ...span(500, 1000), reason: 'disk' }] }),
  );
  const after = accountDay(evidence({ expected: [span(0, 2000)], recorded: [span(1000, 2000)], former: before }));
  t.strictSame(after.recorded, [span(0, 500), span(1000, 2000)]);
  t.strictSame(after.missing, [{ ...span(500, 1000), reason: 'disk' }]);
  t.strictSame(after.filledIn, []);
});

t.test('what was missing and is there now was filled in', async (t) => {
  const gaps = [{ ...span(500, 1000), reason: 'network-loss' as const }];
  const before = accountDay(evidence({ expected: [span(0, 2000)], recorded: [span(0, 500), span(1000, 2000)], gaps }));
  const after = accountDay(evidence({ expected: [span(0, 2000)], recorded: [span(600, 900)], gaps, former: before }));
  t.strictSame(after.filledIn, [span(600, 900)]);
  t.strictSame(after.missing, [
    { ...span(500, 600), reason: 'network-loss' },
    { ...span(900, 1000), reason: 'network-loss' },
  ]);
  const later: DayAccount = accountDay(evidence({ expected: [span(0, 2000)], recorded: [], former: after }));
  t.strictSame(later.filledIn, after.filledIn, 'also when its gap is forgotten');
});

t.test('seconds that were only on their way when the account was made are not filled in later', async (t) => {
  const before = accountDay(evidence({ expected: [span(0, 1000)], recorded: [span(0, 985)] }));
  t.equal(before.missing[0]!.reason, 'unknown');
  const after = accountDay(evidence({ expected: [span(0, 2000)], recorded: [span(0, 2000)], former: before }));
  t.strictSame(after.filledIn, []);
  t.strictSame(after.missing, []);
});

const promise = (since: string, more: Partial<RecordingPromise>): RecordingPromise => ({
  sinceUs: us(since),
  camera: 'yard',
  name: 'Yard',
  when: 'always',
  stream: 'main',
  times: [],
  timeZone: 'Europe/Berlin',
  ...more,
});

t.test('a day of 23 or 25 hours is expected as long as it is, also with several streams and settings', async (t) => {
  const always = [promise('2026-01-01T00:00:00Z', {})];
  const spring = localMonth('Europe/Berlin', '2026-03')[28]!;
  const autumn = localMonth('Europe/Berlin', '2026-10')[24]!;
  t.equal(lengthUs(expectedSpans(always, spring)), 23 * 3600 * S);
  t.equal(lengthUs(expectedSpans(always, autumn)), 25 * 3600 * S);
  const night = [0, 6].map((day) => ({ day, from: '00:00', to: '06:00' }));
  const weekly = [promise('2026-01-01T00:00:00Z', { when: 'weekly', times: night })];
  t.equal(lengthUs(expectedSpans(weekly, spring)), 5 * 3600 * S);
  t.equal(lengthUs(expectedSpans(weekly, autumn)), 7 * 3600 * S);
  const day = localMonth('Asia/Kolkata', '2026-05')[9]!;
  const changing = [
    promise('2026-05-09T20:00:00Z', {}),
    promise('2026-05-10T00:00:01Z', { when: 'never' }),
    promise('2026-05-10T00:00:07Z', { stream: 'sub' }),
    promise('2026-05-10T00:00:10Z', { when: 'never', stream: '' }),
  ];
  const expected = expectedSpans(changing, day);
  t.strictSame(expected, [
    { startUs: us('2026-05-09T20:00:00Z'), endUs: us('2026-05-10T00:00:01Z'), stream: 'main' },
    { startUs: us('2026-05-10T00:00:07Z'), endUs: us('2026-05-10T00:00:10Z'), stream: 'sub' },
  ]);
  const both = [{ startUs: day.startUs, endUs: day.endUs }];
  t.equal(
    lengthUs(recordedOf(expected, new Map([['main', both]]))),
    (4 * 3600 + 1) * S,
    'each stream for its own time',
  );
  const overlapping = [...both, ...both, { startUs: day.startUs - S, endUs: day.startUs + S }];
  t.equal(
    lengthUs(
      recordedOf(
        expected,
        new Map([
          ['main', overlapping],
          ['sub', both],
        ]),
      ),
    ),
    (4 * 3600 + 4) * S,
  );
});
