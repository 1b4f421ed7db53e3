import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSyntheticJournal } from '../../test/support/synthetic-journal.ts';
import type { Box } from './box.ts';
import { CLIP_FPS } from './media.ts';
import { seconds, type Lab } from './lab.ts';
import { checkPictures, type Pictures } from './pictures.ts';

const SEGMENTS = 1_000_000;
/** What the synthetic journal's segments hold at least. */
const LEAST_SEGMENT_BYTES = 150_000_000;
const SEGMENT_US = 300_000_000;
const START_LIMIT_MS = 30_000;
const INDEX_LIMIT_MS = 180_000;

export interface MillionFigures {
  readonly firstMs: number;
  readonly allMs: number;
  /** What SIGKILL cost. */
  readonly killed: Pictures;
}

/** A box with a million segments behind it: how soon it records again, and what it loses when it is killed. */
export async function startWithMillion(lab: Lab, cameras: number, recordS: number): Promise<MillionFigures> {
  return lab.with({ cameras, audio: true }, async (farm) => {
    const first = await lab.startBox(farm);
    await first.recording(1, START_LIMIT_MS);
    await first.stop();
    const recordings = join(lab.data, 'recordings');
    await rm(join(recordings, 'journal'), { recursive: true });
    await rm(join(recordings, 'video'), { recursive: true });
    await rm(join(lab.data, 'catalogue.db'), { force: true });
    const startUs = Date.now() * 1000 - (SEGMENTS / cameras + 2) * SEGMENT_US;
    await writeSyntheticJournal(join(recordings, 'journal'), {
      segments: SEGMENTS,
      cameras,
      startUs,
      segmentUs: SEGMENT_US,
    });
    const builder = await lab.startBox(farm);
    await builder.recording(1, START_LIMIT_MS);
    await indexed(builder);
    await builder.stop();
    await rm(join(recordings, 'video'), { recursive: true });

    const before = await farm.sent();
    const box = await lab.startBox(farm);
    const firstMs = await box.recording(1, START_LIMIT_MS);
    const allMs = await box.recording(cameras, START_LIMIT_MS);
    await seconds(recordS);
    await box.stop('SIGKILL');
    const sent = (await farm.sent()).map((camera, index) => ({
      ...camera,
      // Only what this box was sent counts.
      ranges: camera.ranges.filter(([, last]) => last > (before[index]?.ranges.at(-1)?.[1] ?? -1)),
    }));
    return { firstMs, allMs, killed: await checkPictures(box, sent, CLIP_FPS) };
  });
}

/** Resolves when the catalogue has read the whole journal. */
async function indexed(box: Box): Promise<void> {
  for (const untilMs = performance.now() + INDEX_LIMIT_MS; performance.now() < untilMs; await seconds(0.5)) {
    const { volumes } = await box.status();
    if ((volumes[0]?.usedBytes ?? 0) >= SEGMENTS * LEAST_SEGMENT_BYTES) return;
  }
  throw new Error('the catalogue did not read the journal in time');
}
