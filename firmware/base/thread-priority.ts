import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';

/**
 * Lets whoever else wants the processor go before the calling thread: nice values from 1 to 19. Linux has a priority for each thread
 * (setpriority(2)).
 */
export function lowerThreadPriority(nice: number): void {
  const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  setPriority(thread, nice);
}
