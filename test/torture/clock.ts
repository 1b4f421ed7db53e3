import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GapRow, SegmentRow } from '../support/box.ts';
import type { CameraFarm } from '../support/camera/farm.ts';
import { FakeClock, skipWithoutFaketime } from '../support/faketime.ts';
import { skipWithout } from '../support/programs.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { BoxProcess, command } from './box-process.ts';
import { countLoss, expectSound, Projector, recordedIn, Sent, sessionCounts } from './footage.ts';
import { inLanes, type Lab, type Outcome, type Scenario } from './lab.ts';
import { FPS, startFarm, writeScene } from './scene.ts';

const LANES = 2;
const HOUR_S = 3600;
const NAP_S = 0.4;
/** A catalogue's time may differ so much from that of the machine. */
const RIGHT_MS = 3000;
const ALWAYS = ['--camera', 'gate', '--from', '1969-01-01T00:00:00Z', '--to', '2100-01-01T00:00:00Z'];

interface Stage {
  readonly farm: CameraFarm;
  readonly data: string;
  readonly clock: FakeClock;
}

/** The box's clock jumps, creeps, or is wrong from the start, while the monotonic clock goes on. */
export const clock: Scenario = {
  name: 'clock',
  what: 'a wall clock that steps, creeps and wakes up in 1970',
  rounds: 5,
  skip: async () => (await skipWithout('ffprobe', 'ffmpeg')) || (await skipWithoutFaketime()),
  run: async (lab, outcome) => {
    for (let round = 0; round < (lab.brief ? 1 : lab.rounds); round++) {
      const jobs = [steps, slews, wakesIn1970, wakesIn1970AndDies].map((play) => async () => {
        const farm = await startFarm(lab, [{ path: 'gate' }]);
        const data = await tempFolder(lab, 'torture-clock');
        await writeScene(data, { farm });
        await play(lab, { farm, data, clock: new FakeClock(join(data, 'clock')) }, outcome);
        await farm.stop();
      });
      await inLanes(LANES, jobs);
      outcome.rounds++;
    }
  },
};

/** An hour forwards and an hour back: runs begin anew, no picture is lost. */
async function steps(lab: Lab, stage: Stage, outcome: Outcome): Promise<void> {
  const { farm, data, clock } = stage;
  const since = sessionCounts(farm);
  const box = await startAt(lab, stage, 0);
  await sleep(2000);
  for (const [offsetS, byS] of [
    [HOUR_S, HOUR_S],
    [0, -HOUR_S],
  ] as const) {
    await clock.set(offsetS);
    const seen = await box.heard('clock.step', (line) => Math.abs(Number(line['byS']) - byS) < 2, 5000);
    outcome.expect(seen !== undefined, `no step of ${byS} s was seen`);
    await sleep(2500);
  }
  const sent = Sent.now(farm, since);
  await box.stop();
  await judge(lab, stage, sent, 'steps', outcome);
  const segments = (await command(lab, data, 'segments', 'list', ...ALWAYS)).answer as SegmentRow[];
  const ahead = segments.filter(({ startUs }) => startUs / 1000 > Date.now() + RIGHT_MS);
  outcome.expect(ahead.length === 1, `steps: ${ahead.length} of ${segments.length} segments lie in the hour ahead`);
  const gaps = (await command(lab, data, 'gaps', 'list', ...ALWAYS)).answer as GapRow[];
  outcome.expect(
    gaps.some(({ reason, seconds }) => reason === 'clock-step' && Math.abs(seconds - HOUR_S) < 5),
    `steps: no gap tells of the step: ${JSON.stringify(gaps)}`,
  );
}

/** As NTP corrects a clock: many small pushes are no step. */
async function slews(lab: Lab, stage: Stage, outcome: Outcome): Promise<void> {
  const since = sessionCounts(stage.farm);
  const box = await startAt(lab, stage, 0);
  for (let push = 1; push <= 25; push++) {
    await stage.clock.set(push * 0.0001);
    await sleep(200);
  }
  const sent = Sent.now(stage.farm, since);
  await box.stop();
  outcome.expect(!box.has('clock.step'), 'a slewing clock was taken for a step');
  await judge(lab, stage, sent, 'slews', outcome);
}

/** A board without a battery: what was recorded before the time was known is put right by an anchor. */
async function wakesIn1970(lab: Lab, stage: Stage, outcome: Outcome): Promise<void> {
  const { farm, data, clock } = stage;
  const since = sessionCounts(farm);
  const box = await startAt(lab, stage, 1000 - Date.now() / 1000);
  await sleep(3000);
  await clock.set(0);
  await box.heard('clock.step', (line) => line['wasTrusted'] === false, 5000);
  await sleep(3000);
  const sent = Sent.now(farm, since);
  await box.stop();
  await judge(lab, stage, sent, '1970', outcome);
  await expectRightTimes(lab, data, '1970', outcome);
  await command(lab, data, 'rebuild');
  await expectRightTimes(lab, data, '1970, rebuilt', outcome);
  await expectSound(lab, data, '1970, rebuilt', outcome);
}

/** As before, but the box dies before the time is known; the next start of the same boot knows it. */
async function wakesIn1970AndDies(lab: Lab, stage: Stage, outcome: Outcome): Promise<void> {
  const { data } = stage;
  const first = await startAt(lab, stage, 1000 - Date.now() / 1000);
  await sleep(3000);
  await first.kill();
  const second = await startAt(lab, stage, 0);
  await second.heard('volume.recovered');
  await sleep(2000);
  await second.stop();
  await expectRightTimes(lab, data, '1970 and killed', outcome);
  await expectSound(lab, data, '1970 and killed', outcome);
}

async function startAt(lab: Lab, { data, clock }: Stage, offsetS: number): Promise<BoxProcess> {
  await clock.set(offsetS);
  const box = await BoxProcess.start(lab, data, { env: await clock.environment() });
  await box.reaches(({ recording, expected }) => recording === expected);
  return box;
}

async function judge(lab: Lab, { data }: Stage, sent: Sent, what: string, outcome: Outcome): Promise<void> {
  await expectSound(lab, data, what, outcome, true);
  const recorded = recordedIn(await new Projector().watch(join(data, 'recordings')), outcome);
  countLoss(sent, recorded, { fps: FPS, limitS: NAP_S, what }, outcome);
}

/** All footage is of the last minute. */
async function expectRightTimes(lab: Lab, data: string, what: string, outcome: Outcome): Promise<void> {
  const segments = (await command(lab, data, 'segments', 'list', ...ALWAYS)).answer as SegmentRow[];
  const nowMs = Date.now() + RIGHT_MS;
  const wrong = segments.filter(({ startUs }) => startUs / 1000 > nowMs || startUs / 1000 < nowMs - 60_000);
  outcome.expect(segments.length > 1, `${what}: only ${segments.length} segments are listed`);
  const starts = wrong.map(({ start }) => start).join(' ');
  outcome.expect(wrong.length === 0, `${what}: wrong times ${starts}; ${await anchors(data)} anchors`);
}

async function anchors(data: string): Promise<number> {
  const folder = join(data, 'recordings', 'journal');
  let count = 0;
  for (const name of await readdir(folder)) {
    count += (await readFile(join(folder, name), 'utf8')).split('"t":"anchor"').length - 1;
  }
  return count;
}
