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
}

export interface Tap {
  taken(bytes: number): void;
  setSound(sound: boolean): void;
  shut(): void;
}

/** Where the pictures come from: the record worker. */
export interface LiveSource {
  /** Whether somebody may soon want to watch: a group of pictures of each stream is held ready then. */
  expect(viewers: boolean): void;
  /** Rejects with live.no-such-stream, recording.restarting, recording.timeout. */
  open(camera: string, stream: string, sound: boolean, listener: TapListener): Promise<Tap>;
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
  /** It is over. */
  failed(error: unknown): void;
}
