import t from 'tap';
import { Box, cameraAt } from '../support/box.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { FakeClock, skipWithoutFaketime } from '../support/faketime.ts';
import { compareOrdinals, recordedOrdinals } from '../support/ordinals.ts';
import { skipWithout } from '../support/programs.ts';
import { tempFolder } from '../support/temp-folder.ts';

const skip = await skipWithout('ffprobe');

t.test('an event is recorded from before it until after it', { timeout: 240_000, skip }, async (t) => {
  const farm = await CameraFarm.start({ cameras: [{ path: 'gate', audio: 'aac' }] });
  t.teardown(() => farm.stop());
  const camera = cameraAt('gate', farm.url('gate'), { mode: 'event', preRecordS: 3, postRecordS: 2 });
  const box = await Box.start(t, { settings: { cameras: [camera] } });
  await box.untilCamera(
    'gate',
    'five seconds seen',
    ({ connection, framesRecorded }) => connection === 'playing' && framesRecorded > 125,
  );
  t.match(await box.status(), { cameras: [{ recording: 'idle' }], problems: [] });
  t.same(await box.segments('gate'), [], 'nothing is recorded before the event');
  const atMs = Date.now();
  await box.ask('events', 'trigger', 'gate', '--kind', 'motion');
  // The event was between the two.
  const doneMs = Date.now();
  await box.untilCamera(
    'gate',
    'recording',
    ({ recording, because }) => recording === 'recording' && because === 'event',
  );
  await box.untilCamera('gate', 'over', ({ recording }) => recording === 'idle');
  const [first] = await box.untilSegments('gate', 1);
  const [least, most] = [atMs, doneMs].map((ms) => (ms * 1000 - first!.startUs) / 1e6);
  t.ok(most! >= 2 && least! < 5, `the footage begins ${least!.toFixed(1)} to ${most!.toFixed(1)} s before the event`);
  t.ok(first!.endUs / 1000 >= atMs + 1500, 'and ends after it');
  await box.ask('events', 'trigger', 'gate');
  await box.untilSegments('gate', 2);
  await box.stop();
  t.same(await box.gaps('gate'), [], 'the time between events is no gap');
  const segments = await box.segments('gate');
  const sent = farm.camera('gate').sessions.flatMap(({ sentFrames }) => sentFrames);
  for (const { file } of segments) {
    t.strictSame(compareOrdinals(sent, await recordedOrdinals(file)), {
      missing: [],
      unexpected: [],
      repeated: [],
      disordered: 0,
    });
  }
  t.strictSame((await box.verify('--deep')).findings, []);
});

t.test('by hand, in the mode manual and beside others', { timeout: 240_000 }, async (t) => {
  const farm = await CameraFarm.start({ cameras: [{ path: 'hall' }, { path: 'door' }] });
  t.teardown(() => farm.stop());
  const box = await Box.start(t, {
    settings: {
      cameras: [
        cameraAt('hall', farm.url('hall'), { name: '大厅', mode: 'manual', preRecordS: 2 }),
        cameraAt('door', farm.url('door')),
      ],
    },
  });
  await box.untilCamera(
    'hall',
    'seen',
    ({ connection, framesRecorded }) => connection === 'playing' && framesRecorded > 80,
  );
  const atMs = Date.now();
  t.match(await box.ask('record', 'start', '大厅'), { id: 'hall' }, 'a camera goes by its name too');
  await box.untilCamera(
    'hall',
    'recording',
    ({ because, recordedTodayS }) => because === 'manual' && recordedTodayS > 0,
  );
  await box.ask('record', 'stop', 'hall');
  const [segment] = await box.untilSegments('hall', 1);
  t.ok(segment!.startUs < atMs * 1000, 'with what was before');
  await box.ask('record', 'start', 'door');
  await box.ask('record', 'stop', 'door');
  t.match(await box.untilCamera('door', 'goes on', ({ because }) => because === 'continuous'), {
    recording: 'recording',
  });
  await box.stop();
  t.same(await box.gaps('hall'), []);
  t.equal((await box.segments('door')).length, 1, 'a manual stop does not end a continuous recording');
});

t.test('a weekly schedule', { timeout: 240_000, skip: await skipWithoutFaketime() }, async (t) => {
  const farm = await CameraFarm.start({ cameras: [{ path: 'office' }] });
  t.teardown(() => farm.stop());
  const clock = new FakeClock(`${await tempFolder(t)}/clock`);
  // Wednesday; the office is recorded from nine to ten in Shanghai.
  const longBefore = Date.UTC(2026, 10, 25, 0, 30);
  await clock.set(Math.round((longBefore - Date.now()) / 1000));
  const schedule = [{ day: 3, from: '09:00', to: '10:00' }];
  const box = await Box.start(t, {
    env: await clock.environment(),
    settings: {
      cameras: [cameraAt('office', farm.url('office'), { mode: 'schedule', schedule })],
      site: { timeZone: 'Asia/Shanghai' },
    },
  });
  await box.untilCamera(
    'office',
    'idle, before nine',
    ({ connection, recording }) => connection === 'playing' && recording === 'idle',
  );
  const nearNine = Date.UTC(2026, 10, 25, 0, 59, 57);
  await clock.set(Math.round((nearNine - Date.now()) / 1000));
  await box.untilCamera(
    'office',
    'recording, from nine',
    ({ recording, because }) => recording === 'recording' && because === 'schedule',
  );
  await box.untilCamera('office', 'some footage', ({ recordedTodayS }) => recordedTodayS > 0);
  const nearTen = Date.UTC(2026, 10, 25, 1, 59, 57);
  await clock.set(Math.round((nearTen - Date.now()) / 1000));
  await box.untilCamera('office', 'idle, from ten', ({ recording }) => recording === 'idle');
  await box.stop();
  const segments = await box.segments('office');
  const afterNineS = segments[0]!.startUs / 1e6 - Date.UTC(2026, 10, 25, 1) / 1000;
  // A picture that was taken in the last nap before nine is looked at after it.
  t.ok(afterNineS > -1 && afterNineS < 30, `it begins at nine in Shanghai, ${afterNineS} s after it`);
  t.ok(segments.every(({ open }) => !open));
  t.match(await box.gaps('office'), [{ reason: 'clock-step' }]);
  t.strictSame((await box.verify()).findings, []);
});

t.test('cameras come and go without a hiccup of the others', { timeout: 240_000, skip }, async (t) => {
  const farm = await CameraFarm.start({ cameras: [{ path: 'stays' }, { path: 'comes' }] });
  t.teardown(() => farm.stop());
  const box = await Box.start(t, {
    settings: { cameras: [cameraAt('stays', farm.url('stays'))], recording: { segmentSeconds: 60 } },
  });
  await box.untilRecording();
  t.match(await box.ask('cameras', 'add', '后门 2', farm.url('comes')), { id: /^[a-z0-9-]+$/, name: '后门 2' });
  const { cameras } = await box.untilStatus('both', ({ recording }) => recording === 2);
  const { id } = cameras[1]!;
  await box.untilCamera(id, 'footage', ({ recordedTodayS }) => recordedTodayS > 0);
  await box.ask('cameras', 'remove', '后门 2');
  const after = await box.untilStatus('one', ({ expected }) => expected === 1);
  t.same(
    after.cameras.map((camera) => camera.id),
    ['stays'],
  );
  const left = await box.untilSegments(id, 1);
  t.ok(
    left.every(({ open }) => !open),
    'the footage of a removed camera stays, and is finished',
  );
  await box.untilCamera('stays', 'goes on', ({ recordedTodayS }) => recordedTodayS > 4);
  await box.stop();
  const segments = await box.segments('stays');
  t.equal(segments.length, 1);
  const sent = farm.camera('stays').sessions;
  t.equal(sent.length, 1, 'one session all the time');
  const recorded = await recordedOrdinals(segments[0]!.file);
  t.strictSame(compareOrdinals(sent[0]!.sentFrames, recorded), {
    missing: [],
    unexpected: [],
    repeated: [],
    disordered: 0,
  });
  t.strictSame((await box.verify()).findings, []);
});
