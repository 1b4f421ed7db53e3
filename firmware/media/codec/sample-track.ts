import type { AudioFormat } from '../frame.ts';
import { FlacEncoder } from './flac.ts';
import { decodeG711 } from './g711.ts';

/** Sound that travels sample by sample: the laws of ITU-T G.711, and 16-bit samples as they are (RFC 3551 section 4.5.11). */
export type SampleEncoding = 'g711a' | 'g711u' | 'l16';

/** A finished block of audio. */
export interface FlacBlock {
  /** One FLAC frame; valid until the track's next `close`. */
  readonly bytes: Uint8Array;
  /** Its length in samples of one channel. */
  readonly samples: number;
}

const LEAST_RATE = 4000;
const MOST_RATE = 48000;
const MOST_CHANNELS = 2;
const SOURCES: Readonly<Record<SampleEncoding, string>> = {
  g711a: 'G.711 A-law',
  g711u: 'G.711 µ-law',
  l16: 'PCM, 16 bit',
};

/**
 * Turns the samples of one track, those of two channels in turns, into FLAC blocks, because no browser plays them in MP4 as they
 * are; decoding gives exactly the 16-bit samples that the camera sent.
 */
export class SampleTrack {
  readonly format: AudioFormat;
  /** Bytes of one sample of all channels. */
  readonly groupBytes: number;
  readonly #encoding: SampleEncoding;
  readonly #channels: number;
  readonly #encoder: FlacEncoder;
  readonly #samples: Int16Array;
  /** Samples of one channel. */
  #pending = 0;

  constructor(encoding: SampleEncoding, sampleRate: number, channels = 1) {
    this.#encoding = encoding;
    this.#channels = channels;
    this.groupBytes = channels * (encoding === 'l16' ? 2 : 1);
    this.#encoder = new FlacEncoder(sampleRate, channels);
    this.#samples = new Int16Array(this.#encoder.blockSamples * channels);
    this.format = {
      kind: 'audio',
      codec: 'flac',
      timescale: sampleRate,
      sampleRate,
      channels,
      rfc6381: 'fLaC',
      config: this.#encoder.streamInfo,
      source: SOURCES[encoding],
    };
  }

  /** Rates at which such sound is met (quirk B48) and that FLAC can name; one channel or two. */
  static supports(sampleRate: number, channels: number): boolean {
    const isRate = Number.isInteger(sampleRate) && sampleRate >= LEAST_RATE && sampleRate <= MOST_RATE;
    return isRate && Number.isInteger(channels) && channels >= 1 && channels <= MOST_CHANNELS;
  }

  /** Samples added and not yet closed. */
  get pending(): number {
    return this.#pending;
  }

  /** Whether the block must be closed before more can be added. */
  get full(): boolean {
    return this.#pending === this.#encoder.blockSamples;
  }

  /**
   * Takes bytes from `start` on until `end` or until the block is full; gives the index of the first byte not taken. What is
   * less than a whole sample at the end is dropped.
   */
  add(source: Uint8Array, start: number, end: number): number {
    const { groupBytes } = this;
    const groups = Math.min(Math.floor((end - start) / groupBytes), this.#encoder.blockSamples - this.#pending);
    const stop = start + groups * groupBytes;
    const at = this.#pending * this.#channels;
    if (this.#encoding === 'l16') copyBigEndian(source, start, stop, this.#samples, at);
    else decodeG711(this.#encoding === 'g711a' ? 'a' : 'u', source, start, stop, this.#samples, at);
    this.#pending += groups;
    return end - stop < groupBytes ? end : stop;
  }

  /** Encodes what has been added, be it a whole block or, where packets were lost, less. Undefined if there is nothing. */
  close(): FlacBlock | undefined {
    const samples = this.#pending;
    if (samples === 0) return undefined;
    this.#pending = 0;
    return { bytes: this.#encoder.encode(this.#samples, samples), samples };
  }
}

function copyBigEndian(source: Uint8Array, start: number, end: number, samples: Int16Array, at: number): void {
  for (let from = start, to = at; from < end; from += 2, to++) samples[to] = (source[from]! << 8) | source[from + 1]!;
}
