import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { Box, cameraAt, until } from '../support/box.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { skipWithout } from '../support/programs.ts';
import { compareOrdinals, recordedOrdinals } from '../support/ordinals.ts';
import { tempFolder } from '../support/temp-folder.ts';

const HOOK = new URL('../support/crash-record-worker.ts', import.meta.url).href;

t.test(
  'a record worker that dies is replaced, and the catalogue follows it',
  { timeout: 60_000, skip: await skipWithout('ffprobe') },
  async (t) => {
    const farm = await CameraFarm.start({ cameras: [{ path: 'pier', audio: 'aac' }] });
    t.teardown(() => farm.stop());
    const crash = join(await tempFolder(t), 'crash');
    const box = await Box.start(t, {
      nodeArgs: ['--import', HOOK],
      env: { ...process.env, CRASH_FILE: crash },
      settings: { cameras: [cameraAt('pier', farm.url('pier'))], recording: { segmentSeconds: 5 } },
    });
    await box.untilRecording();
    await box.untilSegments('pier', 1);
    const growing = await until('a growing file with pictures', async () => {
      const segment = (await box.segments('pier')).find(({ open }) => open);
      return segment && (await recordedOrdinals(segment.file)).length > 10 ? segment : undefined;
    });
    await writeFile(crash, '');
    await box.untilLogged(/recorder\.restarting[\s\S]*volume\.recovered/);
    await until('what the dead worker had open is finished by its successor', async () => {
      const segments = await box.segments('pier');
      return segments.find(({ sequence, open }) => sequence === growing.sequence && !open);
    });
    const { length } = (await box.segments('pier')).filter(({ open }) => !open);
    await box.untilSegments('pier', length + 1);
    t.match(await box.untilStatus('as before', ({ recording }) => recording === 1), { problems: [] });
    t.match(await box.ask('record', 'start', 'pier'), { id: 'pier' }, 'the new worker takes orders');
    t.equal(await box.stop(), 0);
    // The next worker may be there within a second, and so short a hole is no gap.
    const spans = await box.segments('pier');
    const holesS = spans.slice(1).map(({ startUs }, index) => (startUs - spans[index]!.endUs) / 1e6);
    const gaps = (await box.gaps('pier')).map(({ reason }) => reason);
    t.strictSame(gaps, Math.max(...holesS) >= 1 ? ['restart'] : [], `the hole of ${Math.max(...holesS)} s is told`);
    const recorded = await recordedOrdinals(...(await box.segments('pier')).map(({ file }) => file));
    for (const { sentFrames } of farm.camera('pier').sessions) {
      const own = recorded.filter((ordinal) => ordinal >= sentFrames[0]! && ordinal <= sentFrames.at(-1)!);
      t.strictSame(compareOrdinals(sentFrames, own), { missing: [], unexpected: [], repeated: [], disordered: 0 });
    }
    t.strictSame((await box.verify('--deep')).findings, []);
  },
);
