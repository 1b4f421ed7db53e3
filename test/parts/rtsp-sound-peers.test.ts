/** Kinds of sound as GStreamer's RTSP server sends them, over TCP and UDP. */
import t from 'tap';
import { GstCameras, skipWithoutGstCamera, type GstCameraOptions } from '../support/gst-camera.ts';
import { makeDeps, watch } from '../support/rtsp-watch.ts';

t.setTimeout(240_000);

const KINDS = [
  { audio: 'latm', sound: { codec: 'aac', sampleRate: 16_000, channels: 1, source: 'AAC-LC' } },
  { audio: 'opus', sound: { codec: 'opus', sampleRate: 48_000, channels: 2 } },
  { audio: 'l16', sound: { codec: 'flac', sampleRate: 44_100, channels: 2, source: 'PCM, 16 bit' } },
] as const;

t.test('sound of GStreamer', { skip: await skipWithoutGstCamera() }, async (t) => {
  const cameras = KINDS.map(({ audio }): GstCameraOptions => ({ path: audio, audio }));
  const server = await GstCameras.start(t, cameras);
  const deps = await makeDeps();
  t.teardown(() => deps.beat.stop());
  for (const { audio, sound } of KINDS) {
    for (const transport of ['tcp', 'udp'] as const) {
      await t.test(`${audio} over ${transport}`, async (t) => {
        const seen = await watch({ url: server.url(audio), transport }, deps, { video: 10, audio: 12 });
        t.equal(seen.error, undefined);
        t.match(seen.sound, sound);
        t.notOk(
          seen.notes.some((note) => /unreadable|differs|cut-off/.test(note)),
          seen.notes.join(),
        );
        const figures = seen.figures!.tracks[1]!;
        t.equal(figures.lost, 0);
      });
    }
  }
  t.equal(deps.pool.usage.inUseBytes, 0, 'every block came back');
});
