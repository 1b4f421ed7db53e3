import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { Box, cameraAt } from '../support/box.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { probe } from '../support/ffprobe.ts';
import { compareOrdinals, recordedOrdinals } from '../support/ordinals.ts';
import { skipWithout } from '../support/programs.ts';

const skip = await skipWithout('ffprobe');

t.test('what a camera refuses is said in words, each in its own', { timeout: 240_000 }, async (t) => {
  const auth = { user: 'admin', password: 'right-one' };
  const farm = await CameraFarm.start({
    cameras: [
      { path: 'wrong', auth },
      { path: 'nameless', auth },
      { path: 'jpeg', video: 'mjpeg' },
      { path: 'full', maxSessions: 0 },
      { path: 'mute', faults: { answers: { OPTIONS: 'silence', DESCRIBE: 'silence' } } },
    ],
  });
  t.teardown(() => farm.stop());
  const refusing = await closedPort();
  const box = await Box.start(t, {
    settings: {
      cameras: [
        cameraAt('wrong', farm.url('wrong'), { username: 'admin', password: 'wrong-one' }),
        cameraAt('nameless', farm.url('nameless')),
        cameraAt('jpeg', farm.url('jpeg')),
        cameraAt('full', farm.url('full')),
        cameraAt('lost', `${farm.url('wrong')}-elsewhere`),
        cameraAt('refused', `rtsp://127.0.0.1:${refusing}/x`),
        cameraAt('mute', farm.url('mute')),
      ],
    },
  });
  const expected = {
    wrong: ['rtsp.unauthorized', 'blocked', /user name or password/],
    nameless: ['rtsp.unauthorized', 'blocked', /user name or password/],
    jpeg: ['rtsp.codec-unsupported', 'retrying', /cannot store/],
    full: ['rtsp.too-many-clients', 'retrying', /as many viewers/],
    lost: ['rtsp.not-found', 'retrying', /does not know the path/],
    refused: ['rtsp.refused', 'retrying', /Nothing accepts connections/],
    mute: ['rtsp.timeout', 'retrying', /did not answer/],
  } as const;
  for (const [id, [code, connection, words]] of Object.entries(expected)) {
    const camera = await box.untilCamera(id, code, ({ problem }) => problem?.code === code);
    t.match(camera, { connection, problem: { what: words, advice: /\w/ }, nextTry: /Z$/ }, id);
    t.not(camera.recording, 'recording');
  }
  const { problems, recording } = await box.status();
  t.equal(recording, 0);
  t.same(
    problems.map(({ subject }) => subject).sort(),
    Object.keys(expected)
      .map((id) => `camera/${id}`)
      .sort(),
    'the problems name each camera',
  );
  const { stdout } = await box.cli(['status']);
  for (const [id, [, , words]] of Object.entries(expected))
    t.match(
      stdout.split('\n').find((line) => line.startsWith(id)),
      words,
    );
  t.ok(
    farm.camera('wrong').wrongPasswords <= 3,
    `few attempts with a wrong password: ${farm.camera('wrong').wrongPasswords}`,
  );
});

t.test('drop-outs become gaps with reasons, and recording goes on', { timeout: 240_000, skip }, async (t) => {
  const farm = await CameraFarm.start({
    cameras: [{ path: 'cut' }, { path: 'away', ownPort: true }, { path: 'steady' }],
  });
  t.teardown(() => farm.stop());
  const cameras = ['cut', 'away', 'steady'].map((id) => cameraAt(id, farm.url(id)));
  const box = await Box.start(t, { settings: { cameras } });
  await box.untilRecording();
  await farm.reboot('away', 3000);
  const lost = await box.untilCamera('away', 'lost', ({ connection }) => connection === 'retrying');
  t.match(lost.problem, { what: /\w/ });
  t.match(await box.untilCamera('away', 'an open gap', ({ gapSince }) => gapSince !== undefined), {
    gapReason: 'camera-down',
  });
  farm.camera('cut').faults.set({ mediaDropOut: { everyMs: 1e9, forMs: 1e9 } });
  await box.untilCamera('cut', 'silent', ({ problem }) => problem?.code === 'rtsp.media-stopped');
  farm.camera('cut').faults.reset();
  await box.untilRecording();
  await box.untilStatus('no problems', ({ problems }) => problems.length === 0);
  await box.untilStatus('no open gaps', ({ cameras }) => cameras.every(({ gapSince }) => gapSince === undefined));
  await box.stop();
  for (const id of ['cut', 'away']) {
    const [gap, ...more] = await box.gaps(id);
    t.match(gap, { reason: 'camera-down' }, `${id}: a gap with its reason`);
    t.same(more, []);
    const [before, after] = await box.segments(id);
    t.ok(gap && before && after && gap.seconds > 1, `${id}: between two segments`);
    t.equal(gap!.start, before!.end);
    t.equal(gap!.end, after!.start);
    const sent = farm.camera(id).sessions.flatMap(({ sentFrames }) => sentFrames);
    const compared = compareOrdinals(sent, await recordedOrdinals(before!.file, after!.file));
    t.match(compared, { unexpected: [], repeated: [], disordered: 0 });
    t.ok(
      compared.missing.length <= 12,
      `${id}: only what was on its way when the camera went: ${compared.missing.length}`,
    );
  }
  t.same(await box.gaps('steady'), [], 'other cameras notice nothing');
  t.equal((await box.segments('steady')).length, 1);
  t.strictSame((await box.verify()).findings, []);
});

t.test('a change of resolution ends the file', { timeout: 240_000, skip }, async (t) => {
  const farm = await CameraFarm.start({ cameras: [{ path: 'zoom', clip: 'resize-a' }] });
  t.teardown(() => farm.stop());
  const box = await Box.start(t, { settings: { cameras: [cameraAt('zoom', farm.url('zoom'))] } });
  await box.untilCamera('zoom', 'recording', ({ video }) => video?.width === 320);
  farm.camera('zoom').switchClip('resize-b');
  await box.untilCamera('zoom', 'larger', ({ video }) => video?.width === 480);
  await box.stop();
  const segments = await box.segments('zoom');
  const sizes = await Promise.all(segments.map(async ({ file }) => (await probe(file)).streams[0]?.width));
  t.same(sizes, [320, 480]);
  const sent = farm.camera('zoom').sessions.flatMap(({ sentFrames }) => sentFrames);
  const recorded = await recordedOrdinals(...segments.map(({ file }) => file));
  t.strictSame(compareOrdinals(sent, recorded), { missing: [], unexpected: [], repeated: [], disordered: 0 });
  t.same(await box.gaps('zoom'), []);
  t.strictSame((await box.verify('--deep')).findings, []);
});

t.test('sound that comes late, ends early or never comes', { timeout: 240_000, skip }, async (t) => {
  const farm = await CameraFarm.start({
    cameras: [
      { path: 'late', audio: 'aac', faults: { audioDelayMs: 2500 } },
      { path: 'late-g711', audio: 'pcma', faults: { audioDelayMs: 2500 } },
      { path: 'ends', audio: 'aac' },
      { path: 'never', audio: 'aac', faults: { audioStopped: true } },
    ],
  });
  t.teardown(() => farm.stop());
  const ids = ['late', 'late-g711', 'ends', 'never'];
  const cameras = ids.map((id) => cameraAt(id, farm.url(id)));
  const box = await Box.start(t, { settings: { cameras, recording: { segmentSeconds: 60 } } });
  await box.untilRecording();
  farm.camera('ends').faults.set({ audioStopped: true });
  for (const id of ids) await box.untilCamera(id, '6 s', ({ recordedTodayS }) => recordedTodayS > 4.5);
  await box.stop();
  for (const id of ids) {
    const segments = await box.segments(id);
    for (const { file } of segments) t.strictSame((await probe(file)).warnings, [], `${id}: ffprobe has no complaint`);
    const all = await Promise.all(segments.map(({ file }) => probe(file)));
    const packets = all.flatMap(({ streams, packets }) =>
      packets.filter(({ stream }) => streams.find(({ index }) => index === stream)?.kind === 'audio'),
    );
    t.equal(packets.length > 0, id !== 'never', `${id}: ${packets.length} audio frames in ${segments.length} files`);
    const sent = farm.camera(id).sessions.flatMap(({ sentFrames }) => sentFrames);
    const recorded = await recordedOrdinals(...segments.map(({ file }) => file));
    t.strictSame(compareOrdinals(sent, recorded), { missing: [], unexpected: [], repeated: [], disordered: 0 }, id);
    t.same(await box.gaps(id), []);
  }
  t.strictSame((await box.verify('--deep')).findings, []);
});

/** A port of this machine at which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
