import { Worker } from 'node:worker_threads';
import { BoxError, Questions } from '../base/index.ts';
import type { FromReader, Reading, Readings, ToReader } from './reading-messages.ts';

/** A worker costs memory, so it ends when nobody has asked for a while. */
const IDLE_MS = 30_000;
const ANSWER_MS = 120_000;
/** Whoever asks more at a time is told to come back. */
const MAX_WAITING = 16;

/** Looks through the log in a thread of its own, which lives only while it is needed. */
export class AuditReading {
  readonly #folder: string;
  readonly #questions = new Questions();
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Rejects with audit.bad-cursor, audit.busy, audit.not-read. */
  async ask<R extends Reading>(reading: R, args: Readings[R]['args']): Promise<Readings[R]['answer']> {
    const { size: waiting } = this.#questions;
    if (waiting >= MAX_WAITING) throw new BoxError('audit.busy', { waiting });
    clearTimeout(this.#idle);
    const worker = (this.#worker ??= this.#begin());
    const late = (): BoxError => {
      void worker.terminate();
      return new BoxError('audit.not-read', { reason: 'it took too long' });
    };
    const send = (id: number): void => worker.postMessage({ id, reading, args } satisfies ToReader);
    try {
      return await this.#questions.ask<Readings[R]['answer']>(send, { ms: ANSWER_MS, late });
    } finally {
      this.#endWhenIdle();
    }
  }

  async stop(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    // A read that hangs in the kernel would keep whoever waited for its end.
    worker?.unref();
    void worker?.terminate();
    this.#fail('the box stops');
  }

  #begin(): Worker {
    const worker = new Worker(new URL('./reading-worker.ts', import.meta.url), {
      workerData: { folder: this.#folder },
    });
    worker.on('message', (message: FromReader) => this.#questions.answered(message));
    const gone = (reason: string): void => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#fail(reason);
    };
    worker.on('error', (error) => gone(String(error)));
    worker.on('exit', (code) => gone(`the worker ended with ${code}`));
    return worker;
  }

  #endWhenIdle(): void {
    if (this.#questions.size > 0 || !this.#worker) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.stop(), IDLE_MS);
    this.#idle.unref();
  }

  #fail(reason: string): void {
    this.#questions.giveUp(() => new BoxError('audit.not-read', { reason }));
    clearTimeout(this.#idle);
  }
}
