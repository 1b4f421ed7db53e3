import { BoxError } from '../../base/index.ts';
import { CheckJob } from './check-job.ts';
import { Evacuation } from './evacuate.ts';
import type { CopyPorts } from './job-ports.ts';
import type { CheckState, EvacuationState } from './job-states.ts';
import type { JobKind, JobOrder, JobStates } from './jobs-messages.ts';

interface Running {
  readonly kind: JobKind;
  readonly job: { readonly state: EvacuationState | CheckState };
  readonly stop: AbortController;
}

const TELL_EVERY_MS = 1000;

/** What runs in the job worker: at most one copying and one check per volume. */
export class Jobs {
  readonly #ports: CopyPorts;
  /** Told now and then while something runs, and at each end. */
  readonly #changed: (states: JobStates) => void;
  readonly #jobs = new Map<string, Running>();
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(ports: CopyPorts, changed: (states: JobStates) => void) {
    this.#ports = ports;
    this.#changed = changed;
  }

  get states(): JobStates {
    const states: JobStates = { evacuations: [], checks: [] };
    for (const { kind, job } of this.#jobs.values()) {
      if (kind === 'evacuation') states.evacuations.push(job.state as EvacuationState);
      else states.checks.push(job.state as CheckState);
    }
    return states;
  }

  start(): void {
    this.#timer = setInterval(() => this.#tellWhileRunning(), TELL_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#stop.abort(new BoxError('storage.closed'));
  }

  /** Whoever orders sees to it that there is only one of a kind for a volume. */
  begin(order: JobOrder): void {
    const { kind, options } = order;
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, this.#stop.signal]);
    const job =
      order.kind === 'evacuation'
        ? new Evacuation(order.options, this.#ports, signal, order.state)
        : new CheckJob(order.options, this.#ports, signal, order.state);
    this.#jobs.set(keyOf(kind, options.volume), { kind, job, stop });
    void job.run().then(() => this.#changed(this.states));
  }

  end(kind: JobKind, volume: string): void {
    this.#jobs.get(keyOf(kind, volume))?.stop.abort(new BoxError('storage.closed'));
  }

  #tellWhileRunning(): void {
    if ([...this.#jobs.values()].some(({ job }) => job.state.state === 'running')) this.#changed(this.states);
  }
}

function keyOf(kind: JobKind, volume: string): string {
  return `${kind} ${volume}`;
}
