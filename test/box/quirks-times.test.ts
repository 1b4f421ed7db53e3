/** Cameras whose clocks and key frames are not what they should be: every picture and sound still has its place in time. */
import { setTimeout as pause } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { Camera, CameraOptions } from '../support/camera/camera.ts';
import { skipWithout } from '../support/programs.ts';
import {
  checkLength,
  checkShown,
  checkWhole,
  filesOf,
  finishRecording,
  ordinalsOf,
  record,
  secondsOf,
  untilRecorded,
  type RecordedFile,
} from '../support/recorded-files.ts';

const skip = await skipWithout('ffprobe', 'ffmpeg');
// Most of the time is spent waiting for cameras.
t.jobs = 2;
const WRAP = 2 ** 32;
const HOUR_90K = 3600 * 90_000;

const TIMES: readonly (CameraOptions & { act?: (camera: Camera) => void })[] = [
  { path: 'jump-ahead', audio: 'aac', act: (camera) => camera.jumpTimestamps(HOUR_90K) },
  { path: 'jump-back', audio: 'pcma', act: (camera) => camera.jumpTimestamps(-20 * 90_000) },
  { path: 'reset', audio: 'aac', act: (camera) => camera.resetTimestamps() },
  { path: 'outliers', faults: { outlierEvery: 9 } },
  { path: 'bursts', faults: { equalTimestamps: 4 } },
  { path: 'wrap', audio: 'aac', faults: { firstTimestamp: WRAP - 3 * 90_000 } },
  { path: 'slow-clock', faults: { clockFactor: 0.84 } },
  { path: 'fast-clock', faults: { clockFactor: 1.2 } },
  { path: 'slow-sound', audio: 'pcma', faults: { audioClockFactor: 0.99 } },
  { path: 'fast-sound', audio: 'aac', faults: { audioClockFactor: 1.01, senderReportMs: 500 } },
  { path: 'reports-lie', audio: 'aac', faults: { senderReportMs: 300, ntpOffsetS: -1e9 } },
  { path: 'sound-first', audio: 'aac', faults: { videoDelayMs: 2000 } },
  { path: 'sound-late', audio: 'aac', faults: { audioDelayMs: 3000 } },
  { path: 'sound-late-g711', audio: 'pcmu', faults: { audioDelayMs: 3000 } },
];

t.test('time stamps and clocks', { timeout: 240_000, skip }, async (t) => {
  const scene = await record(t, TIMES);
  const { farm } = scene;
  await untilRecorded(scene, 3);
  for (const { path, act } of TIMES) act?.(farm.camera(path));
  // A report that tells another time than the ones before is not believed; a clock that was set is, after some.
  farm.camera('reports-lie').faults.set({ ntpOffsetS: 3600 });
  await untilRecorded(scene, 9);
  const footage = await finishRecording(t, scene);
  for (const camera of farm.cameras) {
    const { path } = camera;
    const files = await filesOf(t, footage, path, { decode: false });
    t.ok(files.length > 1, `${path}: ${files.length} files`);
    checkWhole(t, footage, camera, files);
    // A clock that is far off is corrected slowly: media may be some seconds from arrival.
    checkLength(t, path, files, 25, (camera.options.faults?.clockFactor ?? 1) === 1 ? 1 : 4.5);
    if (camera.options.audio) checkSound(t, path, files);
  }
});

/** Where sound begins and ends, measured against the pictures of the same camera. */
function checkSound(t: Test, path: string, files: readonly RecordedFile[]): void {
  const late = path.startsWith('sound-late');
  const heard = files.flatMap(({ segment, streams, packets }) => {
    const audio = streams.find(({ kind }) => kind === 'audio');
    const scale = Number(audio?.timeBase.split('/')[1]);
    const startS = segment.startUs / 1e6;
    const own = packets.filter(({ stream }) => stream === audio?.index);
    return own.map(({ pts, duration }) => ({
      fromS: startS + pts! / scale,
      toS: startS + (pts! + (duration ?? 0)) / scale,
    }));
  });
  const beginsS = heard[0]!.fromS - files[0]!.segment.startUs / 1e6;
  const endsS = heard.at(-1)!.toS - files.at(-1)!.segment.endUs / 1e6;
  // A session begins with a key picture, which may be a group of pictures after the answer to PLAY.
  if (late) t.ok(beginsS > 1.9 && beginsS < 3.3, `${path}: begins after ${beginsS} s`);
  else t.ok(beginsS > -0.1 && beginsS < 0.5, `${path}: begins with the pictures: ${beginsS} s`);
  t.ok(Math.abs(endsS) < 0.7, `${path}: ends with the pictures: ${endsS} s`);
  const holes = heard.slice(1).map(({ fromS }, i) => Math.abs(fromS - heard[i]!.toS));
  t.ok(Math.max(...holes) < 0.5, `${path}: no hole of ${Math.max(...holes)} s`);
}

t.test('parameters that change again and again leave decodable pictures', { timeout: 240_000, skip }, async (t) => {
  const scene = await record(t, [
    { path: 'flapping', clip: 'resize-a' },
    // Its clip begins with a key frame, which comes when the box is ready for it.
    { path: 'far-key-frames', clip: 'long-gop', staggerMs: 9000 },
  ]);
  const { farm } = scene;
  const camera = farm.camera('flapping');
  for (let change = 1; change <= 9; change++) {
    const from = camera.nextOrdinal;
    while (camera.nextOrdinal < from + 16) await pause(20);
    camera.switchClip(change % 2 === 1 ? 'resize-b' : 'resize-a');
  }
  await untilRecorded(scene, 12);
  const footage = await finishRecording(t, scene);
  const files = await filesOf(t, footage, 'flapping');
  checkWhole(t, footage, camera, files);
  checkLength(t, 'flapping', files, 15);
  await checkShown(t, camera, files);
  const changes = ordinalsOf(files).filter(
    (o, i, all) => i > 0 && camera.frameAt(o).clip !== camera.frameAt(all[i - 1]!).clip,
  );
  t.equal(changes.length, 9, 'all changes are in the recording');
  t.ok(files.length < 1 + 9, `not every change cuts a file: ${files.length}`);

  const far = farm.camera('far-key-frames');
  const long = await filesOf(t, footage, far.path);
  checkWhole(t, footage, far, long);
  const keys = long.map(({ segment, pictures }) => [segment.startsWithKey, pictures[0]!.key]);
  t.ok(
    keys.every(([told, found]) => told === found),
    'the flag tells how a file begins',
  );
  t.ok(
    long.length > 1 && !long[1]!.segment.startsWithKey,
    'a file that waited too long is followed without a key frame',
  );
  t.ok(
    long.every(({ segment }) => secondsOf(segment) <= 10.1),
    'and never lasts more than twice as long as it should',
  );
});
