import { Worker } from 'node:worker_threads';
import { asBoxError } from '../../base/index.ts';
import type { CopyPorts } from './job-ports.ts';
import type { FromJobs, JobStates, ToJobs } from './jobs-messages.ts';

export interface JobThreadOptions {
  readonly ports: CopyPorts;
  states(states: JobStates): void;
  /** It ended without having been told to. */
  crashed(reason: string): void;
}

const STOP_MS = 2000;

/** One life of the job worker: takes orders, asks what it needs to know, and tells how far it has come. */
export class JobThread {
  readonly #options: JobThreadOptions;
  readonly #worker: Worker;
  readonly #ended = Promise.withResolvers<void>();
  #stopping = false;

  constructor(entry: URL, options: JobThreadOptions) {
    this.#options = options;
    const worker = new Worker(entry);
    this.#worker = worker;
    let reason = '';
    worker.on('message', (message: FromJobs) => this.#receive(message));
    worker.on('error', (error) => (reason = (error as Error).stack ?? String(error)));
    worker.on('exit', (code) => {
      this.#ended.resolve();
      if (!this.#stopping) options.crashed(reason || `the worker ended with ${code}`);
    });
  }

  send(message: ToJobs): void {
    this.#worker.postMessage(message);
  }

  /** Does not wait for a disk that hangs under a job. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.send({ t: 'stop' });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_MS);
    });
    await Promise.race([this.#ended.promise, late]);
    clearTimeout(timer);
    this.#worker.unref();
  }

  #receive(message: FromJobs): void {
    if (message.t === 'ask') void this.#answer(message);
    // What it says of jobs that it was told to leave means nothing any more.
    else if (!this.#stopping) this.#options.states(message.states);
  }

  async #answer(question: Extract<FromJobs, { t: 'ask' }>): Promise<void> {
    const { id } = question;
    try {
      this.send({ t: 'answer', id, answer: await this.#lookUp(question) });
    } catch (error) {
      this.send({ t: 'answer', id, error: asBoxError(error, 'box.bug').toJSON() });
    }
  }

  #lookUp({ port, ask, args }: Extract<FromJobs, { t: 'ask' }>): Promise<unknown> {
    const { ports } = this.#options;
    switch (port) {
      case 'catalogue':
        return ports.catalogue(ask, args as never);
      case 'volume':
        return ports.volume(ask, args as never);
      case 'rooms':
        return ports.rooms(args as string);
      case 'locked':
        return ports.locked();
    }
  }
}
