import type { CameraAddressRules } from '../base/index.ts';
import type { PolicySettings } from './policy.ts';

/** What the record worker needs to know of the settings: plain data, sent again whenever they change. */
export interface RecordPlan {
  /** Where cameras may be. */
  readonly addresses: CameraAddressRules;
  readonly napMs: number;
  readonly fragmentMs: number;
  readonly segmentMaxBytes: number;
  readonly queueMaxBytes: number;
  readonly preRecordMaxBytes: number;
  readonly heldGopMaxBytes: number;
  /** Most bytes of the running group of pictures that a stream holds for viewers who begin to watch. */
  readonly liveHeldMaxBytes: number;
  readonly cameras: readonly CameraPlan[];
  /** Streams that are not recorded, which the camera is asked for while somebody watches. */
  readonly watchOnly: readonly WatchOnlyPlan[];
  readonly volumes: readonly VolumePlan[];
}

export interface WatchOnlyPlan {
  readonly camera: string;
  readonly stream: string;
  readonly url: string;
  readonly transport: 'tcp' | 'udp' | 'auto';
  readonly username: string;
  readonly password: string;
  readonly verifyTls: boolean;
  /** The certificate that the camera showed first; empty: not known yet. */
  readonly pin: string;
  readonly keepAliveS?: number | undefined;
}

export interface CameraPlan {
  readonly id: string;
  readonly name: string;
  readonly username: string;
  readonly password: string;
  readonly verifyTls: boolean;
  /** The certificate that the camera showed first; empty: not known yet. */
  readonly pin: string;
  readonly keepAliveS?: number | undefined;
  readonly policy: PolicySettings;
  readonly preRecordS: number;
  readonly segmentSeconds: number;
  /** Group of volumes that it is bound to; empty: any. */
  readonly group: string;
  /** On how many volumes it is written at the same time. */
  readonly copies: number;
  /** Only the streams that are recorded. */
  readonly streams: readonly {
    readonly id: string;
    readonly url: string;
    readonly transport: 'tcp' | 'udp' | 'auto';
  }[];
}

/** A volume as the record worker opens it. */
export interface VolumePlan {
  readonly id: string;
  readonly folder: string;
  /** An empty folder may become a volume: only for one that was never used before, as an unmounted mount point is empty too. */
  readonly adopt: boolean;
  readonly group: string;
  /** Its footage is shown; nothing on it is ever written. */
  readonly readOnly: boolean;
  /** What recordings may take on it; undefined: all that the disk has. */
  readonly budgetBytes?: number | undefined;
  readonly recoveryPointMs: number;
  readonly sync: 'auto' | 'volume' | 'file';
}

/** Volumes that had better be spared, as somebody judges who watches over the disks. */
export interface Sparing {
  /** Whose judgement it is; his next one replaces it. */
  readonly by: string;
  readonly volumes: readonly { readonly id: string; readonly because: string }[];
}

/** The volumes on which each camera is at home, the first copy first. */
export type Homes = readonly (readonly [camera: string, volumes: readonly string[]])[];
