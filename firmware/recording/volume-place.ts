import type { Volume } from '../storage/index.ts';
import type { VolumePlan } from './plan.ts';
import type { VolumeReport } from './report.ts';

/** The place of one volume of the settings in the box, whether it is written to or only read. */
export interface VolumePlace {
  readonly plan: VolumePlan;
  /** Of the volume that was open last. */
  readonly uuid: string | undefined;
  /** The volume, if it takes recordings now. */
  readonly ready: Volume | undefined;
  /** The volume, if it is open for writing, whatever its state. */
  readonly open: Volume | undefined;
  /** Resolves after the first attempt to open the folder, whether it went well or not. */
  readonly started: Promise<void>;
  /** What an earlier process left open is in order. */
  readonly recovered: boolean;
  start(): Promise<void>;
  update(plan: VolumePlan): void;
  /** Ends at once, by the deadline. False if something was left undone. */
  stop(deadlineMs: number): Promise<boolean>;
  /** Ends in peace, for a volume that is not in the settings any more. */
  leave(): Promise<void>;
  lastEndUs(camera: string, stream: string): Promise<number | undefined>;
  report(): VolumeReport;
}

/** Two folders with the same identity are one volume in two places: only one of them may be used. */
export class VolumeClaims {
  readonly #folders = new Map<string, string>();

  /** False if another folder holds it. */
  take(uuid: string, folder: string): boolean {
    if (this.#folders.has(uuid)) return false;
    this.#folders.set(uuid, folder);
    return true;
  }

  release(uuid: string): void {
    this.#folders.delete(uuid);
  }

  holder(uuid: string): string | undefined {
    return this.#folders.get(uuid);
  }
}
