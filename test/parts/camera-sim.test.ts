/** The simulated camera, judged by clients of other hands: ffmpeg and GStreamer. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { AuthOptions } from '../support/camera/auth.ts';
import { hasOpenssl } from '../support/camera/certificate.ts';
import { cutNals } from '../support/camera/clip.ts';
import { CameraFarm, type FarmOptions } from '../support/camera/farm.ts';
import { readOrdinal } from '../support/camera/ordinal-sei.ts';
import { burntNumbers, copyWithFfmpeg, decodeErrors, probe } from '../support/ffprobe.ts';
import { compareOrdinals, recordedOrdinals } from '../support/ordinals.ts';
import { runProgram, skipWithout } from '../support/programs.ts';
import { type Teardown, tempFolder } from '../support/temp-folder.ts';

// The clients of another hand work in real time.
t.setTimeout(240_000);

const noFfmpeg = await skipWithout('ffmpeg', 'ffprobe');
const noGstreamer = await skipWithout('gst-launch-1.0');

async function farmFor(
  test: Teardown,
  options: Partial<FarmOptions> & Pick<FarmOptions, 'cameras'>,
): Promise<CameraFarm> {
  const farm = await CameraFarm.start(options);
  test.teardown(() => farm.stop());
  return farm;
}

function withUser(url: string, { user, password }: AuthOptions): string {
  return url.replace('://', `://${user}:${password}@`);
}

function readOrdinals(annexB: Buffer): number[] {
  return cutNals(annexB).flatMap((nal) => readOrdinal(nal) ?? []);
}

const AUTHS: Record<string, AuthOptions> = {
  basic: { user: 'admin', password: 'p:w', schemes: ['basic'] },
  'old digest': { user: 'admin', password: 'pw' },
  'digest with qop': { user: 'admin', password: 'pw', qop: 'auth', opaque: 'x1' },
  'several challenges': { user: 'admin', password: 'pw', schemes: ['basic', 'md5'], realm: 'IP Camera(12345)' },
};

t.test('ffmpeg records every picture that was sent', { skip: noFfmpeg }, async (t) => {
  const farm = await farmFor(t, {
    cameras: [
      { path: 'small', audio: 'aac', auth: AUTHS['old digest']! },
      { path: 'heavy', clip: 'small-h265', audio: 'pcma', faults: { paddingBytes: 6000 } },
    ],
  });
  const folder = await tempFolder(t);
  for (const transport of ['tcp', 'udp']) {
    for (const [path, codec, audio] of [
      ['small', 'h264', 'aac'],
      ['heavy', 'hevc', 'pcm_alaw'],
    ] as const) {
      const file = join(folder, `${path}-${transport}.mov`);
      const url = withUser(farm.url(path), AUTHS['old digest']!);
      await copyWithFfmpeg(['-rtsp_transport', transport, '-i', url], ['-t', '2', file]);
      const { streams } = await probe(file);
      t.same(streams.map((stream) => stream.codec).sort(), [audio, codec].sort(), `${path} over ${transport}`);
      t.same(await decodeErrors(file), []);
      const session = farm.camera(path).sessions.at(-1)!;
      // ffmpeg does not wait for the answer to TEARDOWN, so its reset may overtake the request.
      t.match(session.ending, /^(teardown|client-closed)$/);
      t.equal(session.transport, transport);
      const recorded = await recordedOrdinals(file);
      t.ok(recorded.length >= 45, `${recorded.length} pictures`);
      t.same(compareOrdinals(session.sentFrames, recorded), {
        missing: [],
        unexpected: [],
        repeated: [],
        disordered: 0,
      });
    }
  }
});

t.test('numbers burnt into the pictures can be read', { skip: noFfmpeg }, async (t) => {
  const clips = ['front-door', 'yard', 'shop', 'warehouse', 'b-frames', 'slices', 'resize-b'];
  const fixture = (name: string) =>
    new URL(`../fixtures/${name}.${name === 'yard' ? 'h265' : 'h264'}`, import.meta.url);
  for (const name of clips) {
    const codes = await burntNumbers(fixture(name).pathname);
    t.same(
      codes.map((code) => code?.number),
      codes.map((_, index) => index),
      name,
    );
  }
  const farm = await farmFor(t, { cameras: [{ path: 'cam', startAt: 80, join: 'mid' }] });
  const live = await burntNumbers(farm.url('cam'), { inputArgs: ['-rtsp_transport', 'tcp'], outputArgs: ['-t', '2'] });
  const session = farm.sessions[0]!;
  const sent = session.sentFrames.map((ordinal) => farm.camera('cam').frameAt(ordinal));
  const first = sent.findIndex(({ number }) => number === live[0]?.number);
  t.ok(live.length > 30 && first >= 0);
  t.same(
    live.map((code) => code?.number),
    sent.slice(first, first + live.length).map(({ number }) => number),
    'looped clip, numbers as sent',
  );
});

t.test('GStreamer plays over both transports, with every kind of password', { skip: noGstreamer }, async (t) => {
  const cameras = Object.entries(AUTHS).map(([path, auth]) => ({ path: path.replaceAll(' ', '-'), auth }));
  const farm = await farmFor(t, { cameras });
  const folder = await tempFolder(t);
  for (const { path, auth } of cameras) {
    for (const transport of ['tcp', 'udp']) {
      const file = join(folder, `${path}-${transport}.h264`);
      const login = [`user-id=${auth.user}`, `user-pw=${auth.password}`];
      const source = ['rtspsrc', `location=${farm.url(path)}`, `protocols=${transport}`, 'latency=50', ...login];
      const parse = ['!', 'rtph264depay', '!', 'h264parse', '!', 'video/x-h264,stream-format=byte-stream,alignment=au'];
      const rest = [...parse, '!', 'identity', 'eos-after=21', '!', 'filesink', `location=${file}`];
      // Its exit code tells nothing: it may lose its own PAUSE while it ends. What counts is what arrived.
      const { stderr } = await runProgram('gst-launch-1.0', ['-q', ...source, ...rest], { timeoutMs: 120_000 });
      const session = farm.camera(path).sessions.at(-1);
      const received = readOrdinals(await readFile(file));
      t.equal(received.length, 20, `${path} over ${transport} ${stderr}`);
      t.same(session?.sentFrames.slice(0, 20), received);
      t.equal(session?.transport, transport);
      t.equal(farm.camera(path).wrongPasswords, 0);
    }
  }
});

t.test('a wrong password is counted and refused', { skip: noFfmpeg }, async (t) => {
  const auth = { user: 'admin', password: 'right', lockAfter: 2, lockMs: 60_000 };
  const farm = await farmFor(t, { cameras: [{ path: 'cam', auth }] });
  for (let attempt = 1; attempt <= 2; attempt++) {
    const { warnings } = await probe(withUser(farm.url('cam'), { ...auth, password: 'wrong' }), { packets: false });
    t.match(warnings.join(), /401/);
    t.equal(farm.camera('cam').wrongPasswords, attempt);
  }
  const { warnings } = await probe(withUser(farm.url('cam'), auth), { packets: false });
  t.match(warnings.join(), /401/, 'locked for the right password too');
});

t.test('rtsps', { skip: noFfmpeg || ((await hasOpenssl()) ? false : 'openssl is not installed') }, async (t) => {
  const farm = await farmFor(t, { tls: true, cameras: [{ path: 'cam' }] });
  const { streams } = await probe(farm.url('cam', { tls: true }), { args: ['-read_intervals', '%+1'] });
  t.equal(streams[0]?.width, 320);
});
