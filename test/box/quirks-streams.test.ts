/** What cameras with odd bit streams and packets leave on the disk. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import type { CameraOptions } from '../support/camera/camera.ts';
import type { ClipFile } from '../support/camera/clip.ts';
import { skipWithout } from '../support/programs.ts';
import {
  checkLength,
  checkOrderShown,
  checkShown,
  checkWhole,
  filesOf,
  finishRecording,
  record,
  untilRecorded,
} from '../support/recorded-files.ts';
import { tempFolder } from '../support/temp-folder.ts';

const skip = await skipWithout('ffprobe', 'ffmpeg');
// Most of the time is spent waiting for cameras.
t.jobs = 2;

const STREAMS: readonly CameraOptions[] = [
  { path: 'sets-in-sdp-only', faults: { inBandSets: 'none' } },
  { path: 'sets-in-sdp-only-h265', clip: 'small-h265', faults: { inBandSets: 'none' } },
  { path: 'no-sets-in-sdp', faults: { sprop: 'none' } },
  { path: 'wrong-sets-in-sdp', faults: { sprop: 'wrong' } },
  { path: 'stale-sets', faults: { staleSets: true, markers: 'sets-too' } },
  { path: 'no-markers', faults: { markers: 'none' } },
  { path: 'marker-on-every-slice', clip: 'slices', faults: { markers: 'every-slice' } },
  { path: 'start-codes', faults: { annexB: 'whole-unit' } },
  { path: 'no-end-bit', faults: { fragments: 'no-end', mtu: 300 } },
  { path: 'type-change', faults: { fragments: 'type-change', mtu: 300 } },
  { path: 'delimiters', faults: { accessUnitDelimiters: true, aggregate: true, rtpExtras: true } },
  { path: 'another-source-each-gop', faults: { ssrcEveryGop: true } },
  { path: 'b-frames', clip: 'b-frames' },
];
/** Where the right number of pictures does not prove that they are the right ones. */
const SHOWN = new Set(['sets-in-sdp-only', 'wrong-sets-in-sdp', 'marker-on-every-slice', 'type-change']);
/** Cameras whose first pictures show how they are to be read. */
const LEARNING = new Set(['no-end-bit']);

t.test('bit streams and packets', { timeout: 240_000, skip }, async (t) => {
  const scene = await record(t, STREAMS, 60);
  await untilRecorded(scene, 3);
  const footage = await finishRecording(t, scene);
  for (const camera of scene.farm.cameras) {
    const files = await filesOf(t, footage, camera.path);
    t.ok(files.length > 0 && files[0]!.segment.startsWithKey, camera.path);
    if (!LEARNING.has(camera.path)) checkWhole(t, footage, camera, files);
    checkLength(t, camera.path, files, 25);
    if (SHOWN.has(camera.path)) await checkShown(t, camera, files);
    if (camera.path === 'b-frames') await checkOrderShown(t, files, 100);
  }
});

/** What the names of ffmpeg's formats mean for a recorder. */
const KINDS: readonly { path: string; pixels: string; options: readonly string[] }[] = [
  { path: 'interlaced', pixels: 'yuv420p', options: ['-flags', '+ilme+ildct', '-x264-params', 'tff=1:threads=1'] },
  { path: 'ten-bit', pixels: 'yuv420p10le', options: [] },
  { path: 'four-two-two', pixels: 'yuv422p', options: [] },
  { path: 'monochrome', pixels: 'gray', options: [] },
];

t.test('kinds of H.264 that are rare', { timeout: 240_000, skip }, async (t) => {
  const folder = await tempFolder(t);
  const cameras = await Promise.all(
    KINDS.map(async ({ path, pixels, options }) => {
      const clip: ClipFile = { file: join(folder, `${path}.h264`), codec: 'h264', fps: 25 };
      const source = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=25', '-frames:v', '50', '-g', '25', '-bf', '0'];
      const encoder = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', pixels, ...options];
      await promisify(execFile)('ffmpeg', [
        '-v',
        'error',
        ...source,
        ...encoder,
        '-bsf:v',
        'filter_units=remove_types=6',
        clip.file,
      ]);
      return { path, clip };
    }),
  );
  const scene = await record(t, cameras, 60);
  await untilRecorded(scene, 3);
  const footage = await finishRecording(t, scene);
  for (const { path, clip } of cameras) {
    const files = await filesOf(t, footage, path);
    checkWhole(t, footage, scene.farm.camera(path), files);
    const { file } = files[0]!.segment;
    t.equal(await kindOf(file), await kindOf(clip.file), `${path}: told as what it is`);
  }
});

async function kindOf(file: string): Promise<string> {
  const entries = 'stream=width,height,pix_fmt,field_order,profile,level';
  const { stdout } = await promisify(execFile)('ffprobe', [
    ...['-v', 'error', '-select_streams', 'v', '-show_entries', entries, '-of', 'csv=p=0', file],
  ]);
  return stdout.trim();
}
