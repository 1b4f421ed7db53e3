/** The job worker, which throws as soon as the file named by CRASH_FILE is there; once, unless the file says `always`. */
import { existsSync, readFileSync, rmSync } from 'node:fs';

await import('../../firmware/storage/jobs/jobs-worker.ts');

const file = process.env['CRASH_FILE'] ?? '';
const timer = setInterval(() => {
  if (!existsSync(file)) return;
  if (readFileSync(file, 'utf8') !== 'always') rmSync(file);
  throw new Error('thrown on purpose');
}, 5);
timer.unref();
