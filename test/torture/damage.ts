import { appendFile, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CameraFarm } from '../support/camera/farm.ts';
import { skipWithout } from '../support/programs.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { BoxProcess } from './box-process.ts';
import { countLoss, expectSound, Projector, recordedIn, segmentFiles, Sent, sessionCounts } from './footage.ts';
import { inLanes, type Lab, type Outcome, type Scenario } from './lab.ts';
import { FPS, startFarm, writeScene } from './scene.ts';

interface Harm {
  readonly name: string;
  readonly when: 'running' | 'stopped' | 'killed';
  readonly allowedLossS: number;
  do(data: string): Promise<void>;
}

/** A clean end costs what waits in the sockets, a violent one a fragment and a nap. */
const STOPPED_S = 0.4;
const KILLED_S = 1.5;
/** Of the last fragment of a file. */
const TAIL_BYTES = 6000;
const LANES = 3;

const HARMS: readonly Harm[] = [
  ...(['stopped', 'running'] as const).flatMap((when) => [
    { name: 'catalogue deleted', when, allowedLossS: STOPPED_S, do: deleteCatalogue },
    { name: 'catalogue overwritten', when, allowedLossS: STOPPED_S, do: spoilCatalogue },
    { name: 'journal deleted', when, allowedLossS: STOPPED_S, do: deleteJournal },
  ]),
  { name: 'journal torn', when: 'stopped', allowedLossS: STOPPED_S, do: tearJournal },
  { name: 'journal spoilt in its middle', when: 'stopped', allowedLossS: STOPPED_S, do: spoilJournal },
  { name: 'settings truncated', when: 'stopped', allowedLossS: STOPPED_S, do: truncateSettings },
  { name: 'growing files torn', when: 'killed', allowedLossS: KILLED_S + 1, do: tearFiles },
  { name: 'growing files end with zeros', when: 'killed', allowedLossS: KILLED_S + 1, do: zeroTails },
];

/** What the box keeps on its disks is taken away or spoilt, while it runs and while it does not. */
export const damage: Scenario = {
  name: 'damage',
  what: 'catalogue, journal, settings and files spoilt',
  rounds: 3,
  skip: () => skipWithout('ffprobe', 'ffmpeg'),
  run: async (lab, outcome) => {
    for (let round = 0; round < (lab.brief ? 1 : lab.rounds); round++) {
      const jobs = HARMS.map((harm) => async () => {
        const farm = await startFarm(lab, [
          { path: 'gate', faults: { paddingBytes: 12_000 } },
          { path: 'yard', audio: 'aac' },
        ]);
        await suffer(lab, farm, harm, outcome);
        await farm.stop();
        outcome.rounds++;
      });
      await inLanes(LANES, jobs);
    }
  },
};

async function suffer(lab: Lab, farm: CameraFarm, harm: Harm, outcome: Outcome): Promise<void> {
  const what = `${harm.name} (${harm.when})`;
  const data = await tempFolder(lab, 'torture-damage');
  await writeScene(data, { farm });
  const blows: Sent[] = [];
  const first = await record(lab, farm, data, async (box, sent) => {
    if (harm.when === 'running') await harm.do(data);
    if (harm.when === 'running') await sleep(2000);
    blows.push(sent());
    await (harm.when === 'killed' ? box.kill() : box.stop());
  });
  if (harm.when !== 'running') await harm.do(data);
  const again = await record(lab, farm, data, async (box, sent) => {
    await box.heard('volume.recovered');
    blows.push(sent());
    const end = await box.stop();
    outcome.expect(end?.code === 0, `${what}: the next box ended with ${JSON.stringify(end)}`);
  });
  outcome.expect(
    !first.has('recorder.crashed') && !again.has('recorder.crashed'),
    `${what}: the record worker crashed`,
  );
  await expectSound(lab, data, what, outcome, true);
  const recorded = recordedIn(await new Projector().watch(join(data, 'recordings')), outcome);
  blows.forEach((sent, index) => {
    const limitS = index === 0 ? harm.allowedLossS : STOPPED_S;
    countLoss(sent, recorded, { fps: FPS, limitS, what: `${what}, box ${index}` }, outcome);
  });
}

async function record(
  lab: Lab,
  farm: CameraFarm,
  data: string,
  end: (box: BoxProcess, sent: () => Sent) => Promise<void>,
): Promise<BoxProcess> {
  const since = sessionCounts(farm);
  const box = await BoxProcess.start(lab, data);
  await box.reaches(({ recording, expected }) => recording === expected);
  await sleep(lab.random.between(1500, 4500));
  await end(box, () => Sent.now(farm, since));
  return box;
}

async function deleteCatalogue(data: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm']) await rm(join(data, `catalogue.db${suffix}`), { force: true });
}

async function spoilCatalogue(data: string): Promise<void> {
  const path = join(data, 'catalogue.db');
  const file = await open(path, 'r+');
  const { size } = await file.stat();
  await file.write(Buffer.alloc(Math.max(4096, size >> 1), 0xa5), 0, undefined, Math.min(100, size));
  await file.close();
}

function journalFolder(data: string): string {
  return join(data, 'recordings', 'journal');
}

async function deleteJournal(data: string): Promise<void> {
  await rm(journalFolder(data), { recursive: true });
}

async function newestJournal(data: string): Promise<string> {
  const names = (await readdir(journalFolder(data))).filter((name) => name.endsWith('.log')).sort();
  return join(journalFolder(data), names.at(-1)!);
}

/** The last line is cut, and half a line of nothing is behind it. */
async function tearJournal(data: string): Promise<void> {
  const path = await newestJournal(data);
  await truncate(path, (await stat(path)).size - 20);
  await appendFile(path, Buffer.alloc(300));
}

async function spoilJournal(data: string): Promise<void> {
  const path = await newestJournal(data);
  const lines = (await readFile(path, 'latin1')).split('\n');
  lines[1] = lines[1]!.replaceAll('a', 'b');
  await writeFile(path, lines.join('\n'), 'latin1');
}

async function truncateSettings(data: string): Promise<void> {
  const path = join(data, 'settings.json');
  await truncate(path, (await stat(path)).size >> 1);
}

/** Files that no index closes. */
async function growingFiles(data: string): Promise<string[]> {
  const growing: string[] = [];
  for (const path of await segmentFiles(join(data, 'recordings'))) {
    const text = (await readFile(path)).subarray(-200_000).toString('latin1');
    if (!text.includes('stsz') && (await stat(path)).size > 4 * TAIL_BYTES) growing.push(path);
  }
  return growing;
}

async function tearFiles(data: string): Promise<void> {
  for (const path of await growingFiles(data)) await truncate(path, (await stat(path)).size - (TAIL_BYTES >> 1));
}

/** As file systems leave it that store the size before the data. */
async function zeroTails(data: string): Promise<void> {
  for (const path of await growingFiles(data)) {
    const file = await open(path, 'r+');
    const { size } = await file.stat();
    await file.write(Buffer.alloc(TAIL_BYTES), 0, undefined, size - TAIL_BYTES);
    await file.close();
  }
}
