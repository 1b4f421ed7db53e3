import t from 'tap';
import { judgeTrend, trendOf, type DiskSample } from '../../firmware/disks/trend.ts';

const DAY_US = 86_400_000_000;
const START_US = Date.UTC(2026, 5, 1) * 1000;

/** Samples at days, with the figures of each. */
function samples(...rows: [day: number, figures: Omit<DiskSample, 'atUs'>][]): DiskSample[] {
  return rows.map(([day, figures]) => ({ atUs: START_US + day * DAY_US, ...figures }));
}

function judged(history: readonly DiskSample[]): string[] {
  return judgeTrend(trendOf(history), history.at(-1)?.atUs ?? 0).map(({ code, level }) => `${level} ${code}`);
}

t.test('a count that stands is forgotten, one that grows is not', async (t) => {
  t.strictSame(judged([]), []);
  t.strictSame(judged(samples([0, { reallocated: 304 }])), [], 'one sample is no growth');
  t.strictSame(judged(samples([0, { reallocated: 304 }], [9, { reallocated: 304 }])), []);
  t.strictSame(judged(samples([0, { reallocated: 1 }], [5, { reallocated: 2 }])), ['warning grows']);
  t.strictSame(judged(samples([0, { reallocated: 1 }], [8, { reallocated: 5 }], [16, { reallocated: 5 }])), []);
  t.strictSame(judged(samples([0, { reallocated: 1 }], [20, { reallocated: 130 }])), ['failing grows-fast']);
  t.strictSame(judged(samples([0, { pending: 60 }], [3, { pending: 0 }])), [], 'sectors that were mended');
  t.strictSame(judged(samples([0, {}], [3, { mediaErrors: 9 }])), [], 'not told before');
});

t.test('errors of the link are no errors of the disk', async (t) => {
  t.strictSame(judged(samples([0, { crc: 0 }], [3, { crc: 2 }])), ['notice link-errors-grow']);
  t.strictSame(judged(samples([0, { crc: 0 }], [3, { crc: 9000 }])), ['warning link-errors-grow']);
});

t.test('growth in words', async (t) => {
  const history = samples([0, { reallocated: 4 }], [7, { reallocated: 16 }]);
  const [found] = judgeTrend(trendOf(history), history.at(-1)!.atUs);
  t.equal(found?.text.en, '12 more replaced sectors in 7 days.');
  t.equal(found?.text.zh, '7 天内已替换扇区增加 12。');
});

t.test('wear is forecast once there is enough to go by', async (t) => {
  t.equal(trendOf(samples([0, { wearPercent: 10 }], [5, { wearPercent: 12 }])).wear, undefined, 'too short');
  t.equal(trendOf(samples([0, { wearPercent: 10 }], [50, { wearPercent: 11 }])).wear, undefined, 'one step');
  const { wear } = trendOf(samples([0, { wearPercent: 60 }], [100, { wearPercent: 80 }]));
  t.equal(wear?.endsUs, START_US + 200 * DAY_US);
  t.equal(wear?.percentPerYear, 73.1);
  t.strictSame(judged(samples([0, { wearPercent: 60 }], [100, { wearPercent: 80 }])), []);
  t.strictSame(judged(samples([0, { wearPercent: 60 }], [100, { wearPercent: 90 }])), ['notice wears-out']);
});

t.test('a disk that runs hotter than it used to', async (t) => {
  const hourly = Array.from({ length: 24 * 10 }, (_, hour) => samples([hour / 24, { temperatureC: 38 }])).flat();
  const hot = samples([11.5, { temperatureC: 49 }]);
  t.strictSame(judged([...hourly, ...hot]), ['notice hotter']);
  t.strictSame(judged([...hourly.slice(-12), ...hot]), [], 'too little to compare with');
});

t.test('a clock that stood wrong', async (t) => {
  const wrong = [{ atUs: START_US + 900 * DAY_US, reallocated: 0 }, ...samples([1, { reallocated: 5 }])];
  t.strictSame(judged(wrong), []);
  t.equal(trendOf(wrong).days, 0);
});
