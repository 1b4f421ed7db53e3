import { existsSync } from 'node:fs';
import t, { type Test } from 'tap';
import { Box, until } from '../support/box.ts';
import { CameraFarm } from '../support/camera/farm.ts';

const MIB = 1 << 20;
const BUDGET = 16 * MIB;

interface LockRow {
  id: string;
  camera: string;
  reason: string;
  until?: string;
  volumes: number;
  segments: number;
}

/** Two cameras that fill a small volume within seconds. */
async function startSmall(t: Test, settings: { cameras?: object[]; cameraGroups?: object[] } = {}): Promise<Box> {
  const faults = { paddingBytes: 40_000 };
  const farm = await CameraFarm.start({
    cameras: [
      { path: 'one', faults },
      { path: 'two', faults },
    ],
  });
  t.teardown(() => farm.stop());
  const cameras = ['one', 'two'].map((id, index) => ({
    id,
    streams: [{ id: 'main', url: farm.url(id) }],
    ...settings.cameras?.[index],
  }));
  const box = await Box.start(t, {
    settings: {
      cameras,
      cameraGroups: settings.cameraGroups ?? [],
      volumes: [{ id: 'disk', folder: 'disk', budgetBytes: BUDGET }],
      recording: { segmentSeconds: 60, segmentMaxBytes: MIB },
    },
  });
  await box.untilRecording();
  return box;
}

t.test('a lock keeps footage from being overwritten, and outlives the catalogue', { timeout: 120_000 }, async (t) => {
  const box = await startSmall(t);
  const [first] = await box.untilSegments('one', 1);
  const { file, start, startUs, endUs } = first!;
  // An instant of it is enough, and its end may be the begin of the next one.
  const to = new Date((startUs + endUs) / 2000).toISOString();
  const range = ['--camera', 'one', '--from', start, '--to', to];
  const lock = await box.ask<LockRow>('lock', ...range, '--reason', 'A bag is gone.', '--days', '2');
  t.match(lock, { camera: 'one', reason: 'A bag is gone.', holds: true, volumes: 1 });
  t.ok(Date.parse(lock.until!) - Date.now() > 47 * 3600_000);
  const [second] = await box.untilSegments('two', 1);
  await until('the oldest of the other camera goes', async () => (existsSync(second!.file) ? undefined : true));
  await until('and what was recorded after the lock', async () => {
    const segments = await box.segments('one');
    return segments.length > 1 && segments[1]!.sequence > second!.sequence + 4 ? true : undefined;
  });
  t.ok(existsSync(file), 'the locked file is there');
  t.match(await box.cli(['lock', '--camera', 'one']), { code: 2, stderr: /--reason: is needed/ });
  const slip = ['--camera', 'once', '--from', start, '--to', to, '--reason', 'A bag is gone.'];
  t.match(await box.cli(['lock', ...slip]), { code: 1, stderr: /no such camera|no camera/i }, 'a slip locks nothing');
  await box.stop();

  t.match(await box.ask('rebuild'), { segments: Number });
  t.match(await box.ask<LockRow[]>('locks', 'list'), [{ id: lock.id, volumes: 1, reason: 'A bag is gone.' }]);
  t.strictSame((await box.verify()).findings, []);
  await box.run();
  await box.untilRecording();
  t.match(await box.ask<LockRow[]>('locks', 'list'), [{ id: lock.id }]);
  t.ok(existsSync(file));
  await box.ask('unlock', lock.id);
  t.strictSame(await box.ask<LockRow[]>('locks', 'list'), []);
  await until('without the lock it goes', async () => (existsSync(file) ? undefined : true));
  await box.stop();
});

t.test('a group that does not overwrite stops when the disk is full, and asks', { timeout: 120_000 }, async (t) => {
  const box = await startSmall(t, {
    cameras: [{ cameraGroup: 'till' }],
    cameraGroups: [{ id: 'till', name: 'Tills', whenFull: 'stop' }],
  });
  t.match(await box.cli(['space', 'answer', 'till', 'overwrite-once']), { stderr: /space\.no-question/ });
  const [first] = await box.untilSegments('one', 1);
  const asking = await box.untilStatus('it asks', ({ problems }) => problems.some(({ code }) => code === 'space.ask'));
  t.match(
    asking.problems.find(({ code }) => code === 'space.ask'),
    { subject: 'camera-group/till', severity: 'error' },
  );
  const one = await box.untilCamera('one', 'it stands still', ({ because }) => because === 'full');
  t.match(one, { recording: 'idle', gapReason: 'full' });
  const [before] = (await box.segments('two')).slice(-1);
  await until('the other camera goes round', async () => {
    const segments = await box.segments('two');
    return segments[0]!.sequence > before!.sequence ? true : undefined;
  });
  t.ok(existsSync(first!.file), 'nothing of the group was deleted');

  t.match(await box.ask('space', 'show'), { groups: [{ group: 'till', asks: true, cameras: ['one'] }] });
  await box.ask('space', 'answer', 'till', 'overwrite-once');
  await box.untilCamera('one', 'it records again', ({ recording }) => recording === 'recording');
  await until('its oldest is overwritten', async () => (existsSync(first!.file) ? undefined : true));
  const gaps = await until('the gap is closed', async () => {
    const found = (await box.gaps('one')).filter(({ reason }) => reason === 'full');
    return found.length > 0 ? found : undefined;
  });
  t.ok(gaps[0]!.seconds > 1);
  await box.untilStatus('it asks no more', ({ problems }) => problems.every(({ code }) => code !== 'space.ask'));
  await box.stop();
  t.strictSame((await box.verify()).findings, []);
});
