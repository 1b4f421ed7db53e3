import type { SettingsDraft } from '../config/index.ts';
import type { PlanCamera, PlanInput, PlanStream } from './model.ts';
import { WEEK_HOURS } from './week.ts';
import type { WeekRate } from './rates.ts';

/** One change that a plan asks for. Those of settings can be applied; the others are for people to do. */
export type Change =
  /** Keep at most so many days, so that the room goes to cameras that need it. */
  | { readonly kind: 'retention'; readonly camera: string; readonly days: number }
  | { readonly kind: 'bind-group'; readonly camera: string; readonly group: string }
  /** Record another stream of the camera instead. */
  | { readonly kind: 'record-sub'; readonly camera: string; readonly stream: string }
  /** Record only at these times, every day. */
  | { readonly kind: 'schedule'; readonly camera: string; readonly from: string; readonly to: string }
  /** To be set in the camera itself. */
  | { readonly kind: 'bitrate'; readonly camera: string; readonly fromBitsPerS: number; readonly bitsPerS: number }
  /** More room on the disks of a group; empty: on any. */
  | { readonly kind: 'bigger-disk'; readonly group: string; readonly bytes: number };

export interface Effect {
  readonly camera: string;
  readonly beforeDays: number;
  readonly afterDays: number;
}

export interface Proposal {
  /** Says what is changed, so that the same proposal has the same id in every plan. */
  readonly id: string;
  readonly change: Change;
  /** It can be applied by the box. */
  readonly applicable: boolean;
  /** Cameras whose days it changes by more than a tenth of a day. */
  readonly effects: readonly Effect[];
  /** With it all wishes come true that it is about; with the recommended ones together, if it is one of them. */
  readonly enough: boolean;
}

export function idOf(change: Change): string {
  switch (change.kind) {
    case 'retention':
      return `retention:${change.camera}:${change.days}`;
    case 'bind-group':
      return `bind-group:${change.camera}:${change.group}`;
    case 'record-sub':
      return `record-sub:${change.camera}:${change.stream}`;
    case 'schedule':
      return `schedule:${change.camera}:${change.from}-${change.to}`;
    case 'bitrate':
      return `bitrate:${change.camera}:${change.bitsPerS}`;
    case 'bigger-disk':
      return `bigger-disk:${change.group}`;
  }
}

export function isApplicable({ kind }: Change): boolean {
  return kind !== 'bitrate' && kind !== 'bigger-disk';
}

/** The plan's input as it would be with the changes. */
export function withChanges(input: PlanInput, changes: readonly Change[]): PlanInput {
  return changes.reduce((changed, change) => {
    if (change.kind === 'bigger-disk') return withMoreRoom(changed, change);
    const cameras = changed.cameras.map((camera) =>
      camera.id === change.camera ? changedCamera(camera, change) : camera,
    );
    return { ...changed, cameras };
  }, input);
}

/** Makes the change in the settings. Nothing of the settings says how many bits a camera sends, or how large a disk is. */
export function applyChange(draft: SettingsDraft, change: Change): void {
  if (change.kind === 'bitrate' || change.kind === 'bigger-disk') return;
  const camera = draft.cameras.find(({ id }) => id === change.camera);
  if (!camera) return;
  switch (change.kind) {
    case 'retention':
      camera.retention.days = change.days;
      break;
    case 'bind-group':
      camera.group = change.group;
      break;
    case 'record-sub':
      for (const stream of camera.streams) stream.record = stream.id === change.stream;
      break;
    case 'schedule':
      camera.mode = 'schedule';
      camera.schedule = [0, 1, 2, 3, 4, 5, 6].map((day) => ({ day, from: change.from, to: change.to }));
      break;
  }
}

function changedCamera(camera: PlanCamera, change: Exclude<Change, { kind: 'bigger-disk' }>): PlanCamera {
  switch (change.kind) {
    case 'retention':
      return { ...camera, days: change.days };
    case 'bind-group':
      return { ...camera, group: change.group };
    case 'record-sub':
      return {
        ...camera,
        streams: camera.streams.map((stream) => ({ ...stream, record: stream.id === change.stream })),
      };
    case 'schedule': {
      const [from, to] = [hourOf(change.from), hourOf(change.to)];
      const share = Array.from({ length: WEEK_HOURS }, (_, bin) => (bin % 24 >= from && bin % 24 < to ? 1 : 0));
      return { ...camera, mode: 'schedule', scheduleShare: share };
    }
    case 'bitrate': {
      const factor = change.bitsPerS / change.fromBitsPerS;
      const streams = camera.streams.map((stream): PlanStream =>
        stream.record ? { ...stream, rate: scaled(stream.rate, factor) } : stream,
      );
      return { ...camera, streams };
    }
  }
}

function withMoreRoom(input: PlanInput, change: Extract<Change, { kind: 'bigger-disk' }>): PlanInput {
  const concerned = input.volumes.filter(({ group }) => change.group === '' || group === change.group);
  if (concerned.length === 0) return input;
  const each = change.bytes / concerned.length;
  const volumes = input.volumes.map((volume) =>
    concerned.includes(volume)
      ? {
          ...volume,
          totalBytes: volume.totalBytes + each,
          freeBytes: volume.freeBytes + each,
          budgetBytes: volume.budgetBytes === undefined ? undefined : volume.budgetBytes + each,
        }
      : volume,
  );
  return { ...input, volumes };
}

function scaled(rate: WeekRate, factor: number): WeekRate {
  const times = <T extends { bytesPerS: number }>(each: T): T => ({ ...each, bytesPerS: each.bytesPerS * factor });
  return { ...rate, bins: rate.bins.map(times), seen: rate.seen.map(times) };
}

function hourOf(text: string): number {
  return Number(text.slice(0, 2));
}
