import type { Part } from '../base/index.ts';

export interface PartListLog {
  (event: string, detail: Record<string, unknown>): void;
}

/** Starts parts in their order and stops what was started in reverse; one failing stop does not skip the next. */
export class PartList {
  readonly #started: Part[] = [];
  readonly #log: PartListLog;

  constructor(log: PartListLog) {
    this.#log = log;
  }

  /** Rejects with the part's error after having stopped the parts before it. */
  async start(part: Part): Promise<void> {
    const began = performance.now();
    try {
      await part.start();
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#started.push(part);
    this.#log('part.started', { part: part.name, ms: Math.round(performance.now() - began) });
  }

  async stop(): Promise<void> {
    for (let part = this.#started.pop(); part; part = this.#started.pop()) {
      const began = performance.now();
      try {
        await part.stop();
        this.#log('part.stopped', { part: part.name, ms: Math.round(performance.now() - began) });
      } catch (error) {
        this.#log('part.stop-failed', { part: part.name, reason: String(error) });
      }
    }
  }

  /** The parts that report something other than ok. */
  unhealthy(): { part: string; detail: string }[] {
    return this.#started.flatMap((part) => {
      const health = part.health?.();
      return health && health.state === 'failed' ? [{ part: part.name, detail: health.detail ?? '' }] : [];
    });
  }
}
