import type { Format, Frame } from './frame.ts';
import { trackFragmentHead, type TrackFragment } from './mp4/track-stream.ts';

/** A fragment of a live track: its own memory, so that it can go to another thread. */
export interface LiveFragment {
  readonly bytes: Buffer<ArrayBuffer>;
  readonly frames: number;
  readonly key: boolean;
  /** Presentation time of the first sample in ticks. */
  readonly firstPts: number;
}

/** Streams with fewer pictures a second are sent without waiting for the next one. */
const PATIENCE_S = 0.1;
/** Those pictures are said to last so many times the usual distance, so that a late next one leaves no hole. */
const GENEROUS = 3;
const USUAL_WEIGHT = 0.2;
/** Sound is sent in pieces of this length. */
const SOUND_S = 0.08;

/**
 * One track of a running stream as fragments that leave as soon as they may: a picture when the next one tells how long it lasts,
 * or at once where the next one is far; sound in pieces of some 80 ms. Times are those of the frames.
 */
export class LiveTrack {
  readonly format: Format;
  readonly #send: (fragment: LiveFragment) => void;
  #held: Frame[] = [];
  #usualTicks: number;
  #lastDts = Number.NaN;
  #sequence = 0;

  constructor(format: Format, send: (fragment: LiveFragment) => void) {
    this.format = format;
    this.#send = send;
    this.#usualTicks = format.timescale / 25;
  }

  /** Borrows the frame, as a reader of a camera does. */
  push(frame: Frame): void {
    if (this.format.kind === 'audio') this.#pushSound(frame);
    else this.#pushPicture(frame);
  }

  /** Lets go of what was not sent. */
  dispose(): void {
    for (const frame of this.#held) frame.bytes.release();
    this.#held = [];
  }

  #pushPicture(frame: Frame): void {
    const distance = frame.dts - this.#lastDts;
    if (distance > 0) this.#usualTicks += (distance - this.#usualTicks) * USUAL_WEIGHT;
    this.#lastDts = frame.dts;
    const [waiting] = this.#held;
    if (waiting) {
      this.#held = [];
      this.#emit([waiting], Math.max(1, frame.dts - waiting.dts));
      waiting.bytes.release();
    }
    if (this.#usualTicks > this.format.timescale * PATIENCE_S) {
      this.#emit([frame], Math.round(this.#usualTicks * GENEROUS));
    } else {
      frame.bytes.retain();
      this.#held = [frame];
    }
  }

  #pushSound(frame: Frame): void {
    frame.bytes.retain();
    this.#held.push(frame);
    const [first] = this.#held;
    const endDts = frame.dts + frame.duration;
    if (endDts - first!.dts < this.format.timescale * SOUND_S) return;
    const frames = this.#held;
    this.#held = [];
    this.#emit(frames, Math.max(1, frame.duration));
    for (const each of frames) each.bytes.release();
  }

  #emit(frames: readonly Frame[], lastTicks: number): void {
    const first = frames[0]!;
    const fragment: TrackFragment = {
      firstDts: Math.max(0, first.dts),
      durations: frames.map(({ dts }, i) => (i + 1 < frames.length ? frames[i + 1]!.dts - dts : lastTicks)),
      sizes: frames.map(({ bytes }) => bytes.length),
      offsets: frames.map(({ pts, dts }) => pts - dts),
      keys: frames.map(({ key }) => key),
    };
    const head = trackFragmentHead(++this.#sequence, fragment);
    const total = frames.reduce((sum, { bytes }) => sum + bytes.length, head.length);
    const bytes = Buffer.allocUnsafeSlow(total);
    bytes.set(head);
    let at = head.length;
    for (const frame of frames) {
      for (const view of frame.bytes.views()) {
        bytes.set(view, at);
        at += view.length;
      }
    }
    this.#send({ bytes, frames: frames.length, key: first.key, firstPts: first.pts });
  }
}
