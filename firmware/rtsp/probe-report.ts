import type { BoxError } from '../base/index.ts';
import type { VideoFormat } from '../media/index.ts';
import type { Lower } from './handshake.ts';

/** Something about the camera that its owner may want to change, or that explains what is seen. */
export interface ProbeWarning {
  /** Stable, for translations. */
  readonly code: string;
  readonly text: string;
}

/** What a camera was found to send. */
export interface ProbeReport {
  readonly transport: Lower | undefined;
  readonly video?: {
    readonly codec: VideoFormat['codec'];
    /** RFC 6381. */
    readonly rfc6381: string;
    readonly width: number;
    readonly height: number;
    /** Measured over the time of the probe; 0 when there was too little. */
    readonly fps: number;
    readonly bitsPerSecond: number;
    /** Longest distance of two key frames seen; undefined when there were not two. */
    readonly keyFrameIntervalMs?: number;
    readonly frames: number;
  };
  readonly audio?: { readonly source: string; readonly sampleRate: number; readonly channels: number };
  /** What the camera offers and the box leaves out. */
  readonly notRecorded: readonly { readonly kind: string; readonly encoding: string; readonly why: string }[];
  readonly packetsLost: number;
  /** By how much the camera's clock is ahead of ours; undefined when it does not say. */
  readonly clockOffsetMs?: number;
  readonly warnings: readonly ProbeWarning[];
  /** Why it ended early. What was found before stands above. */
  readonly error?: BoxError;
}
