/** What operations on cameras need of the rest of the box. */
import type { z } from 'zod';
import type {
  AddVerdict,
  CameraChange,
  CameraStanding,
  ClockState,
  EventList,
  PtzPreset,
  PtzState,
  PtzVector,
  DigitalInput,
  Relay,
  RoomVerdict,
  SearchResult,
  UrlPattern,
} from './terminal-shapes.ts';

type Vector = z.output<typeof PtzVector>;

export interface Steerer {
  readonly name: string;
  /** The larger one takes a camera over. */
  readonly priority: number;
  /** Of the session or token that asks; empty at the box itself. */
  readonly session: string;
  /** False as soon as that one has ended, or may not steer the camera any more. */
  readonly present: () => boolean;
}

export interface ManyCameras {
  readonly cameras: readonly {
    readonly address: string;
    readonly name: string;
    readonly subUrl?: string | undefined;
  }[];
  readonly username: string;
  readonly password: string;
  readonly mode: 'continuous' | 'schedule' | 'event' | 'manual';
  readonly groups: readonly string[];
  readonly evenIfShort: boolean;
}

export interface TerminalsPort {
  /** Rejects with onvif.bad-range. */
  search(wanted: { seconds: number; ranges: readonly string[] }): Promise<z.input<typeof SearchResult>>;
  /** `host` empty: paths only. */
  patterns(maker: string, host: string, channel: number): z.input<typeof UrlPattern>[];
  /** Rejects with cameras.no-room; nothing is changed then. */
  addMany(wanted: ManyCameras): Promise<{
    added: z.input<typeof AddVerdict>[];
    room: z.input<typeof RoomVerdict>;
  }>;
  standings(): z.input<typeof CameraStanding>[];
  isTrusted(camera: string): boolean;
  /** Rejects with cameras.nothing-to-confirm. */
  confirm(camera: string): Promise<{ field: string; pinned: string; found: string }[]>;
  /** Rejects with config.invalid; nothing is changed then. */
  change(camera: string, change: z.output<typeof CameraChange>): Promise<void>;
  exportCsv(): string;
  /** Rejects with cameras.bad-table; nothing is changed then. */
  importCsv(csv: string): Promise<{ added: number; changed: number; rows: z.input<typeof AddVerdict>[] }>;
  clock(camera: string, set: 'no' | 'now' | 'ntp', server: string): Promise<z.input<typeof ClockState>>;
  reboot(camera: string): Promise<void>;
  snapshot(camera: string): Promise<Buffer>;
  relays(camera: string): Promise<z.input<typeof Relay>[]>;
  inputs(camera: string): Promise<z.input<typeof DigitalInput>[]>;
  setRelay(camera: string, relay: string, active: boolean): Promise<void>;
  events(
    camera: string,
    wanted: { fromUs: number; toUs: number; kinds?: readonly string[] | undefined; limit: number },
  ): Promise<z.input<typeof EventList>>;
}

/** All reject with cameras.no-onvif, cameras.untrusted, ptz.not-movable, onvif.*; what steers also with ptz.taken. */
export interface PtzPort {
  state(camera: string, who: Steerer): Promise<z.input<typeof PtzState>>;
  move(camera: string, who: Steerer, speed: Vector, seconds: number): Promise<void>;
  nudge(camera: string, who: Steerer, distance: Vector): Promise<void>;
  /** Brings a point of the picture to its middle; -1 to 1 from the middle to the edges, right and up. */
  centre(camera: string, who: Steerer, point: { x: number; y: number }): Promise<void>;
  stop(camera: string): Promise<void>;
  /** Takes it without a move; what another one was moving stops. */
  take(camera: string, who: Steerer): Promise<void>;
  /** False: somebody else steers, and has been told. */
  ask(camera: string, who: Steerer): Promise<boolean>;
  release(camera: string, who: Steerer): Promise<void>;
  goTo(
    camera: string,
    who: Steerer,
    where: { preset?: string | undefined; position?: Vector | undefined },
  ): Promise<void>;
  presets(camera: string): Promise<z.input<typeof PtzPreset>[]>;
  setPreset(camera: string, who: Steerer, name: string, preset?: string): Promise<z.input<typeof PtzPreset>>;
  removePreset(camera: string, who: Steerer, preset: string): Promise<void>;
  /** What a preset looks like, as far as somebody has shown it; JPEG. */
  presetPicture(camera: string, preset: string): Promise<Buffer | undefined>;
  /** Rejects with ptz.bad-picture. */
  setPresetPicture(camera: string, preset: string, jpeg: Buffer): Promise<void>;
  setHome(camera: string, who: Steerer): Promise<void>;
  lens(camera: string, who: Steerer, wanted: { focus?: number | undefined; iris?: number | undefined }): Promise<void>;
}
