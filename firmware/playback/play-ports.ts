import type { MediaPart, TrackFacts } from '../media/index.ts';

/** A segment as whoever knows them all tells of it. Times are UTC microseconds. */
export interface SegmentPlace {
  readonly volume: string;
  readonly sequence: number;
  /** Absolute; undefined while its disk is not there. */
  readonly file: string | undefined;
  readonly startUs: number;
  readonly endUs: number;
  readonly open: boolean;
}

/** Knows where footage lies. */
export interface FootageFinder {
  /** The segment that holds the instant, else the next one after it. Rejects like the catalogue. */
  locate(camera: string, stream: string, timeUs: number): Promise<SegmentPlace | undefined>;
  /** The last segment that begins before the instant, if there is one within a day. */
  before(camera: string, stream: string, timeUs: number): Promise<SegmentPlace | undefined>;
  /** All that share an instant with the range, ordered by their beginning. */
  within(camera: string, stream: string, fromUs: number, toUs: number): Promise<readonly SegmentPlace[]>;
}

export interface PlayState {
  readonly state: 'playing' | 'gap' | 'edge' | 'end';
}

/** One channel of a viewer, as far as playback knows it. */
export interface PlaySink {
  /** False while the viewer has enough on its way; `Player.pump` is called when it no longer has. */
  readonly isFree: boolean;
  track(facts: TrackFacts, stream: string): void;
  part(part: MediaPart): void;
  /** With the span in which nothing is recorded for `gap`. */
  state(state: PlayState['state'], span?: { fromUs: number; toUs: number }): void;
  failed(error: unknown): void;
}

export interface PlayWish {
  readonly camera: string;
  readonly stream: string;
  readonly atUs: number;
  readonly speed: number;
  readonly sound: boolean;
}
