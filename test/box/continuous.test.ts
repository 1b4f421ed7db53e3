import t from 'tap';
import { CameraFarm } from '../support/camera/farm.ts';
import { Box, cameraAt } from '../support/box.ts';
import { audioClip } from '../support/camera/clip.ts';
import { probe } from '../support/ffprobe.ts';
import { compareOrdinals, recordedOrdinals } from '../support/ordinals.ts';
import { skipWithout } from '../support/programs.ts';
import { soundOf } from '../support/sound.ts';

const CAMERAS = [
  { path: 'shop', clip: 'shop', audio: 'aac' },
  { path: 'yard', clip: 'small-h265', audio: 'pcma' },
  { path: 'b-frames', clip: 'b-frames', audio: 'none' },
  { path: 'long-gop', clip: 'long-gop', audio: 'pcmu', join: 'mid' },
] as const;

t.test(
  'four cameras, continuously: rotation loses no picture and no sound',
  { timeout: 90_000, skip: await skipWithout('ffprobe', 'ffmpeg') },
  async (t) => {
    const farm = await CameraFarm.start({ cameras: CAMERAS });
    t.teardown(() => farm.stop());
    const cameras = CAMERAS.map(({ path }) => cameraAt(path, farm.url(path)));
    const box = await Box.start(t, { settings: { cameras, recording: { segmentSeconds: 5 } } });
    await box.untilRecording();
    for (const { path } of CAMERAS) await box.untilSegments(path, path === 'long-gop' ? 1 : 3);
    t.equal(await box.stop('SIGINT'), 0, 'the box ends cleanly');
    const verdict = await box.verify('--deep');
    t.strictSame(verdict.findings, [], 'verify finds nothing at all');
    t.ok(verdict.ok);
    for (const { path, audio } of CAMERAS) {
      const segments = await box.segments(path);
      const files = segments.map(({ file }) => file);
      t.ok(
        segments.every(({ open }) => !open),
        `${path}: every file is finished`,
      );
      t.ok(files.length >= 2, `${path}: rotates`);
      const sent = farm.camera(path).sessions.flatMap(({ sentFrames }) => sentFrames);
      const recorded = await recordedOrdinals(...files);
      t.strictSame(compareOrdinals(sent, recorded), { missing: [], unexpected: [], repeated: [], disordered: 0 }, path);
      t.ok(recorded.length > 60, `${path}: ${recorded.length} pictures`);
      if (path !== 'long-gop') t.equal(recorded[0], sent[0], `${path}: recorded from its first picture on`);
      for (const [i, file] of files.entries()) {
        const { warnings, streams } = await probe(file);
        // A reader rightly misses the key frame where a camera sends none for longer than a file may last.
        if (segments[i]!.startsWithKey) t.strictSame(warnings, [], `${path} ${i}: ffprobe has no complaint`);
        // The box is stopped at any moment, and a file of a few pictures ends before its first sound has come.
        const cutShort = i === files.length - 1 && streams.length === 1;
        t.same(
          streams.map(({ kind }) => kind),
          audio === 'none' || cutShort ? ['video'] : ['video', 'audio'],
          `${path} ${i}: tracks`,
        );
        if (cutShort && audio !== 'none') {
          t.ok(
            (segments[i]!.endUs - segments[i]!.startUs) / 1e6 < 1,
            `${path} ${i}: only a short file is without sound`,
          );
          files.pop();
        }
      }
      if (audio !== 'none')
        t.equal(await soundOf(audioClip(audio), files), 'whole', `${path}: the sound is whole over all files`);
      const gaps = await box.gaps(path);
      t.strictSame(gaps, [], `${path}: no gaps`);
    }
  },
);
