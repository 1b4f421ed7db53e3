import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { BoxError } from '../../base/index.ts';
import { readSegment, renumbering } from '../../media/index.ts';
import type { SegmentInfo } from '../catalogue/catalogue-types.ts';
import type { VolumeFolder } from '../volume/identity.ts';
import { INCOMING_FOLDER, incomingPath } from '../volume/incoming.ts';
import type { CopyPorts } from './job-ports.ts';
import type { OpenRecord, SegmentOrigin } from '../journal/journal.ts';
import { openOn, PacedFile, fileSha256, type PatientDisk } from './paced-file.ts';
import { closeFacts, openFacts } from '../recovery/segment-mending.ts';

/** So much is written before the next sync: a sync of all at once would hold up those of the recordings. */
const SYNC_BYTES = 8 * 1024 * 1024;

export interface CopySource {
  readonly volume: string;
  readonly root: string;
  readonly disk: PatientDisk;
}

export interface CopyTarget {
  readonly volume: string;
  readonly folder: VolumeFolder;
  readonly disk: PatientDisk;
}

export interface CopyOrder {
  readonly segment: SegmentInfo;
  /** Where the segment itself came from, if it is a copy. */
  readonly origin: SegmentOrigin;
  /** As the journal of the source has it, not corrected by an anchor. */
  readonly recordedStartUs: number;
  /** SHA-256 of the source's file, if it is sealed. */
  readonly sealed: string | undefined;
}

/**
 * Copies a segment to another volume, as a new segment of that one. It is written under `incoming/`, synced, read back and compared
 * before the journal hears of it, so a crash at any instant leaves nothing, or a whole segment. Resolves with its sequence, and
 * whether the file was still what its seal says. Rejects with the error of either disk, mp4.*, or evacuation.differs.
 */
export async function copySegment(
  source: CopySource,
  target: CopyTarget,
  order: CopyOrder,
  ports: Pick<CopyPorts, 'volume'>,
): Promise<{ sequence: number; asSealed: boolean }> {
  const { segment, origin, recordedStartUs, sealed } = order;
  const { camera, stream } = segment;
  const file = await PacedFile.open(join(source.root, segment.path), source.disk);
  try {
    if (file.size !== segment.bytes) {
      throw new BoxError('storage.corrupt', { path: segment.path, journal: segment.bytes, file: file.size });
    }
    const reserved = await ports.volume('reserve', { volume: target.volume, camera, stream, startUs: recordedStartUs });
    const part = target.folder.path(incomingPath(reserved.sequence));
    try {
      const digests = await writePart(file, part, reserved.sequence, target);
      await compare(part, digests.written, target.disk);
      const facts = await factsOf(part, target.disk);
      const asSealed = sealed === undefined || sealed === digests.read;
      const suspect = segment.suspect || !asSealed;
      const open: OpenRecord = {
        t: 'open',
        ...facts.open,
        ...reserved,
        camera,
        stream,
        startUs: recordedStartUs,
        ...(segment.class === 'event' && { class: 'event' as const }),
        origin: { ...origin, ...(suspect && { suspect: true as const }) },
      };
      const close = { ...facts.close, ...(suspect && { suspect: true as const }) };
      await ports.volume('receive', { volume: target.volume, open, close });
      return { sequence: reserved.sequence, asSealed };
    } catch (error) {
      target.disk.later(() => unlink(part));
      throw error;
    }
  } finally {
    file.close();
  }
}

/** Digests of what was read and of what was written. The content is stable afterwards. */
async function writePart(
  file: PacedFile,
  part: string,
  sequence: number,
  { disk, folder }: CopyTarget,
): Promise<{ read: string; written: string }> {
  const renumbered = await renumbering(file, sequence);
  const read = createHash('sha256');
  const written = createHash('sha256');
  const about = { path: part };
  await disk.run(0, () => folder.check(), about);
  await disk.run(0, () => mkdir(folder.path(INCOMING_FOLDER), { recursive: true, mode: 0o750 }), about);
  const handle = await openOn(disk, part, 'w', 0o640);
  try {
    let at = 0;
    let unsynced = 0;
    for await (const chunk of file.chunks()) {
      read.update(chunk);
      // The private box lies within the first piece.
      if (at === 0) renumbered.bytes.copy(chunk, renumbered.offset);
      written.update(chunk);
      await disk.run(chunk.length, () => handle.writeFile(chunk), about);
      at += chunk.length;
      unsynced += chunk.length;
      if (unsynced < SYNC_BYTES) continue;
      unsynced = 0;
      await disk.run(0, () => handle.datasync(), about);
    }
    if (at !== file.size) throw new BoxError('storage.io', { path: file.path, reason: 'the file ended early' });
    await disk.run(0, () => handle.sync(), about);
  } finally {
    disk.later(() => handle.close());
  }
  return { read: read.digest('hex'), written: written.digest('hex') };
}

async function compare(part: string, wanted: string, disk: PatientDisk): Promise<void> {
  await dropCache(part);
  const found = await fileSha256(part, disk);
  if (found !== wanted) throw new BoxError('evacuation.differs', { path: part });
}

async function factsOf(
  part: string,
  disk: PatientDisk,
): Promise<{ open: ReturnType<typeof openFacts>; close: ReturnType<typeof closeFacts> }> {
  const copy = await PacedFile.open(part, disk);
  try {
    const index = await readSegment(copy);
    if (index.state !== 'finished') throw new BoxError('mp4.damaged', { what: 'not finished', path: part });
    return { open: openFacts(index.identity), close: closeFacts(index, copy.size) };
  } finally {
    copy.close();
  }
}

/**
 * Lets the system forget its memory of a file that is stable, so that the next read comes from the disk (coreutils, dd invocation,
 * "nocache"). False where that cannot be done: reading back compares with the system's memory only then.
 */
export async function dropCache(path: string): Promise<boolean> {
  // A descriptor of this process is none of the program's.
  const seenByAll = path.replace(/^\/proc\/self\//, `/proc/${process.pid}/`);
  const args = [`if=${seenByAll}`, 'iflag=nocache', 'count=0', 'status=none'];
  const child = spawn('/usr/bin/dd', args, { stdio: 'ignore' });
  try {
    const [exitCode] = (await once(child, 'close')) as [number | null];
    return exitCode === 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
