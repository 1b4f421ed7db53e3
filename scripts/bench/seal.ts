import { createHash, randomFillSync } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pace } from '../../firmware/storage/jobs/job-pace.ts';
import { fileSha256, PatientDisk } from '../../firmware/storage/jobs/paced-file.ts';

const MB = 1e6;
/** Five minutes at 4 Mbit/s. */
const FILE_BYTES = 150 * MB;
const TURNS = 3;
/** As the box seals. */
const SEALING = { share: 0.25, bytesPerSecond: 40e6, deadlineMs: 60_000 };

/** Processor time of sealing, in ms for each MB of a file that is still in memory, and of that the hashing alone: the least of some turns. */
export async function measureSealing(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-seal-'));
  try {
    const path = join(folder, 'film.mp4');
    const piece = randomFillSync(Buffer.alloc(MB));
    const file = await open(path, 'w');
    for (let at = 0; at < FILE_BYTES; at += MB) await file.write(piece);
    await file.close();
    const disk = new PatientDisk(new Pace({ ...SEALING, signal: AbortSignal.timeout(600_000) }), SEALING.deadlineMs);
    const sealing = await least(() => fileSha256(path, disk));
    const hashing = await least(async () => {
      const hash = createHash('sha256');
      for (let at = 0; at < FILE_BYTES; at += MB) hash.update(piece);
      hash.digest();
    });
    return `sealing: ${sealing.toFixed(2)} ms of processor time for each MB, of which hashing ${hashing.toFixed(2)}`;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function least(work: () => Promise<unknown>): Promise<number> {
  const costs: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    costs.push((user + system) / 1000 / (FILE_BYTES / MB));
  }
  return Math.min(...costs);
}
