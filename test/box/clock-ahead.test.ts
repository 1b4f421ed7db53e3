import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Box, until } from '../support/box.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { FakeClock, skipWithoutFaketime } from '../support/faketime.ts';
import { tempFolder } from '../support/temp-folder.ts';

const MIB = 1 << 20;
const YEAR_S = 365 * 86_400;

interface Space {
  clock?: { stage: string; aheadDays: number; leftHours: number };
}

t.test(
  'a clock that is years ahead deletes nothing for its age until somebody says that it is right',
  { timeout: 180_000, skip: await skipWithoutFaketime() },
  async (t) => {
    const farm = await CameraFarm.start({ cameras: [{ path: 'one', faults: { paddingBytes: 60_000 } }] });
    t.teardown(() => farm.stop());
    const clock = new FakeClock(join(await tempFolder(t, 'clock'), 'time'));
    await clock.set(0);
    const box = await Box.start(t, {
      env: await clock.environment(),
      settings: {
        cameras: [{ id: 'one', streams: [{ id: 'main', url: farm.url('one') }], retention: { days: 10 } }],
        volumes: [{ id: 'disk', folder: 'disk' }],
        recording: { segmentSeconds: 60, segmentMaxBytes: MIB },
      },
    });
    await box.untilSegments('one', 2);
    await box.stop();
    // A box knows from then on how late it was.
    await box.run();
    await until(
      'it has written down how late it is',
      async () => existsSync(join(box.data, 'known-time.json')) || undefined,
    );
    const old = (await box.segments('one')).filter(({ open }) => !open);
    t.ok(old.length >= 2);
    const areThere = (): boolean => old.every(({ file }) => existsSync(file));
    const space = (): Promise<Space> => box.call<Space>('space.show');
    const untilClock = (what: string, is: (clock: Space['clock']) => boolean): Promise<Space> =>
      until(what, async () => {
        const now = await space();
        return is(now.clock) ? now : undefined;
      });
    t.match(await box.cli(['space', 'clock', 'right']), { code: 1, stderr: /space\.clock-not-doubted/ });

    await clock.set(20 * YEAR_S);
    await untilClock('the step is seen', (seen) => seen?.stage === 'waits');
    await box.untilStatus('people hear of it', ({ problems }) =>
      problems.some(({ code }) => code === 'space.clock-ahead'),
    );
    const ahead = Date.now() * 1000 + 19 * YEAR_S * 1e6;
    await until('it records on in the time ahead', async () => {
      const later = (await box.segments('one')).filter(({ open, startUs }) => !open && startUs > ahead);
      return later.length >= 2 || undefined;
    });
    t.ok(areThere(), 'nothing was deleted while it ran');

    await box.kill();
    await box.run();
    await box.untilRecording();
    t.match((await untilClock('it still doubts', (seen) => seen !== undefined)).clock, { stage: 'waits' });
    t.ok(areThere(), 'nothing was deleted at the start');
    await box.ask('space', 'clock', 'wrong');
    t.match((await space()).clock, { stage: 'wrong' });
    t.match((await box.cli(['space', 'show'])).stdout, /clock is 7\d+ days further .* until it is set/);

    await clock.set(0);
    await untilClock('the clock was set', (seen) => seen === undefined);
    await box.untilStatus('it is over', ({ problems }) => problems.every(({ code }) => code !== 'space.clock-ahead'));
    t.ok(areThere());

    await clock.set(20 * YEAR_S);
    await untilClock('a step again', (seen) => seen !== undefined);
    t.ok(areThere());
    await box.ask('space', 'clock', 'right');
    await until('what is too old goes', async () => old.every(({ file }) => !existsSync(file)) || undefined);
    await box.stop();
    // It may be stopped between the mark and the deletion of a file: the next start goes on with it.
    const { findings } = await box.verify();
    t.strictSame(
      findings.filter(({ code }) => code !== 'file.marked'),
      [],
    );
  },
);
