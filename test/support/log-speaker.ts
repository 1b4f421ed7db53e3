/** A process whose main thread and workers all log to standard error at once. Arguments: number of workers, lines of each. */
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { createLogger, flushLogger } from '../../firmware/telemetry/index.ts';

interface Task {
  readonly thread: string;
  readonly count: number;
}

async function speak({ thread, count }: Task): Promise<void> {
  const log = createLogger({ level: 'info', thread, blocking: isMainThread });
  for (let n = 0; n < count; n++) log.info({ n, pad: 'x'.repeat(200) }, 'line');
  await flushLogger(log);
}

if (isMainThread) {
  const [workers = 0, count = 0] = process.argv.slice(2).map(Number);
  for (let at = 0; at < workers; at++) {
    new Worker(new URL(import.meta.url), { workerData: { thread: `worker-${at}`, count } satisfies Task });
  }
  await speak({ thread: 'main', count });
} else {
  await speak(workerData as Task);
}
