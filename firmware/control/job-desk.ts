import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { asBoxError, BoxError, systemClock } from '../base/index.ts';
import type { Caller } from '../accounts/index.ts';
import type { Job as JobShape } from './job-shapes.ts';
import { isoOf } from './shapes.ts';

export type Job = z.output<typeof JobShape>;

/** Who began a job, as jobs are known by it: a token that is called like a user is somebody else. */
export function jobOwner({ kind, name }: Pick<Caller, 'kind' | 'name'>): string {
  return kind === 'token' ? `token/${name}` : name;
}

const MOST_RUNNING = 20;
const MOST_KEPT = 100;
const KEPT_US = 24 * 3600 * 1_000_000;

/**
 * Operations that run on while nobody waits for them. Whoever began one, or may change settings, finds it again by its id: after
 * the page was loaded anew, from another browser, until a day after its end or the next start of the box.
 */
export class JobDesk {
  readonly #jobs = new Map<string, { job: Job; endedUs?: number }>();

  /** Begins at once. Throws control.too-many-jobs. */
  begin(operation: string, by: Pick<Caller, 'kind' | 'name'>, work: () => Promise<unknown>): Job {
    this.#forget();
    const running = [...this.#jobs.values()].filter(({ job }) => job.state === 'running').length;
    if (running >= MOST_RUNNING) throw new BoxError('control.too-many-jobs', { running });
    const startedAt = isoOf(systemClock.wallUs());
    const job: Job = { id: randomUUID(), operation, by: jobOwner(by), state: 'running', startedAt, cancellable: false };
    this.#jobs.set(job.id, { job });
    void work().then(
      (result) => this.#end(job, { state: 'done', progress: 1, result }),
      (error: unknown) => this.#end(job, { state: 'failed', error: shown(asBoxError(error, 'box.bug')) }),
    );
    return job;
  }

  /** Newest first. */
  list(): Job[] {
    this.#forget();
    return [...this.#jobs.values()].map(({ job }) => job).toReversed();
  }

  #end(job: Job, ending: Partial<Job>): void {
    const endedUs = systemClock.wallUs();
    this.#jobs.set(job.id, { job: { ...job, ...ending, endedAt: isoOf(endedUs) }, endedUs });
  }

  #forget(): void {
    const before = systemClock.wallUs() - KEPT_US;
    let surplus = this.#jobs.size - MOST_KEPT;
    for (const [id, { endedUs }] of this.#jobs) {
      if (endedUs !== undefined && (endedUs < before || surplus-- > 0)) this.#jobs.delete(id);
    }
  }
}

/** A fault of the firmware tells nothing but that it is one. */
function shown(error: BoxError): Job['error'] {
  const { code, what, advice, context } = error.toJSON();
  return { code, what, advice, context: code === 'box.bug' ? {} : context };
}
