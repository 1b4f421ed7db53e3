import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { syntheticRecords, writeSyntheticJournal } from '../../test/support/synthetic-journal.ts';
import { systemClock } from '../../firmware/base/index.ts';
import { CatalogueClient, DAY_US, openVolumeFolder, quickStart, takeOverVolume } from '../../firmware/storage/index.ts';
import { Box } from './box.ts';
import { Cameras } from './cameras.ts';
import { judged, type Row } from './rows.ts';

const VOLUMES = 4;
const SEGMENTS = 1_000_000;
const CAMERAS = 32;
const SEGMENT_US = 300_000_000;
const ADOPTED = 100_000;
const QUESTIONS = 300;
const RECORDED_CAMERAS = 8;
const OTHER_BOX = '99999999-9999-4999-8999-999999999999';
const BOX = '11111111-2222-4333-8444-555555555555';

/** A million segments over four volumes, and a disk with a hundred thousand that comes from another box. */
export async function measureDisks(say: (text: string) => void): Promise<Row[]> {
  const root = await mkdtemp(join(tmpdir(), 'bench-disks-'));
  try {
    say(`${SEGMENTS} segments over ${VOLUMES} volumes`);
    const { day, month, allMs } = await measureQueries(root);
    say('recording starts over them');
    const startMs = await measureStart(root);
    say(`a volume with ${ADOPTED} segments is adopted`);
    const adoption = await measureAdoption(root);
    return [
      judged('a day of a camera, p95', `${day.toFixed(2)} ms`, { value: day, must: 50, aim: 10 }, ms),
      judged(
        'the calendar of a month of a camera, p95',
        `${month.toFixed(2)} ms`,
        { value: month, must: 20, aim: 5 },
        ms,
      ),
      judged(
        'start of process to first camera recording, four volumes',
        ms(Math.round(startMs)),
        { value: startMs, must: 3000, aim: 1500 },
        ms,
      ),
      judged(
        `a volume with ${ADOPTED} segments adopted`,
        `${(adoption.allMs / 1000).toFixed(2)} s (recording could begin after ${adoption.readyMs.toFixed(0)} ms)`,
        { value: adoption.allMs, must: 10_000, aim: 5000 },
        ms,
      ),
      judged(
        'the catalogue of all four volumes from their journals',
        `${(allMs / 1000).toFixed(1)} s`,
        { value: allMs, must: Infinity, aim: 20_000 },
        ms,
      ),
    ];
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Each camera's segments go to the volumes in turn, so that every day lies on all of them. */
async function writeVolumes(root: string): Promise<{ volume: string; folder: string }[]> {
  const perVolume = SEGMENTS / VOLUMES;
  const volumes: { volume: string; folder: string }[] = [];
  for (let index = 0; index < VOLUMES; index++) {
    const folder = join(root, 'data', `disk${index}`);
    const opened = await openVolumeFolder(folder, { box: BOX, adoptEmpty: true, deadlineMs: 5000, clock: systemClock });
    await opened.close();
    await writeSyntheticJournal(join(folder, 'journal'), {
      segments: perVolume,
      cameras: CAMERAS,
      startUs: startUs() + index * SEGMENT_US,
      segmentUs: SEGMENT_US * VOLUMES,
    });
    volumes.push({ volume: opened.identity.volume, folder });
  }
  return volumes;
}

async function measureQueries(root: string): Promise<{ day: number; month: number; allMs: number }> {
  const volumes = await writeVolumes(root);
  const client = new CatalogueClient({ path: join(root, 'data', 'catalogue.db'), onFeedPort: () => undefined });
  await client.start();
  const fromMs = performance.now();
  for (const { volume, folder } of volumes) await client.attach(volume, folder);
  const allMs = performance.now() - fromMs;
  const firstDay = Math.ceil(startUs() / DAY_US);
  const days = Math.floor((SEGMENTS / CAMERAS) * (SEGMENT_US / DAY_US)) - 32;
  const someDay = (question: number): number => firstDay + ((question * 7919) % days);
  const camera = (question: number): string => `cam-${String(1 + (question % CAMERAS)).padStart(2, '0')}`;
  const day = await p95(async (question) => {
    const fromUs = someDay(question) * DAY_US;
    const of = { camera: camera(question), stream: 'main', fromUs, toUs: fromUs + DAY_US };
    const found = await client.ask('segments', of);
    // On the first day some have not begun yet.
    if (found.length < (DAY_US / SEGMENT_US) * 0.95) throw new Error(`only ${found.length} segments in a day`);
  });
  const month = await p95(async (question) => {
    const fromDay = someDay(question);
    await client.ask('days', { camera: camera(question), stream: 'main', fromDay, toDay: fromDay + 30 });
  });
  await client.stop();
  return { day, month, allMs };
}

/** Milliseconds until the first camera is recorded, by a box over these volumes and their catalogue. */
async function measureStart(root: string): Promise<number> {
  const cameras = await Cameras.start({ count: RECORDED_CAMERAS, audio: false, folder: root });
  try {
    const data = join(root, 'data');
    const volumes = Array.from({ length: VOLUMES }, (_, index) => ({
      id: `disk${index}`,
      folder: `disk${index}`,
      budgetBytes: 2 ** 50,
    }));
    const urls = Array.from({ length: RECORDED_CAMERAS }, (_, index) => cameras.url(index));
    const options = { data, log: join(root, 'box.log'), urls, transport: 'tcp' as const, volumes, box: BOX };
    const box = await Box.start(options);
    try {
      return await box.recording(1, 30_000);
    } finally {
      await box.stop();
    }
  } finally {
    await cameras.stop();
  }
}

/** From the command until all its footage can be found; nothing of it is known before. */
async function measureAdoption(root: string): Promise<{ readyMs: number; allMs: number }> {
  const folder = join(root, 'foreign');
  const foreign = { box: OTHER_BOX, adoptEmpty: true, deadlineMs: 5000, clock: systemClock };
  await (await openVolumeFolder(folder, foreign)).close();
  const options = { segments: ADOPTED, cameras: CAMERAS, startUs: startUs(), segmentUs: SEGMENT_US };
  await writeSyntheticJournal(join(folder, 'journal'), options);
  await writeFiles(folder, options);
  const client = new CatalogueClient({ path: join(root, 'adopting.db'), onFeedPort: () => undefined });
  await client.start();
  const fromMs = performance.now();
  await takeOverVolume(folder, BOX);
  const opened = await openVolumeFolder(folder, { ...foreign, box: BOX, adoptEmpty: false });
  const quick = await quickStart(folder);
  const readyMs = performance.now() - fromMs;
  await client.attach(opened.identity.volume, folder);
  const found = await client.ask('segments', { camera: 'cam-01', stream: 'main', fromUs: 0, toUs: 9e15 });
  const allMs = performance.now() - fromMs;
  if (found.length < ADOPTED / CAMERAS || quick.needsInventory)
    throw new Error('the volume was not read by its journal');
  await opened.close();
  await client.stop();
  return { readyMs, allMs };
}

/** Files as they lie on a disk, but empty: nobody reads them while a volume is adopted. */
async function writeFiles(folder: string, options: Parameters<typeof syntheticRecords>[0]): Promise<void> {
  let made = '';
  for (const record of syntheticRecords(options)) {
    if (record.t !== 'open') continue;
    const path = join(folder, record.path);
    if (dirname(path) !== made) await mkdir((made = dirname(path)), { recursive: true });
    await writeFile(path, '');
  }
}

async function p95(ask: (question: number) => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let question = 0; question < QUESTIONS; question++) {
    const fromMs = performance.now();
    await ask(question);
    times.push(performance.now() - fromMs);
  }
  return times.sort((a, b) => a - b)[Math.floor(QUESTIONS * 0.95)]!;
}

/** So that the newest segment is about as old as the disk is away. */
function startUs(): number {
  return Math.floor(Date.now() / 86_400_000 - 120) * DAY_US;
}

function ms(limit: number): string {
  return `${limit} ms`;
}
