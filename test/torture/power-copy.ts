import { constants } from 'node:fs';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LoopDisk, releaseMount, skipWithoutLoopDisks } from '../support/loop-disk.ts';
import { mustRun, skipWithout } from '../support/programs.ts';
import { judgeCut } from './aftermath.ts';
import { BoxProcess } from './box-process.ts';
import { Projector, Sent } from './footage.ts';
import type { Lab, Scenario } from './lab.ts';
import { startFarm, writeScene } from './scene.ts';

const DISK_BYTES = 2 * 1024 ** 3;

interface Copy {
  readonly image: string;
  readonly sent: Sent;
}

/**
 * First witness of a power cut: copies of a running box's disk image at random instants. They hold what the kernel had handed
 * to the disk, which is at least what it had promised to keep.
 */
export const powerCopy: Scenario = {
  name: 'power-copy',
  what: 'power cuts: copies of the disk at random instants',
  rounds: 200,
  skip: async () => (await skipWithout('ffprobe', 'ffmpeg')) || (await skipWithoutLoopDisks('xfs')),
  run: async (lab, outcome) => {
    const host = await LoopDisk.create(lab, { bytes: 3 * DISK_BYTES, fileSystem: 'xfs' });
    const image = join(host.path, 'disk');
    await mustRun('truncate', ['-s', String(DISK_BYTES), image]);
    const disk = await LoopDisk.create(lab, { bytes: DISK_BYTES, image });
    const { copies, slowestMs } = await takeCopies(lab, join(disk.path, 'data'), image);
    outcome.notes['slowest copy in ms'] = Math.round(slowestMs);
    const projector = new Projector();
    for (const [index, copy] of copies.entries()) {
      const mountPoint = join(host.folder, 'copy');
      await mkdir(mountPoint, { recursive: true });
      await mustRun('mount', ['-o', 'loop,noatime', copy.image, mountPoint]);
      try {
        const cut = { data: join(mountPoint, 'data'), sent: copy.sent, what: `copy ${index}` };
        await judgeCut(lab, cut, projector, outcome);
      } finally {
        await releaseMount(mountPoint);
      }
      await rm(copy.image);
    }
  },
};

/** A box records on the disk while copies of it are made; they share their blocks, so each takes only a moment. */
async function takeCopies(lab: Lab, data: string, image: string): Promise<{ copies: Copy[]; slowestMs: number }> {
  const faults = { paddingBytes: 6000 };
  const farm = await startFarm(lab, [
    { path: 'gate', faults },
    { path: 'yard', audio: 'aac' },
    { path: 'dock', faults },
  ]);
  await writeScene(data, { farm });
  const box = await BoxProcess.start(lab, data);
  await box.reaches(({ recording, expected }) => recording === expected);
  const copies: Copy[] = [];
  let slowestMs = 0;
  for (let round = 0; round < lab.rounds; round++) {
    await sleep(lab.random.between(200, 1500));
    const copy = `${image}-${round}`;
    const began = performance.now();
    await copyFile(image, copy, constants.COPYFILE_FICLONE_FORCE);
    // What was sent while the copy was made counts as lost, too.
    copies.push({ image: copy, sent: Sent.now(farm) });
    slowestMs = Math.max(slowestMs, performance.now() - began);
  }
  await box.stop();
  await farm.stop();
  return { copies, slowestMs };
}
