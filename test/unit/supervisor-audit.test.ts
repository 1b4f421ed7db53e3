import t from 'tap';
import { changedPaths } from '../../firmware/supervisor/changed-paths.ts';
import { ClockWatch } from '../../firmware/supervisor/clock-watch.ts';

t.test('security 46: a step of the clock is seen, its drift is not', async (t) => {
  let [wallUs, monoUs] = [1e15, 5e6];
  const watch = new ClockWatch({ wallUs: () => wallUs, monoUs: () => monoUs });
  const pass = (wall: number, mono: number): number | undefined => {
    wallUs += wall;
    monoUs += mono;
    return watch.look();
  };
  for (let i = 0; i < 100; i++) t.equal(pass(10.1e6, 10e6), undefined);
  t.equal(pass(3610e6, 10e6), 3600e6);
  t.equal(pass(10e6, 10e6), undefined);
  t.equal(pass(-50e6, 10e6), -60e6);
});

t.test('settings that changed are named by their paths, never by their values', async (t) => {
  const camera = { id: 'yard', mode: 'event', password: 'canary' };
  const before = { cameras: [camera], notices: { email: { host: 'a', password: 'canary-1' } }, days: [1, 2] };
  const after = {
    cameras: [
      { ...camera, mode: 'manual' },
      { ...camera, id: 'door' },
    ],
    notices: { email: { host: 'a', password: 'canary-2' } },
    days: [1, 3],
  };
  t.strictSame(changedPaths(before, after), ['cameras[yard].mode', 'cameras[door]', 'notices.email.password', 'days']);
  t.strictSame(changedPaths(before, structuredClone(before)), []);
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, i]));
  t.equal(changedPaths({}, many).length, 41);
});
