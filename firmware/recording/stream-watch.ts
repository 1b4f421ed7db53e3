import type { FrameReader, ReaderQueue } from '../media/index.ts';

/** What came through a stream while it was watched. */
export interface WatchReport {
  readonly frames: number;
  readonly keyFrames: number;
  readonly bytes: number;
  /** Longest time in which no picture came; 0 with fewer than two pictures. */
  readonly longestPauseMs: number;
  /** Pictures that were dropped because the watcher did not keep up. */
  readonly droppedFrames: number;
}

const LIMIT_BYTES = 8 * 1024 * 1024;

/** Watches a stream as a live viewer does, and counts. */
export class StreamWatch implements FrameReader {
  readonly name = 'watch';
  readonly limitBytes = LIMIT_BYTES;
  #queue: ReaderQueue | undefined;
  #frames = 0;
  #keyFrames = 0;
  #bytes = 0;
  #lastArrivalUs = Number.NaN;
  #longestPauseUs = 0;

  wake(queue: ReaderQueue): void {
    this.#queue = queue;
    for (let frame = queue.shift(); frame; frame = queue.shift()) {
      this.#bytes += frame.bytes.length;
      if (frame.format.kind === 'video') this.#count(frame.key, frame.arrivalUs);
      frame.bytes.release();
    }
  }

  get report(): WatchReport {
    return {
      frames: this.#frames,
      keyFrames: this.#keyFrames,
      bytes: this.#bytes,
      longestPauseMs: this.#longestPauseUs / 1000,
      droppedFrames: this.#queue?.counts.droppedFrames ?? 0,
    };
  }

  #count(key: boolean, arrivalUs: number): void {
    this.#frames++;
    if (key) this.#keyFrames++;
    const pauseUs = arrivalUs - this.#lastArrivalUs;
    if (pauseUs > this.#longestPauseUs) this.#longestPauseUs = pauseUs;
    this.#lastArrivalUs = arrivalUs;
  }
}
