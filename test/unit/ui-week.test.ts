import t from 'tap';
import { hoursOf, isExact, periodsOf, rectangle, weekOf } from '../../firmware/ui/parts/week.ts';

const SCHEDULE = [
  { day: 1, from: '08:00', to: '12:00' },
  { day: 1, from: '12:00', to: '18:30' },
  { day: 0, from: '22:00', to: '24:00' },
];

t.test('a schedule becomes half hours from Monday on, and comes back in as few rows as it takes', async (t) => {
  const week = weekOf(SCHEDULE);
  t.equal(week.length, 7);
  t.equal(hoursOf(week), 12.5);
  t.strictSame(
    week[0]!.flatMap((on, slot) => (on ? [slot] : [])),
    Array.from({ length: 21 }, (_, at) => 16 + at),
  );
  t.strictSame(periodsOf(week), [
    { day: 1, from: '08:00', to: '18:30' },
    { day: 0, from: '22:00', to: '24:00' },
  ]);
  t.strictSame(weekOf(periodsOf(week)), week);
  t.strictSame(periodsOf(weekOf([])), []);
});

t.test('times between half hours count as all of it, and are known to be more than the grid says', async (t) => {
  t.ok(isExact(SCHEDULE));
  t.notOk(isExact([{ day: 3, from: '08:10', to: '09:00' }]));
  t.strictSame(periodsOf(weekOf([{ day: 3, from: '08:10', to: '08:40' }])), [{ day: 3, from: '08:00', to: '09:00' }]);
});

t.test('painting fills what lies between two corners, in whatever direction, and nothing else', async (t) => {
  const all = rectangle(weekOf([]), { from: [6, 47], to: [0, 0], on: true });
  t.equal(hoursOf(all), 168);
  const holed = rectangle(all, { from: [4, 20], to: [2, 23], on: false });
  t.equal(hoursOf(holed), 168 - 6);
  t.equal(holed[1]![20], true);
  t.equal(holed[2]![20], false);
  t.equal(holed[4]![24], true);
});
