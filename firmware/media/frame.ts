import type { ByteRun } from './arena.ts';

/** What a video track is made of; a new object is announced exactly when the stream's parameters change. */
export interface VideoFormat {
  readonly kind: 'video';
  readonly codec: 'h264' | 'h265';
  /** Ticks per second of pts and dts. */
  readonly timescale: 90000;
  /** Display size in pixels, after the SPS's cropping. */
  readonly width: number;
  readonly height: number;
  /** RFC 6381 codec string, for example avc1.4D401F or hvc1.1.6.L90.B0. */
  readonly rfc6381: string;
  /** AVCDecoderConfigurationRecord or HEVCDecoderConfigurationRecord (ISO/IEC 14496-15), the payload of avcC / hvcC. */
  readonly config: Uint8Array;
  /** Frame rate announced by the stream's VUI, if any: a hint, never used for time stamps. */
  readonly nominalFps?: number;
}

export interface AudioFormat {
  readonly kind: 'audio';
  /** What is stored: G.711 and uncompressed sound have become FLAC before they reach a frame. */
  readonly codec: 'aac' | 'flac' | 'opus';
  /** Ticks per second of pts and dts: the sampling rate. */
  readonly timescale: number;
  readonly sampleRate: number;
  readonly channels: number;
  /** RFC 6381 codec string: mp4a.40.2, fLaC or opus. */
  readonly rfc6381: string;
  /** AudioSpecificConfig (ISO/IEC 14496-3), the whole FLAC STREAMINFO block (34 bytes, RFC 9639 section 8.2), or the content of a dOps box. */
  readonly config: Uint8Array;
  /** What the camera sent, for people: "AAC-LC", "G.711 A-law", "Opus". */
  readonly source: string;
}

export type Format = VideoFormat | AudioFormat;

/**
 * The one currency of media between parts: an access unit (video) or an audio frame.
 *
 * `bytes` is only borrowed during the call that hands the frame over: whoever keeps it calls `bytes.retain()` first and
 * `bytes.release()` later.
 */
export interface Frame {
  readonly format: Format;
  /** Random access point: IDR, CRA or BLA picture; for audio always true. */
  readonly key: boolean;
  /** Decode and presentation time in ticks of `format.timescale`, unwrapped; dts strictly increases within one connection and track. */
  readonly dts: number;
  readonly pts: number;
  /** Exact length in ticks where the codec fixes it (audio), else 0. */
  readonly duration: number;
  /** Monotonic time (Clock.monoUs) at which the frame's first packet was read. */
  readonly arrivalUs: number;
  /** RTP packets of this track known to be lost since its previous frame. */
  readonly lostBefore: number;
  /** NAL units each behind a 4-byte big-endian length (no AUD, no filler, no in-band sets that equal the format's), or one raw audio frame. */
  readonly bytes: ByteRun;
}
