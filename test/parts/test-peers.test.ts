/** The peers of another hand that tests use: GStreamer's RTSP server, and a clock that is wrong. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t from 'tap';
import { FakeClock, skipWithoutFaketime } from '../support/faketime.ts';
import { probe } from '../support/ffprobe.ts';
import { type GstCameraOptions, GstCameras, skipWithoutGstCamera } from '../support/gst-camera.ts';
import { skipWithout } from '../support/programs.ts';
import { tempFolder } from '../support/temp-folder.ts';

// The peers work in real time.
t.setTimeout(240_000);

const noGstCamera = (await skipWithoutGstCamera()) || (await skipWithout('ffprobe'));
const fixture = (name: string) => new URL(`../fixtures/${name}`, import.meta.url).pathname;

const CAMERAS: GstCameraOptions[] = [
  { path: 'encoded', audio: 'aac' },
  { path: 'encoded-h265', video: 'h265', audio: 'pcma' },
  { path: 'clip', file: fixture('shop.h264'), audio: 'pcma' },
  { path: 'clip-h265', video: 'h265', file: fixture('yard.h265') },
];
const CODECS: Record<string, string[]> = {
  encoded: ['aac', 'h264'],
  'encoded-h265': ['hevc', 'pcm_alaw'],
  clip: ['h264', 'pcm_alaw'],
  'clip-h265': ['hevc'],
};

t.test('GStreamer as a camera', { skip: noGstCamera }, async (t) => {
  const server = await GstCameras.start(t, CAMERAS);
  for (const { path } of CAMERAS) {
    for (const transport of ['tcp', 'udp']) {
      const args = ['-rtsp_transport', transport, '-read_intervals', '%+1.5'];
      const { streams, packets } = await probe(server.url(path), { args });
      t.same(streams.map(({ codec }) => codec).sort(), CODECS[path], `${path} over ${transport}`);
      t.ok(packets.length > 10, `${packets.length} packets`);
    }
  }
});

t.test('GStreamer as a camera with a password', { skip: noGstCamera }, async (t) => {
  for (const auth of ['basic', 'digest'] as const) {
    const server = await GstCameras.start(t, [{ path: 'cam', user: 'admin', password: 'pw', auth }]);
    const refused = await probe(server.url('cam'), { packets: false });
    t.match(refused.warnings.join(), /401/, auth);
    const { streams } = await probe(server.url('cam').replace('://', '://admin:pw@'), { packets: false });
    t.equal(streams.length, 1, auth);
  }
});

t.test('a child process with another clock', { skip: await skipWithoutFaketime() }, async (t) => {
  const clock = new FakeClock(join(await tempFolder(t), 'clock'));
  await clock.set(-86_400);
  const program = `process.stdin.on('data', () => console.log(Date.now(), performance.now(), Number(process.hrtime.bigint() / 1000000n)))`;
  const env = await clock.environment();
  const child = spawn(process.execPath, ['-e', program], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => child.kill());
  const lines = createInterface({ input: child.stdout });
  const ask = async () => {
    const answer = once(lines, 'line');
    child.stdin.write('?');
    const [line] = (await answer) as [string];
    return line.split(' ').map(Number) as [number, number, number];
  };
  const [before, monoBefore, hrBefore] = await ask();
  t.ok(Math.abs(before - (Date.now() - 86_400_000)) < 5000, 'a day behind');
  await clock.set(3600);
  const [after, monoAfter, hrAfter] = await ask();
  t.ok(Math.abs(after - (Date.now() + 3_600_000)) < 5000, 'an hour ahead, without a restart');
  t.ok(monoAfter - monoBefore < 60_000 && hrAfter - hrBefore < 60_000, 'the monotonic clock did not step');
});
