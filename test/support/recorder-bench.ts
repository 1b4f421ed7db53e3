/** The recorder with its worker, real cameras and real folders, and nothing above it: plans change as fast as a test wants. */
import { randomUUID } from 'node:crypto';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BoxError } from '../../firmware/base/index.ts';
import { cutMovie, readSegment, type SegmentIndex } from '../../firmware/media/index.ts';
import type * as Recording from '../../firmware/recording/index.ts';
import type { CameraPlan, Homes, Recorder, RecordPlan, VolumePlan } from '../../firmware/recording/index.ts';
import type { RecorderReport } from '../../firmware/recording/report.ts';
import { fileReader } from '../../firmware/storage/recovery/segment-mending.ts';
import type { CameraFarm } from './camera/farm.ts';
import { tempFolder, type Teardown } from './temp-folder.ts';

const FIRMWARE = new URL('../../firmware/', import.meta.url).pathname;
const POLL_MS = 50;
const WAIT_MS = 30_000;

export function volumePlan(id: string, folder: string, more: Partial<VolumePlan> = {}): VolumePlan {
  return {
    id,
    folder,
    adopt: true,
    group: 'default',
    readOnly: false,
    budgetBytes: undefined,
    recoveryPointMs: 2000,
    sync: 'auto',
    ...more,
  };
}

/** One stream `main` from the farm, always recorded. */
export function cameraPlan(farm: CameraFarm, id: string, more: Partial<CameraPlan> = {}): CameraPlan {
  return {
    id,
    name: id,
    username: '',
    password: '',
    verifyTls: true,
    pin: '',
    policy: { mode: 'continuous', schedule: [], timeZone: 'UTC', postRecordS: 5 },
    preRecordS: 0,
    segmentSeconds: 8,
    group: '',
    copies: 1,
    streams: [{ id: 'main', url: farm.url(id), transport: 'tcp' }],
    ...more,
  };
}

export function recordPlan(cameras: readonly CameraPlan[], volumes: readonly VolumePlan[]): RecordPlan {
  return {
    addresses: { networks: [], ownPorts: [], loopback: true },
    napMs: 250,
    fragmentMs: 1000,
    segmentMaxBytes: 2 ** 30,
    queueMaxBytes: 64 * 1024 ** 2,
    preRecordMaxBytes: 2 ** 20,
    heldGopMaxBytes: 2 * 1024 ** 2,
    liveHeldMaxBytes: 4 * 1024 ** 2,
    watchOnly: [],
    cameras,
    volumes,
  };
}

export interface BenchOptions {
  /** Folder of the firmware under test; default: this one. */
  readonly firmware?: string;
  readonly homes?: Homes;
  /** The catalogue refuses every volume. */
  readonly attachFails?: boolean;
  /** The plan comes as new settings, too, while the worker is still starting. */
  readonly planAgain?: boolean;
}

export class RecorderBench {
  readonly recorder: Recorder;
  /** Problems that stand, by subject and topic. */
  readonly problems: Map<string, string>;
  /** Volumes that were let go of. */
  readonly left: string[];
  /** Volumes that the catalogue was told of. */
  readonly attached: { volume: string; folder: string; readOnly?: boolean }[];
  /** What the catalogue was asked. */
  readonly asked: string[] = [];
  homes: Homes = [];
  mostHeldBytes = 0;
  /** How often the worker had to be started again. */
  restarts = 0;

  private constructor(parts: Pick<RecorderBench, 'recorder' | 'problems' | 'left' | 'attached'>) {
    this.recorder = parts.recorder;
    this.problems = parts.problems;
    this.left = parts.left;
    this.attached = parts.attached;
  }

  /** Resolves when all cameras of the plan are recorded. */
  static async start(t: Teardown, plan: RecordPlan, options: BenchOptions = {}): Promise<RecorderBench> {
    const door = join(options.firmware ?? FIRMWARE, 'recording/index.ts');
    const tested = (await import(door)) as typeof Recording;
    const problems = new Map<string, string>();
    const left: string[] = [];
    const attached: RecorderBench['attached'] = [];
    const recorder = new tested.Recorder(
      {
        box: '7a1f0c52-6d2e-4f0b-9c55-0d6f7f3b1a10',
        boot: randomUUID(),
        logLevel: 'silent',
        plan,
        homes: options.homes ?? [],
        sparings: [],
      },
      {
        problem: (subject, topic, error) => {
          if (error) problems.set(`${subject} ${topic}`, error.code);
          else problems.delete(`${subject} ${topic}`);
        },
        volume: () => undefined,
        left: (id) => left.push(id),
        certificate: () => undefined,
        homes: (homes) => {
          bench.homes = homes;
        },
        // There is no catalogue: recovery goes by the journals alone.
        catalogue: (ask, args) => {
          bench.asked.push(ask);
          if (ask === 'attach') attached.push(args as RecorderBench['attached'][number]);
          if (ask === 'attach' && options.attachFails) return Promise.reject(new BoxError('catalogue.failed'));
          const answer = ask === 'attach' ? { lost: false } : ask === 'lastEnd' ? undefined : [];
          return Promise.resolve(answer as never);
        },
        began: () => {
          bench.restarts++;
        },
        ready: () => undefined,
        log: () => undefined,
      },
      10_000,
    );
    const bench = new RecorderBench({ recorder, problems, left, attached });
    t.teardown(() => recorder.stop());
    const started = recorder.start();
    if (options.planAgain) await Promise.all([recorder.apply(plan), recorder.apply(plan)]);
    await started;
    const streams = plan.cameras.reduce((sum, camera) => sum + camera.streams.length, 0);
    const recording = (report: RecorderReport): boolean =>
      report.streams.filter((each) => each.recording === 'recording').length === streams;
    if (!(await bench.reaches(recording))) throw new Error('the cameras are not recorded');
    return bench;
  }

  /** Looks at the report until it fits; false if it does not in time. */
  async reaches(fits: (report: RecorderReport) => boolean, limitMs = WAIT_MS): Promise<boolean> {
    const until = performance.now() + limitMs;
    while (performance.now() < until) {
      const report = await this.recorder.ask('report', {});
      this.mostHeldBytes = Math.max(this.mostHeldBytes, report.mediaBytesHeld);
      if (fits(report)) return true;
      await sleep(POLL_MS);
    }
    return false;
  }

  /** The volumes that each camera is recorded on now. */
  async places(): Promise<Map<string, readonly string[]>> {
    const { streams } = await this.recorder.ask('report', {});
    return new Map(streams.map(({ camera, volumes }) => [camera, volumes]));
  }

  /** True if nothing was left undone. */
  async stop(): Promise<boolean> {
    await this.recorder.stop();
    return this.recorder.stoppedClean;
  }
}

/** Segments of a camera in a volume's folder. */
export async function segmentsOf(folder: string, camera: string): Promise<string[]> {
  const top = join(folder, 'video', camera);
  const names = await readdir(top, { recursive: true }).catch(() => [] as string[]);
  return names
    .filter((name) => name.endsWith('.mp4'))
    .sort()
    .map((name) => join(top, name));
}

/** All that the volumes have of a camera as one file, as an export makes it. */
export async function exportAll(t: Teardown, folders: readonly string[], camera: string): Promise<string> {
  const files: { path: string; index: SegmentIndex }[] = [];
  for (const folder of folders) {
    for (const path of await segmentsOf(folder, camera)) {
      await using handle = await open(path);
      files.push({ path, index: await readSegment(await fileReader(handle)) });
    }
  }
  files.sort((a, b) => a.index.identity.startWallUs - b.index.identity.startWallUs);
  const cut = cutMovie({ segments: files.map(({ index }) => index), fromUs: 0, toUs: Number.MAX_SAFE_INTEGER });
  const path = join(await tempFolder(t, 'export'), `${camera}.mp4`);
  await using out = await open(path, 'w');
  await out.write(cut.head);
  for (const { segment, offset, length } of cut.pieces) {
    await using handle = await open(files[segment]!.path);
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, offset);
    await out.write(buffer);
  }
  return path;
}
