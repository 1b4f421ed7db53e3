import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Box, cameraAt, until } from '../support/box.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { probe } from '../support/ffprobe.ts';
import { compareOrdinals, recordedOrdinals } from '../support/ordinals.ts';
import { skipWithout } from '../support/programs.ts';

const skip = await skipWithout('ffprobe');
const WHOLE = { missing: [], unexpected: [], repeated: [], disordered: 0 };

async function oneCamera(t: Test): Promise<{ farm: CameraFarm; box: Box }> {
  const farm = await CameraFarm.start({ cameras: [{ path: 'lane', audio: 'pcma' }] });
  t.teardown(() => farm.stop());
  const cameras = [cameraAt('lane', farm.url('lane'))];
  const box = await Box.start(t, { settings: { cameras, recording: { segmentSeconds: 5 } } });
  return { farm, box };
}

/** Each session's pictures lie in files of their own; within them nothing is missing. */
async function checkSessions(t: Test, farm: CameraFarm, files: readonly string[]): Promise<void> {
  const recorded = await recordedOrdinals(...files);
  const { sessions } = farm.camera('lane');
  for (const { sentFrames } of sessions) {
    const own = recorded.filter((ordinal) => ordinal >= sentFrames[0]! && ordinal <= sentFrames.at(-1)!);
    t.strictSame(compareOrdinals(sentFrames, own), WHOLE);
  }
  for (const file of files) t.strictSame((await probe(file)).warnings, []);
}

t.test('stopped and started: a gap that says so', { timeout: 240_000, skip }, async (t) => {
  const { farm, box } = await oneCamera(t);
  await box.untilSegments('lane', 1);
  t.equal(await box.stop('SIGTERM'), 0);
  const before = await box.segments('lane');
  await box.run();
  await box.untilSegments('lane', before.length + 1);
  await box.stop();
  const gaps = await box.gaps('lane');
  t.match(gaps, [{ reason: 'restart' }]);
  t.equal(gaps.length, 1);
  const segments = await box.segments('lane');
  t.equal(gaps[0]!.start, before.at(-1)!.end);
  t.equal(gaps[0]!.end, segments[before.length]!.start);
  await checkSessions(
    t,
    farm,
    segments.map(({ file }) => file),
  );
  t.strictSame((await box.verify('--deep')).findings, []);
});

t.test(
  'renamed, switched off and on after a start: gaps are where nothing was recorded',
  { timeout: 240_000, skip },
  async (t) => {
    const { box } = await oneCamera(t);
    await box.untilSegments('lane', 1);
    t.equal(await box.stop('SIGTERM'), 0);
    const before = (await box.segments('lane')).length;
    await box.run();
    let count = before + 1;
    await box.untilSegments('lane', count);
    for (const change of [{ name: 'Lane of ours' }, { enabled: false }, { enabled: true }]) {
      await box.call('config.set', { patch: { cameras: { lane: change } } });
      if (change.enabled !== false) await box.untilSegments('lane', (count += 2));
      else await until('the camera to be left alone', async () => (await box.status()).cameras.length === 0);
    }
    await box.stop();
    const [segments, gaps] = [await box.segments('lane'), await box.gaps('lane')];
    for (const gap of gaps) {
      const within = segments.filter(({ start, end }) => start < gap.end && end > gap.start);
      t.strictSame(within, [], `${gap.reason} from ${gap.start} to ${gap.end}`);
    }
    t.equal(gaps.filter(({ reason }) => reason === 'restart').length, 1);
  },
);

t.test('killed: everything up to the last whole fragment is there again', { timeout: 240_000, skip }, async (t) => {
  const { farm, box } = await oneCamera(t);
  await box.untilSegments('lane', 1);
  const growing = await until('a growing file with pictures', async () => {
    const file = (await box.segments('lane')).find(({ open }) => open)?.file;
    return file !== undefined && (await recordedOrdinals(file)).length > 10 ? file : undefined;
  });
  await box.kill();
  const torn = await recordedOrdinals(growing);
  const verdict = await box.verify();
  t.notOk(verdict.ok, 'verify tells of the open segment');
  t.ok(
    verdict.findings.every(({ code }) =>
      ['file.open', 'catalogue.behind', 'journal.torn', 'file.unknown'].includes(code),
    ),
    JSON.stringify(verdict.findings),
  );
  await box.run();
  await box.untilLogged(/volume\.recovered/);
  await box.untilRecording();
  const mended = (await box.segments('lane')).find(({ file }) => file === growing);
  t.match(mended, { open: false, suspect: false });
  t.strictSame(await recordedOrdinals(growing), torn, 'no picture less than what had been written');
  t.match(await probe(growing), { warnings: [] });
  await box.untilCamera('lane', 'more footage', ({ recordedTodayS }) => recordedTodayS > 5);
  await box.stop();
  t.match(await box.gaps('lane'), [{ reason: 'restart' }]);
  const files = (await box.segments('lane')).map(({ file }) => file);
  await checkSessions(t, farm, files);
  t.strictSame((await box.verify('--deep')).findings, []);
});

t.test('without catalogue, and without journal: both come back', { timeout: 240_000, skip }, async (t) => {
  const { box } = await oneCamera(t);
  await box.untilSegments('lane', 2);
  await box.stop();
  const before = (await box.segments('lane')).map(({ open: _, ...segment }) => segment);
  for (const suffix of ['', '-wal', '-shm']) await rm(join(box.data, `catalogue.db${suffix}`), { force: true });
  t.same(
    (await box.segments('lane')).map(({ open: _, ...segment }) => segment),
    before,
    'a stopped box makes its catalogue anew',
  );
  const volume = join(box.data, 'recordings');
  for (const suffix of ['', '-wal', '-shm']) await rm(join(box.data, `catalogue.db${suffix}`), { force: true });
  await rm(join(volume, 'journal'), { recursive: true });
  t.match(await box.verify(), { ok: false });
  await box.run();
  await box.untilSegments('lane', before.length);
  await box.untilRecording();
  const after = (await box.segments('lane')).slice(0, before.length).map(({ open: _, ...segment }) => segment);
  t.same(after, before, 'a start reads the files where the journal is gone');
  await box.stop();
  t.strictSame((await box.verify('--deep')).findings, []);
  await rm(join(volume, 'journal'), { recursive: true });
  const { segments } = await box.ask<{ segments: number }>('rebuild');
  const files = (await readdir(join(volume, 'video'), { recursive: true })).filter((name) => name.endsWith('.mp4'));
  t.equal(segments, files.length, 'rebuild finds every file');
  t.strictSame((await box.verify('--deep')).findings, []);
});

t.test('one box at a time', { timeout: 240_000 }, async (t) => {
  const { box } = await oneCamera(t);
  const second = await box.cli(['run', '--port', '0']);
  t.equal(second.code, 1);
  t.match(second.stderr, /control\.already-running/);
  await box.untilRecording();
  for (const command of [['verify'], ['rebuild']]) {
    const refused = await box.cli(command);
    t.equal(refused.code, 1, command[0]!);
    t.match(refused.stderr, /control\.box-runs/);
  }
  t.equal(await box.stop(), 0);
});
