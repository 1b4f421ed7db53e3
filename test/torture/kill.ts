import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GapRow, SegmentRow } from '../support/box.ts';
import { skipWithout } from '../support/programs.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { BoxProcess, command } from './box-process.ts';
import { countLoss, expectSound, Projector, recordedIn, Sent, sessionCounts } from './footage.ts';
import type { Lab, Outcome, Scenario } from './lab.ts';
import { FPS, startFarm, writeScene } from './scene.ts';

/** One fragment, one nap, one picture, and what the kernel adds to a timer. */
const LIMIT_S = 1 + 0.25 + 0.04 + 0.15;
const ALWAYS = ['--from', '2020-01-01T00:00:00Z', '--to', '2100-01-01T00:00:00Z'];
/** Holes up to this long are no gaps, or are within one picture of it. */
const NO_GAP_S = 1.1;

/** The process dies at random instants and is started again on the same data, while the cameras go on. */
export const kill: Scenario = {
  name: 'kill',
  what: 'kill -9 of the box at random instants',
  rounds: 200,
  skip: () => skipWithout('ffprobe', 'ffmpeg'),
  run: async (lab, outcome) => {
    const data = await tempFolder(lab, 'torture-kill');
    // Heavy enough that segments of 1 MB end every few seconds.
    const faults = { paddingBytes: 12_000 };
    const cameras = [
      { path: 'gate', faults },
      { path: 'yard', audio: 'aac' as const },
      { path: 'dock', faults, clip: 'b-frames' },
    ];
    const farm = await startFarm(lab, cameras);
    await writeScene(data, { farm });
    const blows: Sent[] = [];
    for (let round = 0; round < lab.rounds; round++) {
      const since = sessionCounts(farm);
      const box = await BoxProcess.start(lab, data);
      await sleep(lab.random.between(100, 3000));
      const dying = box.kill();
      blows.push(Sent.now(farm, since));
      await dying;
      outcome.rounds++;
    }
    await settle(lab, data, outcome);
    await expectSound(lab, data, 'after the last start', outcome, true);
    const volume = join(data, 'recordings');
    const recorded = recordedIn(await new Projector().watch(volume), outcome);
    blows.forEach((sent, round) =>
      countLoss(sent, recorded, { fps: FPS, limitS: LIMIT_S, what: `round ${round}` }, outcome),
    );
    for (const { path } of cameras) await expectGaps(lab, data, path, outcome);
  },
};

/** A start without a blow: recovery has all the time that it wants. */
async function settle(lab: Lab, data: string, outcome: Outcome): Promise<void> {
  const box = await BoxProcess.start(lab, data);
  await box.heard('volume.recovered');
  await box.heard('history.told');
  await box.reaches(({ recording, expected }) => recording === expected);
  const end = await box.stop();
  outcome.expect(end?.code === 0, `the last stop ended with ${JSON.stringify(end)}`);
}

/** Every hole between two segments is told by a gap that covers it. */
async function expectGaps(lab: Lab, data: string, camera: string, outcome: Outcome): Promise<void> {
  const of = ['--camera', camera, ...ALWAYS];
  const segments = (await command(lab, data, 'segments', 'list', ...of)).answer as SegmentRow[];
  const gaps = (await command(lab, data, 'gaps', 'list', ...of)).answer as GapRow[];
  let holes = 0;
  segments.sort((a, b) => a.startUs - b.startUs);
  for (const [index, next] of segments.entries()) {
    const last = segments[index - 1];
    if (!last || (next.startUs - last.endUs) / 1e6 < NO_GAP_S) continue;
    holes++;
    const told = `${camera}: nothing tells of the hole from ${last.end} to ${next.start}`;
    outcome.expect(isTold(gaps, last.endUs / 1000, next.startUs / 1000), told);
  }
  outcome.notes[`holes of ${camera}`] = holes;
}

/** A round that recorded nothing leaves two gaps, one behind the other. */
function isTold(gaps: readonly GapRow[], fromMs: number, toMs: number): boolean {
  const TOLERANCE_MS = 100;
  let reachedMs = fromMs;
  for (const { start, end, reason } of gaps.toSorted((a, b) => Date.parse(a.start) - Date.parse(b.start))) {
    if (reason === 'restart' && Date.parse(start) <= reachedMs + TOLERANCE_MS) {
      reachedMs = Math.max(reachedMs, Date.parse(end));
    }
  }
  return reachedMs >= toMs - TOLERANCE_MS;
}
