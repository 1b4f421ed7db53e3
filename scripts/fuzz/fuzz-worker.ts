/** Entry of the thread in which one target gets its inputs. The main thread watches it and ends it if it hangs. */
import { setImmediate as turn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { judge, retainedBytes, steadyGrowth, type Fault } from './judge.ts';
import { inputOf, PROGRESS, type FromFuzzWorker, type WorkerTask } from './messages.ts';
import { minimise } from './minimise.ts';
import { targetsOf } from './targets.ts';

const MEMORY_SAMPLES = 24;
const TRIALS = { threw: 3000, slow: 100 } as const;

const task = workerData as WorkerTask;
const progress = new Int32Array(task.progress);
const target = (await targetsOf(task.module)).map((placed) => placed.target).find(({ name }) => name === task.target)!;
const seeds = target.seeds();
const known = new Set<string>();

function say(message: FromFuzzWorker): void {
  parentPort!.postMessage(message);
}

async function run(input: Buffer): Promise<Fault | undefined> {
  Atomics.add(progress, PROGRESS.runs, 1);
  return judge(target, input, task.slowMs);
}

async function tell(index: number, input: Buffer, fault: Fault): Promise<void> {
  if (known.has(fault.signature)) return;
  known.add(fault.signature);
  const shows = async (smaller: Buffer): Promise<boolean> => (await run(smaller))?.signature === fault.signature;
  say({ t: 'finding', index, fault, input: await minimise(input, shows, TRIALS[fault.kind]) });
}

const samples: number[] = [];
const sampleEvery = Math.max(1, Math.floor((task.to - task.from) / MEMORY_SAMPLES));
let index = task.from;
for (; index < task.to; index++) {
  Atomics.store(progress, PROGRESS.index, index);
  const input = inputOf(task.seed, target.name, index, seeds);
  const fault = await run(input);
  if (fault) await tell(index, input, fault);
  if ((index - task.from) % sampleEvery === 0) samples.push(await retainedBytes());
  if (index % task.turnEvery === 0) {
    if (Date.now() > task.untilMs) break;
    await turn();
  }
}
samples.push(await retainedBytes());
say({ t: 'done', to: index, grownBytes: steadyGrowth(samples) });
