import t from 'tap';
import { INITIAL_STANDING, paceBytes, spaceMarks, standingOf } from '../../firmware/storage/space/space-model.ts';
import type { SpaceFacts, SpaceMarks, SpaceStanding } from '../../firmware/storage/space/space-model.ts';
import { SteadyBytes } from '../../firmware/storage/space/steady-bytes.ts';
import { WriteRate } from '../../firmware/storage/volume/write-rate.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const TIB = 1024 ** 4;

function facts(given: Partial<SpaceFacts>): SpaceFacts {
  const base = { totalBytes: 4 * TIB, freeBytes: 4 * TIB, segmentBytes: 0, budgetBytes: undefined };
  return { ...base, bytesPerS: 0, peakBytesPerS: 0, ...given };
}

t.test('marks of a large disk: hours of writing, not shares', async (t) => {
  const marks = spaceMarks(facts({ bytesPerS: 8 * MIB, peakBytesPerS: 10 * MIB }));
  t.equal(marks.limitBytes, 4 * TIB - 4 * GIB, 'the file system keeps its reserve');
  t.equal(marks.limitBytes - marks.highBytes, 3600 * 10 * MIB, 'an hour at the fastest rate');
  t.equal(marks.highBytes - marks.lowBytes, Math.round(marks.limitBytes * 0.001) - 1 + 1, 'at least a thousandth');
  const idle = spaceMarks(facts({}));
  t.ok(idle.limitBytes - idle.highBytes < 0.006 * idle.limitBytes, 'a disk that is hardly written may be fuller');
});

t.test('marks of small disks and budgets are bounded', async (t) => {
  for (const totalBytes of [64 * MIB, GIB, 32 * GIB, TIB]) {
    for (const budgetBytes of [undefined, totalBytes / 3]) {
      for (const peakBytesPerS of [0, 1000, MIB, 500 * MIB]) {
        const marks = spaceMarks(
          facts({ totalBytes, freeBytes: totalBytes, budgetBytes, peakBytesPerS, bytesPerS: peakBytesPerS / 2 }),
        );
        const { limitBytes, closeBytes, highBytes, lowBytes } = marks;
        t.ok(0 < lowBytes && lowBytes < highBytes && highBytes < closeBytes && closeBytes < limitBytes, 'in order');
        t.ok(highBytes >= 0.899 * limitBytes, 'recordings get nine tenths');
        t.ok(highBytes - lowBytes <= 0.0051 * limitBytes + 2, 'deletion is within a hundredth');
        t.ok(limitBytes <= (budgetBytes ?? totalBytes) && limitBytes >= 0.3 * totalBytes);
      }
    }
  }
});

t.test('a disk that holds more than its size, by compression say, keeps room by its size', async (t) => {
  const free = 70 * GIB;
  const segmentBytes = 150 * TIB;
  const marks = spaceMarks(facts({ totalBytes: 252 * GIB, freeBytes: free, segmentBytes, peakBytesPerS: 16 * MIB }));
  t.ok(marks.limitBytes - marks.lowBytes < 0.05 * 252 * GIB, 'marks of a disk of 252 GB');
  const standing = standingOf(INITIAL_STANDING, segmentBytes, marks, false);
  t.strictSame(standing, { state: 'comfortable', closed: false, full: false });
});

t.test('foreign files on the disk lower the marks', async (t) => {
  const used = TIB;
  const marks = spaceMarks(facts({ segmentBytes: used, freeBytes: 100 * GIB, budgetBytes: 2 * TIB }));
  t.equal(marks.limitBytes, used + 96 * GIB);
});

const MARKS: SpaceMarks = { lowBytes: 80, highBytes: 90, closeBytes: 95, limitBytes: 100, diskCloseBytes: 195 };

/** What a volume comes to when it is seen with these bytes one after another. */
function walk(used: number[], marks = MARKS, exhausted = false): SpaceStanding[] {
  let standing = INITIAL_STANDING;
  return used.map((bytes) => (standing = standingOf(standing, bytes, marks, exhausted)));
}

t.test('the state has hysteresis', async (t) => {
  const states = walk([0, 90, 91, 85, 81, 80, 89, 91, 96, 94, 91, 90, 85, 79]).map(({ state }) => state);
  t.same(
    states.join(' '),
    'comfortable comfortable trimming trimming trimming comfortable comfortable trimming short short short trimming trimming comfortable',
  );
});

t.test('a volume closes before its limit when nothing may be deleted, and opens again with room', async (t) => {
  t.same(
    walk([91, 94, 95, 100, 92, 90, 89], MARKS, true).map(({ state, closed }) => `${state} ${closed}`),
    ['stuck false', 'stuck false', 'stuck true', 'stuck true', 'stuck true', 'trimming false', 'trimming false'],
  );
  const disk = { ...MARKS, diskCloseBytes: 95 };
  t.same(
    walk([94, 95, 90, 84], disk).map(({ closed }) => closed),
    [false, true, false, false],
    'the disk itself is full: closed even if something can be deleted',
  );
  t.notOk(walk([150])[0]!.closed, 'a budget that was lowered stops nobody while the disk has room');
});

t.test('cameras that stop stay stopped while others swing between the marks', async (t) => {
  t.same(
    walk([91, 80, 91, 79, 71, 70]).map(({ full }) => full),
    [true, true, true, true, true, false],
  );
});

t.test('that deletion takes whole segments is no room for cameras that stop', async (t) => {
  const full = { state: 'trimming', closed: false, full: true } as const;
  t.ok(standingOf(full, 65, MARKS, false, 5).full);
  t.notOk(standingOf(full, 60, MARKS, false, 5).full);
});

t.test('the pace follows the writing', async (t) => {
  t.equal(paceBytes('trimming', 0, 2, 0), 8 * MIB, 'something goes even where nothing is written');
  t.equal(paceBytes('trimming', 50 * MIB, 2, 0), 200 * MIB, 'twice the fastest writing');
  t.equal(paceBytes('trimming', 50 * MIB, 2, 150 * MIB), 50 * MIB, 'what has not been done counts');
  t.equal(paceBytes('trimming', 50 * MIB, 2, 900 * MIB), 0);
  t.equal(paceBytes('trimming', 50 * MIB, 3600, 0), 1000 * MIB, 'no burst after a pause');
  t.equal(paceBytes('short', 1, 2, 1e12), Infinity);
});

t.test('looks that are a little off do not shake the marks, and what others write shows soon', async (t) => {
  const others = new SteadyBytes();
  for (const bytes of [100, 90, 110, 100, 95, 105, 100]) others.observe(bytes);
  t.equal(others.bytes, 100);
  others.observe(500);
  others.observe(500);
  t.equal(others.bytes, 100);
  others.observe(510);
  t.equal(others.bytes, 500);
});

t.test('the rate of writing: mean of ten minutes, peak of a day', async (t) => {
  const rate = new WriteRate();
  let total = 0;
  let nowMs = 0;
  const write = (bytesPerS: number, seconds: number): void => {
    for (let s = 0; s < seconds; s += 5) {
      rate.observe(total, nowMs);
      total += bytesPerS * 5;
      nowMs += 5000;
    }
  };
  t.same(rate.figures, { bytesPerS: 0, peakBytesPerS: 0 });
  write(100, 30);
  t.same(rate.figures, { bytesPerS: 100, peakBytesPerS: 100 }, 'before a minute is over');
  write(100, 600);
  write(500, 120);
  write(100, 1200);
  t.same(rate.figures, { bytesPerS: 100, peakBytesPerS: 500 });
  rate.observe(0, nowMs);
  total = 0;
  write(100, 120);
  t.equal(rate.figures.peakBytesPerS, 500, 'counting that begins anew is no burst');
  write(100, 25 * 3600);
  t.equal(rate.figures.peakBytesPerS, 100, 'yesterday is over');
});
