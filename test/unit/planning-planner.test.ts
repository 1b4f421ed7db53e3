import t from 'tap';
import { checkSettings } from '../../firmware/config/index.ts';
import {
  applyChange,
  forecast,
  planInputOf,
  propose,
  withWishes,
  type PlanInput,
} from '../../firmware/planning/index.ts';
import { dayNoise } from '../../firmware/planning/doubt.ts';
import { weekRate, type HourSample, type RateOptions } from '../../firmware/planning/rates.ts';
import type { PlanCamera, PlanVolume } from '../../firmware/planning/model.ts';

const GB = 1e9;
const TB = 1e12;
const DAY_US = 86_400_000_000;
/** A Sunday, midnight. */
const NOW_US = Date.parse('2026-05-31T00:00:00Z') * 1000;
const NOW_HOUR = NOW_US / 3_600_000_000;

const options = (more: Partial<RateOptions> = {}): RateOptions => ({
  sporadic: false,
  timeZone: 'UTC',
  sinceUs: 0,
  nowUs: NOW_US,
  copies: 1,
  guessBytesPerS: 1,
  ...more,
});

const sample = (hoursAgo: number, bytesPerS: number, share = 1): HourSample => ({
  camera: 'yard',
  stream: 'main',
  volume: 'a',
  hour: NOW_HOUR - hoursAgo,
  recordedUs: 3600e6 * share,
  bytes: bytesPerS * 3600 * share,
});

t.test('rates by hour of the week', async (t) => {
  const weeks = Array.from({ length: 3 }, (_, week) => sample((week + 1) * 168, 1000 + 100 * week));
  const { bins, seen } = weekRate([...weeks, sample(30, 500)], options());
  t.match(bins[0], { samples: 3, bytesPerS: 1100 });
  t.equal(seen.length, 4);
  t.match(weekRate([], options({ guessBytesPerS: 77 })), { measured: false, bins: [{ samples: 0, bytesPerS: 77 }] });
});

/** Whole days, the newest first: what each of them wrote in bytes per second. */
const daysOf = (rates: readonly number[]): HourSample[] =>
  rates.flatMap((rate, day) => Array.from({ length: 24 }, (_, hour) => sample(day * 24 + hour + 1, rate)));
const DAY_BYTES = 1000 * 86_400;

t.test('how much days differ is told by the same weekdays of several weeks', async (t) => {
  const noiseOf = (rates: readonly number[]) => dayNoise(weekRate(daysOf(rates), options({ nowUs: later })), () => 1);
  const later = NOW_US + 2 * 3_600_000_000;
  const sundays = Array.from({ length: 28 }, (_, day) => (day % 7 === 0 ? 200 : 1000));
  t.match(noiseOf(sundays), { variance: 0, days: 28, freedom: 21 }, 'a Sunday is no surprise');
  const restless = Array.from({ length: 28 }, (_, day) => (Math.floor(day / 7) % 2 === (day % 7) % 2 ? 900 : 1100));
  const noise = noiseOf(restless)!;
  t.ok(Math.abs(Math.sqrt(noise.variance) / DAY_BYTES - 0.115) < 0.01, `${Math.sqrt(noise.variance) / DAY_BYTES}`);
  const fickle = Array.from({ length: 28 }, (_, day) => (Math.floor(day / 7) % 2 === 0 ? 900 : 1100));
  t.ok(noiseOf(fickle)!.variance > 5 * noise.variance, 'weeks that differ as a whole even out more slowly');
  const oneWeek = noiseOf(sundays.slice(0, 7))!;
  t.ok(oneWeek.freedom === 6 && oneWeek.variance > (0.2 * DAY_BYTES) ** 2, 'one week does not know what a Sunday is');
  t.equal(noiseOf([1000, 900]), undefined, 'two days tell nothing');
});

t.test('the confidence narrows with every week, and with every camera beside', async (t) => {
  const disk = [volume('x', 0.5 * TB)];
  const later = NOW_US + 2 * 3_600_000_000;
  const restless = (id: string, days: number, phase: number): PlanCamera => {
    const rates = Array.from({ length: days }, (_, day) => ((day * 7 + phase * 5) % 11 < 5 ? 400_000 : 600_000));
    const rate = weekRate(daysOf(rates), options({ nowUs: later }));
    return { ...camera(id, 4), streams: [{ id: 'main', record: true, rate }] };
  };
  const widthOf = (cameras: PlanCamera[]): number => {
    const { lowDays, highDays, days } = forecast(input(cameras, disk)).cameras[0]!;
    t.ok(lowDays < days && days < highDays, `${lowDays} to ${highDays}`);
    return (highDays - lowDays) / days;
  };
  const widths = [2, 14, 42].map((days) => widthOf([restless('a', days, 0)]));
  t.ok(widths[0]! > widths[1]! && widths[1]! > widths[2]!, widths.join(' > '));
  const four = widthOf([0, 1, 2, 3].map((phase) => restless(`c${phase}`, 42, phase)));
  t.ok(four < widths[2]! * 1.5, `${four} with a quarter of the days`);
});

t.test('the room that is kept free on a Sunday is not taken for that of the week', async (t) => {
  const rates = Array.from({ length: 28 }, (_, day) => (day % 7 === 0 ? 200_000 : 1_000_000));
  const peakOf = (hours: readonly HourSample[]): number =>
    planInputOf(checkSettings({ volumes: [{ id: 'a', folder: 'a' }] }), {
      nowUs: NOW_US,
      volumes: [{ id: 'a', totalBytes: TB, freeBytes: TB, segmentBytes: 0, peakBytesPerS: 300_000 }],
      hours: hours.map((hour) => ({ ...hour, keptUs: 0, keptBytes: 0 })),
      keptDays: [],
      sameSinceUs: () => 0,
      bitsPerS: () => undefined,
    }).volumes[0]!.peakBytesPerS!;
  t.equal(Math.round(peakOf(daysOf(rates))), Math.round((300_000 * (6 * 5 + 1)) / 7));
  t.equal(peakOf([]), 300_000, 'nothing to compare with');
  t.equal(Math.round(peakOf(daysOf(rates.slice(0, 3)))), Math.round((300_000 * (2 * 5 + 1)) / 3), 'three days');
});

t.test('an hour that was recorded in part tells the same rate; an event camera is told by all hours', async (t) => {
  const half = weekRate([sample(168, 1000, 0.5)], options()).bins[0]!;
  t.equal(Math.round(half.bytesPerS), 1000);
  const events = [sample(336, 1000, 0.5), sample(167, 0, 0)];
  const bins = weekRate(events, options({ sporadic: true })).bins;
  t.ok(bins[0]!.bytesPerS < 300 && bins[0]!.samples === 2, `one week of two: ${bins[0]!.bytesPerS}`);
  t.equal(weekRate(events, options({ sporadic: true, sinceUs: NOW_US - 7 * DAY_US })).bins[0]!.samples, 0);
  const twice = [sample(168, 1000), { ...sample(168, 1000), volume: 'b' }];
  t.equal(Math.round(weekRate(twice, options({ copies: 2 })).bins[0]!.bytesPerS), 1000, 'on two disks at once');
});

t.test('hours of the week are those of the site', async (t) => {
  const { bins } = weekRate([sample(24, 1000)], options({ timeZone: 'Asia/Kolkata' }));
  // Saturday 00:00 to 01:00 UTC is 05:30 to 06:30 there; its middle is at 06:00.
  t.equal(
    bins.findIndex(({ samples }) => samples > 0),
    6 * 24 + 6,
  );
});

function camera(id: string, mbitPerS: number, more: Partial<PlanCamera> = {}): PlanCamera {
  const rateOf = (bitsPerS: number) =>
    weekRate(
      Array.from({ length: 400 }, (_, hour) => sample(hour + 2, bitsPerS / 8)),
      options(),
    );
  return {
    id,
    name: id,
    enabled: true,
    mode: 'continuous',
    streams: [
      { id: 'main', record: true, rate: rateOf(mbitPerS * 1e6) },
      { id: 'sub', record: false, rate: rateOf(mbitPerS * 1e5) },
    ],
    scheduleShare: [],
    group: '',
    copies: 1,
    overwrite: true,
    days: undefined,
    eventDays: undefined,
    maxBytes: undefined,
    wishDays: undefined,
    ...more,
  };
}

const volume = (id: string, bytes: number, group = 'default'): PlanVolume => ({
  id,
  group,
  totalBytes: bytes,
  freeBytes: bytes,
  segmentBytes: 0,
  budgetBytes: undefined,
  peakBytesPerS: undefined,
});

function input(cameras: PlanCamera[], volumes: PlanVolume[], more: Partial<PlanInput> = {}): PlanInput {
  return { nowUs: NOW_US, timeZone: 'UTC', cameras, volumes, kept: [], homes: [], ...more };
}

// 4 Mbit/s are 43.2 GB a day.
t.test('days and the day on which a disk fills follow from room and rates', async (t) => {
  const { cameras, volumes } = forecast(input([camera('a', 4), camera('b', 4)], [volume('x', 2 * TB)]));
  for (const each of cameras) {
    t.ok(Math.abs(each.days - 22.5) < 0.7, `${each.days} days`);
    t.match(each, { boundBy: 'space', keptNowDays: 0, volumes: ['x'], measured: true });
  }
  t.ok(Math.abs((volumes[0]!.fillsAtUs! - NOW_US) / DAY_US - 22.5) < 0.7);
  const limited = forecast(input([camera('a', 4, { days: 5 }), camera('b', 4)], [volume('x', 2 * TB)]));
  t.match(limited.cameras[0], { boundBy: 'age' });
  t.ok(Math.abs(limited.cameras[0]!.days - 5) < 0.2, `${limited.cameras[0]!.days}`);
  t.ok(Math.abs(limited.cameras[1]!.days - 40) < 1.5, `${limited.cameras[1]!.days}`);
  const sized = forecast(input([camera('a', 4, { maxBytes: 432 * GB })], [volume('x', 2 * TB)]));
  t.match(sized.cameras[0], { boundBy: 'size' });
  t.ok(Math.abs(sized.cameras[0]!.days - 10) < 0.3, `${sized.cameras[0]!.days}`);
});

t.test('footage that is there counts, and a wish breaks on the day on which too young footage goes', async (t) => {
  const kept = Array.from({ length: 20 }, (_, day) => ({
    camera: 'a',
    stream: 'main',
    volume: 'x',
    startUs: NOW_US - (20 - day) * DAY_US,
    endUs: NOW_US - (19 - day) * DAY_US,
    bytes: 43.2 * GB,
  }));
  const half = { ...volume('x', 2 * TB), freeBytes: 2 * TB - 20 * 43.2 * GB, segmentBytes: 20 * 43.2 * GB };
  const cameras = [camera('a', 8, { wishDays: 30 })];
  const made = forecast(input(cameras, [half], { kept }));
  t.equal(Math.round(made.cameras[0]!.keptNowDays), 20);
  // What is left takes 12 days at the new rate; then days that are not yet 33 days old go.
  t.ok(Math.abs(made.cameras[0]!.days - 22.5) < 0.7, `${made.cameras[0]!.days}`);
  const breaks = (made.cameras[0]!.breaksAtUs! - NOW_US) / DAY_US;
  t.ok(breaks > 12 && breaks < 17, `breaks after ${breaks} days`);
  const fine = forecast(input([camera('a', 8, { wishDays: 20 })], [half], { kept }));
  t.equal(fine.cameras[0]!.breaksAtUs, undefined);
});

t.test('a camera that does not overwrite stops when the disk is full', async (t) => {
  const { cameras } = forecast(input([camera('a', 4, { overwrite: false })], [volume('x', 2 * TB)]));
  const stops = (cameras[0]!.stopsAtUs! - NOW_US) / DAY_US;
  t.ok(Math.abs(stops - 45) < 2, `stops after ${stops} days`);
});

t.test('nothing changes where all wishes come true; two copies take twice the room', async (t) => {
  const disks = [volume('x', 2 * TB), volume('y', 2 * TB)];
  t.match(propose(input([camera('a', 4, { wishDays: 40 })], disks)), { fits: true, recommended: [], alternatives: [] });
  t.match(propose(input([camera('a', 4, { wishDays: 40, copies: 2 })], disks)), { fits: true });
  t.match(propose(input([camera('a', 4, { wishDays: 60, copies: 2 })], disks)), { fits: false });
});

t.test('those that need less make room for those that need more', async (t) => {
  const cameras = [camera('long', 4, { wishDays: 30 }), camera('short', 4, { wishDays: 7 }), camera('idle', 0.8)];
  const plan = propose(input(cameras, [volume('x', 2 * TB)]));
  t.match(plan, { fits: false, fitsWhenApplied: true, alternatives: [] });
  t.same(
    plan.recommended.map(({ id }) => id),
    ['retention:short:7'],
    'only as much as it takes',
  );
  t.ok(plan.cameras.find((each) => each.camera === 'long')!.afterDays >= 30);
  const tight = propose(withWishes(input(cameras, [volume('x', 2 * TB)]), new Map([['long', 37]])));
  t.match(tight, { fitsWhenApplied: true });
  t.ok(tight.recommended.some(({ change }) => change.kind === 'retention' && change.camera === 'idle'));
});

t.test('a camera that is bound to a disk too small goes to one with room', async (t) => {
  const cameras = [camera('a', 4, { group: 'ssd', wishDays: 30 }), camera('b', 4, { group: 'ssd', wishDays: 5 })];
  const plan = propose(input(cameras, [volume('x', 500 * GB, 'ssd'), volume('y', 4 * TB, 'bulk')]));
  t.ok(plan.fitsWhenApplied, JSON.stringify(plan.cameras));
  t.ok(plan.recommended.some(({ id }) => id === 'bind-group:a:bulk'));
});

t.test('where the room is not enough, every way out is named with what it brings', async (t) => {
  const cameras = [camera('a', 4, { wishDays: 30 }), camera('b', 4, { wishDays: 30 })];
  const plan = propose(input(cameras, [volume('x', 2 * TB)]));
  t.match(plan, { fits: false, fitsWhenApplied: false });
  const kinds = new Map(plan.alternatives.map((each) => [each.change.kind, each]));
  t.strictSame([...kinds.keys()].sort(), ['bigger-disk', 'bitrate', 'record-sub', 'schedule']);
  const bigger = kinds.get('bigger-disk')!;
  t.ok(bigger.enough && !bigger.applicable, JSON.stringify(bigger));
  t.ok(
    bigger.change.kind === 'bigger-disk' && Math.abs(bigger.change.bytes - 730 * GB) < 120 * GB,
    JSON.stringify(bigger),
  );
  const bitrate = kinds.get('bitrate')!;
  t.ok(bitrate.enough && bitrate.change.kind === 'bitrate' && bitrate.change.bitsPerS < 2e6, JSON.stringify(bitrate));
  t.ok(kinds.get('record-sub')!.enough);
  t.ok(kinds.get('schedule')!.applicable);
  t.ok(plan.alternatives.every(({ effects }) => effects.length > 0));
});

t.test('proposals become settings', async (t) => {
  const url = 'rtsp://127.0.0.1/x';
  const streams = [
    { id: 'main', url },
    { id: 'sub', url, record: false },
  ];
  const draft = structuredClone(checkSettings({ cameras: [{ id: 'a', streams }] }));
  applyChange(draft, { kind: 'retention', camera: 'a', days: 7 });
  applyChange(draft, { kind: 'record-sub', camera: 'a', stream: 'sub' });
  applyChange(draft, { kind: 'schedule', camera: 'a', from: '08:00', to: '20:00' });
  applyChange(draft, { kind: 'bind-group', camera: 'a', group: 'default' });
  applyChange(draft, { kind: 'bigger-disk', group: '', bytes: 1 });
  t.match(checkSettings(draft).cameras[0], {
    mode: 'schedule',
    group: 'default',
    retention: { days: 7 },
    schedule: { length: 7 },
    streams: [{ record: false }, { record: true }],
  });
});
