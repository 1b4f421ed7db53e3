import type { Fault } from './judge.ts';
import { mutate } from './mutate.ts';
import { Random } from './random.ts';

export interface WorkerTask {
  readonly module: string;
  readonly target: string;
  readonly seed: number;
  /** Numbers of the first input and of the one behind the last. */
  readonly from: number;
  readonly to: number;
  /** Date.now() when to stop although inputs are left. */
  readonly untilMs: number;
  /** An input that costs more processor time than this, in milliseconds, is a finding; undefined: the usual limit. */
  readonly slowMs: number | undefined;
  /** What a target leaves for later gets its chance to fail after so many inputs. */
  readonly turnEvery: number;
  /** Int32Array of PROGRESS places, shared with the main thread. */
  readonly progress: SharedArrayBuffer;
}

/** Places in the shared progress. */
export const PROGRESS = { index: 0, runs: 1, size: 2 } as const;

export type FromFuzzWorker =
  | { readonly t: 'finding'; readonly index: number; readonly fault: Fault; readonly input: Uint8Array }
  /** `to`: the number of the first input that was not run. */
  | { readonly t: 'done'; readonly to: number; readonly grownBytes: number };

/** Input number `index` of a target; 0 and the next ones are the seeds as they are. */
export function inputOf(seed: number, target: string, index: number, seeds: readonly Buffer[]): Buffer {
  if (index < seeds.length) return Buffer.from(seeds[index]!);
  return mutate(new Random(seed, `${target}#${index}`), seeds);
}
