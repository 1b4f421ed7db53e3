/**
 * Records two cameras into a volume until it is killed: node recording-child.ts <folder> <media.json>. Tells on its standard output, one
 * JSON per line, what the system has taken: a segment's sequence and how many fragments; and what was locked in the middle of its
 * deletion, and kept.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import { systemClock } from '../../firmware/base/index.ts';
import { SegmentBuilder, type FragmentTrack, type VideoFormat } from '../../firmware/media/index.ts';
import { openVolumeFolder, quickStart, Volume } from '../../firmware/storage/index.ts';
import { BOX } from './volumes.ts';

const [folderPath, mediaPath] = process.argv.slice(2) as [string, string];
const media = JSON.parse(readFileSync(mediaPath, 'utf8'), (_key, value: unknown) =>
  typeof value === 'string' && value.startsWith('base64:') ? Buffer.from(value.slice(7), 'base64') : value,
) as { format: VideoFormat; fragments: FragmentTrack[][] };

const folder = await openVolumeFolder(folderPath, {
  box: BOX,
  adoptEmpty: true,
  deadlineMs: 60_000,
  clock: systemClock,
});
const quick = await quickStart(folder.root);
const settings = { recoveryPointMs: 200, minSyncIntervalMs: 20, syncMode: 'file' } as const;
const volume = new Volume({ folder, journal: quick.journal, clock: systemClock, settings, listener: {} });
await volume.start();
const boot = randomUUID();
const paths = new Map<number, string>();
const starts = new Map<number, number>();
await Promise.all(['cam-1', 'cam-2'].map((camera) => record(camera)));

async function record(camera: string): Promise<void> {
  const run = randomUUID();
  for (;;) {
    const startUs = systemClock.wallUs();
    const monoUs = systemClock.monoUs();
    const file = volume.createSegment({
      camera,
      stream: 'main',
      startUs,
      monoUs,
      boot,
      run,
      clock: 'trusted',
      key: true,
    });
    const { sequence } = file;
    const identity = {
      box: BOX,
      camera,
      stream: 'main',
      boot,
      run,
      sequence,
      clock: 'trusted',
      startsWithKey: true,
    } as const;
    const builder = new SegmentBuilder({ ...identity, startWallUs: startUs, startMonoUs: monoUs }, [media.format]);
    await append(file, [builder.header()]);
    for (const [index, fragment] of media.fragments.entries()) {
      await append(file, builder.fragment(fragment));
      writeSync(1, `${JSON.stringify({ sequence, fragments: index + 1 })}\n`);
      await systemClock.sleep(3);
    }
    const frames = media.fragments.flat().reduce((sum, { samples }) => sum + samples.length, 0);
    const keyFrames = media.fragments.length;
    const endUs = startUs + frames * 40_000;
    await file.finish(builder.finish(), { endUs, frames, keyFrames, codec: media.format.rfc6381 });
    const old = sequence - 6;
    const oldPath = paths.get(old);
    if (oldPath !== undefined && old % 2 === 0) await remove(old, oldPath, camera);
    paths.set(sequence, file.path);
    starts.set(sequence, startUs);
  }
}

/** Every third one is locked while it is being deleted; told when that is stable. */
async function remove(sequence: number, path: string, camera: string): Promise<void> {
  const removing = volume.deleteSegment(sequence, path);
  if (sequence % 6 !== 0) return removing;
  const fromUs = starts.get(sequence)!;
  const range = { camera, fromUs, toUs: fromUs + 1, reason: 'killed', atUs: fromUs };
  await volume.appendRecord({ t: 'lock', lock: randomUUID(), ...range });
  const isKept = removing.then(
    () => false,
    () => true,
  );
  await volume.keepSegment(sequence, path);
  await volume.synced();
  if (await isKept) writeSync(1, `${JSON.stringify({ kept: sequence })}\n`);
}

function append(file: ReturnType<Volume['createSegment']>, chunks: Uint8Array[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const taken = file.append(chunks, (error) => (error ? reject(error) : resolve()));
    if (!taken) reject(new Error('refused'));
  });
}
