import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mustRun, skipWithout } from '../support/programs.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { BoxProcess } from './box-process.ts';
import { countLoss, expectSound, Projector, recordedIn, Sent, sessionCounts } from './footage.ts';
import type { Lab, Scenario } from './lab.ts';
import { FPS, startFarm, writeScene } from './scene.ts';

const STOP_LIMIT_MS = 12_000;

/** Whoever should read the box's log has stopped doing so, and the pipe is full. */
export const log: Scenario = {
  name: 'log',
  what: 'a log that nobody reads',
  rounds: 5,
  skip: () => skipWithout('ffprobe', 'ffmpeg', 'mkfifo'),
  run: async (lab, outcome) => {
    const farm = await startFarm(lab, [{ path: 'gate' }, { path: 'yard', faults: { resetEveryMs: 2500 } }]);
    for (let round = 0; round < (lab.brief ? 1 : lab.rounds); round++) {
      const data = await tempFolder(lab, 'torture-log');
      await writeScene(data, { farm });
      const since = sessionCounts(farm);
      const box = await BoxProcess.start(lab, data, { stderr: await fullPipe(lab, data) });
      const recording = await box.reaches(
        ({ cameras }) => cameras.some((each) => each.recording === 'recording'),
        15_000,
      );
      outcome.expect(recording !== undefined, 'the box does not record while nobody reads its log');
      await sleep(6000);
      const sent = Sent.now(farm, since);
      const end = await box.stop();
      outcome.expect(end !== undefined && end.tookMs < STOP_LIMIT_MS, `the box took ${end?.tookMs} ms to stop`);
      outcome.notes['stop in ms'] = Math.round(end?.tookMs ?? Infinity);
      await box.kill();
      await expectSound(lab, data, 'afterwards', outcome);
      const recorded = recordedIn(await new Projector().watch(join(data, 'recordings')), outcome);
      const good = new Sent([...sent.byCamera].filter(([camera]) => camera === 'gate'));
      countLoss(good, recorded, { fps: FPS, limitS: 0.4, what: 'good camera' }, outcome);
      outcome.rounds++;
    }
  },
};

/** The writing end of a pipe that holds all that it can; both ends stay open until the test is over. */
async function fullPipe(lab: Lab, folder: string): Promise<number> {
  const path = join(folder, 'log.pipe');
  await mustRun('mkfifo', [path]);
  const filler = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  lab.teardown(() => closeSync(filler));
  try {
    for (;;) writeSync(filler, Buffer.alloc(4096, 'x'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
  const end = openSync(path, constants.O_RDWR);
  lab.teardown(() => closeSync(end));
  return end;
}
