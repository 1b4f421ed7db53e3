import { asBoxError, Backoff, BoxError, firstPromise, systemClock, type Health, type Part } from '../../base/index.ts';
import type { JobPorts, VolumeAsk, VolumeAsks } from './job-ports.ts';
import {
  beginCheck,
  beginEvacuation,
  type CheckOptions,
  type CheckState,
  type EvacuationOptions,
  type EvacuationState,
} from './job-states.ts';
import { JobThread } from './job-thread.ts';
import type { JobKind, JobOrder, JobStates } from './jobs-messages.ts';
import { Sealer, type SealerOptions } from './sealer.ts';

export interface VolumeJobsOptions extends JobPorts {
  readonly sealing: SealerOptions;
  /** How far copying and checking have come; told every second while something runs, and at each end. */
  changed(states: JobStates): void;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
  /** Instead of what is usual; for tests. */
  readonly thread?: { readonly idleMs: number; readonly maxRestartMs: number; readonly entry: URL };
}

interface Task {
  order: JobOrder;
  /** `ending`: it was told to end. `again`: and is to go on elsewhere as soon as it has. */
  wish: 'run' | 'ending' | 'again';
  /** Threads that died under it since it last came forward. */
  deaths: number;
  /** The farthest that it has come: a check that was cut off looks at everything again. */
  farthest: number;
  /** What disks took of a copying, counted here: a thread that dies takes its own count with it. */
  taken: { copied: number; copiedBytes: number };
  readonly over: PromiseWithResolvers<void>;
}

/** A thread costs memory, so it ends when there has been nothing to do for a while. */
const THREAD = {
  idleMs: 30_000,
  maxRestartMs: 60_000,
  entry: new URL('./jobs-worker.ts', import.meta.url),
};
/** Whoever has a job ended waits this long at most for a disk that does not answer. */
const END_MS = 20_000;
/** A job under which the thread dies so often without coming forward is given up. */
const MAX_DEATHS = 8;

/**
 * The jobs of the volumes as the main thread sees them. Their states are kept here, so that they outlive the thread that does the
 * work: it begins with a job and ends when nothing is left, and when it dies, what was not over goes on in the next one.
 */
export class VolumeJobs implements Part {
  readonly name = 'jobs';
  readonly #options: VolumeJobsOptions;
  readonly #tasks = new Map<string, Task>();
  /** Where the thread has asked for places of copies. */
  readonly #reservedOn = new Set<string>();
  /** Volumes that are being taken out of use. */
  readonly #leaving = new Set<string>();
  readonly #backoff: Backoff;
  readonly #stopping = new AbortController();
  readonly #sealer: Sealer;
  #thread: JobThread | undefined;
  #restart: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: VolumeJobsOptions) {
    this.#options = options;
    const { maxRestartMs } = options.thread ?? THREAD;
    this.#backoff = new Backoff({ minMs: Math.min(500, maxRestartMs), maxMs: maxRestartMs });
    this.#sealer = new Sealer(options.sealing, options, options.log, this.#stopping.signal);
  }

  readonly start = firstPromise(async () => {
    void this.#sealer.run();
  });

  /** Does not wait for a disk that hangs under a job. */
  readonly stop = firstPromise(async () => {
    this.#stopping.abort(new BoxError('storage.closed'));
    clearTimeout(this.#restart);
    clearTimeout(this.#idle);
    await this.#thread?.stop();
  });

  health(): Health {
    if (!this.#restart) return { state: 'ok' };
    return { state: 'degraded', detail: 'the job worker is being started again' };
  }

  get states(): JobStates {
    const states: JobStates = { evacuations: [], checks: [] };
    for (const { order } of this.#tasks.values()) {
      if (order.kind === 'evacuation') states.evacuations.push(order.state);
      else states.checks.push(order.state);
    }
    return states;
  }

  /** True while the thread lives. */
  get works(): boolean {
    return this.#thread !== undefined;
  }

  /** Begins; the answer is its state now. Throws jobs.busy if that volume is being copied off already. */
  evacuate(options: EvacuationOptions): EvacuationState {
    const state = beginEvacuation(options);
    this.#begin({ kind: 'evacuation', options, state });
    return state;
  }

  /** Begins; the answer is its state now. Throws jobs.busy. */
  check(options: CheckOptions): CheckState {
    const state = beginCheck(options);
    this.#begin({ kind: 'check', options, state });
    return state;
  }

  /** Ends a job; what it has done so far stays. Resolves when it is over, or after 20 s if a disk does not let go. False: there is none. */
  async end(kind: JobKind, volume: string): Promise<boolean> {
    const task = this.#tasks.get(keyOf(kind, volume));
    if (task?.order.state.state !== 'running') return false;
    task.wish = 'ending';
    await this.#ended([task]);
    return true;
  }

  /**
   * A volume is about to be taken out of use: jobs on it end, and copies to it go elsewhere. Resolves when none of them has files
   * open there, or after 20 s, with the kinds of those that ended. Until `returned` nothing is copied to it.
   */
  async leave(volume: string): Promise<JobKind[]> {
    this.#leaving.add(volume);
    const ended: JobKind[] = [];
    const touched: Task[] = [];
    for (const task of this.#tasks.values()) {
      const { kind, options, state } = task.order;
      if (state.state !== 'running') continue;
      if (options.volume === volume) {
        task.wish = 'ending';
        ended.push(kind);
      } else if (kind === 'evacuation' && state.targets.includes(volume)) task.wish = 'again';
      else continue;
      touched.push(task);
    }
    await this.#ended(touched);
    return ended;
  }

  /** The volume of `leave` is out of use, or stays after all. */
  returned(volume: string): void {
    this.#leaving.delete(volume);
  }

  /** Jobs that are over are not spoken of any more: the volume is out of use. */
  forget(volume: string): void {
    for (const [key, { order }] of this.#tasks) {
      if (order.options.volume === volume && order.state.state !== 'running') this.#tasks.delete(key);
    }
  }

  #begin(order: JobOrder): void {
    const key = keyOf(order.kind, order.options.volume);
    if (this.#tasks.get(key)?.order.state.state === 'running') {
      throw new BoxError('jobs.busy', { volume: order.options.volume });
    }
    if (this.#stopping.signal.aborted) throw new BoxError('storage.closed');
    const taken = { copied: 0, copiedBytes: 0 };
    this.#tasks.set(key, { order, wish: 'run', deaths: 0, farthest: 0, taken, over: Promise.withResolvers() });
    this.#options.changed(this.states);
    clearTimeout(this.#idle);
    // While the thread is being started again, it will be given all that is to run.
    if (this.#restart) return;
    this.#thread ??= this.#spawn();
    this.#thread.send({ t: 'begin', order });
  }

  /** Resolves when the tasks are over. */
  async #ended(tasks: readonly Task[]): Promise<void> {
    for (const task of tasks) {
      const { kind, options } = task.order;
      if (this.#thread) this.#thread.send({ t: 'end', kind, volume: options.volume });
      else this.#close(task, 'stopped');
    }
    if (!this.#thread) this.#options.changed(this.states);
    const late = systemClock.sleep(END_MS, this.#stopping.signal).catch(() => undefined);
    await Promise.race([Promise.all(tasks.map(({ over }) => over.promise)), late]);
  }

  #spawn(): JobThread {
    const thread: JobThread = new JobThread((this.#options.thread ?? THREAD).entry, {
      ports: {
        ...this.#options,
        volume: (ask, args) => this.#askVolume(ask, args),
        rooms: async (source) => {
          const rooms = await this.#options.rooms(source);
          return rooms.filter(({ volume }) => !this.#leaving.has(volume));
        },
      },
      states: (states) => this.#told(states),
      crashed: (reason) => this.#crashed(thread, reason),
    });
    return thread;
  }

  /** A copy counts when its disk has taken it, also if the thread does not live to say so. */
  async #askVolume<K extends VolumeAsk>(ask: K, args: VolumeAsks[K]['args']): Promise<VolumeAsks[K]['answer']> {
    if (ask === 'reserve') this.#reservedOn.add((args as VolumeAsks['reserve']['args']).volume);
    const answer = await this.#options.volume(ask, args);
    if (ask === 'receive') {
      const { open, close } = args as VolumeAsks['receive']['args'];
      const task = open.origin && this.#tasks.get(keyOf('evacuation', open.origin.volume));
      if (task) {
        task.taken.copied++;
        task.taken.copiedBytes += close.bytes;
      }
    }
    return answer;
  }

  #told({ evacuations, checks }: JobStates): void {
    for (const state of evacuations) this.#note('evacuation', state);
    for (const state of checks) this.#note('check', state);
    this.#options.changed(this.states);
    this.#endWhenIdle();
  }

  #note(kind: JobKind, state: EvacuationState | CheckState): void {
    const task = this.#tasks.get(keyOf(kind, state.volume));
    // The thread also speaks of a former job on the same volume.
    if (!task || task.order.state.startedUs !== state.startedUs || task.order.state.state !== 'running') return;
    const progress = progressOf(state);
    if (progress > task.farthest) {
      task.farthest = progress;
      task.deaths = 0;
      this.#backoff.reset();
    }
    task.order = { ...task.order, state } as JobOrder;
    if (state.state === 'running') return;
    if (task.wish === 'again') this.#goOn(task);
    else this.#over(task);
  }

  /** It was ended for a disk that leaves, and goes on with the others. */
  #goOn(task: Task): void {
    task.over.resolve();
    const again: Task = { ...task, order: resumed(task), wish: 'run', over: Promise.withResolvers() };
    this.#tasks.set(keyOf(task.order.kind, task.order.options.volume), again);
    this.#thread?.send({ t: 'begin', order: again.order });
  }

  #over(task: Task): void {
    task.over.resolve();
    this.#options.log('job.over', { kind: task.order.kind, ...task.order.state });
  }

  #close(task: Task, state: 'stopped' | 'failed'): void {
    const error = state === 'failed' ? { error: new BoxError('jobs.crashed', { times: task.deaths }).toJSON() } : {};
    const ending = { state, ...error, endedUs: systemClock.wallUs() };
    task.order = { ...task.order, state: { ...task.order.state, ...ending } } as JobOrder;
    this.#over(task);
  }

  #running(): Task[] {
    return [...this.#tasks.values()].filter(({ order }) => order.state.state === 'running');
  }

  #endWhenIdle(): void {
    clearTimeout(this.#idle);
    if (this.#running().length > 0) return;
    this.#idle = setTimeout(
      () => {
        const thread = this.#thread;
        // A job that begins now gets a thread of its own.
        this.#thread = undefined;
        void thread?.stop();
      },
      (this.#options.thread ?? THREAD).idleMs,
    );
    this.#idle.unref();
  }

  #crashed(thread: JobThread, reason: string): void {
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    if (this.#stopping.signal.aborted) return;
    for (const task of this.#running()) {
      task.deaths++;
      if (task.wish === 'ending') this.#close(task, 'stopped');
      else if (task.deaths >= MAX_DEATHS) this.#close(task, 'failed');
    }
    this.#options.changed(this.states);
    const waitMs = this.#backoff.nextMs();
    this.#options.log('jobs.crashed', { reason, running: this.#running().length, againInMs: waitMs });
    this.#restart = setTimeout(() => void this.#again(), waitMs);
  }

  async #again(): Promise<void> {
    // What the dead thread left half done would lie there until the volume is opened anew. It need not have told where that is.
    const targets = [...this.#reservedOn];
    this.#reservedOn.clear();
    for (const volume of targets) {
      await this.#options.volume('abandon', { volume }).catch((error: unknown) => {
        this.#options.log('jobs.not-abandoned', { volume, code: asBoxError(error, 'storage.io').code });
      });
    }
    this.#restart = undefined;
    const tasks = this.#running();
    if (tasks.length === 0 || this.#stopping.signal.aborted) return;
    this.#thread = this.#spawn();
    for (const task of tasks) {
      task.order = resumed(task);
      if (task.wish === 'again') this.#goOn(task);
      else this.#thread.send({ t: 'begin', order: task.order });
    }
  }
}

function resumed({ order, taken }: Task): JobOrder {
  if (order.kind === 'evacuation') {
    return { ...order, state: beginEvacuation(order.options, { ...order.state, ...taken }) };
  }
  return { ...order, state: beginCheck(order.options, order.state) };
}

/** What a job has done so far. */
function progressOf(state: EvacuationState | CheckState): number {
  return 'copied' in state ? state.copied : state.segments;
}

function keyOf(kind: JobKind, volume: string): string {
  return `${kind} ${volume}`;
}
