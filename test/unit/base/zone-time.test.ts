import t from 'tap';
import {
  localDayAt,
  localDays,
  localMonth,
  offsets,
  weeklySpans,
  type WeeklyTime,
} from '../../../firmware/base/index.ts';
import { WeeklySchedule } from '../../../firmware/recording/schedule.ts';

const us = (text: string): number => Date.parse(text) * 1000;
const HOUR_US = 3_600_000_000;

t.test('days of a place are as long as its clocks make them', async (t) => {
  const hours = (zone: string, month: string): number[] =>
    localMonth(zone, month).map(({ startUs, endUs }) => (endUs - startUs) / HOUR_US);
  t.equal(hours('Europe/Berlin', '2026-03')[28], 23);
  t.equal(hours('Europe/Berlin', '2026-10')[24], 25);
  t.equal(hours('Australia/Lord_Howe', '2026-04')[4], 24.5, 'half an hour back');
  t.equal(hours('Asia/Shanghai', '2026-03').length, 31);
  t.ok(hours('Asia/Kolkata', '2026-02').every((length) => length === 24));
  const [first] = localMonth('Asia/Kolkata', '2026-02');
  t.strictSame(first, { day: '2026-02-01', startUs: us('2026-01-31T18:30:00Z'), endUs: us('2026-02-01T18:30:00Z') });
  t.throws(() => localMonth('UTC', '2026-13'), RangeError);
});

t.test(
  'a day that has no midnight begins at its first instant, and days follow each other without a hole',
  async (t) => {
    // Clocks in Beirut go from 00:00 to 01:00.
    const day = localDayAt('Asia/Beirut', us('2026-03-29T12:00:00Z'));
    t.equal(day.endUs - day.startUs, 23 * HOUR_US);
    for (const zone of ['Asia/Beirut', 'America/Santiago', 'Africa/Casablanca', 'Pacific/Chatham', 'UTC']) {
      const days = localDays(zone, { startUs: us('2026-01-01T05:00:00Z'), endUs: us('2027-01-02T00:00:00Z') });
      t.ok(days.length >= 366, zone);
      t.ok(
        days.every(({ endUs }, index) => index === days.length - 1 || days[index + 1]!.startUs === endUs),
        zone,
      );
    }
  },
);

t.test('offsets change where the place changes its clocks', async (t) => {
  const parts = offsets('Europe/Berlin', { startUs: us('2026-03-28T00:00:00Z'), endUs: us('2026-03-30T00:00:00Z') });
  t.strictSame(parts, [
    { startUs: us('2026-03-28T00:00:00Z'), endUs: us('2026-03-29T01:00:00Z'), offsetUs: HOUR_US },
    { startUs: us('2026-03-29T01:00:00Z'), endUs: us('2026-03-30T00:00:00Z'), offsetUs: 2 * HOUR_US },
  ]);
});

t.test('weekly times hold at the minutes at which recording follows them', async (t) => {
  const schedules: WeeklyTime[][] = [
    [{ day: 0, from: '00:00', to: '24:00' }],
    [
      { day: 0, from: '01:45', to: '03:15' },
      { day: 6, from: '22:00', to: '24:00' },
      { day: 0, from: '00:00', to: '00:30' },
    ],
    [{ day: 6, from: '23:30', to: '02:30' }],
    [0, 1, 2, 3, 4, 5, 6].map((day) => ({ day, from: '08:00', to: '18:30' })),
    [],
  ];
  const changes: [string, string][] = [
    ['Europe/Berlin', '2026-03-29'],
    ['Europe/Berlin', '2026-10-25'],
    ['Australia/Lord_Howe', '2026-04-05'],
    ['Asia/Beirut', '2026-03-29'],
    ['Asia/Kathmandu', '2026-05-03'],
    ['America/New_York', '2026-11-01'],
  ];
  for (const [zone, sunday] of changes) {
    for (const [index, times] of schedules.entries()) {
      const within = {
        startUs: us(`${sunday}T00:00:00Z`) - 36 * HOUR_US,
        endUs: us(`${sunday}T00:00:00Z`) + 60 * HOUR_US,
      };
      const spans = weeklySpans(times, zone, within);
      const recording = new WeeklySchedule(times, zone);
      const wrong: string[] = [];
      for (let atUs = within.startUs; atUs < within.endUs; atUs += 60_000_000) {
        const holds = spans.some(({ startUs, endUs }) => startUs <= atUs && atUs < endUs);
        if (holds !== recording.isActive(atUs)) wrong.push(new Date(atUs / 1000).toISOString());
      }
      t.strictSame(wrong, [], `${zone}, schedule ${index}`);
    }
  }
});

t.test('weekly times that touch or overlap are one span', async (t) => {
  const times = [
    { day: 1, from: '08:00', to: '12:00' },
    { day: 1, from: '10:00', to: '24:00' },
    { day: 2, from: '00:00', to: '01:00' },
  ];
  const within = { startUs: us('2026-06-01T09:00:00Z'), endUs: us('2026-06-05T00:00:00Z') };
  t.strictSame(weeklySpans(times, 'UTC', within), [{ startUs: within.startUs, endUs: us('2026-06-02T01:00:00Z') }]);
});
