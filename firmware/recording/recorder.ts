import { Worker, type MessagePort } from 'node:worker_threads';
import {
  BoxError,
  firstPromise,
  Questions,
  systemClock,
  type ErrorReport,
  type Health,
  type Part,
} from '../base/index.ts';
import type {
  Ask,
  CatalogueAsks,
  FromWorker,
  ProblemTopic,
  RecorderAsks,
  RecordWorkerData,
  ToWorker,
} from './messages.ts';
import type { Homes, RecordPlan, Sparing } from './plan.ts';
import { RemoteTaps } from './remote-taps.ts';
import type { WatchReport } from './stream-watch.ts';

export interface RecorderEvents {
  /** At most one problem stands for each subject (`camera/<id>`, `volume/<id>`) and topic; undefined: none. */
  problem(subject: string, topic: ProblemTopic, error: ErrorReport | undefined): void;
  volume(id: string, uuid: string, folder: string): void;
  /** A camera has shown this certificate (SHA-256), for which no authority was asked. */
  certificate(camera: string, fingerprint: string): void;
  /** A volume that is not in the settings any more was let go of. */
  left(id: string, uuid: string): void;
  /** To be given back at the next start, so that cameras stay where they are. */
  homes(homes: Homes): void;
  /** Answers what the record worker wants to know of the catalogue. */
  catalogue<K extends keyof CatalogueAsks>(ask: K, args: CatalogueAsks[K]['args']): Promise<CatalogueAsks[K]['answer']>;
  /** The worker had to be started again: it needs the catalogue's ear. */
  began(): void;
  /** The worker has set recording going. */
  ready(): void;
  log(event: string, detail: Record<string, unknown>): void;
}

const RESTART_MS = 500;
const ASK_MS = 5000;
/** A worker that has not spoken for so long is stuck. */
const SILENCE_MS = 15_000;

/** The record worker as the main thread sees it: begun first, begun again within a second if it dies. */
export class Recorder implements Part {
  readonly name = 'recorder';
  readonly #events: RecorderEvents;
  readonly #stopMs: number;
  #data: RecordWorkerData;
  #worker: Worker | undefined;
  #stopping = false;
  #aliveAt = performance.now();
  readonly #questions = new Questions();
  /** What viewers see. */
  readonly taps = new RemoteTaps({ ask: (args) => this.ask('tap', args), send: (message) => this.#send(message) });
  readonly #stopped = Promise.withResolvers<boolean>();
  #clean = true;
  /** Volumes that have been in use. */
  readonly #adopted = new Set<string>();

  /** `stopMs`: by then stopping is over, whatever hangs. */
  constructor(data: RecordWorkerData, events: RecorderEvents, stopMs: number) {
    this.#data = data;
    this.#events = events;
    this.#stopMs = stopMs;
  }

  /** Resolves when the worker's thread runs; recording begins by itself. */
  readonly start = firstPromise(async () => {
    this.#spawn();
  });

  /** Resolves when all files are finished, or at the deadline; then the process may end. */
  readonly stop = firstPromise(async () => {
    this.#stopping = true;
    if (!this.#worker) return;
    this.#send({ t: 'stop', deadlineMs: this.#stopMs * 0.8 });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), this.#stopMs);
    });
    const clean = await Promise.race([this.#stopped.promise, late]);
    clearTimeout(timer);
    this.#clean = clean;
    // Nothing of it is needed any more. Where a disk hangs, ending a thread would hang as well.
    if (clean) await this.#worker?.terminate();
    this.#events.log('recorder.stopped', { clean });
  });

  /** False after a stop that had to leave something hanging in the kernel. */
  get stoppedClean(): boolean {
    return this.#clean;
  }

  health(): Health {
    const silentMs = performance.now() - this.#aliveAt;
    if (silentMs > SILENCE_MS)
      return { state: 'failed', detail: `the record worker has been silent for ${silentMs} ms` };
    return this.#worker ? { state: 'ok' } : { state: 'degraded', detail: 'the record worker is being started again' };
  }

  /** New settings; cameras and volumes that did not change are not touched. */
  async apply(plan: RecordPlan): Promise<void> {
    this.#data = { ...this.#data, plan };
    for (const id of this.#adopted) this.#neverAdoptAgain(id);
    await this.ask('plan', this.#data.plan);
  }

  /** Volumes get nothing new, as far as others take it, until `by` says otherwise. */
  async spare(sparing: Sparing): Promise<void> {
    const others = this.#data.sparings.filter(({ by }) => by !== sparing.by);
    this.#data = { ...this.#data, sparings: [...others, sparing] };
    await this.ask('sparing', sparing);
  }

  setFeed(port: MessagePort): void {
    this.#worker?.postMessage({ t: 'feed', port } satisfies ToWorker, [port]);
  }

  /** Rejects with recording.restarting while the worker is away, or recording.timeout. */
  ask<K extends Ask>(ask: K, args: RecorderAsks[K]['args'], deadlineMs = ASK_MS): Promise<RecorderAsks[K]['answer']> {
    if (!this.#worker) return Promise.reject(new BoxError('recording.restarting', { ask }));
    const late = (): BoxError => new BoxError('recording.timeout', { ask });
    return this.#questions.ask((id) => this.#send({ t: 'ask', id, ask, args }), { ms: deadlineMs, late });
  }

  /** Watches a stream for some seconds as a live viewer does. Rejects with control.no-such-camera. */
  async watch(camera: string, stream: string, seconds: number): Promise<WatchReport> {
    const watch = await this.ask('watch', { camera, stream });
    await systemClock.sleep(seconds * 1000);
    return this.ask('endWatch', { watch });
  }

  #spawn(again = false): void {
    const worker = new Worker(new URL('./record-worker.ts', import.meta.url), { workerData: this.#data });
    this.#worker = worker;
    this.#aliveAt = performance.now();
    worker.on('message', (message: FromWorker) => this.#receive(message));
    worker.on('error', (error) =>
      this.#events.log('recorder.crashed', { reason: String(error), stack: (error as Error).stack }),
    );
    worker.on('exit', (code) => this.#ended(code));
    if (again) this.#events.began();
  }

  #receive(message: FromWorker): void {
    this.#aliveAt = performance.now();
    switch (message.t) {
      case 'answer':
        this.#questions.answered(message);
        break;
      case 'ask':
        void this.#answer(message);
        break;
      case 'problem':
        this.#events.problem(message.subject, message.topic, message.error);
        break;
      case 'volume':
        this.#adopted.add(message.id);
        this.#neverAdoptAgain(message.id);
        this.#events.volume(message.id, message.uuid, message.folder);
        break;
      case 'left':
        this.#adopted.delete(message.id);
        this.#events.left(message.id, message.uuid);
        break;
      case 'homes':
        this.#data = { ...this.#data, homes: message.homes };
        this.#events.homes(message.homes);
        break;
      case 'certificate':
        this.#events.certificate(message.camera, message.fingerprint);
        break;
      case 'tap-track':
      case 'tap-part':
      case 'tap-quiet':
      case 'tap-ended':
        this.taps.receive(message);
        break;
      case 'stopped':
        this.#stopped.resolve(message.clean);
        break;
      case 'ready':
        this.#events.ready();
        break;
      case 'alive':
        break;
    }
  }

  /** For the next worker: an empty folder where a volume has been is a bare mount point (S1). */
  #neverAdoptAgain(id: string): void {
    const { plan } = this.#data;
    const volumes = plan.volumes.map((volume) => (volume.id === id ? { ...volume, adopt: false } : volume));
    this.#data = { ...this.#data, plan: { ...plan, volumes } };
  }

  async #answer({ id, ask, args }: Extract<FromWorker, { t: 'ask' }>): Promise<void> {
    try {
      this.#send({ t: 'answer', id, answer: await this.#events.catalogue(ask, args as never) });
    } catch (error) {
      const { code, context } = error instanceof BoxError ? error.toJSON() : new BoxError('box.bug').toJSON();
      this.#send({ t: 'answer', id, error: new BoxError(code, context).toJSON() });
    }
  }

  #send(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }

  #ended(exitCode: number): void {
    this.#worker = undefined;
    this.#questions.giveUp(() => new BoxError('recording.restarting'));
    this.taps.workerGone();
    if (this.#stopping) {
      this.#stopped.resolve(false);
      return;
    }
    this.#events.log('recorder.restarting', { exitCode });
    setTimeout(() => this.#stopping || this.#spawn(true), RESTART_MS);
  }
}
