import type { Frame } from './frame.ts';

/** Places before the first waiting frame from which on it is worth moving the rest. */
const COMPACT_FROM = 64;

/** One consumer of a camera's frames. `wake` is called right after frames were queued for it; it must not block. */
export interface FrameReader {
  readonly name: string;
  /** Most bytes of media that may wait for this reader (invariant R1). */
  readonly limitBytes: number;
  wake(queue: ReaderQueue): void;
}

export interface ReaderCounts {
  readonly frames: number;
  readonly droppedFrames: number;
  readonly droppedBytes: number;
}

/**
 * What waits for one reader. When it is full, frames are dropped from this reader only, and video goes on with the next
 * key frame, since the pictures in between could not be decoded.
 */
export class ReaderQueue {
  readonly reader: FrameReader;
  /** Waiting frames stand from `#head` on. The list keeps its length when it is empty: another one for each frame is garbage. */
  readonly #frames: (Frame | undefined)[] = [];
  #head = 0;
  #end = 0;
  #bytes = 0;
  #awaitingKey = false;
  #delivered = 0;
  #droppedFrames = 0;
  #droppedBytes = 0;

  constructor(reader: FrameReader) {
    this.reader = reader;
  }

  /** The oldest frame; the caller becomes its holder and releases it. */
  shift(): Frame | undefined {
    const frame = this.#frames[this.#head];
    if (!frame) return undefined;
    this.#frames[this.#head++] = undefined;
    if (this.#head === this.#end) this.#head = this.#end = 0;
    this.#bytes -= frame.bytes.length;
    this.#delivered++;
    return frame;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get counts(): ReaderCounts {
    return { frames: this.#delivered, droppedFrames: this.#droppedFrames, droppedBytes: this.#droppedBytes };
  }

  /** Queues the frame, or drops and counts it. */
  offer(frame: Frame): void {
    const isVideo = frame.format.kind === 'video';
    const full = this.#bytes + frame.bytes.length > this.reader.limitBytes;
    const undecodable = isVideo && this.#awaitingKey && !frame.key;
    if (full || undecodable) {
      this.#droppedFrames++;
      this.#droppedBytes += frame.bytes.length;
      if (isVideo) this.#awaitingKey = true;
      return;
    }
    if (isVideo) this.#awaitingKey = false;
    frame.bytes.retain();
    if (this.#head >= COMPACT_FROM && this.#head * 2 > this.#end) this.#compact();
    this.#frames[this.#end++] = frame;
    this.#bytes += frame.bytes.length;
  }

  clear(): void {
    for (let i = this.#head; i < this.#end; i++) this.#frames[i]!.bytes.release();
    this.#frames.length = 0;
    this.#head = this.#end = 0;
    this.#bytes = 0;
  }

  /** Moves what waits to the beginning: a reader that never catches up must not make the list longer for ever. */
  #compact(): void {
    this.#frames.copyWithin(0, this.#head, this.#end);
    const waiting = this.#end - this.#head;
    this.#frames.length = waiting;
    this.#head = 0;
    this.#end = waiting;
  }
}

/** Hands each frame of one stream to every reader; no reader can slow the source or another reader down (invariant R1). */
export class FanOut {
  readonly #queues = new Map<FrameReader, ReaderQueue>();
  /** The same queues, replaced whenever one comes or goes: handing on a frame allocates nothing. */
  #all: readonly ReaderQueue[] = [];

  attach(reader: FrameReader): void {
    if (this.#queues.has(reader)) return;
    this.#queues.set(reader, new ReaderQueue(reader));
    this.#all = [...this.#queues.values()];
  }

  detach(reader: FrameReader): void {
    this.#queues.get(reader)?.clear();
    this.#queues.delete(reader);
    this.#all = [...this.#queues.values()];
  }

  get size(): number {
    return this.#queues.size;
  }

  push(frame: Frame): void {
    const all = this.#all;
    for (let i = 0; i < all.length; i++) {
      const queue = all[i]!;
      queue.offer(frame);
      queue.reader.wake(queue);
    }
  }

  /** How each reader keeps up, by name. */
  counts(): ReadonlyMap<string, ReaderCounts> {
    const all = new Map<string, ReaderCounts>();
    for (const [reader, queue] of this.#queues) all.set(reader.name, queue.counts);
    return all;
  }

  close(): void {
    for (const queue of this.#queues.values()) queue.clear();
    this.#queues.clear();
    this.#all = [];
  }
}
