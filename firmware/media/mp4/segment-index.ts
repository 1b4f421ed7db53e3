import { BoxError } from '../../base/index.ts';
import type { Format } from '../frame.ts';
import { typeAt, type RandomReader, type Span } from './box-reader.ts';
import { HEADER_BYTES } from './boxes.ts';
import { fragmentsFrom } from './fragment-reader.ts';
import type { StoredIdentity } from './identity.ts';
import { readLayout, type Layout } from './layout.ts';
import { parseMovie, type ParsedMovie, type ParsedTrack } from './movie-parser.ts';
import { readHoles, type ByteRange } from './ranges.ts';
import { rescale } from './ticks.ts';
import { SampleCollector, samplesOfTables, type TrackSamples } from './track-samples.ts';

export type SegmentState = 'growing' | 'half-closed' | 'finished';

export interface TrackIndex extends TrackSamples {
  readonly id: number;
  readonly format: Format;
}

/** A moof with its mdat, as a Media Source takes it. */
export interface FragmentRange extends ByteRange {
  /** UTC microseconds of its earliest sample. */
  readonly startWallUs: number;
  /** Its first picture is a random access point (in a file without pictures: always). */
  readonly startsWithKey: boolean;
}

interface IndexParts {
  readonly layout: Layout;
  readonly state: SegmentState;
  readonly tracks: readonly TrackIndex[];
  readonly holes: readonly ByteRange[];
}

/** Everything that can be known of a segment without touching its media. Ticks of a track count from the file's beginning. */
export class SegmentIndex {
  readonly stored: StoredIdentity;
  readonly state: SegmentState;
  readonly tracks: readonly TrackIndex[];
  /** The ftyp and the movie that fragments need before them, in this order. */
  readonly initRanges: readonly [ByteRange, ByteRange];
  readonly #headerEnd: number;
  readonly #holes: readonly ByteRange[];
  #fragments: readonly FragmentRange[] | undefined;

  constructor({ layout, state, tracks, holes }: IndexParts) {
    this.stored = layout.stored;
    this.state = state;
    this.tracks = tracks;
    this.initRanges = [
      { offset: 0, length: layout.ftypEnd },
      { offset: layout.movieOffset, length: layout.headerEnd - layout.movieOffset },
    ];
    this.#headerEnd = layout.headerEnd;
    this.#holes = holes;
  }

  get identity(): StoredIdentity['identity'] {
    return this.stored.identity;
  }

  /** The track that others are measured by: the video track, or the first one. Undefined while nothing is recorded. */
  get lead(): TrackIndex | undefined {
    return (
      this.tracks.find(({ format, count }) => format.kind === 'video' && count > 0) ??
      this.tracks.find(({ count }) => count > 0)
    );
  }

  /** UTC microseconds of a place on a track. */
  wallUsOf(track: TrackIndex, ticks: number): number {
    return this.identity.startWallUs + rescale(ticks, track.format.timescale, 1e6) - this.#anchorUs;
  }

  /** The other way round: ticks of a track, to the nearest. */
  ticksAt(track: TrackIndex, wallUs: number): number {
    return rescale(wallUs - this.identity.startWallUs + this.#anchorUs, 1e6, track.format.timescale);
  }

  /** Where the presentation of the samples before number `last` ends, in ticks. */
  endTicks(track: TrackIndex, last = track.count): number {
    let end = 0;
    // A picture is shown at most a few pictures after it is decoded.
    for (let i = Math.max(0, last - REORDERED_SAMPLES); i < last; i++) {
      const next = i + 1 < track.count ? track.dts[i + 1]! : track.dts[i]! + track.lastDuration;
      end = Math.max(end, next + track.cts[i]!);
    }
    return end;
  }

  /**
   * Where the segment ends for journal and catalogue: the end of the lead's last sample in order of decoding, so that the next
   * segment of a run begins exactly there. Sound may reach a little further.
   */
  get endWallUs(): number {
    const { lead } = this;
    if (!lead) return this.identity.startWallUs;
    return this.wallUsOf(lead, lead.dts[lead.count - 1]! + lead.lastDuration);
  }

  /** From the file's beginning to the end of the last presentation. */
  get durationUs(): number {
    return Math.max(0, ...this.tracks.map((track) => rescale(this.endTicks(track), track.format.timescale, 1e6)));
  }

  /** Number of the last key sample of the lead track that is shown at that time or before. */
  keyFrameAtOrBefore(wallUs: number): number | undefined {
    const track = this.lead;
    if (!track) return undefined;
    const target = this.ticksAt(track, wallUs);
    for (let i = sampleAtOrBefore(track, target); i >= 0; i--) {
      if (track.key[i] && track.dts[i]! + track.cts[i]! <= target) return i;
    }
    return undefined;
  }

  /** The fragments in the order of the file; in a finished file they lie inside the mdat, where they always were. */
  get fragments(): readonly FragmentRange[] {
    return (this.#fragments ??= this.#findFragments());
  }

  /** @throws BoxError mp4.damaged if the media overlap. */
  checkFragments(): void {
    this.#fragments ??= this.#findFragments();
  }

  get #anchorUs(): number {
    const { lead } = this;
    return lead ? rescale(lead.dts[0]!, lead.format.timescale, 1e6) : 0;
  }

  /** A fragment's media lie together; the moof is all that is between the media of two fragments. */
  #findFragments(): FragmentRange[] {
    const extents = this.tracks
      .flatMap((track) => extentsOf(track, 0, track.count))
      .sort((a, b) => a.offset - b.offset);
    const found: FragmentRange[] = [];
    let from = this.#headerEnd;
    for (let i = 0; i < extents.length;) {
      const members: Extent[] = [];
      let end = extents[i]!.offset;
      for (; extents[i]?.offset === end; i++) {
        members.push(extents[i]!);
        end = extents[i]!.end;
      }
      const hole = this.#holes.find(({ offset }) => offset === from);
      const offset = from + (hole?.length ?? 0);
      if (offset >= members[0]!.offset) throw new BoxError('mp4.damaged', { what: 'chunk offsets', at: from });
      found.push({ offset, length: end - offset, ...this.#describe(members) });
      from = end;
    }
    return found;
  }

  #describe(members: readonly Extent[]): Pick<FragmentRange, 'startWallUs' | 'startsWithKey'> {
    const video = members.find(({ track }) => track.format.kind === 'video');
    const hasVideo = this.tracks.some(({ format }) => format.kind === 'video');
    return {
      startWallUs: Math.min(...members.map(({ track, first }) => this.wallUsOf(track, track.dts[first]!))),
      startsWithKey: video ? video.track.key[video.first] === 1 : !hasVideo,
    };
  }
}

/** Samples of one track that lie one behind another in the file. */
export interface Extent {
  readonly track: TrackIndex;
  readonly first: number;
  /** Behind the last one. */
  readonly last: number;
  readonly offset: number;
  readonly end: number;
}

/** The samples from `first` up to `last` (not included), as few stretches of the file. */
export function extentsOf(track: TrackIndex, first: number, last: number): Extent[] {
  const extents: Extent[] = [];
  for (let i = first; i < last;) {
    const start = i;
    const offset = track.offset[i]!;
    let end = offset;
    for (; i < last && track.offset[i] === end; i++) end += track.size[i]!;
    extents.push({ track, first: start, last: i, offset, end });
  }
  return extents;
}

/** Number of the last sample decoded at that tick or before; -1 if there is none. */
export function sampleAtOrBefore({ dts, count }: TrackSamples, ticks: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (dts[middle]! <= ticks) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** More than any decoder holds back. */
const REORDERED_SAMPLES = 64;
const MAX_MOVIE_BYTES = 1 << 26;

/**
 * Reads the index of a segment in any of its states: one read for the header and one for the movie of a finished file, one
 * small read per fragment of a growing one (fragments that are not whole yet are left out).
 * @throws BoxError mp4.not-ours, mp4.damaged
 */
export async function readSegment(reader: RandomReader): Promise<SegmentIndex> {
  const layout = await readLayout(reader);
  return layout.mdatEnd === undefined ? readGrowing(reader, layout) : readFinished(reader, layout, layout.mdatEnd);
}

/** @throws BoxError mp4.damaged if the file only claims to be finished. */
export async function readFinished(reader: RandomReader, layout: Layout, mdatEnd: number): Promise<SegmentIndex> {
  const left = reader.size - mdatEnd;
  const bytes = await reader.read(mdatEnd, Math.min(Math.max(0, left), MAX_MOVIE_BYTES));
  const size = bytes.length < HEADER_BYTES || typeAt(bytes, 0) !== 'moov' ? 0 : bytes.readUInt32BE(0);
  if (size < HEADER_BYTES || size > bytes.length) throw new BoxError('mp4.damaged', { what: 'moov', at: mdatEnd });
  const span: Span = { type: 'moov', start: 0, body: HEADER_BYTES, end: size };
  const movie = parseMovie(bytes, span, layout.stored.audioSource);
  const within = { start: layout.headerEnd, end: mdatEnd };
  const tracks = movie.tracks.map((track): TrackIndex => ({
    ...samplesOfTables(bytes, track.stbl, startOf(track, movie), within),
    id: track.id,
    format: track.format,
  }));
  const index = new SegmentIndex({ layout, state: 'finished', tracks, holes: readHoles(bytes, span) });
  index.checkFragments();
  return index;
}

async function readGrowing(reader: RandomReader, layout: Layout): Promise<SegmentIndex> {
  const collectors = new Map(layout.movie.tracks.map(({ id }) => [id, new SampleCollector()]));
  let end = layout.headerEnd;
  for await (const fragment of fragmentsFrom(reader, layout.movie.tracks, end, reader.size)) {
    for (const { run, offset } of fragment.runs) collectors.get(run.id)?.add(run, offset);
    end = fragment.end;
  }
  const tracks = layout.movie.tracks.map(({ id, format }): TrackIndex => ({
    ...collectors.get(id)!.samples(),
    id,
    format,
  }));
  const state = (await hasHiddenMovie(reader, end)) ? 'half-closed' : 'growing';
  return new SegmentIndex({ layout, state, tracks, holes: [] });
}

/** The movie of a file that is being finished lies whole in a free box behind the last fragment. */
async function hasHiddenMovie(reader: RandomReader, at: number): Promise<boolean> {
  const bytes = await reader.read(at, Math.min(2 * HEADER_BYTES, Math.max(0, reader.size - at)));
  if (bytes.length < 2 * HEADER_BYTES || typeAt(bytes, 0) !== 'free' || typeAt(bytes, HEADER_BYTES) !== 'moov')
    return false;
  const size = bytes.readUInt32BE(0);
  return size <= reader.size - at && size === bytes.readUInt32BE(HEADER_BYTES) + HEADER_BYTES;
}

/** A track that begins later has an edit that says so. */
function startOf({ edits, format }: ParsedTrack, { timescale }: ParsedMovie): number {
  const [delay, media] = edits;
  if (!delay) return 0;
  if (delay.mediaTime !== -1 || !media || media.mediaTime < 0 || edits.length > 2) {
    throw new BoxError('mp4.damaged', { what: 'elst' });
  }
  return rescale(delay.duration, timescale, format.timescale) - media.mediaTime;
}
