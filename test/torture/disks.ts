import { constants } from 'node:fs';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GapRow } from '../support/box.ts';
import type { CameraFarm } from '../support/camera/farm.ts';
import { LoopDisk, skipWithoutLoopDisks } from '../support/loop-disk.ts';
import { mustRun, runProgram, skipWithout } from '../support/programs.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { BoxProcess, command } from './box-process.ts';
import { countLoss, expectSound, Projector, recordedIn, Sent, sessionCounts } from './footage.ts';
import type { Lab, Outcome, Scenario } from './lab.ts';
import { FPS, startFarm, writeScene } from './scene.ts';

/** Smaller than the headroom that the box keeps on a large disk. */
const SMALL_DISK_BYTES = 400 * 1024 ** 2;
const CAMERAS = ['gate', 'yard'];
/** A clean end costs what waits in the sockets. */
const NAP_S = 0.4;
const LET_GO_MS = 30_000;

interface Stage {
  readonly farm: CameraFarm;
  readonly data: string;
  readonly disk: LoopDisk;
  readonly since: Map<string, number>;
  readonly box: BoxProcess;
}

const skip = async (): Promise<string | false> =>
  (await skipWithout('ffprobe', 'ffmpeg')) || (await skipWithoutLoopDisks());

/** Somebody else fills the disk to the last byte, and makes room again. */
export const full: Scenario = {
  name: 'full',
  what: 'a small disk that somebody else fills',
  rounds: 3,
  skip,
  run: (lab, outcome) =>
    withDisk(lab, outcome, async (stage) => {
      const { box, disk, farm, since } = stage;
      await sleep(4000);
      // What is not locked makes room for the others' files.
      const always = { from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' };
      for (const camera of CAMERAS) await box.ask('locks.add', { camera, ...always, reason: 'torture' });
      const before = Sent.now(farm, since);
      const filler = join(disk.path, 'filler');
      // Ends with an error: there is no room for so much, and all that there is is taken.
      await runProgram('dd', ['if=/dev/zero', `of=${filler}`, 'bs=1M', 'count=1000', 'conv=fsync']);
      await expectState(stage, 'full', outcome);
      await expectNotRecording(stage, outcome);
      await rm(filler);
      await expectState(stage, 'ready', outcome);
      await expectRecording(stage, outcome);
      await sleep(2000);
      await box.stop();
      await judge(lab, stage, { before, recoveryS: 2 }, outcome);
    }),
};

/** The file system gives up and lets nobody write any more, until it has been unmounted and mounted anew. */
export const readOnly: Scenario = {
  name: 'read-only',
  what: 'a disk that lets nobody write any more',
  rounds: 3,
  skip,
  run: (lab, outcome) =>
    withDisk(lab, outcome, async (stage) => {
      const { box, disk, farm, since } = stage;
      await sleep(4000);
      const before = Sent.now(farm, since);
      // What ext4 does to itself after an error of the disk (ext4(5), errors=remount-ro).
      await mustRun('mount', ['-o', 'remount,abort', disk.path]);
      const fault = await box.reaches(({ volumes }) => volumes[0]?.state !== 'ready', 30_000);
      outcome.notes['state'] = fault?.volumes[0]?.state ?? 'none';
      outcome.expect(fault !== undefined, 'a disk that cannot be written is still called ready');
      await expectNotRecording(stage, outcome);
      await disk.unmount({ lazy: true });
      await box.reaches(({ volumes }) => volumes[0]?.state === 'storage.not-mounted', 30_000);
      outcome.expect((await readdir(disk.path)).length === 0, 'something was written to the bare mount point');
      await expectLetGo(stage, outcome);
      await runProgram('e2fsck', ['-f', '-y', disk.device]);
      await disk.mount();
      await expectState(stage, 'ready', outcome);
      await expectRecording(stage, outcome);
      await sleep(2000);
      await box.stop();
      await judge(lab, stage, { before, recoveryS: 2 }, outcome);
    }),
};

/** The disk is unmounted behind the box's back, and mounted again. */
export const vanish: Scenario = {
  name: 'vanish',
  what: 'a mount that vanishes and comes back',
  rounds: 5,
  skip,
  run: (lab, outcome) =>
    withDisk(lab, outcome, async (stage) => {
      const { box, disk, farm, since } = stage;
      await sleep(lab.random.between(2000, 5000));
      const before = Sent.now(farm, since);
      await disk.unmount({ lazy: true });
      await expectState(stage, 'storage.not-mounted', outcome);
      await expectNotRecording(stage, outcome);
      // Long enough for the box to try the folder again, as it does for ever.
      await sleep(5000);
      outcome.expect((await readdir(disk.path)).length === 0, 'something was written to the bare mount point');
      await disk.mount();
      await expectState(stage, 'ready', outcome);
      await expectRecording(stage, outcome);
      await sleep(2000);
      await box.stop();
      await judge(lab, stage, { before, recoveryS: NAP_S + 1.1 }, outcome);
    }),
};

async function withDisk(lab: Lab, outcome: Outcome, play: (stage: Stage) => Promise<void>): Promise<void> {
  const faults = { paddingBytes: 12_000 };
  const farm = await startFarm(
    lab,
    CAMERAS.map((path) => ({ path, faults })),
  );
  const rounds = lab.brief ? 1 : lab.rounds;
  for (let round = 0; round < rounds; round++) {
    const data = await tempFolder(lab, 'torture-disk');
    const disk = await LoopDisk.create(lab, { bytes: SMALL_DISK_BYTES });
    await writeScene(data, { farm, volumes: [{ id: 'disk1', folder: disk.path }] });
    const since = sessionCounts(farm);
    const box = await BoxProcess.start(lab, data);
    await box.reaches(({ recording, expected }) => recording === expected);
    await play({ farm, data, disk, since, box });
    outcome.rounds++;
    await disk.remove();
  }
}

async function expectState({ box }: Stage, state: string, outcome: Outcome): Promise<void> {
  const found = await box.reaches(({ volumes }) => volumes[0]?.state === state, 40_000);
  const now = found ?? (await box.status().catch(() => undefined));
  outcome.expect(found !== undefined, `the status says ${now?.volumes[0]?.state} and not ${state}`);
}

/**
 * As long as a descriptor is open on it, the file system that has given up lives on behind its mount point, and whoever mounts the
 * disk again gets that one back. What holds a device says open(2), O_EXCL.
 */
async function expectLetGo({ disk }: Stage, outcome: Outcome): Promise<void> {
  const beganMs = performance.now();
  const isFree = async (): Promise<boolean> => {
    const handle = await open(disk.device, constants.O_RDWR | constants.O_EXCL).catch(() => undefined);
    await handle?.close();
    return handle !== undefined;
  };
  while (!(await isFree()) && performance.now() - beganMs < LET_GO_MS) await sleep(100);
  outcome.notes['let go after'] = `${((performance.now() - beganMs) / 1000).toFixed(1)} s`;
  outcome.expect(await isFree(), 'a disk that is gone is still held');
}

async function expectNotRecording({ box }: Stage, outcome: Outcome): Promise<void> {
  const told = await box.reaches(
    ({ cameras, problems }) =>
      cameras.every((camera) => camera.recording !== 'recording' && camera.gapReason === 'disk') &&
      problems.some(({ subject }) => subject === 'volume/disk1'),
    20_000,
  );
  outcome.expect(told !== undefined, 'the status does not tell that nothing is recorded for want of a disk');
}

async function expectRecording({ box }: Stage, outcome: Outcome): Promise<void> {
  const found = await box.reaches(({ recording, expected }) => recording === expected, 20_000);
  outcome.expect(found !== undefined, 'the disk is fit again and nothing is recorded');
}

/** The footage of before is there, the gap is told, and all is in order without another start. */
async function judge(
  lab: Lab,
  { data, disk }: Stage,
  { before, recoveryS }: { before: Sent; recoveryS: number },
  outcome: Outcome,
): Promise<void> {
  await expectSound(lab, data, 'after the stop', outcome, true);
  const recorded = recordedIn(await new Projector().watch(disk.path), outcome);
  countLoss(before, recorded, { fps: FPS, limitS: recoveryS, what: 'before the fault' }, outcome);
  for (const camera of CAMERAS) {
    const range = ['--camera', camera, '--from', '2020-01-01T00:00:00Z', '--to', '2100-01-01T00:00:00Z'];
    const gaps = (await command(lab, data, 'gaps', 'list', ...range)).answer as GapRow[];
    outcome.expect(
      gaps.some(({ reason }) => reason === 'disk'),
      `${camera}: no gap is for the disk: ${JSON.stringify(gaps)}`,
    );
  }
}
