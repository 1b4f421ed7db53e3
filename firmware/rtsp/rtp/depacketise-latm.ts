import { parseStreamMuxConfig, readLatmElement, type LatmElement, type LatmMux } from '../../media/index.ts';
import { AacFrames } from './aac-frames.ts';
import type { AudioOutput } from './audio-output.ts';
import type { Depacketiser } from './packet-sink.ts';
import type { TrackClock } from './session-clock.ts';
import type { TrackSink } from './track-sink.ts';

/** Room for 64 units of the largest size; nobody sends as much. */
const MOST_ELEMENT_BYTES = 64 * 1024;

/**
 * RTP payload of AAC in LATM (RFC 6416, RFC 3016): one AudioMuxElement in one packet or several, up to the marker. The
 * configuration stands in the SDP (cpresent=0) or in the elements; who says nothing about it, or the wrong thing, is found out by
 * which way an element fills its packet.
 */
export class LatmDepacketiser implements Depacketiser {
  readonly #output: AudioOutput;
  readonly #clock: TrackClock;
  readonly #sink: TrackSink;
  readonly #frames: AacFrames;
  #mux: LatmMux | undefined;
  #inBand: boolean;
  /** The element so far, if it came in more than one packet. */
  #partial = Buffer.alloc(0);
  #partialBytes = 0;
  #timestamp = -1;
  #ticks = 0;
  #arrivalUs = 0;
  /** What is being collected lacks a part. */
  #broken = false;

  constructor(fmtp: ReadonlyMap<string, string>, deps: { output: AudioOutput; clock: TrackClock; sink: TrackSink }) {
    this.#output = deps.output;
    this.#clock = deps.clock;
    this.#sink = deps.sink;
    this.#frames = new AacFrames(deps);
    this.#inBand = fmtp.get('cpresent') !== '0';
    const config = /^(?:[0-9a-f]{2}){2,}$/i.exec(fmtp.get('config') ?? '');
    if (config) this.#learn(parseStreamMuxConfig(Buffer.from(config[0], 'hex')));
  }

  packet(
    buffer: Buffer,
    start: number,
    end: number,
    timestamp: number,
    marker: boolean,
    arrivalUs: number,
    lost: number,
  ): void {
    const same = timestamp === this.#timestamp;
    this.#timestamp = timestamp;
    if (!same || lost > 0) {
      if (lost === 0) this.#finish();
      this.#partialBytes = 0;
      // What comes behind a loss under the same time stamp is the rest of an element.
      this.#broken = same;
    }
    this.#frames.begin(timestamp, lost);
    if (start >= end) return;
    if (this.#partialBytes === 0) {
      this.#ticks = this.#clock.stamp(timestamp, arrivalUs);
      this.#arrivalUs = arrivalUs;
      if (marker && !this.#broken) {
        this.#element(buffer.subarray(start, end));
        return;
      }
    }
    this.#keep(buffer, start, end);
    if (marker) this.#finish();
  }

  poll(): void {}

  flush(): void {
    this.#finish();
  }

  dispose(): void {
    this.#output.dispose();
  }

  #keep(buffer: Buffer, start: number, end: number): void {
    const whole = this.#partialBytes + end - start;
    if (whole > MOST_ELEMENT_BYTES) {
      this.#broken = true;
      return;
    }
    if (whole > this.#partial.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(MOST_ELEMENT_BYTES, Math.max(2048, whole * 2)));
      this.#partial.copy(larger, 0, 0, this.#partialBytes);
      this.#partial = larger;
    }
    buffer.copy(this.#partial, this.#partialBytes, start, end);
    this.#partialBytes = whole;
  }

  /** The time stamp has changed or the marker is there: what has been collected is an element, if it is one. */
  #finish(): void {
    if (this.#partialBytes > 0 && !this.#broken) this.#element(this.#partial.subarray(0, this.#partialBytes));
    this.#partialBytes = 0;
    this.#broken = false;
  }

  #element(bytes: Buffer): void {
    const element = this.#read(bytes);
    if (!element) {
      if (this.#mux || !this.#inBand) this.#sink.note('rtp.aac-unreadable', { bytes: bytes.length });
      return;
    }
    this.#learn(element.mux);
    element.units.forEach((unit, index) => {
      if (unit.length > 0) this.#frames.emit(unit, 0, unit.length, this.#ticks, index, this.#arrivalUs);
    });
    this.#frames.had(element.units.length);
  }

  #read(bytes: Buffer): LatmElement | undefined {
    const element = readLatmElement(bytes, this.#mux, this.#inBand);
    if (element) return element;
    const other = readLatmElement(bytes, this.#mux, !this.#inBand);
    if (other) this.#inBand = !this.#inBand;
    return other;
  }

  #learn(mux: LatmMux | undefined): void {
    if (!mux) {
      this.#sink.note('rtp.aac-config-unreadable', {});
      return;
    }
    this.#mux = mux;
    this.#frames.configure(mux.config);
  }
}
