import t from 'tap';
import { coverDay, DAY_US, daysOf } from '../../firmware/storage/catalogue/coverage.ts';

const span = (startUs: number, endUs: number, bytes = 1) => ({ startUs, endUs, bytes });

t.test('overlaps count once, pauses not at all', async (t) => {
  const coverage = coverDay(0, [span(0, 100), span(50, 150), span(60, 70), span(150, 160), span(200, 300)]);
  t.same(coverage, { recordedUs: 260, segments: 5, bytes: 5, firstUs: 0, lastUs: 300 });
});

t.test('midnight divides the time, not the segment', async (t) => {
  const spans = [span(DAY_US - 30, DAY_US + 70, 9), span(DAY_US + 70, DAY_US + 80, 1)];
  t.same(coverDay(0, spans), { recordedUs: 30, segments: 1, bytes: 9, firstUs: DAY_US - 30, lastUs: DAY_US });
  t.same(coverDay(1, spans), { recordedUs: 80, segments: 1, bytes: 1, firstUs: DAY_US, lastUs: DAY_US + 80 });
  t.equal(coverDay(2, spans), undefined);
});

t.test('the edges of days', async (t) => {
  t.same(daysOf(0, DAY_US), { first: 0, last: 0 });
  t.same(daysOf(0, DAY_US + 1), { first: 0, last: 1 });
  t.same(daysOf(DAY_US, DAY_US), { first: 1, last: 1 }, 'an empty one stands somewhere');
  t.same(daysOf(-1, 0), { first: -1, last: -1 }, 'before 1970');
});
