import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'regular' | 'last-resort' }) => void;

/** The start of any thread is over by then, with all that it leaves behind in memory. */
const START_MS = 5000;

/** Has the garbage of this thread's start collected, once. */
export function tidyHeapAfterStart(): void {
  setTimeout(tidyHeap, START_MS).unref();
}

/**
 * Collects all garbage of this thread and gives the memory back. A start leaves megabytes of it behind, and a thread that allocates
 * little afterwards would keep them for ever.
 */
export function tidyHeap(): void {
  // V8 hands its collector out only in contexts that are made while the flag stands. It is one for all threads, which tidy up at
  // about the same time: whoever took it back would take it from the others.
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('globalThis.gc') as Collect | undefined;
  collect?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
