import type { FileHandle } from 'node:fs/promises';
import { BoxError } from '../base/index.ts';
import {
  SegmentFollower,
  trackFragmentHead,
  type MediaPart,
  type SegmentIndex,
  type TrackIndex,
} from '../media/index.ts';
import type { SegmentPlace } from './play-ports.ts';
import type { VolumeGate } from './volume-gate.ts';

/** Samples of one track, one behind another. */
export interface SampleSpan {
  readonly first: number;
  /** Behind the last one. */
  readonly last: number;
}

/** A segment that is being played: an open file and what is known of it. Times are UTC microseconds of the catalogue. */
export class OpenFootage {
  readonly place: SegmentPlace;
  readonly #gate: VolumeGate;
  readonly #handle: FileHandle;
  readonly #follower: SegmentFollower;
  /** Recorded before the box knew the time: what was found out later. */
  readonly #correctionUs: number;
  #fragments = 0;

  private constructor(place: SegmentPlace, gate: VolumeGate, handle: FileHandle, follower: SegmentFollower) {
    this.place = place;
    this.#gate = gate;
    this.#handle = handle;
    this.#follower = follower;
    this.#correctionUs = place.startUs - follower.index.identity.startWallUs;
  }

  /** Rejects with playback.unreadable, mp4.not-ours, mp4.damaged. */
  static async open(place: SegmentPlace, gate: VolumeGate): Promise<OpenFootage> {
    if (place.file === undefined) throw new BoxError('playback.unreadable', { volume: place.volume });
    const handle = await gate.open(place.file);
    try {
      const follower = await SegmentFollower.open(await gate.reader(handle));
      return new OpenFootage(place, gate, handle, follower);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  get index(): SegmentIndex {
    return this.#follower.index;
  }

  get isWhole(): boolean {
    return this.#follower.isWhole;
  }

  get lead(): TrackIndex | undefined {
    return this.index.lead;
  }

  get audio(): TrackIndex | undefined {
    return this.index.tracks.find(({ format, count }) => format.kind === 'audio' && count > 0);
  }

  get zeroUs(): number {
    const { lead } = this;
    return lead ? this.wallUsOf(lead, 0) : this.place.startUs;
  }

  get endUs(): number {
    return this.index.endWallUs + this.#correctionUs;
  }

  wallUsOf(track: TrackIndex, ticks: number): number {
    return this.index.wallUsOf(track, ticks) + this.#correctionUs;
  }

  ticksAt(track: TrackIndex, wallUs: number): number {
    return this.index.ticksAt(track, wallUs - this.#correctionUs);
  }

  /** Number of the key sample to begin with for an instant: the one before it, else the first there is. */
  keyFor(wallUs: number): number {
    const before = this.index.keyFrameAtOrBefore(wallUs - this.#correctionUs);
    if (before !== undefined) return before;
    return Math.max(0, this.lead?.key.indexOf(1) ?? 0);
  }

  /** What was appended since. True if there was anything. */
  async follow(): Promise<boolean> {
    if (this.isWhole) return false;
    return this.#follower.follow(await this.#gate.reader(this.#handle));
  }

  /** Reads samples that lie together in the file, as one fragment. `endTicks`: the last one lasts until then. */
  async part(track: TrackIndex, { first, last }: SampleSpan, endTicks: number): Promise<MediaPart> {
    const count = last - first;
    const dts = (i: number): number => track.dts[first + i]!;
    const range = Array.from({ length: count }, (_, i) => i);
    const head = trackFragmentHead(++this.#fragments, {
      firstDts: dts(0),
      durations: range.map((i) => (i + 1 < count ? dts(i + 1) : Math.max(endTicks, dts(i) + 1)) - dts(i)),
      sizes: range.map((i) => track.size[first + i]!),
      offsets: range.map((i) => track.cts[first + i]!),
      keys: range.map((i) => track.key[first + i] === 1),
    });
    const from = track.offset[first]!;
    const bytes = track.offset[last - 1]! + track.size[last - 1]! - from;
    const buffer = Buffer.allocUnsafe(head.length + bytes);
    head.copy(buffer);
    const read = await this.#gate.read(this.#handle, buffer, head.length, bytes, from);
    if (read < bytes) throw new BoxError('playback.unreadable', { reason: 'the file is shorter than its index' });
    return {
      track: track.format.kind,
      kind: 'media',
      bytes: buffer,
      frames: count,
      key: track.key[first] === 1,
      wallUs: this.wallUsOf(track, dts(0) + track.cts[first]!),
      zeroUs: this.zeroUs,
    };
  }
}

/** The samples from `first` on that lie together in the file, at most for so many ticks and bytes. */
export function spanFrom(track: TrackIndex, first: number, most: { ticks: number; bytes: number }): SampleSpan {
  let last = first + 1;
  let bytes = track.size[first]!;
  for (; last < track.count; last++) {
    const adjoins = track.offset[last] === track.offset[last - 1]! + track.size[last - 1]!;
    bytes += track.size[last]!;
    if (!adjoins || bytes > most.bytes || track.dts[last]! - track.dts[first]! >= most.ticks) break;
  }
  return { first, last };
}

/** Where a sample's decode time ends. */
export function endOfSample(track: TrackIndex, sample: number): number {
  return sample + 1 < track.count ? track.dts[sample + 1]! : track.dts[sample]! + track.lastDuration;
}
