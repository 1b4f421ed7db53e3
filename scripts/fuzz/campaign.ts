import { Worker } from 'node:worker_threads';
import { inputOf, PROGRESS, type FromFuzzWorker, type WorkerTask } from './messages.ts';
import type { PlacedTarget } from './targets.ts';

export interface CampaignOptions {
  readonly seed: number;
  readonly inputs: number;
  /** Date.now() when to stop although inputs are left. */
  readonly untilMs?: number;
  /** An input that takes longer than this ends the thread and is a finding. */
  readonly hangMs?: number;
  /** Instead of the usual limit of processor time of one input. */
  readonly slowMs?: number;
}

export interface Finding {
  readonly target: string;
  readonly kind: 'threw' | 'slow' | 'hung' | 'crashed' | 'memory';
  readonly words: string;
  readonly seed: number;
  /** Number of the input in the order of this seed. */
  readonly index: number;
  /** Made as small as it gets; nothing for memory, which is the doing of many. */
  readonly input: Buffer | undefined;
}

export interface CampaignResult {
  readonly target: string;
  readonly inputs: number;
  readonly seconds: number;
  readonly findings: readonly Finding[];
}

const HANG_MS = 10_000;
/** A thread that is only just starting has nothing that could hang but the machine. */
const START_MS = 60_000;
const WATCH_MS = 100;
const TURN_EVERY = 512;
const MAX_FINDINGS = 20;
/** Kept memory may rise this much over half a run: compiled code and caches of the runtime. */
const GROWTH_BYTES = 2 * 1024 * 1024;

/** Gives one target its inputs, in a thread of its own that is replaced when an input hangs or kills it. */
export async function runCampaign(placed: PlacedTarget, options: CampaignOptions): Promise<CampaignResult> {
  const startMs = performance.now();
  const findings: Finding[] = [];
  let from = 0;
  while (from < options.inputs && findings.length < MAX_FINDINGS) {
    const { to, found, crashed } = await runThread(placed, options, {
      from,
      to: options.inputs,
      turnEvery: TURN_EVERY,
    });
    // The fault of a crash may be that of an input before: once more, giving each of them its time.
    const again = { from: Math.max(from, to - TURN_EVERY), to, turnEvery: 1 };
    const closer = crashed ? await runThread(placed, options, again) : undefined;
    findings.push(...(closer?.crashed ? closer.found : found));
    from = to;
    if (Date.now() > (options.untilMs ?? Infinity)) break;
  }
  return { target: placed.target.name, inputs: from, seconds: (performance.now() - startMs) / 1000, findings };
}

interface ThreadResult {
  /** Behind the last input that was run. */
  readonly to: number;
  readonly found: readonly Finding[];
  readonly crashed: boolean;
}

/** One thread's part: up to the end of the range, or just behind the input that ended it. */
async function runThread(
  { target, module }: PlacedTarget,
  { seed, untilMs = Number.MAX_SAFE_INTEGER, hangMs = HANG_MS, slowMs }: CampaignOptions,
  range: Pick<WorkerTask, 'from' | 'to' | 'turnEvery'>,
): Promise<ThreadResult> {
  const progress = new SharedArrayBuffer(PROGRESS.size * Int32Array.BYTES_PER_ELEMENT);
  const task: WorkerTask = { ...range, module, target: target.name, seed, untilMs, slowMs, progress };
  const worker = new Worker(new URL('fuzz-worker.ts', import.meta.url), { workerData: task });
  const found: Finding[] = [];
  const find = (kind: Finding['kind'], words: string, index: number, input?: Buffer): void => {
    found.push({ target: target.name, kind, words, seed, index, input });
  };
  let to: number | undefined;
  worker.on('message', (message: FromFuzzWorker) => {
    if (message.t === 'finding') {
      find(message.fault.kind, message.fault.words, message.index, Buffer.from(message.input));
    } else {
      ({ to } = message);
      if (message.grownBytes > GROWTH_BYTES) find('memory', `${message.grownBytes} bytes more are kept`, message.to);
    }
  });
  let words = 'the thread ended';
  worker.on('error', (error: unknown) => {
    words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  });
  const places = new Int32Array(progress);
  const watch = watchProgress(worker, places, hangMs);
  await new Promise((resolve) => worker.once('exit', resolve));
  clearInterval(watch.timer);
  if (to !== undefined) return { to, found, crashed: false };
  const index = places[PROGRESS.index]!;
  find(watch.hung ? 'hung' : 'crashed', words, index, inputOf(seed, target.name, index, target.seeds()));
  return { to: index + 1, found, crashed: !watch.hung };
}

function watchProgress(worker: Worker, progress: Int32Array, hangMs: number): { timer: NodeJS.Timeout; hung: boolean } {
  let [runs, sinceMs] = [0, performance.now()];
  const timer = setInterval(() => {
    const now = Atomics.load(progress, PROGRESS.runs);
    if (now !== runs) {
      [runs, sinceMs] = [now, performance.now()];
    } else if (performance.now() - sinceMs > (runs === 0 ? START_MS : hangMs)) {
      watch.hung = true;
      void worker.terminate();
    }
  }, WATCH_MS);
  const watch = { timer, hung: false };
  return watch;
}
