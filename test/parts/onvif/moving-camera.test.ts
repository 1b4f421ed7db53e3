import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { OnvifCamera } from '../../../firmware/onvif/index.ts';
import { MovingCamera } from '../../support/onvif-camera/moving-camera.ts';
import { PANORAMA, placeInPicture } from '../../support/onvif-camera/panorama.ts';
import { onvifDeps } from '../../support/onvif-lab.ts';
import { runProgram, skipWithout } from '../../support/programs.ts';

const LOGIN = { user: 'admin', password: 'moving-picture' };
const LIMIT_MS = 60_000;

t.setTimeout(180_000);

const noFfmpeg = await skipWithout('ffmpeg');

t.test('where the box steers the camera to is seen in its picture', { skip: noFfmpeg }, async (t) => {
  const moving = await MovingCamera.start({ login: LOGIN });
  const folder = await mkdtemp(join(tmpdir(), 'moving-'));
  t.teardown(async () => {
    await moving.stop();
    await rm(folder, { recursive: true });
  });
  const { signal } = new AbortController();
  const camera = new OnvifCamera({ address: moving.onvif.url, credentials: LOGIN }, onvifDeps());
  const { main } = await camera.media.streams(signal);
  t.equal(main?.url, moving.streamUrl);
  const control = await camera.ptz(signal);
  await control!.goTo({ pan: -0.5, tilt: 0.25, zoom: 0.4 }, signal);
  const raw = join(folder, 'picture.yuv');
  const url = main!.url.replace('rtsp://', `rtsp://${LOGIN.user}:${LOGIN.password}@`);
  const wanted = ['-rtsp_transport', 'tcp', '-i', url, '-frames:v', '1', '-f', 'rawvideo', raw];
  await runProgram('ffmpeg', ['-v', 'error', ...wanted], { timeoutMs: LIMIT_MS });
  const place = placeInPicture(await readFile(raw), PANORAMA.width);
  t.ok(place, 'the picture tells its place');
  t.ok(Math.abs(place!.pan + 0.5) < 0.03 && Math.abs(place!.tilt - 0.25) < 0.03 && Math.abs(place!.zoom - 0.4) < 0.05);
});
