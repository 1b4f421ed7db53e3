import type { KnownTime, TimeHold } from './age-clock.ts';
import type { SpaceMarks, SpaceState } from './space-model.ts';

/** What the settings and the owner's answers say about space: plain data, told to the catalogue worker. */
export interface SpacePolicy {
  volumes: VolumePolicy[];
  cameras: CameraPolicy[];
  grants: OverwriteGrant[];
  /** What an earlier process knew of the time; only the first policy's counts. */
  known?: KnownTime | undefined;
}

export interface VolumePolicy {
  /** uuid */
  volume: string;
  budgetBytes: number | undefined;
  /** Nothing on it is ever deleted. */
  readOnly: boolean;
}

export interface CameraPolicy {
  camera: string;
  /** Id of its group of cameras, or empty. */
  group: string;
  whenFull: 'overwrite' | 'stop';
  days: number | undefined;
  eventDays: number | undefined;
  maxBytes: number | undefined;
  /** The owner wishes to keep so much. */
  wishDays: number | undefined;
}

/** A group that may overwrite what it had recorded when its owner said so: up to these sequences, by uuid of the volume. */
export interface OverwriteGrant {
  group: string;
  sequences: Record<string, number>;
}

/** How the space of a volume is. */
export interface VolumeSpace extends SpaceMarks {
  volume: string;
  /** The record worker told of it a moment ago. */
  here: boolean;
  state: SpaceState;
  /** No segment may begin on it. */
  closed: boolean;
  usedBytes: number;
  bytesPerS: number;
  peakBytesPerS: number;
  /** What is locked, or belongs to cameras that stop instead; known while it is stuck, else 0. */
  heldBytes: number;
  /** Since the catalogue's worker was started: what deletion was asked for, and what is gone. */
  plannedBytes: number;
  deletedBytes: number;
}

export interface GroupSpace {
  group: string;
  /** Volumes that are full for it, by uuid. */
  fullVolumes: string[];
  /** Of all volumes that take recordings none has room for it: its cameras stand still until the owner answers. */
  asks: boolean;
  /** It has been allowed to overwrite, and there is still something to overwrite. */
  overwrites: boolean;
}

export interface SpaceReport {
  volumes: VolumeSpace[];
  groups: GroupSpace[];
  /** Absent while the time is not known. */
  known?: KnownTime;
  /** The wall clock is ahead of what is known, and does not count yet. */
  hold?: TimeHold;
}

/** What the record worker knows of a volume, told every few seconds. */
export interface VolumeFacts {
  totalBytes: number;
  freeBytes: number;
  /** Media written since the volume was opened. */
  writtenBytes: number;
  /** The box knows the time. */
  trusted: boolean;
}

/** Who may not begin a segment on a volume. */
export interface Admission {
  volume: string;
  /** Nobody may. */
  closed: boolean;
  /** These cameras may not. */
  stopped: string[];
}
