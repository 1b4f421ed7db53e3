import type { Frame } from '../media/index.ts';

/**
 * The last seconds of a stream in memory, from a key frame on, bounded in time and bytes (pre-record). Whole groups of
 * pictures fall out at the old end; a group larger than the bound is not kept at all.
 */
export class PreRoll {
  readonly #maxUs: number;
  readonly #maxBytes: number;
  #frames: Frame[] = [];
  #bytes = 0;

  constructor(limits: { seconds: number; bytes: number }) {
    this.#maxUs = limits.seconds * 1e6;
    this.#maxBytes = limits.bytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Takes the caller's hold on the frame over. */
  push(frame: Frame): void {
    this.#frames.push(frame);
    this.#bytes += frame.bytes.length;
    const opensGroup = frame.key && frame.format.kind === 'video';
    if (opensGroup || this.#bytes > this.#maxBytes) this.#trim(frame.arrivalUs);
  }

  /** Everything held, oldest first, beginning with a key frame; the caller becomes the holder. */
  take(): Frame[] {
    const frames = this.#frames;
    this.#frames = [];
    this.#bytes = 0;
    const first = frames.findIndex((frame) => frame.format.kind === 'video' && frame.key);
    if (first < 0) {
      for (const frame of frames) frame.bytes.release();
      return [];
    }
    for (const frame of frames.splice(0, first)) frame.bytes.release();
    return frames;
  }

  clear(): void {
    for (const frame of this.#frames) frame.bytes.release();
    this.#frames = [];
    this.#bytes = 0;
  }

  #trim(nowUs: number): void {
    for (;;) {
      const second = this.#secondKey();
      const tooLarge = this.#bytes > this.#maxBytes;
      if (second < 0) {
        if (tooLarge) this.clear();
        return;
      }
      // The oldest group may go once the next one alone reaches back far enough.
      if (!tooLarge && nowUs - this.#frames[second]!.arrivalUs < this.#maxUs) return;
      for (const frame of this.#frames.splice(0, second)) {
        this.#bytes -= frame.bytes.length;
        frame.bytes.release();
      }
    }
  }

  /** Index of the first video key frame behind the head, or -1. */
  #secondKey(): number {
    for (let i = 1; i < this.#frames.length; i++) {
      const frame = this.#frames[i]!;
      if (frame.key && frame.format.kind === 'video') return i;
    }
    return -1;
  }
}
