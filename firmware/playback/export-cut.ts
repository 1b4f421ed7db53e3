import { Worker } from 'node:worker_threads';
import { BoxError, type ErrorReport } from '../base/index.ts';
import type { CutAnswer, CutTask } from './export-task.ts';

/** A disk that hangs is not waited for. */
const PATIENCE_MS = 60_000;

/** Describes an export in a thread of its own: days of footage take their time. Rejects with mp4.nothing-there, playback.unreadable. */
export async function describeCut(task: CutTask): Promise<CutAnswer> {
  const worker = new Worker(new URL('./export-worker.ts', import.meta.url), { workerData: task });
  const { promise, resolve, reject } = Promise.withResolvers<CutAnswer>();
  const timer = setTimeout(() => reject(new BoxError('playback.unreadable', { waitedMs: PATIENCE_MS })), PATIENCE_MS);
  worker.on('message', ({ answer, error }: { answer?: CutAnswer; error?: ErrorReport }) => {
    if (answer) resolve(answer);
    else reject(BoxError.fromJSON(error!));
  });
  worker.on('error', reject);
  worker.on('exit', () => reject(new BoxError('box.bug', { what: 'an export worker ended without an answer' })));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    worker.removeAllListeners('exit');
    void worker.terminate();
  }
}
