/** What is left of a box after a power cut: its next start puts it in order, and everything in it is looked at. */
import { join } from 'node:path';
import { BoxProcess, command } from './box-process.ts';
import { countLoss, expectSound, recordedIn, type Projector, type Sent } from './footage.ts';
import type { Lab, Outcome } from './lab.ts';
import { FPS, writeScene } from './scene.ts';

/** The recovery point. */
const LIMIT_S = 2;

export interface Cut {
  /** Data folder of the box, on the disk that lost its power. */
  readonly data: string;
  /** What the cameras had sent when the power went. */
  readonly sent: Sent;
  readonly what: string;
}

/** Every other time the box is started (without cameras), else its command line rebuilds the catalogue. */
export async function judgeCut(lab: Lab, cut: Cut, projector: Projector, outcome: Outcome): Promise<void> {
  const { data, sent, what } = cut;
  await writeScene(data, {});
  if (outcome.rounds % 2 === 0) {
    const box = await BoxProcess.start(lab, data);
    await box.heard('volume.recovered');
    const end = await box.stop();
    outcome.expect(end?.code === 0, `${what}: the box ended with ${JSON.stringify(end)}`);
  } else {
    const { code, stdout, stderr } = await command(lab, data, 'rebuild');
    outcome.expect(code === 0, `${what}: rebuild ended with ${code}: ${(stdout + stderr).slice(0, 300)}`);
  }
  await expectSound(lab, data, what, outcome, true);
  const films = await projector.watch(join(data, 'recordings'));
  countLoss(sent, recordedIn(films, outcome), { fps: FPS, limitS: LIMIT_S, what }, outcome);
  outcome.rounds++;
}
