/** Everything at once that changes disks: closing, deleting, reading volumes in anew, and copying footage from one to the other. */
import { constants } from 'node:fs';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SegmentRow } from '../support/box.ts';
import type { CameraFarm } from '../support/camera/farm.ts';
import { LoopDisk, releaseMount, skipWithoutLoopDisks } from '../support/loop-disk.ts';
import { mustRun, skipWithout } from '../support/programs.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { skipWithoutVolatileDisks, VolatileDisk } from '../support/volatile-disk.ts';
import { BoxProcess, command } from './box-process.ts';
import { expectSound, Projector, recordedIn, segmentFiles, Sent, sessionCounts } from './footage.ts';
import type { Lab, Outcome, Scenario } from './lab.ts';
import { FPS, startFarm, writeScene } from './scene.ts';

const CAMERAS = ['gate', 'yard', 'dock'];
/** Twenty seconds of the cameras that live there: footage is deleted all the time. */
const BUDGET_BYTES = 12 << 20;
const VOLUMES = [
  { id: 'disk1', folder: 'recordings', group: 'small', budgetBytes: BUDGET_BYTES },
  { id: 'disk2', folder: 'second', group: 'large' },
];
const GROUPS = { gate: 'small', yard: 'small', dock: 'large' };
/** What was sent in so many seconds before the blow is not old enough to have been deleted. */
const RECENT_S = 5;
/** What the last blows ended, with the pauses between them. */
const LOOKED_AT_S = 60;
const BLOWS = 3;
const KILLED_S = 1.45;
const POWER_S = 2;
const DELETED_MS = 5000;
const DISK_BYTES = 3 * 1024 ** 3;
const ALWAYS = ['--from', '2020-01-01T00:00:00Z', '--to', '2100-01-01T00:00:00Z'];
const skipFilms = (): Promise<string | false> => skipWithout('ffprobe', 'ffmpeg');

export const churn: Scenario = {
  name: 'churn',
  what: 'kill -9 while footage is closed, deleted, read in anew and copied to another disk',
  rounds: 100,
  skip: skipFilms,
  run: async (lab, outcome) => {
    const data = await tempFolder(lab, 'torture-churn');
    const farm = await startCameras(lab);
    const projector = new Projector();
    const rounds = roundsOf(lab);
    const blows: Sent[] = [];
    for (let round = 0; round < rounds; round++) {
      const since = sessionCounts(farm);
      const box = await startChurning(lab, data, farm, round);
      await untilTheMoment(lab, box, outcome);
      const dying = box.kill();
      blows.push(Sent.now(farm, since));
      if (blows.length > BLOWS) blows.shift();
      await dying;
      await forgetSometimes(lab, data);
      outcome.rounds++;
      // Looking at everything takes longer than a round.
      const isLast = round === rounds - 1;
      if (isLast || round % 10 === 9)
        await judge(lab, { data, sent: blows, limitS: KILLED_S, what: `round ${round}` }, projector, outcome);
    }
  },
};

export const churnCopy: Scenario = {
  name: 'churn-copy',
  what: 'power cuts (copies of the disk) while footage is closed, deleted, read in anew and copied to another disk',
  rounds: 100,
  skip: async () => (await skipFilms()) || (await skipWithoutLoopDisks('xfs')),
  run: async (lab, outcome) => {
    const host = await LoopDisk.create(lab, { bytes: 3 * DISK_BYTES, fileSystem: 'xfs' });
    const image = join(host.path, 'disk');
    await mustRun('truncate', ['-s', String(DISK_BYTES), image]);
    const disk = await LoopDisk.create(lab, { bytes: DISK_BYTES, image });
    const copies = await takeCopies(lab, join(disk.path, 'data'), image, outcome);
    const projector = new Projector();
    for (const [index, { image: copy, sent }] of copies.entries()) {
      const mountPoint = join(host.folder, 'copy');
      await mkdir(mountPoint, { recursive: true });
      await mustRun('mount', ['-o', 'loop,noatime', copy, mountPoint]);
      try {
        const data = join(mountPoint, 'data');
        await forgetSometimes(lab, data);
        await judge(lab, { data, sent: [sent], limitS: POWER_S, what: `copy ${index}` }, projector, outcome);
      } finally {
        await releaseMount(mountPoint);
      }
      await rm(copy);
      outcome.rounds++;
    }
  },
};

export const churnFlush: Scenario = {
  name: 'churn-flush',
  what: 'power cuts (a disk that forgets) while footage is closed, deleted, read in anew and copied to another disk',
  rounds: 40,
  skip: async () => (await skipFilms()) || (await skipWithoutVolatileDisks()),
  run: async (lab, outcome) => {
    const farm = await startCameras(lab);
    const disk = await VolatileDisk.create(lab, { bytes: DISK_BYTES });
    const data = join(disk.path, 'data');
    const projector = new Projector();
    const rounds = roundsOf(lab);
    for (let round = 0; round < rounds; round++) {
      const since = sessionCounts(farm);
      const box = await startChurning(lab, data, farm, round);
      await untilTheMoment(lab, box, outcome);
      const dying = box.kill();
      const sent = Sent.now(farm, since);
      const cut = disk.cut(Math.floor(lab.random.between(0, 1e9)));
      await dying;
      await cut;
      await disk.powerOn();
      await forgetSometimes(lab, data);
      await judge(lab, { data, sent: [sent], limitS: POWER_S, what: `round ${round}` }, projector, outcome);
      outcome.rounds++;
    }
  },
};

function roundsOf(lab: Lab): number {
  return lab.brief ? Math.min(3, lab.rounds) : lab.rounds;
}

/** Heavy enough that segments of 1 MB end every few seconds. */
function startCameras(lab: Lab): Promise<CameraFarm> {
  const faults = { paddingBytes: 12_000 };
  return startFarm(
    lab,
    CAMERAS.map((path) => ({ path, faults })),
  );
}

async function startChurning(lab: Lab, data: string, farm: CameraFarm, round: number): Promise<BoxProcess> {
  await writeScene(data, { farm, groups: GROUPS, volumes: VOLUMES });
  const box = await BoxProcess.start(lab, data);
  await box.reaches(({ recording, expected }) => recording === expected);
  await copyOff(box, round % 2 === 1);
  return box;
}

/** The catalogue may still be reading the journals. */
async function copyOff(box: BoxProcess, remove: boolean): Promise<void> {
  const untilMs = performance.now() + 10_000;
  for (;;) {
    try {
      await box.ask('disks.evacuate', { volume: 'disk1', remove });
      return;
    } catch (error) {
      // What was cut off goes on by itself.
      if ((error as Error).message === 'jobs.busy') return;
      if (performance.now() > untilMs) throw error;
      await sleep(50);
    }
  }
}

/** Some instant, in most rounds while footage is being copied; the first ones find nothing to copy. */
async function untilTheMoment(lab: Lab, box: BoxProcess, outcome: Outcome): Promise<void> {
  if (outcome.rounds === 0) {
    await sleep(5000);
  } else if (lab.random.next() < 0.8) {
    for (const untilMs = performance.now() + 8000; performance.now() < untilMs && !(await copies(box));)
      await sleep(10);
    await sleep(lab.random.between(0, 700));
  } else {
    await sleep(lab.random.between(100, 3000));
  }
  await noteJobs(box, outcome);
}

async function copies(box: BoxProcess): Promise<boolean> {
  const { evacuations } = (await box.ask('disks.jobs', {})) as { evacuations: { phase: string }[] };
  return evacuations.some(({ phase }) => phase !== 'locked');
}

function whileItRuns(error: Error): void {
  if (error.message !== 'jobs.busy') throw error;
}

async function noteJobs(box: BoxProcess, outcome: Outcome): Promise<void> {
  const jobs = (await box.ask('disks.jobs', {})) as { evacuations: { copied: number }[] };
  const copied = jobs.evacuations.reduce((sum, job) => sum + job.copied, 0);
  outcome.notes['copied'] = Number(outcome.notes['copied'] ?? 0) + copied;
}

/** Without its catalogue a box reads all volumes in as if it had never seen them. */
async function forgetSometimes(lab: Lab, data: string): Promise<void> {
  if (lab.random.next() < 0.5) return;
  for (const suffix of ['', '-wal', '-shm']) await rm(join(data, `catalogue.db${suffix}`), { force: true });
}

async function takeCopies(
  lab: Lab,
  data: string,
  image: string,
  outcome: Outcome,
): Promise<{ image: string; sent: Sent }[]> {
  const farm = await startCameras(lab);
  const copies: { image: string; sent: Sent }[] = [];
  const rounds = roundsOf(lab);
  let since = sessionCounts(farm);
  let box = await startChurning(lab, data, farm, 0);
  // By then the small disk is full.
  await sleep(lab.brief ? 4000 : 20_000);
  for (let round = 0; round < rounds; round++) {
    await box.ask('disks.evacuate', { volume: 'disk1', remove: round % 2 === 1 }).catch(whileItRuns);
    await sleep(lab.random.between(50, 1200));
    const copy = `${image}-${round}`;
    await copyFile(image, copy, constants.COPYFILE_FICLONE_FORCE);
    copies.push({ image: copy, sent: Sent.now(farm, since) });
    await noteJobs(box, outcome);
    if (round % 10 !== 9) continue;
    // Jobs begin at their beginning now and then.
    await box.stop();
    // A stop costs what waits in the sockets.
    since = sessionCounts(farm);
    box = await startChurning(lab, data, farm, round);
  }
  await box.stop();
  await farm.stop();
  return copies;
}

interface Blow {
  readonly data: string;
  /** Of the last starts of the box, the newest last: each was ended by a blow. */
  readonly sent: readonly Sent[];
  readonly limitS: number;
  readonly what: string;
}

/** A start without cameras puts everything in order; then nothing is lost, nothing is listed twice, and `verify` agrees. */
async function judge(
  lab: Lab,
  { data, sent, limitS, what }: Blow,
  projector: Projector,
  outcome: Outcome,
): Promise<void> {
  await writeScene(data, { volumes: VOLUMES });
  await putInOrder(lab, data, what, outcome);
  // Deletions that were decided are carried on, but not within the moment that a start and a stop take.
  const { stdout } = await command(lab, data, 'verify');
  if (stdout.includes('file.marked')) await putInOrder(lab, data, what, outcome, DELETED_MS);
  await expectSound(lab, data, what, outcome, true);
  const listed: SegmentRow[] = [];
  for (const camera of CAMERAS) {
    const { answer } = await command(lab, data, 'segments', 'list', '--camera', camera, ...ALWAYS);
    listed.push(...((answer as SegmentRow[] | undefined) ?? []));
  }
  expectListedOnce(listed, what, outcome);
  await expectNothingForgotten(data, listed, what, outcome);
  const fromUs = Math.max(...listed.map(({ endUs }) => endUs)) - LOOKED_AT_S * 1e6;
  const files = listed.filter(({ endUs }) => endUs >= fromUs).map(({ file, camera }) => ({ file, camera }));
  const recorded = recordedIn(await projector.look(files), outcome);
  for (const each of sent) expectRecent(each, recorded, { limitS, what }, outcome);
}

async function putInOrder(lab: Lab, data: string, what: string, outcome: Outcome, forMs = 0): Promise<void> {
  const box = await BoxProcess.start(lab, data);
  for (const { id } of VOLUMES) await box.heard('volume.recovered', ({ volume }) => volume === id);
  await sleep(forMs);
  const end = await box.stop();
  outcome.expect(end?.code === 0, `${what}: the box ended with ${JSON.stringify(end)}`);
}

function expectRecent(
  sent: Sent,
  recorded: ReadonlyMap<string, ReadonlySet<number>>,
  { limitS, what }: Pick<Blow, 'limitS' | 'what'>,
  outcome: Outcome,
): void {
  for (const [camera, ordinals] of recentOf(sent)) {
    const have = recorded.get(camera) ?? new Set<number>();
    const first = ordinals.find((ordinal) => have.has(ordinal)) ?? Infinity;
    const last = ordinals.findLast((ordinal) => have.has(ordinal)) ?? -1;
    const inside = ordinals.filter((ordinal) => ordinal > first && ordinal < last && !have.has(ordinal)).length;
    const lostS = ordinals.filter((ordinal) => ordinal > last).length / FPS;
    if (ordinals.length / FPS > limitS) outcome.lost(lostS);
    outcome.expect(inside === 0, `${what}: ${camera} misses ${inside} pictures in the middle`);
    outcome.expect(lostS <= limitS, `${what}: ${camera} lost ${lostS.toFixed(2)} s at the end`);
  }
}

function recentOf(sent: Sent): [string, number[]][] {
  return [...sent.byCamera.keys()].map((camera) => [camera, sent.ordinals(camera).slice(-RECENT_S * FPS)]);
}

function expectListedOnce(listed: readonly SegmentRow[], what: string, outcome: Outcome): void {
  const seen = new Set<string>();
  for (const { camera, start, startUs } of listed) {
    const key = `${camera} ${startUs}`;
    outcome.expect(!seen.has(key), `${what}: the footage of ${camera} from ${start} is listed twice`);
    seen.add(key);
  }
}

/** Every file on the disks is listed itself, or other footage of the same start is. */
async function expectNothingForgotten(
  data: string,
  listed: readonly SegmentRow[],
  what: string,
  outcome: Outcome,
): Promise<void> {
  const places = new Set(listed.map(({ file }) => placeOf(file)));
  for (const { folder } of VOLUMES) {
    for (const file of await segmentFiles(join(data, folder))) {
      outcome.expect(places.has(placeOf(file)), `${what}: ${file} is not listed`);
    }
  }
}

/** Camera, day and time: the same for a segment and its copies. */
function placeOf(file: string): string {
  return file
    .split('/')
    .slice(-4)
    .join('/')
    .replace(/-\d{8}\.mp4$/, '');
}
