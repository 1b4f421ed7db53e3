import { setTimeout as delay } from 'node:timers/promises';

/** Polls for something that nobody announces; the test's own time limit ends it. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(10);
}
