import type { MediaPart, TrackFacts } from '../media/index.ts';

/** Hears what a tap sends. */
export interface TapListener {
  /** What a track is; its init is the next part of this track. */
  track(facts: TrackFacts): void;
  part(part: MediaPart): void;
  /** The camera's session is over; another one may follow. */
  quiet(): void;
  /** Nothing more comes; the stream may be there again soon. */
  ended(): void;
  /** Nothing comes, and nothing will. */
  failed(error: unknown): void;
}

export interface Tap {
  taken(bytes: number): void;
  setSound(sound: boolean): void;
  shut(): void;
}

/** Where the pictures of a stream come from. */
export interface TapSource {
  /** Rejects with live.no-such-stream, recording.restarting, recording.timeout, or why there is no MPEG-1. */
  open(camera: string, stream: string, sound: boolean, listener: TapListener): Promise<Tap>;
}

/** Where they come from first: the record worker. */
export interface LiveSource extends TapSource {
  /** Whether somebody may soon want to watch: a group of pictures of each stream is held ready then. */
  expect(viewers: boolean): void;
}

/** As the camera sends it, or converted for a browser that cannot play that. */
export type LiveForm = 'mp4' | 'mpeg1';

/** How many streams are being converted, and how many may be. */
export interface Mpeg1Places {
  readonly used: number;
  readonly most: number;
}

export type LiveState = 'waiting' | 'playing';

/** Why it is this stream that is shown. */
export type Because = 'asked' | 'tile' | 'slow' | 'only';

/** One channel of a viewer, as far as live knows it. */
export interface LiveSink {
  /** False while the viewer has enough on its way; `LiveView.pump` is called when it no longer has. */
  readonly isFree: boolean;
  track(facts: TrackFacts, stream: string, because: Because): void;
  part(part: MediaPart): void;
  state(state: LiveState): void;
  dropped(pictures: number, bytes: number): void;
  /** Of a converted picture: told at its beginning, and when it changes. */
  places(places: Mpeg1Places): void;
  /** It is over. */
  failed(error: unknown): void;
}
