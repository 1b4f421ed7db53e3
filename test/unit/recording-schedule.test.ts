import t from 'tap';
import { WeeklySchedule } from '../../firmware/recording/schedule.ts';

const us = (iso: string): number => Date.parse(iso) * 1000;

t.test('a period holds from its first minute to before its last', async (t) => {
  const schedule = new WeeklySchedule([{ day: 1, from: '08:00', to: '18:00' }], 'UTC');
  // 2026-11-23 is a Monday.
  t.equal(schedule.isActive(us('2026-11-23T07:59:59.999Z')), false);
  t.equal(schedule.isActive(us('2026-11-23T08:00:00Z')), true);
  t.equal(schedule.isActive(us('2026-11-23T17:59:59Z')), true);
  t.equal(schedule.isActive(us('2026-11-23T18:00:00Z')), false);
  t.equal(schedule.isActive(us('2026-11-24T09:00:00Z')), false);
});

t.test('a period over midnight runs into the next day, also from Saturday to Sunday', async (t) => {
  const schedule = new WeeklySchedule([{ day: 6, from: '22:00', to: '06:00' }], 'UTC');
  t.equal(schedule.isActive(us('2026-11-21T23:00:00Z')), true);
  t.equal(schedule.isActive(us('2026-11-22T05:59:00Z')), true);
  t.equal(schedule.isActive(us('2026-11-22T06:00:00Z')), false);
});

t.test('a whole day is 00:00 to 24:00', async (t) => {
  const schedule = new WeeklySchedule([{ day: 0, from: '00:00', to: '24:00' }], 'UTC');
  t.equal(schedule.isActive(us('2026-11-22T00:00:00Z')), true);
  t.equal(schedule.isActive(us('2026-11-22T23:59:59Z')), true);
  t.equal(schedule.isActive(us('2026-11-23T00:00:00Z')), false);
});

t.test('periods follow the time zone of the site and its daylight saving', async (t) => {
  const schedule = new WeeklySchedule([{ day: 0, from: '01:30', to: '03:30' }], 'Europe/Berlin');
  // 2026-10-25: clocks go back from 03:00 CEST to 02:00 CET, so the period lasts three hours.
  t.equal(schedule.isActive(us('2026-10-24T23:29:00Z')), false);
  t.equal(schedule.isActive(us('2026-10-24T23:30:00Z')), true);
  t.equal(schedule.isActive(us('2026-10-25T02:29:00Z')), true);
  t.equal(schedule.isActive(us('2026-10-25T02:30:00Z')), false);
  const shanghai = new WeeklySchedule([{ day: 1, from: '00:00', to: '01:00' }], 'Asia/Shanghai');
  t.equal(shanghai.isActive(us('2026-11-22T16:30:00Z')), true, 'Monday in Shanghai is still Sunday in UTC');
});
