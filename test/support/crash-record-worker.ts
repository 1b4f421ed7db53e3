/** For Node's --import: the record worker throws as soon as the file named by CRASH_FILE is there, once. */
import { existsSync, rmSync } from 'node:fs';
import { isMainThread, workerData } from 'node:worker_threads';

const file = process.env['CRASH_FILE'];
const recordsHere = !isMainThread && typeof workerData === 'object' && workerData !== null && 'plan' in workerData;
if (file && recordsHere) {
  const timer = setInterval(() => {
    if (!existsSync(file)) return;
    rmSync(file);
    throw new Error('thrown on purpose');
  }, 20);
  timer.unref();
}
