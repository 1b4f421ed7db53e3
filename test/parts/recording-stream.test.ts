import { join } from 'node:path';
import { open } from 'node:fs/promises';
import t, { type Test } from 'tap';
import { systemClock } from '../../firmware/base/index.ts';
import { ByteRun, FanOut, readSegment, type Frame, type SegmentIndex } from '../../firmware/media/index.ts';
import type { Gap } from '../../firmware/recording/gap-tracker.ts';
import { StreamRecorder, type StreamRecorderOptions } from '../../firmware/recording/stream-recorder.ts';
import { WallClock } from '../../firmware/recording/wall-clock.ts';
import { fileReader } from '../../firmware/storage/recovery/segment-mending.ts';
import { encode, hasFfmpeg, type EncodedTrack } from '../support/encoded-media.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { testVolume } from '../support/volumes.ts';

const skip = hasFfmpeg ? false : 'no ffmpeg';
const OPTIONS: StreamRecorderOptions = {
  box: '5d3c5a4e-7d8b-4c8c-9b0e-6f2a6f0b1c01',
  boot: '0c8a3f66-0d0e-4d2e-8a53-6a4a86a2f001',
  camera: 'gate',
  stream: 'main',
  title: 'Gate',
  segmentSeconds: 5,
  segmentMaxBytes: 1e9,
  fragmentMs: 1000,
  phase: 0.99,
  queueMaxBytes: 1e8,
  heldGopMaxBytes: 1e7,
  preRecord: { seconds: 5, bytes: 1e7 },
};

interface Bench {
  readonly recorder: StreamRecorder;
  readonly fanOut: FanOut;
  readonly gaps: Gap[];
  /** The finished files, in order. */
  readonly files: () => Promise<SegmentIndex[]>;
}

async function bench(t: Test, options: Partial<StreamRecorderOptions> = {}, queueMaxBytes = 1 << 26): Promise<Bench> {
  const folder = await tempFolder(t);
  const { volume, ended } = await testVolume(t, folder, { queueMaxBytes });
  const paths: string[] = [];
  const gaps: Gap[] = [];
  const wall = new WallClock(systemClock);
  const recorder = new StreamRecorder(
    { ...OPTIONS, ...options },
    {
      clock: systemClock,
      wall,
      pickVolumes: () => [volume],
      hasSpareVolume: () => false,
      reportGap: (gap) => gaps.push(gap),
      log: () => undefined,
    },
  );
  const fanOut = new FanOut();
  fanOut.attach(recorder);
  recorder.decide({ record: true, because: 'continuous' }, false);
  recorder.sessionOpened({ mediaToMonoUs: (mediaUs) => mediaUs + 1e9 });
  const note = (): void =>
    void (recorder.openPath && !paths.includes(recorder.openPath) && paths.push(recorder.openPath));
  return {
    recorder,
    fanOut: Object.assign(fanOut, { push: pushAndNote(fanOut, note) }),
    gaps,
    files: async () => {
      await recorder.stop('stopped');
      // A file whose very first append was refused has never held anything.
      t.ok(
        ended.every(({ end }) => end === 'closed' || end === 'discarded'),
        'every file is finished',
      );
      const gone = new Set(ended.filter(({ end }) => end === 'discarded').map(({ sequence }) => sequence));
      const left = paths.filter((path) => !gone.has(Number(path.slice(-12, -4))));
      return Promise.all(left.map((path) => indexOf(join(folder, path))));
    },
  };
}

function pushAndNote(fanOut: FanOut, note: () => void): FanOut['push'] {
  const push = fanOut.push.bind(fanOut);
  return (frame) => {
    push(frame);
    note();
  };
}

async function indexOf(path: string): Promise<SegmentIndex> {
  await using handle = await open(path);
  return await readSegment(await fileReader(handle));
}

/** All frames of the tracks as a camera sends them, in order of time, from that second on. */
function framesOf(tracks: readonly EncodedTrack[], fromS = 0): Frame[] {
  const frames = tracks.flatMap(({ format, samples }) =>
    samples.map((sample): Frame => {
      const dts = sample.dts + fromS * format.timescale;
      const bytes = ByteRun.of(sample.bytes);
      const duration = format.kind === 'audio' ? sample.duration : 0;
      const arrivalUs = (dts / format.timescale) * 1e6;
      return { format, key: sample.key, dts, pts: dts + sample.cts, duration, arrivalUs, lostBefore: 0, bytes };
    }),
  );
  return frames.sort((a, b) => a.dts / a.format.timescale - b.dts / b.format.timescale);
}

const pictures = (files: readonly SegmentIndex[]): number[] => files.map(({ lead }) => lead?.count ?? 0);

t.test(
  'the pause between key frames is longer than a file may last: it goes on without one, and loses nothing',
  { skip },
  async (t) => {
    const [video] = encode({ seconds: 13, video: { codec: 'h264', fps: 10, gop: 1000, size: '64x48' } });
    const { fanOut, files, gaps } = await bench(t);
    for (const frame of framesOf([video!])) fanOut.push(frame);
    const segments = await files();
    t.equal(segments.length, 2);
    t.same(
      segments.map(({ identity }) => identity.startsWithKey),
      [true, false],
    );
    t.equal(
      pictures(segments).reduce((sum, count) => sum + count),
      130,
      'every picture is in a file',
    );
    t.same(gaps, []);
  },
);

t.test('a file says itself that it was recorded for an event', { skip }, async (t) => {
  const [video] = encode({ seconds: 2, video: { codec: 'h264', fps: 5, gop: 5, size: '64x48' } });
  for (const because of ['event', 'manual', 'continuous'] as const) {
    const { recorder, fanOut, files } = await bench(t);
    recorder.decide({ record: true, because }, false);
    for (const frame of framesOf([video!])) fanOut.push(frame);
    const [segment] = await files();
    t.equal(segment!.identity.class, because === 'continuous' ? undefined : 'event', because);
  }
});

t.test('a file never begins with sound alone', { skip }, async (t) => {
  const tracks = encode({
    seconds: 2,
    video: { codec: 'h264', fps: 5, gop: 5, size: '64x48' },
    audio: { codec: 'aac', rate: 16000 },
  });
  const { recorder, fanOut, files } = await bench(t);
  const sound = tracks[1]!.format;
  if (sound.kind === 'audio') recorder.announceAudio(sound);
  for (const frame of framesOf(tracks)) {
    fanOut.push(frame);
    recorder.flush(true);
  }
  const [segment] = await files();
  t.equal(segment!.lead!.count, 10, 'no picture is left out');
  t.equal(segment!.lead!.dts[0], 0);
  const steps = [...segment!.lead!.dts].map((dts, i, all) => (i === 0 ? 18000 : dts - all[i - 1]!));
  t.ok(
    steps.every((step) => step === 18000),
    'the distance of the pictures stays',
  );
});

t.test('what begins a file does not wait for its turn, all the rest does', { skip }, async (t) => {
  const [video] = encode({ seconds: 2, video: { codec: 'h264', fps: 10, gop: 20, size: '64x48' } });
  const { recorder, fanOut, files } = await bench(t);
  const written: number[] = [];
  for (const frame of framesOf([video!])) {
    fanOut.push(frame);
    recorder.flush(false);
    written.push(recorder.progress[0]?.endUs ?? 0);
  }
  t.ok(written[1]! > written[0]!, 'it is written when the second has come, which tells how long it lasts');
  t.equal(new Set(written.slice(1, 10)).size, 1, 'and nothing more for as long as a fragment may be');
  const segments = await files();
  t.same(pictures(segments), [20]);
});

t.test('sound whose format is learned late goes into the next file', { skip }, async (t) => {
  const tracks = encode({
    seconds: 3,
    video: { codec: 'h264', fps: 10, gop: 10, size: '64x48' },
    audio: { codec: 'aac', rate: 16000 },
  });
  const { fanOut, files, gaps } = await bench(t);
  const isLate = ({ format, arrivalUs }: Frame): boolean => format.kind === 'video' || arrivalUs > 5e5;
  for (const frame of framesOf(tracks).filter(isLate)) fanOut.push(frame);
  const segments = await files();
  t.same(
    segments.map(({ tracks }) => tracks.length),
    [1, 2],
  );
  t.same(pictures(segments), [10, 20]);
  t.same(gaps, []);
});

t.test('pictures that stop for long leave a gap', { skip }, async (t) => {
  const [video] = encode({ seconds: 2, video: { codec: 'h264', fps: 10, gop: 10, size: '64x48' } });
  const { fanOut, files, gaps } = await bench(t);
  for (const frame of [...framesOf([video!]), ...framesOf([video!], 12)]) fanOut.push(frame);
  const segments = await files();
  t.same(pictures(segments), [20, 20]);
  t.match(gaps, [{ reason: 'camera-down', startUs: segments[0]!.endWallUs, endUs: segments[1]!.identity.startWallUs }]);
});

t.test('a disk that is too slow costs what it refused, and the file up to there is finished', { skip }, async (t) => {
  const [video] = encode({ seconds: 8, video: { codec: 'h264', fps: 10, gop: 10, size: '320x240', bitrate: '400k' } });
  const { recorder, fanOut, files, gaps } = await bench(t, {}, 100_000);
  const states = new Set<string>();
  for (const frame of framesOf([video!])) {
    fanOut.push(frame);
    recorder.flush(true);
    states.add(recorder.state);
  }
  const segments = await files();
  t.ok(segments.length >= 1);
  const kept = pictures(segments).reduce((sum, count) => sum + count);
  t.ok(kept > 0 && kept < 80, `${kept} of 80 pictures`);
  t.ok(states.has('waiting-for-key-frame'));
  t.ok(gaps.every(({ reason }) => reason === 'overload'));
});

t.test('a clock step begins a new run at the next key frame', { skip }, async (t) => {
  const [video] = encode({ seconds: 4, video: { codec: 'h264', fps: 10, gop: 10, size: '64x48' } });
  const { recorder, fanOut, files } = await bench(t);
  for (const frame of framesOf([video!])) {
    if (frame.dts === 90000 * 1.5) recorder.clockStepped();
    fanOut.push(frame);
  }
  const segments = await files();
  t.same(pictures(segments), [20, 20]);
  t.not(segments[0]!.identity.run, segments[1]!.identity.run);
});
