import { aacConfigOf, readAdts, type AdtsHeader } from '../../media/index.ts';
import { AacFrames } from './aac-frames.ts';
import { AuHeaders, auHeaderLengths } from './au-headers.ts';
import type { AudioOutput } from './audio-output.ts';
import type { Depacketiser } from './packet-sink.ts';
import type { TrackClock } from './session-clock.ts';
import type { TrackSink } from './track-sink.ts';

const MOST_AU_BYTES = 64 * 1024;

/**
 * RTP payload of AAC (RFC 3640): several access units in a packet, or one in several packets; ADTS headers (ISO/IEC 14496-3
 * 1.A.2) in front of the units, with or without AU headers, are taken off. The AudioSpecificConfig of the SDP decides about
 * rate and channels; without one the ADTS header does, and without either nothing can be stored.
 */
export class AacDepacketiser implements Depacketiser {
  readonly #output: AudioOutput;
  readonly #clock: TrackClock;
  readonly #sink: TrackSink;
  readonly #headers: AuHeaders;
  readonly #frames: AacFrames;
  #partial = Buffer.alloc(0);
  #partialBytes = 0;
  #partialSize = 0;
  #timestamp = -1;

  constructor(fmtp: ReadonlyMap<string, string>, deps: { output: AudioOutput; clock: TrackClock; sink: TrackSink }) {
    this.#output = deps.output;
    this.#clock = deps.clock;
    this.#sink = deps.sink;
    this.#headers = new AuHeaders(auHeaderLengths(fmtp));
    this.#frames = new AacFrames(deps);
    const config = /^(?:[0-9a-f]{2}){2,}$/i.exec(fmtp.get('config') ?? '');
    if (config) this.#frames.configure(Buffer.from(config[0], 'hex'));
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
    if (lost > 0 || timestamp !== this.#timestamp) this.#dropPartial();
    this.#timestamp = timestamp;
    this.#frames.begin(timestamp, lost);
    if (start >= end) return;
    if (readAdts(buffer, start, end)) this.#adtsFrames(buffer, start, end, timestamp, arrivalUs);
    else if (this.#headers.read(buffer, start, end)) this.#units(buffer, end, timestamp, marker, arrivalUs);
    else this.#sink.note('rtp.aac-unreadable', { bytes: end - start });
  }

  poll(): void {}

  flush(): void {
    this.#dropPartial();
  }

  dispose(): void {
    this.#output.dispose();
  }

  /** Frames with ADTS headers and nothing else. */
  #adtsFrames(buffer: Buffer, start: number, end: number, timestamp: number, arrivalUs: number): void {
    const ticks = this.#clock.stamp(timestamp, arrivalUs);
    let at = start;
    for (let count = 0; at < end; count++) {
      const header = readAdts(buffer, at, end);
      if (!header) break;
      this.#learn(header);
      this.#frames.emit(buffer, at + header.headerBytes, at + header.frameBytes, ticks, count, arrivalUs);
      at += header.frameBytes;
      this.#frames.had(count + 1);
    }
  }

  #units(buffer: Buffer, end: number, timestamp: number, marker: boolean, arrivalUs: number): void {
    const { sizes, count } = this.#headers;
    let at = this.#headers.dataStart;
    if (count === 1 && (sizes[0]! > end - at || this.#partialBytes > 0)) {
      this.#fragment(buffer, at, end, sizes[0]!, marker, timestamp, arrivalUs);
      return;
    }
    const ticks = this.#clock.stamp(timestamp, arrivalUs);
    for (let index = 0; index < count; index++) {
      const size = sizes[index]!;
      if (size > end - at) {
        this.#sink.note('rtp.aac-cut-off');
        break;
      }
      this.#unit(buffer, at, at + size, ticks, index, arrivalUs);
      at += size;
    }
    this.#frames.had(count);
  }

  /** Part of one unit (section 3.2.3): each part tells the size of the whole. */
  #fragment(
    buffer: Buffer,
    start: number,
    end: number,
    size: number,
    marker: boolean,
    timestamp: number,
    arrivalUs: number,
  ): void {
    if (size !== this.#partialSize) this.#dropPartial();
    if (size > MOST_AU_BYTES) return;
    if (this.#partial.length < size) this.#partial = Buffer.allocUnsafeSlow(size);
    this.#partialSize = size;
    this.#partialBytes += buffer.copy(
      this.#partial,
      this.#partialBytes,
      start,
      Math.min(end, start + size - this.#partialBytes),
    );
    if (this.#partialBytes === size) {
      this.#unit(this.#partial, 0, size, this.#clock.stamp(timestamp, arrivalUs), 0, arrivalUs);
      this.#frames.had(1);
      this.#forgetPartial();
    } else if (marker) {
      this.#dropPartial();
    }
  }

  #unit(buffer: Buffer, start: number, end: number, ticks: number, index: number, arrivalUs: number): void {
    if (start === end) return;
    const header = readAdts(buffer, start, end);
    if (header?.frameBytes !== end - start) {
      this.#frames.emit(buffer, start, end, ticks, index, arrivalUs);
      return;
    }
    this.#learn(header);
    this.#frames.emit(buffer, start + header.headerBytes, end, ticks, index, arrivalUs);
  }

  #learn(header: AdtsHeader): void {
    this.#sink.note('rtp.adts');
    if (!this.#frames.configured) this.#frames.configure(aacConfigOf(header));
  }

  #dropPartial(): void {
    if (this.#partialBytes > 0) this.#sink.note('rtp.aac-cut-off');
    this.#forgetPartial();
  }

  #forgetPartial(): void {
    this.#partialBytes = 0;
    this.#partialSize = 0;
  }
}
