import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { Box } from '../support/box.ts';
import { findChromium, startBrowser } from '../support/browser-video.ts';
import { decodeErrors, probe, type Probe } from '../support/ffprobe.ts';
import { GstCameras, skipWithoutGstCamera, type GstCameraOptions } from '../support/gst-camera.ts';
import { skipWithout } from '../support/programs.ts';

const skip = (await skipWithoutGstCamera()) || (await skipWithout('ffprobe', 'ffmpeg'));
const PASSWORD = 'geh:heim@ 1';

const CAMERAS = [
  { id: 'h264-aac', transport: 'tcp', gst: { video: 'h264', audio: 'aac' }, codecs: ['h264', 'aac'] },
  {
    id: 'h264-udp',
    transport: 'udp',
    gst: { video: 'h264', audio: 'pcma', user: 'guard', password: PASSWORD },
    codecs: ['h264', 'flac'],
  },
  {
    id: 'h265-pcma',
    transport: 'tcp',
    gst: { video: 'h265', audio: 'pcma', user: 'viewer', password: PASSWORD },
    codecs: ['hevc', 'flac'],
  },
  { id: 'h265-udp', transport: 'udp', gst: { video: 'h265' }, codecs: ['hevc'] },
] as const satisfies readonly {
  id: string;
  transport: string;
  gst: Omit<GstCameraOptions, 'path'>;
  codecs: string[];
}[];

t.test("GStreamer's cameras, recorded by the whole box", { timeout: 120_000, skip }, async (t) => {
  // A server with one login asks all its clients for it.
  const all = CAMERAS.map(({ id, gst }): GstCameraOptions => ({ path: id, ...gst }));
  const free = await GstCameras.start(
    t,
    all.filter(({ user }) => user === undefined),
  );
  const locked = await GstCameras.start(
    t,
    all.filter(({ user }) => user !== undefined),
  );
  const cameras = CAMERAS.map(({ id, transport, gst }) => ({
    id,
    streams: [{ id: 'main', url: ('user' in gst ? locked : free).url(id), transport }],
    ...('user' in gst ? { username: gst.user, password: gst.password } : {}),
  }));
  const box = await Box.start(t, { settings: { cameras, recording: { segmentSeconds: 5 } } });
  await box.untilRecording();
  for (const { id } of CAMERAS) await box.untilSegments(id, 2, 'main', 60_000);
  const growing = join(box.data, 'growing.mp4');
  await box.untilCamera('h264-aac', 'a growing file', ({ recording }) => recording === 'recording');
  const open = (await box.segments('h264-aac')).find((segment) => segment.open);
  if (open) await copyFile(open.file, growing);
  await box.stop();
  for (const { id, codecs } of CAMERAS) {
    const segments = await box.segments(id);
    for (const { file, startUs, endUs } of segments) {
      const probed = await probe(file);
      t.strictSame(probed.warnings, [], `${id}: ffprobe has no complaint`);
      const seconds = (endUs - startUs) / 1e6;
      // A last file may end before the first whole block of sound came; a track without sound is left out.
      const found = probed.streams.map(({ codec }) => codec);
      t.same(found, found.length < codecs.length && seconds < 1 ? codecs.slice(0, 1) : codecs, `${id}: tracks`);
      checkVideo(t, id, probed, seconds);
      t.same(await decodeErrors(file), [], `${id}: decodes`);
    }
    t.same(await box.gaps(id), [], `${id}: no gaps`);
  }
  t.strictSame((await box.verify('--deep')).findings, []);
  await t.test('in Chromium', { skip: (await findChromium()) ? false : 'chromium is not installed' }, async (t) => {
    const browser = await startBrowser((await findChromium())!);
    t.teardown(() => browser.close());
    const [finished] = await box.segments('h264-aac');
    for (const file of [finished!.file, ...(open ? [growing] : [])]) {
      const { streams, packets } = await probe(file);
      const video = streams[0]!;
      const times = packets
        .filter(({ stream, pts }) => stream === video.index && pts !== undefined)
        .map(({ pts }) => pts! / 90_000);
      const played = await browser.play(await readFile(file));
      t.equal(played.error, undefined);
      t.equal(played.pictures, times.length, 'every picture is shown');
      t.ok(Math.abs(played.firstS - Math.min(...times)) < 0.01, `the first picture at ${played.firstS}`);
      t.ok(Math.abs(played.lastS - Math.max(...times)) < 0.01, `the last picture at ${played.lastS}`);
      if (file === finished!.file) {
        const { durationS } = await probe(file, { packets: false });
        t.ok(Math.abs(played.durationS - durationS!) < 0.1, `${played.durationS} s, ffprobe says ${durationS} s`);
      }
    }
  });
});

/** Pictures at the camera's pace, in order, as many as the length asks for. */
function checkVideo(t: Tap, id: string, { streams, packets }: Probe, seconds: number): void {
  const video = streams.find(({ kind }) => kind === 'video')!;
  const dts = packets.filter(({ stream }) => stream === video.index).map((packet) => packet.dts ?? Number.NaN);
  t.ok(
    dts.every((time, i) => i === 0 || time > dts[i - 1]!),
    `${id}: time rises`,
  );
  t.ok(Math.abs(dts.length - seconds * 15) <= 2, `${id}: ${dts.length} pictures in ${seconds.toFixed(2)} s`);
}

type Tap = Pick<typeof t, 'ok'>;
