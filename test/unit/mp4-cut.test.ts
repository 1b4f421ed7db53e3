import t from 'tap';
import { cutMovie, readSegment, sliceCut, type MovieCut, type SegmentIndex } from '../../firmware/media/index.ts';
import {
  IDENTITY,
  makeSegment,
  memoryReader,
  syntheticTracks,
  type MadeSegment,
  type SyntheticPlan,
} from '../support/segment-maker.ts';

const START = IDENTITY.startWallUs;
const S = 1_000_000;

async function segments(
  ...plans: { at: number; plan: SyntheticPlan; startsWithKey?: boolean }[]
): Promise<{ made: MadeSegment[]; indexes: SegmentIndex[] }> {
  const made = plans.map(({ at, plan }, i) =>
    makeSegment(syntheticTracks({ seed: i + 1, ...plan }), {
      starts: [at, at],
      identity: { startWallUs: START + at * S, sequence: i },
    }),
  );
  const indexes = await Promise.all(made.map(({ finished }) => readSegment(memoryReader(finished))));
  return { made, indexes };
}

function bytesOf(cut: MovieCut, made: readonly MadeSegment[]): Buffer {
  return Buffer.concat([
    cut.head,
    ...cut.pieces.map(({ segment, offset, length }) => made[segment]!.finished.subarray(offset, offset + length)),
  ]);
}

/** 468 frames of 1024 samples at 48 kHz: the sound of ten seconds. */
const SOUND_S = (468 * 1024) / 48000;

/** Samples of each track, as its stsz says. */
function sampleCounts(head: Buffer): number[] {
  const counts: number[] = [];
  for (let at = head.indexOf('stsz'); at >= 0; at = head.indexOf('stsz', at + 4))
    counts.push(head.readUInt32BE(at + 12));
  return counts;
}

t.test('the length is known before, and any range of bytes can be served', async (t) => {
  const plan = { seconds: 10, audio: true };
  const { made, indexes } = await segments({ at: 0, plan }, { at: 10, plan }, { at: 20, plan });
  const cut = cutMovie({ segments: indexes, fromUs: START + 3.3 * S, toUs: START + 25.2 * S });
  const whole = bytesOf(cut, made);
  t.equal(whole.length, cut.length);
  t.equal(cut.startUs, START + 3.3 * S);
  t.ok(Math.abs(cut.endUs - START - 25.2 * S) <= 40_000, 'it ends with a whole picture');
  t.equal(cut.durationUs, cut.endUs - cut.startUs);
  t.same(cut.gaps, []);
  for (const [offset, length] of [
    [0, 10],
    [cut.head.length - 3, 7],
    [cut.length - 5, 100],
    [cut.head.length + cut.pieces[0]!.length - 2, 4],
    [0, cut.length],
  ] as const) {
    const slices = sliceCut(cut, offset, length).map((slice) =>
      'bytes' in slice
        ? slice.bytes
        : made[slice.segment]!.finished.subarray(slice.offset, slice.offset + slice.length),
    );
    t.ok(Buffer.concat(slices).equals(whole.subarray(offset, offset + length)), `${length} bytes from ${offset}`);
  }
});

t.test('few pieces: neighbouring fragments are taken with what lies between them', async (t) => {
  const plan = { seconds: 30, audio: true };
  const { indexes } = await segments({ at: 0, plan }, { at: 30, plan });
  const cut = cutMovie({ segments: indexes, fromUs: START, toUs: START + 60 * S });
  t.equal(cut.pieces.length, 2);
});

t.test('gaps are closed up and listed', async (t) => {
  const plan = { seconds: 4 };
  const { indexes } = await segments({ at: 0, plan }, { at: 4, plan }, { at: 60, plan });
  const cut = cutMovie({ segments: indexes, fromUs: START + S, toUs: START + 62 * S });
  t.same(cut.gaps, [{ fromUs: START + 8 * S, toUs: START + 60 * S, atUs: 7 * S }]);
  t.equal(cut.durationUs, 9 * S);
  const within = { segments: indexes, fromUs: START + 20 * S, toUs: START + 50 * S };
  t.throws(() => cutMovie(within), { code: 'mp4.nothing-there' });
  t.throws(() => cutMovie({ ...within, segments: [] }), { code: 'mp4.nothing-there' });
});

t.test('no sound is lost where one file goes on for another', async (t) => {
  const whole = { seconds: 10, audio: true };
  const framesOf = async (overlapS: number): Promise<number[]> => {
    const made = [0, 10].map((at, i) =>
      makeSegment(syntheticTracks({ seed: i + 1, ...whole }), {
        starts: [at, i === 0 ? 0 : SOUND_S - overlapS],
        identity: { startWallUs: START + at * S, sequence: i },
      }),
    );
    const indexes = await Promise.all(made.map(({ finished }) => readSegment(memoryReader(finished))));
    return sampleCounts(cutMovie({ segments: indexes, fromUs: START, toUs: START + 20 * S }).head);
  };
  t.same(await framesOf(0), [500, 936]);
  t.same(await framesOf(0.001), [500, 936], 'the last frame was shorter than those before it');
  t.same(await framesOf(0.018), [500, 935], 'a frame that both have is there once');
});

t.test('a range that begins without a key frame goes back into the segment before', async (t) => {
  const first = { at: 0, plan: { seconds: 4, gop: 100 } };
  const second = { at: 4, plan: { seconds: 4, gop: 1000 } };
  const { made } = await segments(first, second);
  // The second segment as it is when the hard limit closed the first one: no picture in it is a key frame.
  const tracks = syntheticTracks({ seconds: 4 }).map(({ format, samples }) => ({
    format,
    samples: samples.map((sample) => ({ ...sample, key: false })),
  }));
  const continued = makeSegment(tracks, {
    starts: [4],
    identity: { startWallUs: START + 4 * S, startsWithKey: false, sequence: 1 },
  });
  const indexes = await Promise.all([made[0]!, continued].map(({ finished }) => readSegment(memoryReader(finished))));
  const cut = cutMovie({ segments: indexes, fromUs: START + 5 * S, toUs: START + 7 * S });
  t.equal(cut.pieces[0]!.segment, 0, 'decoding begins with the key frame of the segment before');
  t.equal(cut.startUs, START + 5 * S);
  t.equal(cut.durationUs, 2 * S);
  t.throws(
    () => cutMovie({ segments: indexes.slice(1), fromUs: START + 5 * S, toUs: START + 7 * S }),
    { code: 'mp4.nothing-there' },
    'without it nothing can be decoded',
  );
});

t.test('hours are cut in moments', async (t) => {
  const plan = { seconds: 300, gop: 50, pictureBytes: 40, audio: true };
  const { indexes: hour } = await segments(...Array.from({ length: 12 }, (_, i) => ({ at: i * 300, plan })));
  const before = performance.now();
  const cut = cutMovie({ segments: hour, fromUs: START, toUs: START + 3600 * S });
  t.comment(`an hour in ${Math.round(performance.now() - before)} ms, head of ${cut.head.length} bytes`);
  t.equal(cut.durationUs, 3600 * S);
});

t.test('what two disks have of a stream is in a cut once', async (t) => {
  const tracks = syntheticTracks({ seconds: 12, fps: 25, gop: 50, audio: true, seed: 7 });
  const part = (fromS: number, toS: number, fragmentSeconds = 1): MadeSegment => {
    const cutOut = tracks.map(({ format, samples }) => {
      const within = samples.filter(({ dts }) => dts / format.timescale >= fromS && dts / format.timescale < toS);
      return { format, samples: within };
    });
    return makeSegment(cutOut, { fragmentSeconds, identity: { startWallUs: START + fromS * S, sequence: fromS } });
  };
  const whole = cutMovie({
    segments: [await readSegment(memoryReader(part(0, 12).finished))],
    fromUs: START,
    toUs: START + 12 * S,
  });
  const sizes = async (made: readonly MadeSegment[], fromUs: number, toUs: number): Promise<number> => {
    const indexes = await Promise.all(made.map(({ finished }) => readSegment(memoryReader(finished))));
    const cut = cutMovie({ segments: indexes, fromUs, toUs });
    t.same(cut.gaps, []);
    return cut.durationUs;
  };
  const all = [START, START + 12 * S] as const;
  t.equal(whole.durationUs, 12 * S);
  t.equal(await sizes([part(0, 7), part(4, 12)], ...all), 12 * S, 'one goes on for the other');
  t.equal(await sizes([part(0, 12), part(0, 12)], ...all), 12 * S, 'two copies');
  t.equal(await sizes([part(0, 5), part(0, 12)], ...all), 12 * S, 'two copies, one of them torn');
  t.equal(await sizes([part(0, 12), part(0, 5), part(4, 12)], ...all), 12 * S, 'a copy that moved on');
  t.equal(await sizes([part(0, 5), part(4, 8), part(6, 12)], ...all), 12 * S, 'moved on twice');
  t.equal(await sizes([part(0, 7), part(4, 12)], START + 3 * S, START + 9 * S), 6 * S);
  t.equal(await sizes([part(0, 7), part(4, 12)], START + 8 * S, START + 9 * S), S);
});
