import t from 'tap';
import { planRepair, readSegment, type Repair } from '../../firmware/media/index.ts';
import { makeSegment, memoryReader, repaired, syntheticTracks, type MadeSegment } from '../support/segment-maker.ts';

const TRACKS = syntheticTracks({ seconds: 3, fps: 5, pictureBytes: 60, reorder: [1, 2, 0], audio: true });
const made = make();

/** The segment, or what a SegmentBuilder would have made of its first fragments alone. */
function make(fragments?: number): MadeSegment {
  return makeSegment(TRACKS, { starts: [100, 100.05], ...(fragments === undefined ? {} : { fragments }) });
}

async function mustRepair(bytes: Buffer): Promise<Repair> {
  const plan = await planRepair(memoryReader(bytes));
  if (plan.kind !== 'repair') throw new Error(`not a repair but ${plan.kind}`);
  return plan;
}

t.test('cut anywhere, a growing file keeps exactly its whole fragments', async (t) => {
  const finished = made.ends.map((_, count) => (count === 0 ? undefined : make(count).finished));
  let wrong = 0;
  for (let length = 0; length <= made.growing.length; length++) {
    const torn = made.growing.subarray(0, length);
    const plan = await planRepair(memoryReader(torn));
    const whole = made.ends.filter((end) => end <= length).length - 1;
    const isRight =
      whole < 1
        ? plan.kind === 'nothing-usable'
        : plan.kind === 'repair' && plan.from === 'growing' && repaired(torn, plan).equals(finished[whole]!);
    if (!isRight && wrong++ < 5) t.fail(`cut to ${length} bytes, ${whole} whole fragments: ${plan.kind}`);
  }
  t.equal(wrong, 0, `${made.growing.length + 1} lengths`);
});

t.test('cut anywhere while it is being closed, a file becomes what it was to become', async (t) => {
  let wrong = 0;
  for (let length = made.growing.length + 1; length <= made.halfClosed.length; length++) {
    const torn = made.halfClosed.subarray(0, length);
    const plan = await mustRepair(torn);
    const isWhole = length === made.halfClosed.length;
    if (!repaired(torn, plan).equals(made.finished) || (plan.moov.length === 0) !== isWhole) wrong++;
  }
  t.equal(wrong, 0);
  const plan = await mustRepair(made.halfClosed);
  t.equal(plan.from, 'half-closed');
  t.equal(plan.moov.length, 0, 'a movie that is there is not written again');
  t.equal(plan.summary.lostBytes, 0);
});

t.test('a finished file is never touched', async (t) => {
  t.same(await planRepair(memoryReader(made.finished)), { kind: 'finished' });
  const longer = Buffer.concat([made.finished, Buffer.alloc(100)]);
  t.same(await planRepair(memoryReader(longer)), { kind: 'finished' });
});

t.test('a patch without its movie is no finished file', async (t) => {
  const zeroed = Buffer.from(made.finished);
  zeroed.fill(0, made.growing.length + 8);
  for (const torn of [zeroed, made.finished.subarray(0, made.growing.length + 50)]) {
    const plan = await mustRepair(torn);
    t.equal(plan.from, 'claims-finished');
    t.ok(repaired(torn, plan).equals(made.finished));
  }
});

t.test('the summary tells what the journal wants to know', async (t) => {
  const { summary, truncateTo } = await mustRepair(made.growing.subarray(0, made.ends[2]! + 30));
  t.equal(truncateTo, made.ends[2]);
  const index = await readSegment(memoryReader(make(2).finished));
  t.same(summary, {
    startUs: made.identity.startWallUs,
    endUs: index.endWallUs,
    frames: 10,
    keyFrames: 2,
    bytes: make(2).finished.length,
    codec: 'avc1.4D4028,mp4a.40.2',
    fragments: 2,
    lostBytes: 30,
    holes: [],
  });
});

t.test('zeros that a power cut left in place of data are cut off', async (t) => {
  for (const [what, start] of [
    ['a whole fragment', made.ends[2]!],
    ['the media of the last fragment', made.growing.length - 200],
    ['the last sample', made.growing.length - TRACKS[1]!.samples.at(-1)!.size],
  ] as const) {
    const bytes = Buffer.from(made.growing);
    bytes.fill(0, start);
    const plan = await mustRepair(bytes);
    const count = made.ends.filter((end) => end <= start).length - 1;
    t.ok(repaired(bytes, plan).equals(make(count).finished), what);
  }
  const padded = Buffer.concat([made.growing, Buffer.alloc(100_000)]);
  t.ok(repaired(padded, await mustRepair(padded)).equals(made.finished), 'zeros behind the last fragment');
});

t.test('a page of zeros inside a large picture is found', async (t) => {
  const large = makeSegment(syntheticTracks({ seconds: 2, fps: 5, pictureBytes: 20_000 }));
  const bytes = Buffer.from(large.growing);
  const page = Math.ceil((large.ends[1]! + 6000) / 4096) * 4096;
  bytes.fill(0, page, page + 4096);
  const plan = await mustRepair(bytes);
  t.equal(plan.truncateTo, large.ends[1]);
});

t.test('whole fragments behind a damaged one are kept, and the hole is known', async (t) => {
  for (const [what, damage] of [
    ['the header', made.ends[1]! + 4],
    ['the times', made.growing.indexOf('tfdt', made.ends[1]) + 9],
    ['the media', made.growing.indexOf('mdat', made.ends[1]) + 4],
  ] as const) {
    const bytes = Buffer.from(made.growing);
    bytes.fill(0xff, damage, damage + 4);
    const plan = await mustRepair(bytes);
    t.same(plan.summary.holes, [{ offset: made.ends[1], length: made.ends[2]! - made.ends[1]! }], what);
    const index = await readSegment(memoryReader(repaired(bytes, plan)));
    const before = (await readSegment(memoryReader(made.growing))).fragments;
    t.same(
      index.fragments,
      before.filter((_, i) => i !== 1),
      'fragments are still found by range',
    );
    t.equal(index.tracks[0]!.dts[5], 90000 * 2, 'what comes behind keeps its time');
    t.same(await planRepair(memoryReader(repaired(bytes, plan))), { kind: 'finished' });
  }
});

t.test('what is no segment is left alone', async (t) => {
  const kinds = async (bytes: Buffer): Promise<string> => (await planRepair(memoryReader(bytes))).kind;
  t.equal(await kinds(Buffer.alloc(0)), 'nothing-usable');
  t.equal(await kinds(Buffer.alloc(5000)), 'nothing-usable');
  t.equal(await kinds(Buffer.from('{"a":"text file of somebody"}')), 'not-ours');
  const foreign = Buffer.from(made.finished);
  foreign.write('iods', made.finished.indexOf('uuid'), 'latin1');
  t.equal(await kinds(foreign), 'not-ours');
  const headless = Buffer.from(made.growing);
  headless.fill(0, 0, made.ends[0]);
  t.equal(await kinds(headless), 'damaged', 'media without a header are for people to judge');
});

t.test('no flipped bit breaks a reader or loses more than its fragment', async (t) => {
  let lost = 0;
  for (let at = made.ends[0]!; at < made.growing.length; at++) {
    const bytes = Buffer.from(made.growing);
    bytes[at] = bytes[at]! ^ (1 << ((at * 5) % 8));
    await readSegment(memoryReader(bytes));
    const plan = await mustRepair(bytes);
    await readSegment(memoryReader(repaired(bytes, plan)));
    if (plan.summary.fragments < made.ends.length - 2) lost++;
  }
  t.equal(lost, 0);
});

t.test('flipped bits in headers and movies are told by code', async (t) => {
  const header = [...Array(made.ends[0]).keys()];
  const movie = [...Array(made.finished.length - made.growing.length).keys()].map((i) => made.growing.length + i);
  for (const at of [...header, ...movie]) {
    for (const bit of [at % 8, 7]) {
      const bytes = Buffer.from(made.finished);
      bytes[at] = bytes[at]! ^ (1 << bit);
      await readSegment(memoryReader(bytes)).catch((error: unknown) => {
        if (!(error as { code?: string }).code?.startsWith('mp4.')) throw error;
      });
      const plan = await planRepair(memoryReader(bytes));
      if (plan.kind === 'repair') await readSegment(memoryReader(repaired(bytes, plan)));
    }
  }
  t.pass(`${header.length + movie.length} places`);
});
