import t from 'tap';
import { ByteRun, type AudioFormat, type Frame, type VideoFormat } from '../../firmware/media/index.ts';
import { Fragmenter } from '../../firmware/recording/fragmenter.ts';
import { PreRoll } from '../../firmware/recording/pre-roll.ts';

const VIDEO: VideoFormat = {
  kind: 'video',
  codec: 'h264',
  timescale: 90000,
  width: 64,
  height: 48,
  rfc6381: 'avc1',
  config: Buffer.alloc(0),
};
const AUDIO: AudioFormat = {
  kind: 'audio',
  codec: 'aac',
  timescale: 8000,
  sampleRate: 8000,
  channels: 1,
  rfc6381: 'mp4a.40.2',
  config: Buffer.alloc(0),
  source: 'AAC-LC',
};

/** A frame at that many milliseconds; `held` counts its holders. */
function frameAt(
  ms: number,
  options: { audio?: boolean; key?: boolean; bytes?: number } = {},
): Frame & { holders(): number } {
  const format = options.audio ? AUDIO : VIDEO;
  const dts = (ms * format.timescale) / 1000;
  const bytes = ByteRun.of(Buffer.alloc(options.bytes ?? 10, ms & 255));
  let holders = 1;
  bytes.release = () => void holders--;
  const key = options.audio === true || options.key === true;
  const duration = options.audio ? 800 : 0;
  return { format, key, dts, pts: dts, duration, arrivalUs: ms * 1000, lostBefore: 0, bytes, holders: () => holders };
}

t.test('the newest picture waits for the next one, which tells its length', async (t) => {
  const fragmenter = new Fragmenter();
  t.equal(fragmenter.cut(), undefined);
  fragmenter.push(frameAt(0, { key: true }));
  t.equal(fragmenter.cut(), undefined, 'one picture alone has no length yet');
  fragmenter.push(frameAt(40));
  fragmenter.push(frameAt(90));
  t.equal(fragmenter.readyMs, 90);
  const fragment = fragmenter.cut()!;
  t.same(
    fragment.tracks[0]!.samples.map(({ duration }) => duration),
    [3600, 4500],
  );
  t.match(fragment, { pictures: 2, keyPictures: 1, bytes: 20, endS: 0.09 });
  const last = fragmenter.cut({ final: true })!;
  t.same(
    last.tracks[0]!.samples.map(({ duration }) => duration),
    [4500],
    'the last one is as long as the one before',
  );
  t.equal(fragmenter.pictures, 0);
});

t.test('a follower ends the fragment, and sound from it on stays', async (t) => {
  const fragmenter = new Fragmenter();
  for (const ms of [0, 40]) fragmenter.push(frameAt(ms, { key: ms === 0 }));
  for (const ms of [0, 50, 80, 130]) fragmenter.push(frameAt(ms, { audio: true }));
  const fragment = fragmenter.cut({ next: frameAt(80, { key: true }) })!;
  t.same(
    fragment.tracks.map(({ track, samples }) => [track, samples.length]),
    [
      [0, 2],
      [1, 2],
    ],
  );
  t.same(fragment.tracks[0]!.samples.at(-1)!.duration, 3600);
  const rest = fragmenter.cut({ final: true })!;
  t.same(
    rest.tracks.map(({ track, samples }) => [track, samples.length]),
    [[1, 2]],
  );
  t.equal(rest.pictures, 0);
});

t.test('what is dropped is released', async (t) => {
  const fragmenter = new Fragmenter();
  const frames = [frameAt(0), frameAt(1, { audio: true })];
  for (const frame of frames) fragmenter.push(frame);
  fragmenter.clear();
  t.same(
    frames.map((frame) => frame.holders()),
    [0, 0],
  );
});

t.test('the pre-roll begins with a key frame and reaches back as far as asked', async (t) => {
  const roll = new PreRoll({ seconds: 2, bytes: 1e6 });
  const frames = Array.from({ length: 60 }, (_, i) => frameAt(i * 100, { key: i % 10 === 0 }));
  for (const frame of frames) roll.push(frame);
  const kept = roll.take();
  t.ok(kept[0]!.key);
  t.equal(kept.at(-1), frames.at(-1));
  const reach = kept.at(-1)!.arrivalUs - kept[0]!.arrivalUs;
  t.ok(reach >= 2e6 && reach <= 4e6, `${reach / 1e6} s`);
  t.ok(
    frames.every((frame) => frame.holders() === (kept.includes(frame) ? 1 : 0)),
    'what fell out was released',
  );
  t.same(roll.take(), []);
});

t.test('the pre-roll is bounded in bytes', async (t) => {
  const roll = new PreRoll({ seconds: 60, bytes: 1000 });
  for (let i = 0; i < 40; i++) roll.push(frameAt(i * 100, { key: i % 5 === 0, bytes: 100 }));
  t.ok(roll.bytes <= 1000, `${roll.bytes} bytes`);
  t.ok(roll.take()[0]!.key);
  const endless = new PreRoll({ seconds: 60, bytes: 1000 });
  for (let i = 0; i < 40; i++) endless.push(frameAt(i * 100, { key: i === 0, bytes: 100 }));
  t.ok(endless.bytes <= 1000);
  t.same(endless.take(), [], 'a group of pictures that is larger than the bound is not kept');
});

t.test('sound before the first key frame is not kept', async (t) => {
  const roll = new PreRoll({ seconds: 5, bytes: 1e6 });
  const sound = frameAt(0, { audio: true });
  const early = frameAt(10);
  for (const frame of [sound, early, frameAt(20, { key: true }), frameAt(30, { audio: true })]) roll.push(frame);
  t.same(
    roll.take().map(({ format, key }) => [format.kind, key]),
    [
      ['video', true],
      ['audio', true],
    ],
  );
  t.same([sound.holders(), early.holders()], [0, 0]);
});
