/**
 * Disks that fail, hang, are pulled out or leave the settings under load, one of three at a time: the recorder alone with its
 * worker and real disks, so that settings change as fast as a test wants.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordPlan } from '../../firmware/recording/index.ts';
import type { RecorderReport } from '../../firmware/recording/report.ts';
import type { CameraFarm } from '../support/camera/farm.ts';
import { FaultyDisk, skipWithoutFaultyDisks } from '../support/faulty-disk.ts';
import { LoopDisk } from '../support/loop-disk.ts';
import { compareOrdinals, recordedOrdinals } from '../support/ordinals.ts';
import { skipWithout } from '../support/programs.ts';
import { cameraPlan, exportAll, RecorderBench, recordPlan, volumePlan } from '../support/recorder-bench.ts';
import type { Lab, Outcome, Scenario } from './lab.ts';
import { startFarm } from './scene.ts';

const DISK_BYTES = 256 * 1024 ** 2;
/** Half of them with short groups of pictures, half with the usual two seconds between key frames. */
const SHORT = { clip: 'small', fps: 25, gop: 10 };
const USUAL = { clip: 'shop', fps: 15, gop: 30 };
const CLIPS = { gate: SHORT, yard: SHORT, dock: SHORT, hall: USUAL, roof: USUAL, lift: USUAL };
const CAMERAS = Object.keys(CLIPS) as (keyof typeof CLIPS)[];
/** How long pictures may be on their way to a disk when the blow falls. */
const UNDER_WAY_S = 3;

type Fault = 'errors' | 'hang' | 'pull' | 'settings';
/** In turn; those that take long to be noticed and mended come less often. */
const BLOWS: readonly Fault[] = ['pull', 'settings', 'errors', 'hang', 'pull', 'settings', 'pull', 'settings'];
/** The first disk reports errors, the second one hangs, the third one is pulled out or leaves the settings. */
const STRUCK: Readonly<Record<Fault, string>> = { errors: 'disk1', hang: 'disk2', pull: 'disk3', settings: 'disk3' };

/** A blow with what each camera had sent before it and when all was well again. */
interface Blow {
  readonly fault: Fault;
  readonly struck: ReadonlySet<string>;
  readonly before: ReadonlyMap<string, number>;
  readonly after: ReadonlyMap<string, number>;
}

export const yank: Scenario = {
  name: 'yank',
  what: 'one of three disks fails, hangs, is pulled out or leaves the settings',
  rounds: 40,
  skip: async () => (await skipWithout('ffprobe', 'ffmpeg', 'e2fsck')) || (await skipWithoutFaultyDisks()),
  run: async (lab, outcome) => {
    const stage = await Stage.set(lab);
    const blows: Blow[] = [];
    for (let round = 0; round < lab.rounds; round++) {
      blows.push(await stage.strike(BLOWS[round % BLOWS.length]!, outcome));
      outcome.rounds++;
    }
    await sleep(500);
    outcome.notes['media held in MB at most'] = Math.round(stage.bench.mostHeldBytes / 1e5) / 10;
    outcome.expect(await stage.bench.stop(), 'the recorder did not stop in order');
    for (const camera of CAMERAS) await judge(lab, stage, camera, blows, outcome);
  },
};

class Stage {
  readonly farm: CameraFarm;
  readonly folders: readonly string[];
  readonly bench: RecorderBench;
  readonly #lab: Lab;
  readonly #plan: RecordPlan;
  readonly #errors: FaultyDisk;
  readonly #hangs: FaultyDisk;
  readonly #pulled: LoopDisk;
  #homes: ReadonlyMap<string, readonly string[]> = new Map();

  private constructor(
    lab: Lab,
    farm: CameraFarm,
    disks: [FaultyDisk, FaultyDisk, LoopDisk],
    plan: RecordPlan,
    bench: RecorderBench,
  ) {
    this.#lab = lab;
    this.farm = farm;
    [this.#errors, this.#hangs, this.#pulled] = disks;
    this.folders = disks.map(({ path }) => path);
    this.#plan = plan;
    this.bench = bench;
  }

  static async set(lab: Lab): Promise<Stage> {
    const farm = await startFarm(
      lab,
      CAMERAS.map((path) => ({ path, clip: CLIPS[path].clip, faults: { paddingBytes: 6000 } })),
    );
    const disks: [FaultyDisk, FaultyDisk, LoopDisk] = [
      await FaultyDisk.create(lab, { bytes: DISK_BYTES }),
      await FaultyDisk.create(lab, { bytes: DISK_BYTES }),
      await LoopDisk.create(lab, { bytes: DISK_BYTES }),
    ];
    const plan = recordPlan(
      CAMERAS.map((id) => cameraPlan(farm, id)),
      disks.map(({ path }, i) => volumePlan(`disk${i + 1}`, path)),
    );
    const bench = await RecorderBench.start(lab, plan, { firmware: lab.firmware });
    const stage = new Stage(lab, farm, disks, plan, bench);
    stage.#homes = await bench.places();
    return stage;
  }

  /** One blow: its cameras must go on elsewhere and come home when all is well again. */
  async strike(fault: Fault, outcome: Outcome): Promise<Blow> {
    await sleep(this.#lab.random.between(200, 900));
    const struck = STRUCK[fault];
    const cameras = new Set(CAMERAS.filter((camera) => this.#homes.get(camera)?.includes(struck)));
    outcome.expect(cameras.size === 2, `${struck} is home to ${cameras.size} cameras`);
    const before = this.#lastSent();
    await this.#hit(fault);
    const away = ({ streams }: RecorderReport): boolean =>
      streams.every(({ recording, volumes }) => recording === 'recording' && !volumes.includes(struck));
    outcome.expect(await this.#reaches(`${fault}: away`, away), `${fault}: not all cameras went on elsewhere`);
    await sleep(this.#lab.random.between(100, 500));
    await this.#undo(fault);
    // A disk that has left the settings and comes back is a new one, which takes cameras off the others.
    const isHome = ({ streams }: RecorderReport): boolean =>
      fault === 'settings'
        ? this.folders.every((_, i) => streams.filter(({ volumes }) => volumes[0] === `disk${i + 1}`).length === 2)
        : streams.every(({ camera, volumes }) => volumes.join() === this.#homes.get(camera)!.join());
    outcome.expect(await this.#reaches(`${fault}: home`, isHome), `${fault}: not all cameras came home`);
    this.#homes = await this.bench.places();
    return { fault, struck: cameras, before, after: this.#lastSent() };
  }

  async #hit(fault: Fault): Promise<void> {
    if (fault === 'errors') await this.#errors.breakWrites();
    else if (fault === 'hang') await this.#hangs.freeze();
    else if (fault === 'pull') await this.#pulled.unmount({ lazy: true });
    else await this.bench.recorder.apply({ ...this.#plan, volumes: this.#plan.volumes.slice(0, 2) });
  }

  async #undo(fault: Fault): Promise<void> {
    if (fault === 'errors') {
      await this.#errors.unplug();
      await this.#errors.plugIn();
    } else if (fault === 'hang') {
      this.#hangs.thaw();
    } else if (fault === 'pull') {
      await this.#pulled.mount('noatime');
    } else {
      await this.bench.recorder.apply(this.#plan);
    }
  }

  #lastSent(): Map<string, number> {
    return new Map(
      this.farm.cameras.map(({ path, sessions }) => [
        path,
        Math.max(0, ...sessions.flatMap(({ sentFrames }) => sentFrames.at(-1) ?? 0)),
      ]),
    );
  }

  async #reaches(what: string, fits: (report: RecorderReport) => boolean): Promise<boolean> {
    const began = performance.now();
    const reached = await this.bench.reaches(fits);
    this.#lab.say(`${what} ${reached ? 'after' : 'not within'} ${Math.round(performance.now() - began)} ms`);
    return reached;
  }
}

/** What a camera has lost is a group of pictures at most for each blow to its disk; what is exported holds every picture once. */
async function judge(
  lab: Lab,
  stage: Stage,
  camera: keyof typeof CLIPS,
  blows: readonly Blow[],
  outcome: Outcome,
): Promise<void> {
  const { fps, gop } = CLIPS[camera];
  const exported = await exportAll(lab, stage.folders, camera);
  const sent = stage.farm.camera(camera).sessions.flatMap(({ sentFrames }) => sentFrames);
  const { missing, unexpected, repeated, disordered } = compareOrdinals(sent, await recordedOrdinals(exported));
  outcome.expect(unexpected.length === 0, `${camera}: ${unexpected.length} pictures were never sent`);
  outcome.expect(
    repeated.length === 0,
    `${camera}: ${repeated.length} pictures are in the export twice, from ${repeated[0]}`,
  );
  outcome.expect(disordered === 0, `${camera}: ${disordered} pictures are not in order`);
  let left: readonly number[] = missing;
  for (const { fault, before, after } of blows.filter(({ struck }) => struck.has(camera))) {
    const from = before.get(camera)! - UNDER_WAY_S * fps;
    const lost = left.filter((ordinal) => ordinal >= from && ordinal <= after.get(camera)!);
    left = left.filter((ordinal) => !lost.includes(ordinal));
    outcome.lost(lost.length / fps);
    outcome.expect(lost.length <= gop, `${fault}: ${camera} misses ${lost.length} pictures from ${lost[0]}`);
  }
  outcome.expect(
    left.length === 0,
    `${camera}: ${left.length} pictures are missing where its disk was in order, from ${left[0]}`,
  );
}
