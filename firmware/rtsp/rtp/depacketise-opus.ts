import { opusFormat, opusSamples } from '../../media/index.ts';
import type { AudioOutput } from './audio-output.ts';
import type { Depacketiser } from './packet-sink.ts';
import type { TrackClock } from './session-clock.ts';
import type { TrackSink } from './track-sink.ts';

/** RTP payload of Opus (RFC 7587): one packet of Opus in each, which tells its own length. */
export class OpusDepacketiser implements Depacketiser {
  readonly #output: AudioOutput;
  readonly #clock: TrackClock;
  readonly #sink: TrackSink;

  /** `channels` of the rtpmap: always 2 by the book, whatever is sent; some cameras write 1 and mean it. */
  constructor(channels: number, deps: { output: AudioOutput; clock: TrackClock; sink: TrackSink }) {
    this.#output = deps.output;
    this.#clock = deps.clock;
    this.#sink = deps.sink;
    this.#output.format = opusFormat(channels === 1 ? 1 : 2);
  }

  packet(
    buffer: Buffer,
    start: number,
    end: number,
    timestamp: number,
    _marker: boolean,
    arrivalUs: number,
    lost: number,
  ): void {
    if (lost > 0) this.#output.loss(lost);
    if (start >= end) return;
    const samples = opusSamples(buffer, start, end);
    if (samples === undefined) {
      this.#sink.note('rtp.opus-unreadable', { bytes: end - start });
      return;
    }
    const { timeline } = this.#clock;
    const target = (this.#clock.stamp(timestamp, arrivalUs) * this.#output.format!.timescale) / timeline.clockRate;
    this.#output.emit(buffer, start, end, target, samples, arrivalUs);
  }

  poll(): void {}

  flush(): void {}

  dispose(): void {
    this.#output.dispose();
  }
}
