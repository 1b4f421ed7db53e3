import type { AudioFormat } from '../frame.ts';
import { FlacEncoder } from './flac.ts';
import { decodeG711, type G711Law } from './g711.ts';

/** A finished block of audio. */
export interface FlacBlock {
  /** One FLAC frame; valid until the track's next `close`. */
  readonly bytes: Uint8Array;
  /** Its length in samples. */
  readonly samples: number;
}

const LEAST_RATE = 4000;
const MOST_RATE = 48000;

/**
 * Turns the G.711 bytes of one mono track into FLAC blocks, because no browser plays G.711 in MP4; decoding gives exactly the
 * 16-bit samples of ITU-T G.711. Stereo G.711 is not supported.
 */
export class G711Track {
  readonly format: AudioFormat;
  readonly #law: G711Law;
  readonly #encoder: FlacEncoder;
  readonly #samples: Int16Array;
  #pending = 0;

  constructor(law: G711Law, sampleRate: number) {
    this.#law = law;
    this.#encoder = new FlacEncoder(sampleRate);
    this.#samples = new Int16Array(this.#encoder.blockSamples);
    this.format = {
      kind: 'audio',
      codec: 'flac',
      timescale: sampleRate,
      sampleRate,
      channels: 1,
      rfc6381: 'fLaC',
      config: this.#encoder.streamInfo,
      source: law === 'a' ? 'G.711 A-law' : 'G.711 µ-law',
    };
  }

  /** Rates at which G.711 is met (quirk B48) and that FLAC can name. */
  static supports(sampleRate: number, channels: number): boolean {
    return channels === 1 && Number.isInteger(sampleRate) && sampleRate >= LEAST_RATE && sampleRate <= MOST_RATE;
  }

  /** Samples added and not yet closed. */
  get pending(): number {
    return this.#pending;
  }

  /** Whether the block must be closed before more can be added. */
  get full(): boolean {
    return this.#pending === this.#samples.length;
  }

  /** Takes bytes from `start` on until `end` or until the block is full; gives the index of the first byte not taken. */
  add(source: Uint8Array, start: number, end: number): number {
    const stop = Math.min(end, start + this.#samples.length - this.#pending);
    decodeG711(this.#law, source, start, stop, this.#samples, this.#pending);
    this.#pending += stop - start;
    return stop;
  }

  /** Encodes what has been added, be it a whole block or, where packets were lost, less. Undefined if there is nothing. */
  close(): FlacBlock | undefined {
    const samples = this.#pending;
    if (samples === 0) return undefined;
    this.#pending = 0;
    return { bytes: this.#encoder.encode(this.#samples, samples), samples };
  }
}
