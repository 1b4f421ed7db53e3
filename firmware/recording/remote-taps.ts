import type { TapOutlet } from './live-tap.ts';
import type { LiveMessage, RecorderAsks, ToWorker } from './messages.ts';

/** Whoever takes what a tap sends, in the main thread. */
export interface TapListener extends TapOutlet {
  /** Nothing more comes of this tap: the stream is gone, or its recorder has been begun anew. */
  ended(): void;
}

/** A tap as the main thread has it. */
export interface RemoteTap {
  /** Bytes of parts that need not be held any more; without it the tap stops after some megabytes. */
  taken(bytes: number): void;
  setSound(sound: boolean): void;
  shut(): void;
}

interface Worker {
  ask(args: RecorderAsks['tap']['args']): Promise<unknown>;
  send(message: ToWorker): void;
}

/** The main thread's ends of the taps in the record worker. */
export class RemoteTaps {
  readonly #worker: Worker;
  readonly #listeners = new Map<number, TapListener>();
  #lastId = 0;
  #expectsViewers = false;

  constructor(worker: Worker) {
    this.#worker = worker;
  }

  /** Whether somebody may soon want to watch: the next picture is shown at once then. */
  expect(viewers: boolean): void {
    this.#expectsViewers = viewers;
    this.#worker.send({ t: 'tap-expect', viewers });
  }

  /** Rejects with live.no-such-stream, recording.restarting, recording.timeout. */
  async open(camera: string, stream: string, sound: boolean, listener: TapListener): Promise<RemoteTap> {
    const tap = ++this.#lastId;
    const shut = (): void => {
      if (this.#listeners.delete(tap)) this.#worker.send({ t: 'tap-shut', tap });
    };
    this.#listeners.set(tap, listener);
    // A worker that was begun anew does not know.
    this.#worker.send({ t: 'tap-expect', viewers: this.#expectsViewers });
    try {
      await this.#worker.ask({ tap, camera, stream, sound });
    } catch (error) {
      shut();
      throw error;
    }
    return {
      taken: (bytes) => this.#worker.send({ t: 'tap-taken', tap, bytes }),
      setSound: (on) => this.#worker.send({ t: 'tap-sound', tap, sound: on }),
      shut,
    };
  }

  receive(message: LiveMessage): void {
    const listener = this.#listeners.get(message.tap);
    if (!listener) return;
    switch (message.t) {
      case 'tap-track':
        listener.track(message.facts);
        break;
      case 'tap-part':
        listener.part(message.part);
        break;
      case 'tap-quiet':
        listener.quiet();
        break;
      case 'tap-ended':
        this.#listeners.delete(message.tap);
        listener.ended();
        break;
    }
  }

  /** The worker has gone, and its taps with it. */
  workerGone(): void {
    const listeners = [...this.#listeners.values()];
    this.#listeners.clear();
    for (const listener of listeners) listener.ended();
  }
}
