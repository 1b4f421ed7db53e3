import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { asBoxError, BoxError, systemClock } from '../base/index.ts';
import type { Caller } from '../accounts/index.ts';
import type { Job as JobShape } from './job-shapes.ts';
import { isoOf } from './shapes.ts';
import type { Task } from './task.ts';

export type Job = z.output<typeof JobShape>;

/** Who began a job, as jobs are known by it: a token that is called like a user, or like another token, is somebody else. */
export function jobOwner({ kind, name, id }: Pick<Caller, 'kind' | 'name' | 'id'>): string {
  return kind === 'token' ? `token/${name} (${id})` : name;
}

const MOST_RUNNING = 20;
const MOST_KEPT = 100;
/** Of results, as text, together; the oldest go first. */
const MOST_KEPT_CHARS = 16 << 20;
const KEPT_US = 24 * 3600 * 1_000_000;

interface Kept {
  job: Job;
  endedUs?: number;
  /** Size of the result as text. */
  chars: number;
  readonly stop: AbortController;
  /** Resolves when it is over, however it ended. */
  over: Promise<void>;
}

/**
 * Operations that run on while nobody waits for them. Whoever began one, or may change settings, finds it again by its id: after
 * the page was loaded anew, from another browser, until a day after its end or the next start of the box.
 */
export class JobDesk {
  readonly #jobs = new Map<string, Kept>();

  /** Begins at once; `cancellable`: the work ends when its signal is aborted. Throws control.too-many-jobs. */
  begin(
    operation: { readonly name: string; readonly cancellable?: true },
    by: Pick<Caller, 'kind' | 'name' | 'id'>,
    work: (task: Task) => Promise<unknown>,
  ): Job {
    this.#forget();
    const running = [...this.#jobs.values()].filter(({ job }) => job.state === 'running').length;
    if (running >= MOST_RUNNING) throw new BoxError('control.too-many-jobs', { running });
    const startedAt = isoOf(systemClock.wallUs());
    const { name, cancellable = false } = operation;
    const job: Job = { id: randomUUID(), operation: name, by: jobOwner(by), state: 'running', startedAt, cancellable };
    const kept: Kept = { job, stop: new AbortController(), over: Promise.resolve(), chars: 0 };
    this.#jobs.set(job.id, kept);
    const { signal } = kept.stop;
    const tell: Task['tell'] = (news) => {
      if (kept.job.state === 'running') kept.job = { ...kept.job, ...news };
    };
    kept.over = work({ signal, tell }).then(
      (result) => {
        end(kept, { state: 'done', progress: 1, result });
        kept.chars = JSON.stringify(result ?? null).length;
        this.#forget();
      },
      (error: unknown) =>
        end(
          kept,
          signal.aborted ? { state: 'stopped' } : { state: 'failed', error: shown(asBoxError(error, 'box.bug')) },
        ),
    );
    return job;
  }

  /** Stops one that can be stopped, and resolves when it is over; at once if there is none. */
  async end(id: string): Promise<void> {
    const kept = this.#jobs.get(id);
    if (kept?.job.cancellable !== true) return;
    kept.stop.abort();
    await kept.over;
  }

  /** Newest first. */
  list(): Job[] {
    this.#forget();
    return [...this.#jobs.values()].map(({ job }) => job).toReversed();
  }

  #forget(): void {
    const before = systemClock.wallUs() - KEPT_US;
    let surplus = this.#jobs.size - MOST_KEPT;
    let chars = [...this.#jobs.values()].reduce((sum, job) => sum + job.chars, 0);
    for (const [id, { endedUs, chars: own }] of this.#jobs) {
      if (endedUs === undefined) continue;
      if (endedUs >= before && surplus <= 0 && chars <= MOST_KEPT_CHARS) continue;
      this.#jobs.delete(id);
      surplus--;
      chars -= own;
    }
  }
}

function end(kept: Kept, ending: Partial<Job>): void {
  kept.endedUs = systemClock.wallUs();
  kept.job = { ...kept.job, ...ending, cancellable: false, endedAt: isoOf(kept.endedUs) };
}

/** A fault of the firmware tells nothing but that it is one. */
function shown(error: BoxError): Job['error'] {
  const { code, what, advice, context } = error.toJSON();
  return { code, what, advice, context: code === 'box.bug' ? {} : context };
}
