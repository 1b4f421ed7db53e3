import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CameraFarm } from '../support/camera/farm.ts';
import { skipWithout } from '../support/programs.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { skipWithoutVolatileDisks, VolatileDisk } from '../support/volatile-disk.ts';
import { BoxProcess } from './box-process.ts';
import { countLoss, expectSound, Projector, recordedIn, Sent, sessionCounts, type Film } from './footage.ts';
import type { Lab, Outcome, Scenario } from './lab.ts';
import { FOUR, FPS, ON_FIRST, ON_SECOND, startFarm, writeScene } from './scene.ts';

const DISK_BYTES = 2 * 1024 ** 3;
/** The box takes so long at most to stop, and a busy machine a little more. */
/** The box gives up after 10 s; a machine that is busy with other tests lets it wait. The service is killed after 20 s. */
const STOP_LIMIT_MS = { alone: 12_000, brief: 20_000 };
/** A disk that takes longer to answer is said to hang. */
const NOTICED_AFTER_S = 12;
/** Pictures that wait in a socket when the box is told to stop are not fetched any more. */
const NAP_S = 0.4;

interface Stage {
  readonly farm: CameraFarm;
  readonly data: string;
  readonly disk: VolatileDisk;
  readonly hangS: number;
}

/** One of two disks stops answering, comes back, and stops again while the box is told to end. */
export const hang: Scenario = {
  name: 'hang',
  what: 'a disk that hangs',
  rounds: 3,
  skip: async () => (await skipWithout('ffprobe', 'ffmpeg')) || (await skipWithoutVolatileDisks()),
  run: async (lab, outcome) => {
    const data = await tempFolder(lab, 'torture-hang');
    const farm = await startFarm(
      lab,
      FOUR.map((path) => ({ path, faults: { paddingBytes: 4000 } })),
    );
    const disk = await VolatileDisk.create(lab, { bytes: DISK_BYTES });
    const volumes = [
      // Of one size, so that the cameras are given their homes in turn.
      { id: 'disk1', folder: disk.path, budgetBytes: DISK_BYTES },
      { id: 'disk2', folder: 'second', budgetBytes: DISK_BYTES },
    ];
    await writeScene(data, { farm, volumes });
    const stage = { farm, data, disk, hangS: lab.brief ? 8 : 60 };
    const rounds = lab.brief ? 1 : Math.min(lab.rounds, 3);
    for (let round = 0; round < rounds; round++) {
      await hangAndResume(lab, stage, outcome);
      outcome.rounds++;
    }
  },
};

async function hangAndResume(lab: Lab, stage: Stage, outcome: Outcome): Promise<void> {
  const { farm, data, disk, hangS } = stage;
  const since = sessionCounts(farm);
  const box = await BoxProcess.start(lab, data);
  await box.reaches(({ recording, expected }) => recording === expected);
  await sleep(lab.random.between(2000, 5000));
  disk.hang();
  if (hangS > NOTICED_AFTER_S) await expectNoticed(box, outcome);
  await sleep((hangS - (hangS > NOTICED_AFTER_S ? NOTICED_AFTER_S : 0)) * 1000);
  disk.resume();
  const states = ({ volumes }: { volumes: readonly { state: string }[] }): boolean =>
    volumes.every(({ state }) => state === 'ready');
  outcome.expect((await box.reaches(states)) !== undefined, 'the disk answers again and is not used');
  await sleep(lab.random.between(2000, 4000));

  disk.hang();
  const atHang = Sent.now(farm, since);
  await sleep(2500);
  const beforeStop = Sent.now(farm, since);
  const end = await box.stop();
  outcome.expect(
    end !== undefined && end.tookMs < STOP_LIMIT_MS[lab.brief ? 'brief' : 'alone'],
    `stopping a hung box took ${end?.tookMs} ms`,
  );
  outcome.notes['stop while hung in ms'] = Math.round(end?.tookMs ?? Infinity);
  disk.resume();
  await box.exited;
  const { exitCode, signalCode } = box.child;
  const last = box.log.slice(-5).map((line) => JSON.stringify(line));
  outcome.expect(
    exitCode === 0 || signalCode === 'SIGKILL',
    `a hung box ended with ${exitCode ?? signalCode}: ${last.join(' ')}`,
  );
  await settle(lab, data, outcome);
  const projector = new Projector();
  const onDisks = [await projector.watch(disk.path), await projector.watch(join(data, 'second'))];
  judge(onDisks, atHang, beforeStop, outcome);
}

async function expectNoticed(box: BoxProcess, outcome: Outcome): Promise<void> {
  const began = performance.now();
  const hung = await box.reaches(
    ({ volumes }) => volumes.some(({ state }) => state === 'hung'),
    NOTICED_AFTER_S * 1000,
  );
  outcome.expect(hung !== undefined, 'the status does not say that the disk hangs');
  await sleep(Math.max(0, NOTICED_AFTER_S * 1000 - (performance.now() - began)));
}

/** The start after it: what the hang has left open is mended. */
async function settle(lab: Lab, data: string, outcome: Outcome): Promise<void> {
  const box = await BoxProcess.start(lab, data);
  await box.heard('volume.recovered', ({ volume }) => volume === 'disk1');
  await box.heard('volume.recovered', ({ volume }) => volume === 'disk2');
  const end = await box.stop();
  outcome.expect(end?.code === 0, `the stop afterwards ended with ${JSON.stringify(end)}`);
  await expectSound(lab, data, 'afterwards', outcome, true);
}

/** Cameras of the good disk lose nothing, those of the other one nothing up to the second hang but its recovery point. */
function judge(onDisks: readonly (readonly Film[])[], atHang: Sent, beforeStop: Sent, outcome: Outcome): void {
  const recorded = new Map<string, Set<number>>();
  // What the other disk has taken over is on both; on each of them it is once.
  for (const films of onDisks) {
    for (const [camera, ordinals] of recordedIn(films, outcome)) {
      recorded.set(camera, new Set([...(recorded.get(camera) ?? []), ...ordinals]));
    }
  }
  const onGood = new Sent([...beforeStop.byCamera].filter(([camera]) => ON_SECOND.includes(camera)));
  countLoss(onGood, recorded, { fps: FPS, limitS: NAP_S, what: 'good disk' }, outcome);
  const onHung = new Sent([...atHang.byCamera].filter(([camera]) => ON_FIRST.includes(camera)));
  countLoss(onHung, recorded, { fps: FPS, limitS: 2, what: 'hung disk' }, outcome);
}
