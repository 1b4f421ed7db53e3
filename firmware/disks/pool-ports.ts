/** What the pool needs of the rest of the box. */
import type { VolumePlace } from './inventory.ts';

export interface PoolVolume extends VolumePlace {
  /** What people call it. */
  readonly name: string;
  readonly readOnly: boolean;
}

/** What an identity file says. */
export type Judgement =
  | { readonly kind: 'sound'; readonly volume: string; readonly box: string }
  | { readonly kind: 'newer' }
  | { readonly kind: 'damaged' };

export interface PoolPorts {
  /** uuid of this box. */
  readonly box: string;
  readonly dataFolder: string;
  /** Ids of the cameras that this box has, or has footage of. */
  cameras(): Promise<readonly string[]>;
  /** The volumes of the settings, with absolute folders. */
  volumes(): readonly PoolVolume[];
  /** Puts a volume into the settings, which makes a running box use it. `uuid`: its identity. Resolves with its id. */
  add(volume: { name: string; folder: string; readOnly: boolean; uuid: string }): Promise<string>;
  /** Takes them out of the settings, all or none, which makes a running box let go of them. */
  drop(ids: readonly string[]): Promise<void>;
  /**
   * Has everything that is being done with these volumes in the background end, or go on without them. Resolves with the jobs that
   * ended; `over` is called when the volumes are out of use, or stay after all.
   */
  quiet(ids: readonly string[]): Promise<{ ended: string[]; over: (dropped: boolean) => void }>;
  /** Remembers over a crash that file systems are to be unmounted once their volumes are out of the settings. */
  readonly removals: {
    begin(fileSystems: readonly string[], volumes: readonly string[]): Promise<void>;
    over(fileSystems: readonly string[]): Promise<void>;
  };
  rename(id: string, name: string): Promise<void>;
  readonly identity: {
    judge(text: string): Judgement;
    /** Text of a folder's identity file; undefined if there is none. */
    read(folder: string): Promise<string | undefined>;
    /** Ids of the cameras that a volume holds footage of. */
    cameras(folder: string): Promise<readonly string[]>;
    /** Makes an empty folder a volume of this box. Resolves with its uuid. */
    create(folder: string): Promise<string>;
    /** Makes another box's volume one of this box; its footage stays. */
    takeOver(folder: string): Promise<void>;
  };
}
