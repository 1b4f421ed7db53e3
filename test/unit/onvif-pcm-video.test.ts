import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { drawPanorama, PANORAMA, placeInPicture } from '../support/onvif-camera/panorama.ts';
import { PcmVideo } from '../support/onvif-camera/pcm-video.ts';
import { runProgram, skipWithout } from '../support/programs.ts';

const { width, height } = PANORAMA;

const skip = await skipWithout('ffmpeg');

t.test('pictures that are made while the camera runs are decoded as they were drawn', { skip }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'pcm-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const places = Array.from({ length: 25 }, (_, index) => ({
    pan: Math.min(1, -1 + Math.floor(index / 2) / 6),
    tilt: 0.5,
    zoom: index > 12 ? 0.4 : 0,
  }));
  let at = 0;
  const video = new PcmVideo({ width, height, fps: 5, gop: 10, draw: () => drawPanorama(places[at]!) });
  const units = places.map((_, index) => {
    at = index;
    return video.unit(index % 10);
  });
  const nals = units.flatMap(({ sets, slices }) => [...sets, ...slices]);
  const start = Buffer.from([0, 0, 0, 1]);
  await writeFile(join(folder, 'in.h264'), Buffer.concat(nals.flatMap((nal) => [start, nal])));
  const raw = join(folder, 'out.yuv');
  const { stderr } = await runProgram('ffmpeg', ['-v', 'error', '-i', join(folder, 'in.h264'), '-f', 'rawvideo', raw]);
  t.equal(stderr, '', 'nothing to complain about');
  const decoded = await readFile(raw);
  const size = (width * height * 3) / 2;
  t.equal(decoded.length, size * places.length);
  places.forEach((place, index) => {
    const picture = decoded.subarray(index * size, (index + 1) * size);
    if (!picture.equals(drawPanorama(place).bytes)) t.fail(`picture ${index} is another one`);
    const read = placeInPicture(picture, width);
    t.ok(read && Math.abs(read.pan - place.pan) < 0.02 && Math.abs(read.zoom - place.zoom) < 0.04, `place ${index}`);
  });
  t.ok(units[1]!.slices[0]!.length < 100, 'a picture that rests is small');
});
