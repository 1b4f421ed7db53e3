/** A camera for the live rooms alone: a clip of the fixtures as the record worker would send it, in real time or as fast as a test wants. */
import { setTimeout as pause } from 'node:timers/promises';
import type { LiveSource } from '../../firmware/live/index.ts';
import {
  trackFacts,
  trackFragmentHead,
  trackInit,
  VideoParameters,
  type MediaPart,
  type VideoFormat,
} from '../../firmware/media/index.ts';
import { videoClip, type VideoClip } from './camera/clip.ts';

type Listener = Parameters<LiveSource['open']>[3];

const TIMESCALE = 90_000;

/** Sends its clip over and over; the instant of the picture with number n is `zeroUs` + n / fps, and later by what reordering takes. */
export class ClipSource implements LiveSource {
  readonly zeroUs = 1_700_000_000_000_000;
  readonly clip: VideoClip;
  readonly format: VideoFormat;
  /** Taps that were opened and are open. */
  readonly counts = { opened: 0, open: 0 };
  readonly #paceMs: number;
  /** Pictures are shown so many turns after they could be decoded. */
  readonly #delay: number;

  constructor(clip: string, paceMs?: number) {
    this.clip = videoClip(clip);
    this.#paceMs = paceMs ?? 1000 / this.clip.fps;
    this.#delay = -Math.min(...this.clip.units.map(({ reorder }) => reorder));
    const parameters = new VideoParameters(this.clip.codec);
    for (const set of this.clip.sets) parameters.feed(set);
    this.format = parameters.format()!;
  }

  expect(): void {
    // It holds nothing.
  }

  async open(_camera: string, _stream: string, _sound: boolean, listener: Listener): ReturnType<LiveSource['open']> {
    const run = new AbortController();
    this.counts.opened++;
    this.counts.open++;
    void this.#play(listener, run.signal);
    return {
      taken: () => undefined,
      setSound: () => undefined,
      shut: () => {
        if (!run.signal.aborted) this.counts.open--;
        run.abort();
      },
    };
  }

  /** Which picture of the clip an instant belongs to. */
  numberOf(wallUs: number): number {
    const turn = Math.round(((wallUs - this.zeroUs) / 1e6) * this.clip.fps);
    return (turn - this.#delay) % this.clip.units.length;
  }

  async #play(listener: Listener, signal: AbortSignal): Promise<void> {
    const { format, zeroUs } = this;
    listener.track(trackFacts(format));
    listener.part({ track: 'video', kind: 'init', bytes: trackInit(format), frames: 0, wallUs: 0, zeroUs });
    for (let number = 0; !signal.aborted; number++) {
      listener.part(this.#partOf(number));
      await pause(this.#paceMs);
    }
  }

  #partOf(number: number): MediaPart {
    const { units, fps } = this.clip;
    const { slices, key, reorder } = units[number % units.length]!;
    const ticks = TIMESCALE / fps;
    const late = reorder + this.#delay;
    const media = Buffer.concat(
      slices.flatMap((nal) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(nal.length);
        return [length, nal];
      }),
    );
    const head = trackFragmentHead(number + 1, {
      firstDts: number * ticks,
      durations: [ticks],
      sizes: [media.length],
      offsets: [late * ticks],
      keys: [key],
    });
    const wallUs = this.zeroUs + ((number + late) / fps) * 1e6;
    const bytes = Buffer.concat([head, media]);
    return { track: 'video', kind: 'media', bytes, frames: 1, key, wallUs, zeroUs: this.zeroUs };
  }
}
