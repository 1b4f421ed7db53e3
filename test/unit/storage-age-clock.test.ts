import t from 'tap';
import { AgeClock, type KnownTime } from '../../firmware/storage/space/age-clock.ts';

const S = 1e6;
const HOUR = 3600 * S;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;
const NOW = 20_600 * DAY;

/** A box whose monotonic clock is in the test's hand, and whose wall clock differs from the truth by `wrongUs`. */
class Lab {
  monoUs = 5 * DAY;
  wrongUs: number;
  isSet = true;
  trueUs: number;
  readonly clock: AgeClock;

  constructor(options: {
    known?: KnownTime;
    newestUs?: (beforeUs: number) => number | undefined;
    wrongUs?: number;
    trueUs?: number;
  }) {
    this.wrongUs = options.wrongUs ?? 0;
    this.trueUs = options.trueUs ?? NOW;
    this.clock = new AgeClock(options.known, options.newestUs ?? (() => undefined));
  }

  /** Looks every minute for so long; the age of what happens now, in µs, by the time that counts at the end. */
  run(us: number): number | undefined {
    const endUs = this.trueUs + us;
    for (let look = this.look(); ; look = this.look()) {
      if (this.trueUs >= endUs) return look;
      const stepUs = Math.min(60 * S, endUs - this.trueUs);
      this.trueUs += stepUs;
      this.monoUs += stepUs;
    }
  }

  /** By how much the time that counts is ahead of the truth. */
  look(): number | undefined {
    const countsUs = this.clock.look(this.monoUs, this.isSet ? this.trueUs + this.wrongUs : undefined);
    return countsUs === undefined ? undefined : countsUs - this.trueUs;
  }
}

function known(beforeUs = 0): KnownTime {
  return { knownUs: NOW - beforeUs };
}

t.test('a clock that is right counts, also when it is pushed a little or set back', (t) => {
  const lab = new Lab({ known: known(2 * 60 * S) });
  t.equal(lab.look(), 0);
  lab.wrongUs = 10 * 60 * S;
  t.equal(lab.run(HOUR), lab.wrongUs);
  lab.wrongUs = -YEAR;
  t.equal(lab.run(HOUR), -YEAR, 'ages only get smaller');
  lab.wrongUs = 0;
  t.equal(lab.look(), 0, 'and what was known was not forgotten');
  lab.isSet = false;
  t.equal(lab.run(HOUR), undefined);
  lab.isSet = true;
  t.equal(lab.look(), 0);
  t.equal(lab.clock.hold, undefined);
  t.end();
});

t.test('a jump of years while running does not count for three days, and then a day an hour', (t) => {
  const lab = new Lab({ known: known() });
  lab.run(HOUR);
  lab.wrongUs = 20 * YEAR;
  t.equal(lab.run(71 * HOUR), 0);
  t.match(lab.clock.hold, { far: true, stage: 'waits', byUs: 20 * YEAR });
  lab.run(2 * HOUR);
  t.match(lab.clock.hold, { stage: 'follows' });
  const before = lab.look()!;
  t.ok(Math.abs(lab.run(HOUR)! - before - 23 * HOUR) < 1000);
  lab.wrongUs = 0;
  t.equal(lab.look(), 0, 'set right, all is as before');
  t.equal(lab.clock.hold, undefined);
  t.end();
});

t.test('a hold outlives the process, with the rest of its term', (t) => {
  const first = new Lab({ known: known(), wrongUs: 20 * YEAR });
  t.equal(first.run(70 * HOUR), 0);
  const second = new Lab({ known: first.clock.known!, wrongUs: 20 * YEAR, trueUs: first.trueUs });
  t.equal(second.run(HOUR), 0);
  t.match(second.clock.hold, { far: true, stage: 'waits' });
  t.ok(second.run(4 * HOUR)! > 20 * HOUR);
  t.match(second.clock.hold, { far: true, stage: 'follows' });
  t.end();
});

t.test('a clock that goes on jumping begins the term anew', (t) => {
  const lab = new Lab({ known: known(), wrongUs: YEAR });
  lab.run(70 * HOUR);
  lab.wrongUs = 2 * YEAR;
  t.equal(lab.run(70 * HOUR), 0);
  t.end();
});

t.test('a box that was switched off for three weeks waits an hour and bothers nobody', (t) => {
  const lab = new Lab({ known: known(21 * DAY) });
  t.equal(lab.run(50 * 60 * S), -21 * DAY);
  t.match(lab.clock.hold, { far: false, stage: 'waits' });
  lab.run(23 * HOUR);
  t.equal(lab.look(), 0);
  t.equal(lab.clock.hold, undefined);
  // A box that runs has no such excuse, unless its clock is set soon after the start.
  lab.wrongUs = 21 * DAY;
  t.equal(lab.run(2 * HOUR), 0);
  t.match(lab.clock.hold, { far: true });
  t.end();
});

t.test('jumps that are each small enough add up', (t) => {
  const lab = new Lab({ known: known() });
  lab.wrongUs = 30 * DAY;
  lab.look();
  t.match(lab.clock.hold, { far: false });
  lab.run(10 * 60 * S);
  lab.wrongUs = 60 * DAY;
  lab.run(HOUR);
  t.match(lab.clock.hold, { far: true });
  t.end();
});

t.test('people say how it is', (t) => {
  const lab = new Lab({ known: known() });
  lab.look();
  t.notOk(lab.clock.decide('right'), 'nobody asks');
  lab.wrongUs = YEAR;
  lab.look();
  t.ok(lab.clock.decide('wrong'));
  t.equal(lab.run(30 * DAY), 0, 'no term ends it');
  const { known: kept } = lab.clock;
  const next = new Lab({ known: kept!, wrongUs: YEAR, trueUs: lab.trueUs });
  t.equal(next.run(30 * DAY), 0, 'nor a start');
  t.match(next.clock.hold, { stage: 'wrong' });
  t.ok(next.clock.decide('right'));
  t.equal(next.look(), YEAR);
  t.equal(next.clock.hold, undefined);
  t.end();
});

t.test('a box that knows nothing learns from its newest footage', (t) => {
  let newestUs: number | undefined;
  const asked: number[] = [];
  const lab = new Lab({
    wrongUs: 20 * YEAR,
    newestUs: () => newestUs,
  });
  t.equal(lab.look(), undefined, 'disks may still come');
  newestUs = NOW - 40 * DAY;
  t.equal(lab.look(), -40 * DAY);
  newestUs = NOW - DAY;
  t.equal(lab.look(), -DAY, 'another disk comes');
  lab.run(2 * 60 * S);
  newestUs = NOW + 10 * YEAR;
  t.equal(lab.look(), -DAY, 'what is recorded now says nothing');
  t.match(lab.clock.hold, { far: true });
  const empty = new Lab({
    newestUs: (beforeUs) => {
      asked.push(beforeUs);
      return undefined;
    },
  });
  empty.look();
  t.equal(empty.run(2 * 60 * S), 0, 'without any footage the clock is all there is');
  t.strictSame([...new Set(asked)], [NOW], 'footage of this process does not count');
  t.end();
});

t.test('a new box does not believe a jump of its clock in its first minute', (t) => {
  const lab = new Lab({});
  t.equal(lab.run(30 * S), undefined);
  lab.wrongUs = 20 * YEAR;
  t.equal(lab.run(2 * 60 * S), 0, 'what it recorded before is not twenty years old');
  t.match(lab.clock.hold, { far: true, stage: 'waits' });
  lab.wrongUs = 0;
  t.equal(lab.look(), 0);
  t.equal(lab.clock.hold, undefined);
  // Its clock is set by the network for the first time, from what it was made with.
  const set = new Lab({ wrongUs: -20 * DAY });
  set.run(30 * S);
  set.wrongUs = 0;
  t.equal(set.run(50 * 60 * S), -20 * DAY);
  t.match(set.clock.hold, { far: false, stage: 'waits' }, 'nobody is bothered');
  t.equal(set.run(DAY), 0);
  t.end();
});

t.test('a board without a battery learns from its footage, however late its clock is set', (t) => {
  const lab = new Lab({ wrongUs: 20 * YEAR, newestUs: () => NOW - DAY });
  lab.isSet = false;
  t.equal(lab.run(HOUR), undefined);
  lab.isSet = true;
  t.equal(lab.look(), -HOUR - DAY);
  t.match(lab.clock.hold, { far: true, stage: 'waits' });
  t.end();
});

t.test('what was known too late is forgotten when the clock says otherwise for a day', (t) => {
  const lab = new Lab({ known: { knownUs: NOW + YEAR } });
  t.equal(lab.run(23 * HOUR), 0);
  lab.run(2 * HOUR);
  lab.wrongUs = 100 * DAY;
  t.equal(lab.run(HOUR), 0);
  t.match(lab.clock.hold, { far: true });
  t.end();
});
