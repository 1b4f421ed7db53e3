import { aacFormat, parseAacConfig } from '../../media/index.ts';
import type { AudioOutput } from './audio-output.ts';
import type { TrackClock } from './session-clock.ts';
import type { TrackSink } from './track-sink.ts';

/** So many packets in a row must show that time stamps count samples before the announced clock rate is given up. */
const RATE_SIGHTINGS = 8;

/** Access units of AAC with their configuration and their times, whatever they were packed in. */
export class AacFrames {
  readonly #output: AudioOutput;
  readonly #clock: TrackClock;
  readonly #sink: TrackSink;
  #samplesPerFrame = 1024;
  #timestamp = -1;
  #unitsBefore = 0;
  #rateSightings = 0;

  constructor(deps: { output: AudioOutput; clock: TrackClock; sink: TrackSink }) {
    this.#output = deps.output;
    this.#clock = deps.clock;
    this.#sink = deps.sink;
  }

  get configured(): boolean {
    return this.#output.format !== undefined;
  }

  /** Takes an AudioSpecificConfig; one that is none of AAC is noted and changes nothing. */
  configure(config: Uint8Array): void {
    const before = this.#output.format;
    if (before && Buffer.compare(before.config, config) === 0) return;
    const format = aacFormat(config);
    if (!format) {
      this.#sink.note('rtp.aac-config-unreadable', { config: Buffer.from(config).toString('hex', 0, 64) });
      return;
    }
    this.#output.format = format;
    this.#samplesPerFrame = parseAacConfig(config)?.samplesPerFrame ?? this.#samplesPerFrame;
  }

  /** A packet with this time stamp begins; `lost` packets before it are missing. */
  begin(timestamp: number, lost: number): void {
    if (lost > 0) {
      this.#output.loss(lost);
      this.#unitsBefore = 0;
    }
    this.#checkRate(timestamp);
    this.#timestamp = timestamp;
  }

  /** The `index`th unit behind a time stamp. */
  emit(buffer: Buffer, start: number, end: number, ticks: number, index: number, arrivalUs: number): void {
    const scale = (this.#output.format?.timescale ?? 1) / this.#clock.timeline.clockRate;
    const target = ticks * scale + index * this.#samplesPerFrame;
    this.#output.emit(buffer, start, end, target, this.#samplesPerFrame, arrivalUs);
  }

  /** How many units the packet had whose time stamp was the last. */
  had(units: number): void {
    this.#unitsBefore = units;
  }

  /** Time stamps that advance by one per sample have the sampling rate, whatever the rtpmap says. */
  #checkRate(timestamp: number): void {
    const rate = this.#output.format?.timescale;
    if (rate === undefined || rate === this.#clock.timeline.clockRate || this.#unitsBefore === 0) return;
    const step = (timestamp - this.#timestamp) | 0;
    if (step !== this.#unitsBefore * this.#samplesPerFrame) {
      this.#rateSightings = 0;
    } else if (++this.#rateSightings >= RATE_SIGHTINGS) {
      this.#sink.note('rtp.clock-rate-differs', { announced: this.#clock.timeline.clockRate, measured: rate });
      this.#clock.timeline.changeRate(rate);
    }
  }
}
