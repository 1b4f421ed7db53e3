/** Looks through the log, away from the threads that record and serve. Runs in: job worker of its own, begun when it is needed. */
import { parentPort, workerData } from 'node:worker_threads';
import { asBoxError } from '../base/index.ts';
import { LogReader, type LogExport, type LogSearch } from './log-reader.ts';
import type { FromReader, ToReader } from './reading-messages.ts';

const { folder } = workerData as { folder?: unknown };
// Without it somebody only wanted the code loaded.
if (typeof folder !== 'string') throw new TypeError('the folder of the log is missing');
const reader = new LogReader(folder);

parentPort?.on('message', (message: ToReader) => {
  void answer(message).then((said) => parentPort?.postMessage(said));
});

async function answer({ id, reading, args }: ToReader): Promise<FromReader> {
  try {
    switch (reading) {
      case 'search':
        return { id, answer: await reader.search(args as LogSearch) };
      case 'export':
        return { id, answer: await reader.export(args as LogExport) };
      case 'verify':
        return { id, answer: await reader.verify() };
    }
  } catch (error) {
    return { id, error: asBoxError(error, 'audit.not-read').toJSON() };
  }
}
