import t from 'tap';
import type { Clock } from '../../firmware/base/index.ts';
import { GapTracker, type Gap } from '../../firmware/recording/gap-tracker.ts';
import { WallClock } from '../../firmware/recording/wall-clock.ts';

const S = 1e6;
const NOON = Date.parse('2026-11-23T12:00:00Z') * 1000;

class SteppedClock implements Clock {
  mono = 1000 * S;
  wall = NOON;
  monoUs(): number {
    return this.mono;
  }
  wallUs(): number {
    return this.wall;
  }
  async sleep(): Promise<void> {}
  pass(us: number, wallToo = us): void {
    this.mono += us;
    this.wall += wallToo;
  }
}

t.test('a step of the system clock is reported once and followed', async (t) => {
  const clock = new SteppedClock();
  const wall = new WallClock(clock);
  clock.pass(S);
  t.equal(wall.look(), undefined);
  clock.pass(S, S + 3600 * S);
  t.match(wall.look(), { byUs: 3600 * S, wasTrusted: true, trusted: true });
  t.equal(wall.look(), undefined);
  t.equal(wall.wallOf(clock.mono), clock.wall);
  clock.pass(S, S - 7200 * S);
  t.match(wall.look(), { byUs: -7200 * S });
});

t.test('a slewing clock is followed slowly and without a step', async (t) => {
  const clock = new SteppedClock();
  const wall = new WallClock(clock);
  for (let i = 0; i < 400; i++) {
    clock.pass(0.25 * S, 0.25 * S + 125);
    t.equal(wall.look(), undefined);
  }
  t.ok(Math.abs(wall.wallOf(clock.mono) - clock.wall) < 1000, 'within a millisecond after 100 s at 500 ppm');
});

t.test('a small jump is spread over time, never faster than a thousandth', async (t) => {
  const clock = new SteppedClock();
  const wall = new WallClock(clock);
  clock.pass(S, S + 0.4 * S);
  t.equal(wall.look(), undefined);
  const behind = clock.wall - wall.wallOf(clock.mono);
  t.ok(behind > 0.398 * S && behind < 0.4 * S, `moved by a thousandth of a second, ${behind} left`);
});

t.test('a clock in 1970 is not trusted, and the step to now tells so', async (t) => {
  const clock = new SteppedClock();
  clock.wall = 12 * S;
  const wall = new WallClock(clock);
  t.equal(wall.trusted, false);
  clock.pass(S, NOON);
  const step = wall.look();
  t.match(step, { wasTrusted: false, trusted: true });
});

function tracker(): { gaps: Gap[]; track: GapTracker } {
  const gaps: Gap[] = [];
  return { gaps, track: new GapTracker((gap) => gaps.push(gap)) };
}

t.test('gaps carry the first reason of the interruption', async (t) => {
  const { gaps, track } = tracker();
  track.resumed(10 * S);
  track.covered(20 * S);
  track.interrupted('camera-down');
  track.interrupted('disk');
  t.match(track.open, { sinceUs: 20 * S, reason: 'camera-down' });
  track.resumed(50 * S);
  t.same(gaps, [{ startUs: 20 * S, endUs: 50 * S, reason: 'camera-down' }]);
  t.equal(track.open, undefined);
});

t.test('jitter below a second is no gap', async (t) => {
  const { gaps, track } = tracker();
  track.resumed(0);
  track.covered(10 * S);
  track.interrupted('camera-down');
  track.resumed(10.9 * S);
  t.same(gaps, []);
});

t.test('the hole left by a restart is reported whether history comes before or after the first picture', async (t) => {
  const early = tracker();
  early.track.setHistory(5 * S);
  early.track.resumed(60 * S);
  t.same(early.gaps, [{ startUs: 5 * S, endUs: 60 * S, reason: 'restart' }]);
  const late = tracker();
  late.track.resumed(60 * S);
  late.track.setHistory(5 * S);
  t.same(late.gaps, [{ startUs: 5 * S, endUs: 60 * S, reason: 'restart' }]);
});

t.test('planned silence is no gap', async (t) => {
  const { gaps, track } = tracker();
  track.resumed(0);
  track.covered(10 * S);
  track.excused();
  track.resumed(500 * S);
  t.same(gaps, []);
});
