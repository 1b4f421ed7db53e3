import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { BoxError } from '../../base/index.ts';
import { planRepair, readIdentity, readSegment } from '../../media/index.ts';
import type { RandomReader, Repair, SegmentIdentity, SegmentIndex } from '../../media/index.ts';
import type { CloseRecord, OpenRecord } from '../journal/journal.ts';

export type OpenFacts = Omit<OpenRecord, 't' | 'sequence' | 'path'>;
export type CloseFacts = Omit<CloseRecord, 't' | 'sequence'>;

/** `repaired`: it was torn; `whole`: it was complete already; `empty`: no whole fragment is in it, and it was left as it is. */
export type MendedSegment = { fate: 'repaired' | 'whole'; open: OpenFacts; close: CloseFacts } | { fate: 'empty' };

/**
 * Makes an ordinary MP4 of a segment that a crash has torn, with everything up to its last whole fragment, and tells what the
 * journal has to know of it. A crash in between leaves a file that can be mended again.
 *
 * Rejects with storage.corrupt if it is another segment than expected, mp4.not-ours or mp4.damaged if it cannot be understood
 * (the file is as it was then), or with the file system's error.
 */
export async function mendSegment(path: string, expected: { sequence: number }): Promise<MendedSegment> {
  await using handle = await open(path, 'r+');
  const reader = await fileReader(handle);
  const plan = await planRepair(reader);
  switch (plan.kind) {
    case 'nothing-usable':
      return { fate: 'empty' };
    case 'not-ours':
      throw new BoxError('mp4.not-ours', { path });
    case 'damaged':
      throw plan.error;
    case 'finished': {
      const index = await readSegment(reader);
      checkSequence(index.identity, expected, path);
      return { fate: 'whole', open: openFacts(index.identity), close: closeFacts(index, reader.size) };
    }
    case 'repair': {
      const { identity } = await readIdentity(reader);
      checkSequence(identity, expected, path);
      await carryOut(handle, plan);
      const { endUs, bytes, frames, keyFrames, codec, holes } = plan.summary;
      const suspect = holes.length > 0 ? { suspect: true as const } : {};
      return {
        fate: 'repaired',
        open: openFacts(identity),
        close: { endUs, bytes, frames, keyFrames, codec, ...suspect },
      };
    }
  }
}

/** Bytes of an open file by position. Its size is that of the moment of the call. */
export async function fileReader(handle: FileHandle): Promise<RandomReader> {
  const { size } = await handle.stat();
  return {
    size,
    read: async (offset, length) => {
      const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - offset)));
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    },
  };
}

/** What the journal's close record says of a finished segment. */
export function closeFacts(index: SegmentIndex, bytes: number): CloseFacts {
  const { lead } = index;
  let keyFrames = 0;
  for (let sample = 0; sample < (lead?.count ?? 0); sample++) keyFrames += lead!.key[sample]!;
  const codec = index.tracks.map(({ format }) => format.rfc6381).join(',');
  return { endUs: index.endWallUs, bytes, frames: lead?.count ?? 0, keyFrames, codec };
}

export function openFacts(identity: SegmentIdentity): OpenFacts {
  const { camera, stream, startWallUs, startMonoUs, boot, run, clock, startsWithKey } = identity;
  const open = { camera, stream, startUs: startWallUs, monoUs: startMonoUs, boot, run, clock, key: startsWithKey };
  return identity.class === undefined ? open : { ...open, class: identity.class };
}

async function carryOut(handle: FileHandle, { truncateTo, moov, patch }: Repair): Promise<void> {
  await handle.truncate(truncateTo);
  if (moov.length > 0) await writeAt(handle, moov, truncateTo);
  await handle.datasync();
  await writeAt(handle, patch.bytes, patch.offset);
  await handle.datasync();
}

async function writeAt(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}

function checkSequence(identity: SegmentIdentity, { sequence }: { sequence: number }, path: string): void {
  if (identity.sequence === sequence) return;
  throw new BoxError('storage.corrupt', {
    path,
    reason: 'another segment than its name says',
    found: identity.sequence,
  });
}
