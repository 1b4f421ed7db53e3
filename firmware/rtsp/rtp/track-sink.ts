import type { Frame } from '../../media/index.ts';

/** Where the frames of a track go. */
export interface TrackSink {
  /** The frame's bytes are only borrowed during the call (see Frame). */
  frame(frame: Frame): void;
  /** Something about the camera that people should know; each code comes once per connection. */
  note(code: string, detail?: Record<string, unknown>): void;
}
