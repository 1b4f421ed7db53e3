import t from 'tap';
import { readIdentity, readSegment, SegmentBuilder, type Sample, type TrackIndex } from '../../firmware/media/index.ts';
import {
  AUDIO,
  fragmentsOf,
  IDENTITY,
  makeSegment,
  memoryReader,
  syntheticTracks,
  VIDEO,
} from '../support/segment-maker.ts';

const STATES = ['growing', 'halfClosed', 'finished'] as const;

const timesOf = ({ dts, cts, size, key }: TrackIndex) => ({
  dts: [...dts],
  cts: [...cts],
  size: [...size],
  key: [...key],
});

t.test('the same samples are read in all three states, at the bytes where they lie', async (t) => {
  const tracks = syntheticTracks({ seconds: 4, reorder: [1, 3, 0, 0], jitter: [0, 11, -7], audio: true });
  const made = makeSegment(tracks, { starts: [5000, 5000.25] });
  for (const state of STATES) {
    const bytes = made[state];
    const index = await readSegment(memoryReader(bytes));
    t.equal(index.state, state === 'halfClosed' ? 'half-closed' : state);
    t.same(index.identity, made.identity);
    t.same(
      index.tracks.map(({ format }) => format),
      tracks.map(({ format }) => format),
      'formats come back',
    );
    for (const [i, track] of index.tracks.entries()) {
      const { samples, format } = tracks[i]!;
      const start = i === 0 ? 0 : 0.25 * format.timescale;
      t.same(timesOf(track), {
        dts: samples.map(({ dts }) => dts + start),
        cts: samples.map(({ cts }) => cts),
        size: samples.map(({ size }) => size),
        key: samples.map(({ key }) => (key ? 1 : 0)),
      });
      const isRight = samples.every((sample, n) =>
        sample.bytes.equals(bytes.subarray(track.offset[n], track.offset[n]! + track.size[n]!)),
      );
      t.ok(isRight, 'the media are where the index says');
    }
  }
});

t.test('a finished segment is read in two reads', async (t) => {
  const { finished, identity } = makeSegment(syntheticTracks({ seconds: 3, audio: true }));
  const reader = memoryReader(finished);
  await readSegment(reader);
  t.equal(reader.reads, 2);
  const once = memoryReader(finished);
  t.same((await readIdentity(once)).identity, identity);
  t.equal(once.reads, 1);
});

t.test('fragments can be served by range from all three states', async (t) => {
  const made = makeSegment(syntheticTracks({ seconds: 5, audio: true, gop: 50 }), { starts: [0, 0.1] });
  const fragments = (await readSegment(memoryReader(made.growing))).fragments;
  t.same(
    fragments.map(({ offset, length }) => offset + length),
    made.ends.slice(1),
  );
  t.equal(fragments[0]!.offset, made.ends[0]);
  t.same(
    fragments.map(({ startsWithKey }) => startsWithKey),
    [true, false, true, false, true, false],
    'the last one holds sound only',
  );
  t.equal(fragments[2]!.startWallUs, IDENTITY.startWallUs + 2e6);
  for (const state of STATES) {
    const index = await readSegment(memoryReader(made[state]));
    t.same(index.fragments, fragments, state);
    const [ftyp, moov] = index.initRanges;
    t.equal(made[state].toString('latin1', ftyp.offset + 4, ftyp.offset + 8), 'ftyp');
    t.equal(made[state].toString('latin1', moov.offset + 4, moov.offset + 8), 'moov');
    t.equal(moov.offset + moov.length, fragments[0]!.offset);
  }
});

t.test('wall time leads to pictures and back', async (t) => {
  const made = makeSegment(syntheticTracks({ seconds: 4, audio: true, gop: 25 }), { starts: [7.5, 7] });
  for (const state of STATES) {
    const index = await readSegment(memoryReader(made[state]));
    const start = made.identity.startWallUs;
    const [video, audio] = index.tracks as [TrackIndex, TrackIndex];
    t.equal(index.lead, video);
    t.equal(index.wallUsOf(video, video.dts[0]!), start, 'the identity tells the time of the first picture');
    t.equal(index.wallUsOf(audio, audio.dts[0]!), start - 500_000, 'sound that came before it keeps its time');
    t.equal(index.wallUsOf(video, index.ticksAt(video, start + 1_234_567)), start + 1_234_567);
    t.equal(index.keyFrameAtOrBefore(start - 10), undefined);
    t.equal(index.keyFrameAtOrBefore(start), 0);
    t.equal(index.keyFrameAtOrBefore(start + 1_999_990), 25);
    t.equal(index.keyFrameAtOrBefore(start + 3_000_000), 75);
    t.equal(index.keyFrameAtOrBefore(start + 60_000_000), 75);
    t.equal(index.endWallUs, start + 4_000_000);
    t.equal(index.durationUs, 4_500_000);
  }
});

t.test('a track without samples is none of the movie', (t) => {
  const builder = new SegmentBuilder(IDENTITY, [VIDEO, AUDIO]);
  builder.header();
  builder.fragment(fragmentsOf(syntheticTracks({ seconds: 1 }))[0]!);
  t.strictSame(builder.usedFormats, [VIDEO]);
  t.end();
});

t.test('the placeholder lies in one sector, so that the patch is written whole or not at all', (t) => {
  for (const title of ['', 'a', 'ab', 'abcdefghijklmnopqrstuvwxyz'.repeat(9)]) {
    const builder = new SegmentBuilder({ ...IDENTITY, title }, [VIDEO]);
    builder.header();
    builder.fragment(fragmentsOf(syntheticTracks({ seconds: 1 }))[0]!);
    const { offset, bytes } = builder.finish().patch;
    t.equal(bytes.length, 16);
    t.equal(Math.floor(offset / 512), Math.floor((offset + 15) / 512));
  }
  t.end();
});

const sampleAt = (dts: number, cts = 0, key = true): Sample => ({ dts, cts, duration: 3600, size: 10, key });
const TEN = Buffer.from('00000006650102030405', 'hex');

t.test('pictures shown before they are decoded are decoded earlier instead', async (t) => {
  const builder = new SegmentBuilder(IDENTITY, [VIDEO]);
  const header = builder.header();
  const samples = [sampleAt(9000, 0), sampleAt(12600, -7200, false), sampleAt(16200, -7200, false)];
  const chunks = builder.fragment([{ track: 0, samples, bytes: [TEN, TEN, TEN] }]);
  const { tracks } = await readSegment(memoryReader(Buffer.concat([header, ...chunks])));
  t.same([...tracks[0]!.dts], [0, 3600, 7200]);
  t.same([...tracks[0]!.cts], [7200, 0, 0]);
});

t.test('decode times that do not rise are pushed and the presentation stays', async (t) => {
  const builder = new SegmentBuilder(IDENTITY, [VIDEO]);
  const header = builder.header();
  const first = builder.fragment([
    { track: 0, samples: [sampleAt(500), sampleAt(500), sampleAt(4100)], bytes: [TEN, TEN, TEN] },
  ]);
  const second = builder.fragment([{ track: 0, samples: [sampleAt(4100), sampleAt(7700)], bytes: [TEN, TEN] }]);
  const { tracks } = await readSegment(memoryReader(Buffer.concat([header, ...first, ...second])));
  t.same([...tracks[0]!.dts], [0, 1, 3600, 3601, 7200]);
  t.same([...tracks[0]!.cts], [0, -1, 0, -1, 0]);
});

t.test('sound from before the file begins is left out and counted', async (t) => {
  const builder = new SegmentBuilder(IDENTITY, [VIDEO, AUDIO]);
  const header = builder.header();
  const first = builder.fragment([{ track: 0, samples: [sampleAt(90000)], bytes: [TEN] }]);
  const sound = { duration: 1024, cts: 0, size: 4, key: true };
  const samples = [46000, 47024, 48048].map((dts) => ({ ...sound, dts }));
  const second = builder.fragment([{ track: 1, samples, bytes: [Buffer.from('aaaab'), Buffer.from('bbbcccc')] }]);
  t.equal(builder.skippedSamples, 2);
  const file = Buffer.concat([header, ...first, ...second]);
  const { tracks } = await readSegment(memoryReader(file));
  t.same([...tracks[1]!.dts], [48]);
  t.equal(file.toString('latin1', tracks[1]!.offset[0], tracks[1]!.offset[0]! + 4), 'cccc');
});

t.test('sizes that are not those of the bytes are a bug that shows at once', (t) => {
  const builder = new SegmentBuilder(IDENTITY, [VIDEO]);
  builder.header();
  t.throws(() => builder.fragment([{ track: 0, samples: [sampleAt(0)], bytes: [TEN, TEN] }]), { code: 'box.bug' });
  t.end();
});

t.test('fragments that never reach the file can be taken back', (t) => {
  const tracks = syntheticTracks({ seconds: 4, audio: true, reorder: [1, 0], jitter: [0, 5] });
  const fragments = fragmentsOf(tracks, { starts: [10, 10.1] });
  const build = (count: number, doubtful: boolean): Buffer => {
    const formats = tracks.map(({ format }) => format);
    const builder = new SegmentBuilder(IDENTITY, formats);
    const chunks: Uint8Array[] = [builder.header()];
    for (const fragment of fragments.slice(0, count)) chunks.push(...builder.fragment(fragment));
    if (doubtful) {
      const mark = builder.mark();
      for (const fragment of fragments.slice(count)) builder.fragment(fragment);
      builder.rewind(mark);
    }
    const { moov, patch } = builder.finish();
    return Buffer.concat([...chunks, moov, patch.bytes]);
  };
  for (const count of [0, 1, 3]) t.ok(build(count, true).equals(build(count, false)), `after ${count} fragments`);
  t.end();
});

t.test('a track that stayed empty is not in the finished movie', async (t) => {
  const builder = new SegmentBuilder(IDENTITY, [VIDEO, AUDIO]);
  const chunks = [builder.header(), ...builder.fragment([{ track: 0, samples: [sampleAt(0)], bytes: [TEN] }])];
  const { moov, patch } = builder.finish();
  const file = Buffer.concat([...chunks, moov]);
  patch.bytes.copy(file, patch.offset);
  const { tracks } = await readSegment(memoryReader(file));
  t.same(
    tracks.map(({ format }) => format.kind),
    ['video'],
  );
});

t.test('five minutes cost little memory and few bytes', (t) => {
  const jitter = Array.from({ length: 97 }, (_, i) => (i * i * 31) % 90);
  const tracks = syntheticTracks({ seconds: 300, gop: 50, pictureBytes: 20000, jitter, audio: true });
  const { finished, mediaBytes, memoryBytes } = makeSegment(tracks);
  const overhead = finished.length / mediaBytes - 1;
  t.comment(`overhead ${(overhead * 100).toFixed(3)} %, ${Math.round(memoryBytes / 1000)} kB of memory`);
  t.ok(overhead < 0.003, 'at most 0.3 % of the media');
  t.ok(memoryBytes < 120_000, 'less than 120 kB');
  t.end();
});
