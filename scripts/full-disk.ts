/**
 * npm run full-disk [-- --minutes 30 --cameras 16 --gigabytes 1]: records to two volumes that are full, a disk of its own where one
 * can be made and a folder with a budget, and looks whether anything is lost, whether the limit is ever passed, and whether what is
 * deleted is what was planned. Ends with 1 if not. Filling comes before the minutes; it takes about 4 min per 2 GB with 16 cameras.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LoopDisk, skipWithoutLoopDisks } from '../test/support/loop-disk.ts';
import { compareOrdinals, recordedPictures } from '../test/support/ordinals.ts';
import { findProgram } from '../test/support/programs.ts';
import { Box } from './bench/box.ts';
import { Cameras } from './bench/cameras.ts';
import { seconds } from './bench/lab.ts';

const SAMPLE_S = 2;
const GIB = 1024 ** 3;
const MOST_ERROR = 0.01;
const ALWAYS = { stream: 'main', from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' };
/** Words of the log that say that something was not written. */
const FAULTS =
  /^.*"msg":"(recording\.(refused|write-failed|finish-failed)|volume\.(state|delete-failed|append-failed))".*$/gm;

interface VolumeSpace {
  readonly id: string;
  readonly state: string;
  readonly closed: boolean;
  readonly usedBytes: number;
  readonly lowBytes: number;
  readonly highBytes: number;
  readonly limitBytes: number;
  readonly plannedBytes: number;
  readonly deletedBytes: number;
}

/** The worst that was seen of a volume since it was full. */
interface Worst {
  share: number;
  /** How far outside of its marks, as a share of the limit. */
  off: number;
  /** Between what deletion was asked for and what is gone, as a share of the former. */
  deletion: number;
  /** Between what the box says is used and what the files take, as a share of the limit. */
  files: number;
  readonly states: Set<string>;
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    cameras: { type: 'string', default: '16' },
    gigabytes: { type: 'string', default: '1' },
  },
});
const minutes = Number(values.minutes);
const count = Number(values.cameras);
const volumeBytes = Math.round(Number(values.gigabytes) * GIB);
if (!(await findProgram('ffmpeg'))) throw new Error('the full-disk run needs ffmpeg and ffprobe');

const teardowns: (() => unknown)[] = [];
const teardown = { teardown: (run: () => unknown): void => void teardowns.push(run) };

function say(text: string): void {
  process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}

/** The volumes as settings: a real disk that is filled to the brim, and a folder that may take so much. */
async function makeVolumes(work: string): Promise<{ id: string; folder: string; budgetBytes?: number }[]> {
  const budget = { id: 'budget', folder: join(work, 'budget'), budgetBytes: volumeBytes };
  const why = await skipWithoutLoopDisks();
  if (why === false) {
    const disk = await LoopDisk.create(teardown, { bytes: volumeBytes });
    return [{ id: 'disk', folder: join(disk.path, 'recordings') }, budget];
  }
  say(`without a disk of its own (${why}): two folders with budgets`);
  return [{ id: 'other', folder: join(work, 'other'), budgetBytes: volumeBytes }, budget];
}

async function sizeOf(folder: string): Promise<number> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.mp4'));
  // What is deleted meanwhile takes nothing.
  const sizes = names.map(async (name) => (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function look(box: Box, folders: ReadonlyMap<string, string>, worst: Map<string, Worst>): Promise<void> {
  const { volumes } = await box.ask<{ volumes: VolumeSpace[] }>('space.show', {});
  for (const volume of volumes) {
    const { id, usedBytes, lowBytes, highBytes, limitBytes, plannedBytes, deletedBytes } = volume;
    const files = await sizeOf(folders.get(id)!);
    let seen = worst.get(id);
    if (!seen) worst.set(id, (seen = { share: 0, off: 0, deletion: 0, files: 0, states: new Set() }));
    seen.share = Math.max(seen.share, Math.max(usedBytes, files) / limitBytes);
    seen.off = Math.max(seen.off, Math.max(lowBytes - usedBytes, usedBytes - highBytes) / limitBytes);
    seen.deletion = plannedBytes > 0 ? (plannedBytes - deletedBytes) / plannedBytes : 0;
    seen.files = Math.max(seen.files, Math.abs(usedBytes - files) / limitBytes);
    seen.states.add(volume.closed ? `${volume.state} and closed` : volume.state);
  }
}

async function gapSeconds(box: Box): Promise<number> {
  let sum = 0;
  for (let index = 0; index < count; index++) {
    const range = { camera: `cam${index}`, ...ALWAYS };
    for (const gap of await box.ask<{ seconds: number }[]>('gaps.list', range)) sum += gap.seconds;
  }
  return sum;
}

/** Pictures that are wrong or missing between the first and the last recorded one, over all cameras, of a box that was stopped. */
async function checkPictures(
  folders: readonly string[],
  cameras: Cameras,
): Promise<{ wrong: number; pictures: number }> {
  const sent = await cameras.sent();
  let [wrong, pictures] = [0, 0];
  for (let index = 0; index < count; index++) {
    const ordinals: number[] = [];
    for (const file of await filesOf(folders, `cam${index}`)) {
      for (const { ordinal } of await recordedPictures(file)) ordinals.push(ordinal ?? -1);
    }
    const all = sent[index]!.ranges.flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, i) => first + i),
    );
    const { missing, unexpected, repeated, disordered } = compareOrdinals(all, ordinals);
    wrong += missing.length + unexpected.length + repeated.length + disordered;
    pictures += ordinals.length;
  }
  return { wrong, pictures };
}

/** The files of a camera on all volumes, in the order of their times, which their names say. */
async function filesOf(folders: readonly string[], camera: string): Promise<string[]> {
  const found: { when: string; file: string }[] = [];
  for (const folder of folders) {
    const place = join(folder, 'video', camera);
    for (const name of await readdir(place, { recursive: true }).catch(() => [])) {
      if (name.endsWith('.mp4')) found.push({ when: name, file: join(place, name) });
    }
  }
  return found.toSorted((a, b) => (a.when < b.when ? -1 : 1)).map(({ file }) => file);
}

async function run(work: string): Promise<boolean> {
  const volumes = await makeVolumes(work);
  const folders = new Map(volumes.map(({ id, folder }) => [id, folder]));
  for (const folder of folders.values()) await mkdir(folder, { recursive: true });
  const cameras = await Cameras.start({ count, audio: true, folder: work });
  teardowns.push(() => cameras.stop());
  const settings = {
    version: 1,
    cameras: Array.from({ length: count }, (_, index) => ({
      id: `cam${index}`,
      streams: [{ id: 'main', url: cameras.url(index) }],
    })),
    volumes,
    recording: { segmentSeconds: 10 },
  };
  const data = join(work, 'data');
  const log = join(work, 'box.log');
  await mkdir(data);
  await writeFile(join(data, 'settings.json'), JSON.stringify(settings), { mode: 0o600 });
  const box = await Box.start({ data, log, urls: [], transport: 'tcp' });
  teardowns.push(() => box.stop());
  await until(async () => (await box.status().catch(() => undefined))?.recording === count);
  say(`${count} cameras are recorded; filling two volumes of ${(volumeBytes / GIB).toFixed(1)} GiB`);
  await until(async () => {
    const { volumes: now } = await untilAnswered(() => box.ask<{ volumes: VolumeSpace[] }>('space.show', {}));
    return now.length === folders.size && now.every(({ deletedBytes }) => deletedBytes > 0);
  });
  say(`full; now for ${minutes} min`);
  const worst = new Map<string, Worst>();
  // A machine that is busy with others may keep an answer back; the next look sees what this one would have.
  let [looks, missed] = [0, 0];
  const beganMs = performance.now();
  while (performance.now() - beganMs < minutes * 60_000) {
    await seconds(SAMPLE_S);
    looks++;
    await look(box, folders, worst).catch(() => missed++);
  }
  const gaps = await untilAnswered(() => gapSeconds(box));
  const faults = (await readFile(log, 'utf8')).match(FAULTS) ?? [];
  for (const line of faults) say(line);
  await box.stop();
  const { wrong, pictures } = await checkPictures([...folders.values()], cameras);
  let good = gaps === 0 && wrong === 0 && faults.length === 0 && missed < looks / 2;
  say(`${looks} looks, ${missed} of them without an answer`);
  for (const [id, { share, off, deletion, files, states }] of worst) {
    say(
      `${id}: at most ${percent(share)} of the limit, ${percent(off)} off its marks, deletion ${percent(deletion)} ` +
        `behind its plan, files ${percent(files)} off what the box says; ${[...states].join(', ')}`,
    );
    good &&= share <= 1 && off <= MOST_ERROR && deletion <= MOST_ERROR;
  }
  say(`${faults.length} write errors, ${gaps.toFixed(1)} s of gaps, ${wrong} of ${pictures} pictures wrong or missing`);
  return good;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      say(String(error));
      await seconds(SAMPLE_S);
    }
  }
}

async function until(is: () => Promise<boolean>): Promise<void> {
  while (!(await is())) await seconds(SAMPLE_S);
}

const work = await mkdtemp(join(tmpdir(), 'full-disk-'));
teardowns.push(() => rm(work, { recursive: true, force: true }));
try {
  const good = await run(work);
  say(good ? 'good' : 'NOT good');
  process.exitCode = good ? 0 : 1;
} finally {
  for (const each of teardowns.toReversed()) await each();
}
