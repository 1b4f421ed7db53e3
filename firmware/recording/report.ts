import type { ErrorReport } from '../base/index.ts';
import type { VolumeStats } from '../storage/index.ts';

/** How one recorded stream is, as plain data for other threads. */
export interface StreamReport {
  readonly camera: string;
  readonly name: string;
  readonly stream: string;
  readonly mode: 'continuous' | 'schedule' | 'event' | 'manual';
  readonly connection: string;
  readonly error: ErrorReport | undefined;
  readonly nextTryUs: number | undefined;
  readonly recording: string;
  readonly because: string;
  readonly openPath: string | undefined;
  /** Ids of the volumes that it is recorded on now. */
  readonly volumes: readonly string[];
  readonly video:
    | {
        readonly codec: string;
        readonly width: number;
        readonly height: number;
        readonly fps: number;
        readonly gopS: number;
      }
    | undefined;
  readonly audio: string | undefined;
  readonly bitsPerSecond: number;
  readonly packetsLost: number;
  readonly frames: number;
  readonly droppedFrames: number;
  /** What no viewer could get because the main thread was behind. */
  readonly liveDroppedFrames: number;
  readonly gap: { readonly sinceUs: number | undefined; readonly reason: string } | undefined;
  readonly notes: readonly string[];
}

export interface VolumeReport extends Partial<Omit<VolumeStats, 'state'>> {
  readonly id: string;
  readonly folder: string;
  /** uuid, while it is open. */
  readonly uuid: string | undefined;
  /** `readable`: a volume for reading only is there. */
  readonly state?: VolumeStats['state'] | 'readable' | 'leaving' | undefined;
  readonly error: ErrorReport | undefined;
}

export interface RecorderReport {
  readonly streams: readonly StreamReport[];
  readonly volumes: readonly VolumeReport[];
  readonly loopDelayMsP99: number;
  readonly mediaBytesHeld: number;
}
