import { Worker } from 'node:worker_threads';
import { BoxError } from '../base/index.ts';
import type { CutAnswer, CutNews, CutTask } from './export-task.ts';

/** A disk that hangs is not waited for. */
const PATIENCE_MS = 60_000;

export interface CutWatch {
  /** Aborted: the thread is ended, and the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined;
  /** Files whose indexes have been read. */
  readonly progress?: ((files: number) => void) | undefined;
}

/** Describes an export in a thread of its own: days of footage take their time. Rejects with mp4.nothing-there, playback.unreadable. */
export async function describeCut(task: CutTask, { signal, progress }: CutWatch = {}): Promise<CutAnswer> {
  signal?.throwIfAborted();
  const worker = new Worker(new URL('./export-worker.ts', import.meta.url), { workerData: task });
  const { promise, resolve, reject } = Promise.withResolvers<CutAnswer>();
  const timer = setTimeout(() => reject(new BoxError('playback.unreadable', { waitedMs: PATIENCE_MS })), PATIENCE_MS);
  const stopped = (): void => reject(signal?.reason);
  signal?.addEventListener('abort', stopped);
  worker.on('message', ({ files, answer, error }: CutNews) => {
    if (answer) resolve(answer);
    else if (error) reject(BoxError.fromJSON(error));
    else if (files !== undefined) progress?.(files);
  });
  worker.on('error', reject);
  worker.on('exit', () => reject(new BoxError('box.bug', { what: 'an export worker ended without an answer' })));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stopped);
    worker.removeAllListeners('exit');
    void worker.terminate();
  }
}
