import { G711Track, type G711Law } from '../../media/index.ts';
import type { AudioOutput } from './audio-output.ts';
import { ByteRate } from './byte-rate.ts';
import type { Depacketiser } from './packet-sink.ts';
import type { TrackClock } from './session-clock.ts';
import type { TrackSink } from './track-sink.ts';

/**
 * RTP payload of G.711 (RFC 3551 section 4.5.14), one byte per sample, stored as FLAC. A block ends early where packets are
 * missing, so that what follows keeps its place in time.
 */
export class G711Depacketiser implements Depacketiser {
  readonly #law: G711Law;
  readonly #output: AudioOutput;
  readonly #clock: TrackClock;
  readonly #sink: TrackSink;
  readonly #byteRate = new ByteRate();
  #track: G711Track;
  #blockTime = 0;
  #blockArrivalUs = 0;

  /** `sampleRate` must be one that G711Track supports. */
  constructor(law: G711Law, sampleRate: number, deps: { output: AudioOutput; clock: TrackClock; sink: TrackSink }) {
    this.#law = law;
    this.#output = deps.output;
    this.#clock = deps.clock;
    this.#sink = deps.sink;
    this.#track = new G711Track(law, sampleRate);
    this.#output.format = this.#track.format;
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
    if (start >= end) return;
    const rate = this.#byteRate.count(end - start, arrivalUs, lost > 0);
    if (rate !== undefined && rate !== this.#track.format.sampleRate) this.#changeRate(rate);
    const time = this.#clock.stamp(timestamp, arrivalUs);
    const expected = this.#blockTime + this.#track.pending;
    if (this.#track.pending > 0 && this.#output.pace.isGap(time, expected, lost > 0)) this.#close();
    if (lost > 0) this.#output.loss(lost);
    let at = start;
    while (at < end) {
      if (this.#track.pending === 0) {
        this.#blockTime = time + (at - start);
        this.#blockArrivalUs = arrivalUs;
      }
      at = this.#track.add(buffer, at, end);
      if (this.#track.full) this.#close();
    }
  }

  poll(): void {}

  flush(): void {
    this.#close();
  }

  dispose(): void {
    this.#output.dispose();
  }

  #close(): void {
    const block = this.#track.close();
    if (block)
      this.#output.emit(block.bytes, 0, block.bytes.length, this.#blockTime, block.samples, this.#blockArrivalUs);
  }

  /** The camera sends at another rate than it announced; its time stamps count bytes. */
  #changeRate(rate: number): void {
    this.#close();
    this.#sink.note('rtp.clock-rate-differs', { announced: this.#track.format.sampleRate, measured: rate });
    this.#clock.timeline.changeRate(rate);
    this.#track = new G711Track(this.#law, rate);
    this.#output.format = this.#track.format;
  }
}
