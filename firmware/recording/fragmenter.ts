import type { Frame, FragmentTrack, Sample } from '../media/index.ts';

/** Frames of one stream that wait to become a fragment. Index 0 is the video track, 1 the audio track. */
export interface PendingFragment {
  readonly tracks: FragmentTrack[];
  /** The frames behind the tracks; to be released when their bytes are on their way to the disk or dropped. */
  readonly frames: Frame[];
  readonly bytes: number;
  /**
   * End of the last picture in seconds of the session's timeline, 0 if there is none: a segment ends where its pictures end,
   * however far its sound reaches.
   */
  readonly endS: number;
  readonly pictures: number;
  readonly keyPictures: number;
}

/**
 * Groups frames into fragments of bounded length. The newest picture is held back until its successor tells how long it
 * lasts, so every duration in a file is exact; `cut(true)` gives it up with an estimate when no successor will come.
 */
export class Fragmenter {
  #video: Frame[] = [];
  #audio: Frame[] = [];
  #lastDurationTicks = 3600;

  /** Pictures waiting, with the one held back. */
  get pictures(): number {
    return this.#video.length;
  }

  /** The newest picture, whose length is not known yet. */
  get held(): Frame | undefined {
    return this.#video.at(-1);
  }

  /** Length of the pictures that could be cut now, in milliseconds. */
  get readyMs(): number {
    const first = this.#video[0];
    const last = this.#video.at(-1);
    return first && last ? (last.dts - first.dts) / 90 : 0;
  }

  /** Takes the caller's hold on the frame over. */
  push(frame: Frame): void {
    if (frame.format.kind === 'audio') {
      this.#audio.push(frame);
      return;
    }
    const held = this.held;
    if (held) this.#lastDurationTicks = frame.dts - held.dts;
    this.#video.push(frame);
  }

  /**
   * Takes what is ready. `next` is the picture that follows the held one (it is not taken): then the held one goes too,
   * and sound from `next` on stays for the next fragment. `final` gives the held picture up with an estimated length.
   */
  cut(options: { next?: Frame; final?: boolean } = {}): PendingFragment | undefined {
    const all = options.final === true || options.next !== undefined;
    const count = all ? this.#video.length : this.#video.length - 1;
    const video = count > 0 ? this.#video.splice(0, count) : [];
    const follower = options.next ?? this.#video[0];
    const audio = this.#takeAudio(options.next);
    if (video.length === 0 && audio.length === 0) return undefined;
    const tracks: FragmentTrack[] = [];
    if (video.length > 0) tracks.push(trackOf(0, video, this.#endOf(video, follower)));
    if (audio.length > 0) tracks.push(trackOf(1, audio, endOfAudio(audio)));
    const last = video.length > 0 ? tracks[0]!.samples.at(-1) : undefined;
    const frames = [...video, ...audio];
    return {
      tracks,
      frames,
      bytes: frames.reduce((sum, frame) => sum + frame.bytes.length, 0),
      endS: last ? (last.dts + last.duration) / video[0]!.format.timescale : 0,
      pictures: video.length,
      keyPictures: video.reduce((sum, frame) => sum + (frame.key ? 1 : 0), 0),
    };
  }

  /** Drops everything that waits. */
  clear(): void {
    for (const frame of this.#video) frame.bytes.release();
    for (const frame of this.#audio) frame.bytes.release();
    this.#video = [];
    this.#audio = [];
  }

  #takeAudio(next: Frame | undefined): Frame[] {
    if (!next) return this.#audio.splice(0);
    const limitS = next.dts / next.format.timescale;
    const index = this.#audio.findIndex((frame) => frame.dts / frame.format.timescale >= limitS);
    return this.#audio.splice(0, index < 0 ? this.#audio.length : index);
  }

  #endOf(video: readonly Frame[], follower: Frame | undefined): number {
    const last = video.at(-1)!;
    return follower && follower.dts > last.dts ? follower.dts : last.dts + this.#lastDurationTicks;
  }
}

function endOfAudio(audio: readonly Frame[]): number {
  const last = audio.at(-1)!;
  return last.dts + last.duration;
}

function trackOf(track: number, frames: readonly Frame[], endTicks: number): FragmentTrack {
  const samples: Sample[] = frames.map((frame, i) => ({
    dts: frame.dts,
    cts: frame.pts - frame.dts,
    duration: (frames[i + 1]?.dts ?? endTicks) - frame.dts,
    size: frame.bytes.length,
    key: frame.key,
  }));
  return { track, samples, bytes: adjoiningViews(frames) };
}

/** Views on the frames' bytes, neighbours in memory joined, so that one write call takes few buffers. */
function adjoiningViews(frames: readonly Frame[]): Uint8Array[] {
  const views: Uint8Array[] = [];
  let block = frames[0]?.bytes.slices[0]?.block;
  let start = 0;
  let end = 0;
  for (const frame of frames) {
    for (const slice of frame.bytes.slices) {
      if (slice.block === block && slice.start === end) {
        end = slice.end;
        continue;
      }
      if (block && end > start) views.push(block.bytes.subarray(start, end));
      ({ block, start, end } = slice);
    }
  }
  if (block && end > start) views.push(block.bytes.subarray(start, end));
  return views;
}
