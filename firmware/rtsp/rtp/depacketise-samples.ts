import { SampleTrack, type SampleEncoding } from '../../media/index.ts';
import type { AudioOutput } from './audio-output.ts';
import { ByteRate } from './byte-rate.ts';
import type { Depacketiser } from './packet-sink.ts';
import type { TrackClock } from './session-clock.ts';
import type { TrackSink } from './track-sink.ts';

/**
 * RTP payload of sound that is sent sample by sample, G.711 and L16 (RFC 3551 sections 4.5.14 and 4.5.11), stored as FLAC. A block ends early where packets are
 * missing, so that what follows keeps its place in time.
 */
export class SampleDepacketiser implements Depacketiser {
  readonly #encoding: SampleEncoding;
  readonly #channels: number;
  readonly #output: AudioOutput;
  readonly #clock: TrackClock;
  readonly #sink: TrackSink;
  readonly #byteRate = new ByteRate();
  #track: SampleTrack;
  #blockTime = 0;
  #blockArrivalUs = 0;

  /** `sampleRate` and `channels` must be those that SampleTrack supports. */
  constructor(
    { encoding, sampleRate, channels }: { encoding: SampleEncoding; sampleRate: number; channels: number },
    deps: { output: AudioOutput; clock: TrackClock; sink: TrackSink },
  ) {
    this.#encoding = encoding;
    this.#channels = channels;
    this.#output = deps.output;
    this.#clock = deps.clock;
    this.#sink = deps.sink;
    this.#track = new SampleTrack(encoding, sampleRate, channels);
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
    const { groupBytes } = this.#track;
    // The rates of L16 lie too near each other to be told apart by arrival; its time stamps count samples.
    const rate =
      this.#encoding === 'l16'
        ? undefined
        : this.#byteRate.count(Math.floor((end - start) / groupBytes), arrivalUs, lost > 0);
    if (rate !== undefined && rate !== this.#track.format.sampleRate) this.#changeRate(rate);
    const time = this.#clock.stamp(timestamp, arrivalUs);
    const expected = this.#blockTime + this.#track.pending;
    if (this.#track.pending > 0 && this.#output.pace.isGap(time, expected, lost > 0)) this.#close();
    if (lost > 0) this.#output.loss(lost);
    let at = start;
    while (at < end) {
      if (this.#track.pending === 0) {
        this.#blockTime = time + (at - start) / groupBytes;
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

  /** The camera sends at another rate than it announced; its time stamps count samples. */
  #changeRate(rate: number): void {
    this.#close();
    this.#sink.note('rtp.clock-rate-differs', { announced: this.#track.format.sampleRate, measured: rate });
    this.#clock.timeline.changeRate(rate);
    this.#track = new SampleTrack(this.#encoding, rate, this.#channels);
    this.#output.format = this.#track.format;
  }
}
