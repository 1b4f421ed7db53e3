import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { skipWithout } from '../support/programs.ts';
import { skipWithoutVolatileDisks, VolatileDisk } from '../support/volatile-disk.ts';
import { judgeCut } from './aftermath.ts';
import { BoxProcess } from './box-process.ts';
import { Projector, Sent, sessionCounts } from './footage.ts';
import type { Scenario } from './lab.ts';
import { startFarm, writeScene } from './scene.ts';

const DISK_BYTES = 2 * 1024 ** 3;

/**
 * Second witness of a power cut: a disk with a write cache that forgets a random part of what it was not told to flush. What
 * is on it afterwards is what was truly stored.
 */
export const powerFlush: Scenario = {
  name: 'power-flush',
  what: 'power cuts: a disk that forgets what it was not told to flush',
  rounds: 50,
  skip: async () => (await skipWithout('ffprobe', 'ffmpeg')) || (await skipWithoutVolatileDisks()),
  run: async (lab, outcome) => {
    const faults = { paddingBytes: 6000 };
    const cameras = [
      { path: 'gate', faults },
      { path: 'yard', audio: 'aac' as const },
      { path: 'dock', faults },
    ];
    const farm = await startFarm(lab, cameras);
    const disk = await VolatileDisk.create(lab, { bytes: DISK_BYTES });
    const data = join(disk.path, 'data');
    const projector = new Projector();
    let lostSectors = 0;
    for (let round = 0; round < lab.rounds; round++) {
      const since = sessionCounts(farm);
      await writeScene(data, { farm });
      const box = await BoxProcess.start(lab, data);
      await box.reaches(({ recording, expected }) => recording === expected);
      await sleep(lab.random.between(200, lab.brief ? 2500 : 4000));
      // Everything dies together: the process now, the disk some milliseconds later.
      const dying = box.kill();
      const sent = Sent.now(farm, since);
      const cut = disk.cut(Math.floor(lab.random.between(0, 1e9)));
      await dying;
      lostSectors += (await cut).lostSectors;
      await disk.powerOn();
      await judgeCut(lab, { data, sent, what: `round ${round}` }, projector, outcome);
    }
    outcome.notes['sectors lost'] = lostSectors;
  },
};
