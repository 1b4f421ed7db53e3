import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BoxError } from '../../firmware/base/index.ts';
import type { FuzzTarget } from '../../test/fuzz/target.ts';

/** What is wrong with a target's handling of one input. Equal signatures are the same fault. */
export interface Fault {
  readonly kind: 'threw' | 'slow';
  readonly words: string;
  readonly signature: string;
}

/** An input may cost this much processor time, in milliseconds. */
const SLOW_MS = 100;
const CONFIRMATIONS = 3;

/** Runs one input. Undefined if all is well; an error of the firmware's own kind is a good answer, except one that says `bug`. */
export async function judge(target: FuzzTarget, input: Buffer, slowMs = SLOW_MS): Promise<Fault | undefined> {
  const beforeMs = performance.now();
  const fault = await faultOf(target, input);
  if (fault !== undefined) return fault;
  return performance.now() - beforeMs > slowMs ? isSlow(target, input, slowMs) : undefined;
}

async function faultOf(target: FuzzTarget, input: Buffer): Promise<Fault | undefined> {
  try {
    // Most targets answer at once; waiting for each of them would cost more than the work.
    const running = target.run(Buffer.from(input));
    if (running) await running;
    return undefined;
  } catch (error) {
    if (error instanceof BoxError && error.kind !== 'bug') return undefined;
    const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { kind: 'threw', words, signature: signatureOf(words) };
  }
}

/** Other work on the machine makes anything late: only processor time of this thread, three times in a row, counts. */
async function isSlow(target: FuzzTarget, input: Buffer, slowMs: number): Promise<Fault | undefined> {
  let leastMs = Infinity;
  for (let n = 0; n < CONFIRMATIONS; n++) {
    const before = process.threadCpuUsage();
    await faultOf(target, input);
    const { user, system } = process.threadCpuUsage(before);
    leastMs = Math.min(leastMs, (user + system) / 1000);
    if (leastMs <= slowMs) return undefined;
  }
  return { kind: 'slow', words: `${Math.round(leastMs)} ms of processor time`, signature: 'slow' };
}

/** The message without its numbers, and the first place in the firmware or the tests that it came through. */
function signatureOf(words: string): string {
  const [message = '', ...stack] = words.split('\n');
  const place = stack.find((line) => /\/(firmware|test)\//.test(line)) ?? '';
  return `${message.replaceAll(/\d+/g, '#')} ${/\/((?:firmware|test)\/[^)]*)/.exec(place)?.[1] ?? ''}`.trim();
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes that this thread keeps after a full collection, buffers included. */
export async function retainedBytes(): Promise<number> {
  for (let n = 0; n < 2; n++) {
    await turn();
    collectGarbage();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** How much the kept memory rose from the second quarter of the samples to the last, in bytes; the first one is warming up. */
export function steadyGrowth(samples: readonly number[]): number {
  const quarter = Math.floor(samples.length / 4);
  if (quarter === 0) return 0;
  const early = samples.slice(quarter, 2 * quarter);
  const late = samples.slice(-quarter);
  return Math.min(...late) - Math.max(...early);
}
