import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LoopDisk, skipWithoutLoopDisks } from '../../test/support/loop-disk.ts';
import { Box } from './box.ts';
import { Cameras } from './cameras.ts';
import { costOf, deviceBytes, load, memoryOf, syncFolder, type Cost, type Memory } from './meter.ts';
import { startFfmpeg, startFloor, type Recorder } from './others.ts';
import { CLIP_FPS } from './media.ts';
import { checkPictures, type Pictures } from './pictures.ts';

export interface LabOptions {
  /**
   * From the first picture of the box on, before anything is measured. The code that every picture passes through is compiled by then,
   * which is of no account for a recorder that runs for months.
   */
  readonly warmUpS: number;
  readonly windowS: number;
  /** A disk of its own, if that can be made; else a folder. */
  readonly disk: boolean;
  readonly compiledFloor: string | undefined;
  readonly say: (text: string) => void;
}

/** What one recorder cost in one window. */
export interface Figures {
  /** CPU seconds per camera and minute. */
  readonly cpu: number;
  readonly memory: Memory;
  readonly writesPerCameraS: number;
  readonly camerasCpu: number;
  readonly load: number;
}

export interface BoxFigures extends Figures {
  readonly firstMs: number;
  readonly allMs: number;
  /** Bytes by write calls and bytes to the device, to bytes of media. The second is undefined without a disk of its own. */
  readonly writtenRatio: number;
  readonly deviceRatio: number | undefined;
  readonly loopDelayMs: number;
  readonly recordLoopDelayMs: number;
  readonly pictures: Pictures;
}

export interface BoxRun {
  readonly cameras: number;
  readonly audio: boolean;
  readonly transport?: 'tcp' | 'udp';
  /** A live reader on each stream. */
  readonly watched?: boolean;
  /** Instead of the lab's own, where processor time is not asked for. */
  readonly warmUpS?: number;
}

const DISK_BYTES = 6e9;
const START_LIMIT_MS = 20_000;
/** Programs that are compiled already only need to connect; ffmpeg looks at a stream for some seconds before it writes. */
const OTHERS_WARM_UP_S = 15;

/** The place where recorders run one after another under the same conditions, on a disk of their own where that can be made. */
export class Lab {
  readonly #options: LabOptions;
  readonly #teardowns: (() => unknown)[] = [];
  #place = '';
  #work = '';
  #disk: LoopDisk | undefined;

  constructor(options: LabOptions) {
    this.#options = options;
  }

  /** Why nothing is said about bytes to the device; undefined if it is. */
  noDisk: string | undefined;

  async open(): Promise<void> {
    this.#work = await mkdtemp(join(tmpdir(), 'bench-'));
    this.#teardowns.push(() => rm(this.#work, { recursive: true, force: true }));
    const why = this.#options.disk ? await skipWithoutLoopDisks() : 'in a folder';
    if (why !== false) {
      this.noDisk = why;
      this.#place = join(this.#work, 'disk');
      return;
    }
    const teardown = { teardown: (run: () => unknown): void => void this.#teardowns.push(run) };
    this.#disk = await LoopDisk.create(teardown, { bytes: DISK_BYTES });
    this.#place = join(this.#disk.path, 'bench');
  }

  async close(): Promise<void> {
    for (const run of this.#teardowns.toReversed()) await run();
  }

  async ffmpeg(run: { cameras: number; audio: boolean }): Promise<Figures> {
    return this.#other('ffmpeg per camera', run, (cameras) => startFfmpeg(cameras, this.#place, this.#log('ffmpeg')));
  }

  async floor(run: { cameras: number; audio: boolean; napMs: number }): Promise<Figures> {
    const { compiledFloor: compiled } = this.#options;
    const options = { log: this.#log('floor'), compiled, tracks: run.audio ? 2 : 1, napMs: run.napMs };
    const name = run.napMs > 0 ? `floor, reads every ${run.napMs} ms` : 'floor, wakes per packet';
    return this.#other(name, run, (cameras) => startFloor(cameras, this.#place, options));
  }

  async box(run: BoxRun): Promise<BoxFigures> {
    const { windowS } = this.#options;
    const warmUpS = run.warmUpS ?? this.#options.warmUpS;
    const name = [run.audio ? 'audio' : 'no audio', run.transport ?? 'tcp', ...(run.watched ? ['watched'] : [])];
    this.#options.say(`box, ${run.cameras} cameras, ${name.join(', ')}`);
    return this.#with(run, async (cameras) => {
      const box = await this.startBox(cameras, run.transport ?? 'tcp');
      const firstMs = await box.recording(1, START_LIMIT_MS);
      const allMs = await box.recording(run.cameras, START_LIMIT_MS);
      const watches = run.watched ? watchAll(box, run.cameras, warmUpS + windowS) : Promise.resolve();
      await seconds(warmUpS);
      await box.status();
      const before = await this.#look([box.pid], box);
      await seconds(windowS);
      const after = await this.#look([box.pid], box);
      const { process: loops } = await box.status();
      const memory = memoryOf([box.pid]);
      const camerasCpu = costOf([cameras.pid]).cpuS;
      await watches;
      await box.stop();
      const pictures = await checkPictures(box, await cameras.sent(), CLIP_FPS);
      const growth = after.fileBytes - before.fileBytes;
      const perMedia = pictures.fileBytes / pictures.mediaBytes;
      return {
        ...figuresOf(before.cost, after.cost, run.cameras),
        memory,
        camerasCpu: camerasCpu / ((performance.now() - box.startedMs) / 1000),
        firstMs,
        allMs,
        writtenRatio: ((after.cost.writtenBytes - before.cost.writtenBytes) / growth) * perMedia,
        deviceRatio: this.#disk && ((after.deviceBytes - before.deviceBytes) / growth) * perMedia,
        loopDelayMs: loops.loopDelayMsP99,
        recordLoopDelayMs: loops.recordLoopDelayMsP99,
        pictures,
      };
    });
  }

  /** Runs the work with cameras and an empty place to record to. */
  async with<T>(run: { cameras: number; audio: boolean }, work: (cameras: Cameras) => Promise<T>): Promise<T> {
    return this.#with(run, work);
  }

  startBox(cameras: Cameras, transport: 'tcp' | 'udp' = 'tcp'): Promise<Box> {
    const urls = Array.from({ length: cameras.count }, (_, index) => cameras.url(index));
    return Box.start({ data: this.data, log: this.#log('box'), urls, transport });
  }

  get data(): string {
    return join(this.#place, 'data');
  }

  async #other(
    name: string,
    run: { cameras: number; audio: boolean },
    start: (cameras: Cameras) => Promise<Recorder>,
  ): Promise<Figures> {
    const { warmUpS, windowS, say } = this.#options;
    say(`${name}, ${run.cameras} cameras, ${run.audio ? 'audio' : 'no audio'}`);
    return this.#with(run, async (cameras) => {
      const recorder = await start(cameras);
      await seconds(Math.min(warmUpS, OTHERS_WARM_UP_S));
      const before = costOf(recorder.pids);
      const camerasBefore = costOf([cameras.pid]);
      await seconds(windowS);
      const after = costOf(recorder.pids);
      const memory = memoryOf(recorder.pids);
      const camerasCpu = costOf([cameras.pid]).cpuS - camerasBefore.cpuS;
      await recorder.stop();
      return { ...figuresOf(before, after, run.cameras), memory, camerasCpu: camerasCpu / windowS };
    });
  }

  async #with<T>(run: { cameras: number; audio: boolean }, work: (cameras: Cameras) => Promise<T>): Promise<T> {
    await mkdir(this.#place, { recursive: true });
    const cameras = await Cameras.start({ count: run.cameras, audio: run.audio, folder: this.#work });
    try {
      return await work(cameras);
    } finally {
      await cameras.stop();
      await rm(this.#place, { recursive: true, force: true });
    }
  }

  async #look(pids: readonly number[], box: Box): Promise<{ cost: Cost; fileBytes: number; deviceBytes: number }> {
    if (this.#disk) await syncFolder(this.#place);
    const sizes = await Promise.all((await videoFiles(box)).map(async (file) => (await stat(file)).size));
    const fileBytes = sizes.reduce((sum, size) => sum + size, 0);
    return { cost: costOf(pids), fileBytes, deviceBytes: this.#disk ? deviceBytes(this.#place) : 0 };
  }

  #log(name: string): string {
    return join(this.#work, `${name}.log`);
  }
}

export function seconds(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count * 1000));
}

function figuresOf(before: Cost, after: Cost, cameras: number): Pick<Figures, 'cpu' | 'writesPerCameraS' | 'load'> {
  const spanS = (after.atMs - before.atMs) / 1000;
  return {
    cpu: ((after.cpuS - before.cpuS) * 60) / (spanS * cameras),
    writesPerCameraS: (after.writeCalls - before.writeCalls) / (spanS * cameras),
    load: load(),
  };
}

async function watchAll(box: Box, cameras: number, forS: number): Promise<void> {
  const asks = Array.from({ length: cameras }, (_, index) =>
    box.ask<{ frames: number }>('cameras.watch', { camera: `cam${index}`, seconds: Math.ceil(forS) }),
  );
  const least = Math.min(...(await Promise.all(asks)).map(({ frames }) => frames));
  if (least < forS * CLIP_FPS * 0.9) throw new Error(`a live reader saw only ${least} pictures in ${forS} s`);
}

async function videoFiles(box: Box): Promise<string[]> {
  const root = join(box.data, 'recordings/video');
  const names = await readdir(root, { recursive: true });
  return names.filter((name) => name.endsWith('.mp4')).map((name) => join(root, name));
}
