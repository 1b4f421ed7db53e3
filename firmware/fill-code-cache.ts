/** Loads all code of the firmware once, so that it lies compiled in the cache, and ends. Started by engine.ts. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { setHeapFlags } from './engine.ts';

setHeapFlags();
const workers = globSync('**/*worker.ts', { cwd: import.meta.dirname }).map((path) => {
  const worker = new Worker(join(import.meta.dirname, path), { workerData: {} });
  // Without the data that it needs, a worker ends with an error as soon as it is loaded, which is all that is wanted.
  worker.on('error', () => void worker.terminate());
  // One that needs no data ends when it is told to, as at the end of the box.
  worker.postMessage({ t: 'stop' });
  return new Promise<void>((resolve) => worker.on('exit', () => resolve()));
});
await import('./cli/index.ts');
await import('./supervisor/index.ts');
await Promise.all(workers);
