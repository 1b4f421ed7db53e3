import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { resolve } from 'node:path';
import { BoxError } from '../base/index.ts';
import { cutMovie, readSegment, type MovieCut, type RandomReader, type SegmentIndex } from '../media/index.ts';
import type { CliHost } from './host.ts';

const COPY_BYTES = 4 * 1024 * 1024;

/**
 * Writes a range as one MP4, straight from the segments' files: nothing is decoded, and the box does no work for it. The file
 * appears under its name when it is whole.
 */
export const exportRange: CliHost['exportRange'] = async (segments, range, file) => {
  const path = resolve(file);
  const files = segments as readonly { file: string }[];
  if (files.length === 0) throw new BoxError('mp4.nothing-there', { ...range });
  const handles: FileHandle[] = [];
  try {
    const indexes: SegmentIndex[] = [];
    for (const each of files) {
      const handle = await openIfThere(each.file);
      if (!handle) continue;
      handles.push(handle);
      indexes.push(await readSegment(await readerOf(handle)));
    }
    if (indexes.length === 0) throw new BoxError('mp4.nothing-there', { ...range, reason: 'the disks are not here' });
    const [fromUs, toUs] = [Date.parse(range.from) * 1000, Date.parse(range.to) * 1000];
    const cut = cutMovie({ segments: indexes, fromUs, toUs });
    await writeCut(cut, handles, path);
    return { file: path, seconds: cut.durationUs / 1e6, bytes: cut.length, gaps: cut.gaps };
  } finally {
    await Promise.all(handles.map((handle) => handle.close()));
  }
};

/** A disk that is away leaves a gap, or there is a copy on another one. */
async function openIfThere(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EIO' || code === 'ENOTCONN') return undefined;
    throw error;
  }
}

async function writeCut(cut: MovieCut, handles: readonly FileHandle[], path: string): Promise<void> {
  const unfinished = `${path}.part`;
  try {
    await using out = await open(unfinished, 'w', 0o600);
    await out.write(cut.head);
    const buffer = Buffer.allocUnsafe(COPY_BYTES);
    for (const { segment, offset, length } of cut.pieces) {
      for (let done = 0; done < length;) {
        const want = Math.min(buffer.length, length - done);
        const { bytesRead } = await handles[segment]!.read(buffer, 0, want, offset + done);
        if (bytesRead === 0) throw new BoxError('storage.corrupt', { reason: 'a segment is shorter than its index' });
        await out.write(buffer, 0, bytesRead);
        done += bytesRead;
      }
    }
    await out.sync();
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  await rename(unfinished, path);
}

async function readerOf(handle: FileHandle): Promise<RandomReader> {
  const { size } = await handle.stat();
  return {
    size,
    read: async (offset, length) => {
      const buffer = Buffer.allocUnsafe(length);
      const { bytesRead } = await handle.read(buffer, 0, length, offset);
      return buffer.subarray(0, bytesRead);
    },
  };
}
