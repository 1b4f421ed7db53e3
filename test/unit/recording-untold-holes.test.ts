import t from 'tap';
import { mayBeDeleted, untoldHoles } from '../../firmware/recording/untold-holes.ts';

const s = (startS: number, endS: number) => ({ startUs: startS * 1e6, endUs: endS * 1e6 });

t.test('holes that no gap covers', async (t) => {
  t.strictSame(untoldHoles([], []), []);
  t.strictSame(untoldHoles([s(0, 10)], []), [], 'nothing before, nothing behind');
  t.strictSame(untoldHoles([s(0, 10), s(11, 20)], []), [], 'too short for a gap');
  t.strictSame(untoldHoles([s(0, 10), s(14, 20), s(30, 40)], []), [s(10, 14), s(20, 30)]);
  t.strictSame(untoldHoles([s(0, 10), s(14, 20), s(30, 40)], [s(10, 14)]), [s(20, 30)]);
  t.strictSame(untoldHoles([s(0, 10), s(30, 40)], [s(20, 30), s(10, 20)]), [], 'two gaps, one behind the other');
  t.strictSame(untoldHoles([s(0, 10), s(30, 40)], [s(10, 18), s(22, 30)]), [s(18, 22)], 'a part is not told');
  t.strictSame(untoldHoles([s(0, 10), s(13, 20)], [s(10, 12.5)]), [s(12.5, 13)], 'a short part of a hole');
  t.strictSame(untoldHoles([s(0, 10), s(30, 40)], [s(0, 50)]), []);
});

t.test('a hole that deletion may have made is none whose reason was lost', async (t) => {
  const hour = (at: number, recordedUs: number, keptUs: number) => ({ hour: at, recordedUs, keptUs });
  const hole = s(3590, 3610);
  t.notOk(mayBeDeleted(hole, []));
  t.notOk(mayBeDeleted(hole, [hour(0, 100, 100), hour(1, 0, 50), hour(2, 100, 10)]), 'all is kept, copies too');
  t.ok(mayBeDeleted(hole, [hour(0, 100e6, 80e6)]));
  t.ok(mayBeDeleted(hole, [hour(0, 100e6, 100e6), hour(1, 100e6, 0)]));
  t.notOk(mayBeDeleted(hole, [hour(0, 100e6, 98e6)]), 'repair takes the torn end of files');
});
