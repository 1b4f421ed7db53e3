import type { BoxError, Clock } from '../../base/index.ts';

/** Begins an operation; `done` is called exactly once, never before `begin` has returned to the queue. */
type Begin = (done: (error: Error | null) => void) => void;

interface Operation {
  readonly bytes: number;
  readonly begin: Begin;
  /** Told once: null, the operation's own error, or why it was never begun. */
  readonly settled: (error: Error | null) => void;
  startedUs: number;
}

/** The order of one file: its operations run one after another, in the order in which they were added. */
export class WriteLane {
  readonly name: string;
  readonly waiting: Operation[] = [];
  busy = false;
  held = false;
  queued = false;

  constructor(name: string) {
    this.name = name;
  }
}

export interface WriteQueueOptions {
  /** Limit of the bytes that wait or are being written. */
  readonly maxBytes: number;
  /** An operation that takes longer means that the disk hangs. */
  readonly hungAfterMs: number;
  readonly clock: Pick<Clock, 'monoUs'>;
}

export interface WriteQueueListener {
  /** An operation has been outstanding for too long, or the last such one has returned. */
  hung(hung: boolean): void;
  /** Nothing runs and nothing can run. */
  idle(): void;
}

const IN_FLIGHT = 2;

/**
 * The way of all file operations to one volume: two of them at a time, so that a disk which hangs holds at most two threads of
 * the pool (R2). Lanes take turns, one operation each; an operation that has not returned keeps only its own lane waiting.
 */
export class WriteQueue {
  readonly maxBytes: number;
  readonly #hungAfterUs: number;
  readonly #clock: Pick<Clock, 'monoUs'>;
  readonly #listener: WriteQueueListener;
  readonly #ready: WriteLane[] = [];
  readonly #running = new Set<Operation>();
  #bytes = 0;
  #waiting = 0;
  #hung = false;
  #closedBy: BoxError | undefined;
  #refusedItems = 0;
  #refusedBytes = 0;

  constructor(options: WriteQueueOptions, listener: WriteQueueListener) {
    this.maxBytes = options.maxBytes;
    this.#hungAfterUs = options.hungAfterMs * 1000;
    this.#clock = options.clock;
    this.#listener = listener;
  }

  /** Bytes that wait or are being written. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Operations that wait or run. */
  get operations(): number {
    return this.#waiting + this.#running.size;
  }

  get running(): number {
    return this.#running.size;
  }

  get hung(): boolean {
    return this.#hung;
  }

  /** What did not fit since the queue was made. */
  get refused(): { items: number; bytes: number } {
    return { items: this.#refusedItems, bytes: this.#refusedBytes };
  }

  /** False, and counted, if so many bytes do not fit now. Something always fits into an empty queue. */
  admits(bytes: number): boolean {
    if (!this.#closedBy && (this.#bytes === 0 || this.#bytes + bytes <= this.maxBytes)) return true;
    this.#refusedItems++;
    this.#refusedBytes += bytes;
    return false;
  }

  /** Adds an operation whatever the limit says: callers ask `admits` before they add media. */
  add(lane: WriteLane, bytes: number, begin: Begin, settled: (error: Error | null) => void): void {
    if (this.#closedBy) {
      queueMicrotask(() => settled(this.#closedBy!));
      return;
    }
    lane.waiting.push({ bytes, begin, settled, startedUs: 0 });
    this.#bytes += bytes;
    this.#waiting++;
    this.#offer(lane);
    this.#pump();
  }

  /** Runs asynchronous work as one operation of the lane, with its result. */
  run<T>(lane: WriteLane, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let result: T;
      this.add(
        lane,
        0,
        (done) => {
          work().then(
            (value) => {
              result = value;
              done(null);
            },
            (error: Error) => done(error),
          );
        },
        (error) => (error ? reject(error) : resolve(result)),
      );
    });
  }

  /** Nothing of the lane begins until it is released; what runs goes on. */
  hold(lane: WriteLane): void {
    lane.held = true;
  }

  release(lane: WriteLane): void {
    lane.held = false;
    this.#offer(lane);
    this.#pump();
  }

  /** Gives up what the lane has not begun. */
  drop(lane: WriteLane, error: BoxError): void {
    const dropped = lane.waiting.splice(0);
    for (const operation of dropped) {
      this.#waiting--;
      this.#bytes -= operation.bytes;
      operation.settled(error);
    }
  }

  /** Looks for operations that take too long, and for the end of it. */
  checkDeadlines(): void {
    const limitUs = this.#clock.monoUs() - this.#hungAfterUs;
    let hung = false;
    for (const operation of this.#running) if (operation.startedUs <= limitUs) hung = true;
    this.#setHung(hung);
  }

  /** Nothing begins any more: whatever waits, and whatever is added later, gets the error. */
  close(lanes: Iterable<WriteLane>, error: BoxError): void {
    this.#closedBy = error;
    this.#ready.length = 0;
    for (const lane of lanes) this.drop(lane, error);
  }

  #offer(lane: WriteLane): void {
    if (lane.busy || lane.held || lane.queued || lane.waiting.length === 0) return;
    lane.queued = true;
    this.#ready.push(lane);
  }

  #pump(): void {
    while (this.#running.size < IN_FLIGHT) {
      const lane = this.#ready.shift();
      if (!lane) return;
      lane.queued = false;
      const operation = lane.held ? undefined : lane.waiting.shift();
      if (!operation) continue;
      this.#waiting--;
      this.#begin(lane, operation);
    }
  }

  #begin(lane: WriteLane, operation: Operation): void {
    lane.busy = true;
    this.#running.add(operation);
    operation.startedUs = this.#clock.monoUs();
    operation.begin((error) => {
      this.#running.delete(operation);
      this.#bytes -= operation.bytes;
      lane.busy = false;
      if (this.#hung) this.checkDeadlines();
      operation.settled(error);
      this.#offer(lane);
      this.#pump();
      if (this.#running.size === 0) this.#listener.idle();
    });
  }

  #setHung(hung: boolean): void {
    if (hung === this.#hung) return;
    this.#hung = hung;
    this.#listener.hung(hung);
  }
}
