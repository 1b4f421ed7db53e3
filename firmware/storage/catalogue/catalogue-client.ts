import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import { Backoff, BoxError, firstPromise, Questions, type Part } from '../../base/index.ts';
import type { Answer, Args, ClientMessage, Operation, WorkerMessage } from './catalogue-messages.ts';
import { EXIT } from './catalogue-messages.ts';
import type { AttachReport } from './catalogue-types.ts';
import type { CatalogueWorkerData } from './catalogue-worker.ts';

export interface CatalogueClientOptions {
  /** Path of the database; its folder exists. */
  path: string;
  /**
   * Gets the port that feeds the catalogue (FeedMessage in, DeleteRequest out) to hand to the record worker: once at the
   * start, and again whenever the worker had to be started anew; the former port is dead then.
   */
  onFeedPort: (port: MessagePort) => void;
  /** The worker ended by itself; it is being started again. */
  onCrash?: (exitCode: number) => void;
  /** A volume was attached again after a crash, or could not be. */
  onReattach?: (volume: string, outcome: AttachReport | BoxError) => void;
  retentionEveryMs?: number;
}

/** It handles few and small things at a time: room for more new objects than this would only be held. */
const YOUNG_MB = 2;
const DEADLINE_MS = 5000;
const STOP_MS = 5000;

/** The catalogue worker as other threads' code in this process sees it: starts it, asks it, starts it again when it dies. */
export class CatalogueClient implements Part {
  readonly name = 'catalogue';
  readonly #options: CatalogueClientOptions;
  readonly #questions = new Questions();
  readonly #volumes = new Map<string, string>();
  readonly #backoff = new Backoff({ minMs: 100, maxMs: 30_000 });
  #worker: Worker | undefined;
  #state: 'idle' | 'running' | 'restarting' | 'stopped' = 'idle';
  #restart: NodeJS.Timeout | undefined;

  constructor(options: CatalogueClientOptions) {
    this.#options = options;
  }

  readonly #startOnce = firstPromise(async () => {
    try {
      await this.#spawn(false);
    } catch (error) {
      if (!(error instanceof BoxError) || error.context.exitCode !== EXIT.corrupt) throw error;
      await this.#spawn(true);
    }
  });
  readonly #stopOnce = firstPromise(() => this.#shutDown());

  /** Resolves when the catalogue answers. Rejects with catalogue.failed when it cannot be opened or made. */
  start(): Promise<void> {
    return this.#startOnce();
  }

  /** Commits and ends the worker. Open questions are rejected with catalogue.stopped. */
  stop(): Promise<void> {
    return this.#stopOnce();
  }

  health(): { state: 'ok' | 'degraded' | 'failed'; detail?: string } {
    if (this.#state === 'running') return { state: 'ok' };
    return { state: this.#state === 'restarting' ? 'degraded' : 'failed', detail: `the catalogue is ${this.#state}` };
  }

  /**
   * Reads the volume's journal as far as needed; takes milliseconds at a usual start, and some ten seconds for each million
   * segments when the catalogue was lost. Rejects like `ask`, or with catalogue.failed if the disk refuses.
   */
  async attach(volume: string, folder: string): Promise<AttachReport> {
    // Also one that cannot be attached now is tried again by the next worker.
    this.#volumes.set(volume, folder);
    return this.ask('attach', { volume, folder }, Infinity);
  }

  /** The record worker died: makes a new port for its successor and hands it out (`onFeedPort`). */
  renewFeed(): void {
    if (this.#state !== 'running') return;
    const { port1: mine, port2: theirs } = new MessageChannel();
    this.#worker?.postMessage({ t: 'feed', port: theirs } satisfies ClientMessage, [theirs]);
    this.#options.onFeedPort(mine);
  }

  async detach(volume: string): Promise<void> {
    this.#volumes.delete(volume);
    await this.ask('detach', { volume });
  }

  /**
   * Asks one thing. Rejects with catalogue.restarting (the worker died or is being started), catalogue.timeout,
   * catalogue.stopped, or what the operation says.
   */
  ask<O extends Operation>(operation: O, args: Args<O>, deadlineMs = DEADLINE_MS): Promise<Answer<O>> {
    if (this.#state === 'stopped') return Promise.reject(new BoxError('catalogue.stopped', { operation }));
    const worker = this.#worker;
    if (!worker || this.#state !== 'running')
      return Promise.reject(new BoxError('catalogue.restarting', { operation }));
    const late = (): BoxError => new BoxError('catalogue.timeout', { operation, deadlineMs });
    const limit = deadlineMs === Infinity ? undefined : { ms: deadlineMs, late };
    const send = (id: number): void =>
      worker.postMessage({ t: 'request', id, operation, args } satisfies ClientMessage);
    return this.#questions.ask(send, limit);
  }

  #spawn(discard: boolean): Promise<void> {
    const { port1: mine, port2: theirs } = new MessageChannel();
    const { path, retentionEveryMs } = this.#options;
    const workerData: CatalogueWorkerData = {
      path,
      discard,
      feed: theirs,
      ...(retentionEveryMs !== undefined && { retentionEveryMs }),
    };
    const worker = new Worker(new URL('./catalogue-worker.ts', import.meta.url), {
      workerData,
      transferList: [theirs],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.#worker = worker;
    return new Promise((resolve, reject) => {
      let failure: unknown;
      worker.on('error', (error: unknown) => (failure = error));
      worker.on('message', (message: WorkerMessage) => {
        if (message.t !== 'ready') {
          this.#questions.answered(message);
          return;
        }
        this.#state = 'running';
        this.#options.onFeedPort(mine);
        resolve();
      });
      worker.on('exit', (code) => {
        reject(new BoxError('catalogue.failed', { exitCode: code }, { cause: failure }));
        this.#ended(worker, code);
      });
    });
  }

  #ended(worker: Worker, exitCode: number): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    const stopped = this.#state === 'stopped';
    this.#questions.giveUp(() => new BoxError(stopped ? 'catalogue.stopped' : 'catalogue.restarting'));
    if (stopped || this.#state === 'idle') return;
    this.#state = 'restarting';
    this.#options.onCrash?.(exitCode);
    this.#restart = setTimeout(() => void this.#again(exitCode === EXIT.corrupt), this.#backoff.nextMs());
  }

  async #again(discard: boolean): Promise<void> {
    try {
      await this.#spawn(discard);
    } catch (error) {
      // `#ended` has been told of the same exit, and plans the next attempt.
      if (!(error instanceof BoxError)) throw error;
      return;
    }
    for (const [volume, folder] of this.#volumes) {
      try {
        const report = await this.ask('attach', { volume, folder }, Infinity);
        this.#options.onReattach?.(volume, report);
      } catch (error) {
        if (!(error instanceof BoxError)) throw error;
        this.#options.onReattach?.(volume, error);
      }
    }
    this.#backoff.reset();
  }

  async #shutDown(): Promise<void> {
    const worker = this.#worker;
    this.#state = 'stopped';
    clearTimeout(this.#restart);
    if (!worker) return;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.postMessage({ t: 'stop' } satisfies ClientMessage);
    // A disk that hangs under a read keeps the worker from ending; the process's own end takes care of it.
    const timer = setTimeout(() => void worker.terminate(), STOP_MS);
    await ended;
    clearTimeout(timer);
  }
}
