/** Entry of a job worker that describes one export and ends: which bytes of which files make the film. */
import { open, type FileHandle } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { asBoxError, BoxError } from '../base/index.ts';
import { cutMovie, readSegment, type RandomReader, type SegmentIndex } from '../media/index.ts';
import type { CutAnswer, CutNews, CutTask } from './export-task.ts';

/** Reads the indexes of the files, one after another; files that are not there or not readable leave a gap. */
async function describe({ files, fromUs, toUs }: CutTask, progress: (files: number) => void): Promise<CutAnswer> {
  const indexes: SegmentIndex[] = [];
  const used: number[] = [];
  for (const [i, file] of files.entries()) {
    try {
      await using handle = await open(file, 'r');
      indexes.push(await readSegment(await readerOf(handle)));
      used.push(i);
    } catch (error) {
      const { code } = asBoxError(error, 'playback.unreadable');
      if (code !== 'playback.unreadable' && code !== 'mp4.damaged' && code !== 'mp4.not-ours') throw error;
    }
    progress(i + 1);
  }
  const cut = cutMovie({ segments: indexes, fromUs, toUs });
  const pieces = new Float64Array(cut.pieces.length * 3);
  for (const [i, { segment, offset, length }] of cut.pieces.entries())
    pieces.set([used[segment]!, offset, length], i * 3);
  const { startUs, endUs, durationUs, length, gaps } = cut;
  // Of its own memory, so that it can be handed over.
  const head = Buffer.allocUnsafeSlow(cut.head.length);
  cut.head.copy(head);
  return { head, pieces, bytes: length, startUs, endUs, durationUs, gaps };
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

const port = parentPort!;
const tell = (news: CutNews, handed: ArrayBuffer[] = []): void => port.postMessage(news, handed);
const task = workerData as CutTask | undefined;
if (!task) throw new BoxError('box.bug', { what: 'an export worker without its task' });
try {
  const answer = await describe(task, (files) => tell({ files }));
  tell({ answer }, [answer.head.buffer as ArrayBuffer, answer.pieces.buffer as ArrayBuffer]);
} catch (error) {
  tell({ error: asBoxError(error, 'box.bug').toJSON() });
}
