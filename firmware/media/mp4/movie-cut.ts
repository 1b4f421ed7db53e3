import type { Format } from '../frame.ts';
import { serialise, measure, text, u32, u64, type Box, type Part } from './boxes.ts';
import { planCut, type CutGap, type CutRequest, type Stretch } from './cut-plan.ts';
import { ftyp, moov, movieTimescale, trak, type Edit } from './movie-boxes.ts';
import { sameFormat, stsd } from './sample-entries.ts';
import { SampleTable } from './sample-table.ts';
import { extentsOf, type Extent, type TrackIndex } from './segment-index.ts';
import { rescale } from './ticks.ts';

/** Bytes of the cut that come from a segment. */
export interface CutPiece {
  /** Index into the request's segments. */
  readonly segment: number;
  readonly offset: number;
  readonly length: number;
}

/** An ordinary MP4 with its movie in front that exists only as a recipe: `head`, then the pieces one behind another. */
export interface MovieCut {
  readonly head: Buffer;
  readonly pieces: readonly CutPiece[];
  /** Bytes of all. */
  readonly length: number;
  /** UTC microseconds of the first and behind the last picture that is shown. */
  readonly startUs: number;
  readonly endUs: number;
  readonly durationUs: number;
  readonly gaps: readonly CutGap[];
}

/** Part of a cut's bytes. */
export type CutSlice = { readonly bytes: Buffer } | CutPiece;

/** Fewer pieces are worth some bytes that no table refers to: headers of fragments between their media. */
const BRIDGED_BYTES = 16384;
/** An mdat larger than this gets a 64-bit size, and its chunks 64-bit offsets. */
const WIDE_BYTES = 2 ** 32 - 2 ** 28;
/**
 * Pictures that are only decoded, not shown, get almost no time: GStreamer otherwise loses as much at the end as is hidden
 * at the beginning, and players that know no edit lists would shift the sound against the pictures by it.
 */
const PRESSED = 1024;

/**
 * Cuts a range out of segments, without reading media. It begins with the last key frame before `fromUs`; an edit list hides
 * what players decode before `fromUs`. It ends with the last picture shown before `toUs`, or a few pictures later where
 * pictures are reordered. Gaps are closed up; sound keeps its place to the pictures within a tick.
 * @throws BoxError mp4.nothing-there if the range holds no media.
 */
export function cutMovie(request: CutRequest): MovieCut {
  const plan = planCut(request);
  const assembly = new Assembly(plan.hiddenTicks, plan.timescale);
  for (const stretch of plan.stretches) assembly.add(stretch);
  const { pieces, mediaBytes } = assembly;
  const head = assembly.head(plan.stretches[0]!.startUs, plan.presentedTicks);
  return {
    head,
    pieces,
    length: head.length + mediaBytes,
    startUs: plan.startUs,
    endUs: plan.endUs,
    durationUs: rescale(plan.presentedTicks, plan.timescale, 1e6),
    gaps: plan.gaps,
  };
}

/** The bytes of a cut from `offset` on, at most `length` of them, as what they are made of. */
export function sliceCut(cut: MovieCut, offset: number, length: number): CutSlice[] {
  const slices: CutSlice[] = [];
  const end = Math.min(cut.length, offset + length);
  if (offset < cut.head.length) slices.push({ bytes: cut.head.subarray(offset, end) });
  let at = cut.head.length;
  for (const { segment, offset: place, length: size } of cut.pieces) {
    const from = Math.max(offset, at);
    const to = Math.min(end, at + size);
    if (from < to) slices.push({ segment, offset: place + from - at, length: to - from });
    at += size;
  }
  return slices;
}

/** A track of the cut: all tracks of the segments that a player can decode with one decoder. */
interface OutputTrack {
  readonly formats: [Format, ...Format[]];
  readonly table: SampleTable;
}

class Assembly {
  readonly pieces: CutPiece[] = [];
  mediaBytes = 0;
  readonly #tracks: OutputTrack[] = [];
  /** Ticks of the lead before the presentation begins. */
  readonly #hiddenTicks: number;
  readonly #timescale: number;

  constructor(hiddenTicks: number, timescale: number) {
    this.#hiddenTicks = hiddenTicks;
    this.#timescale = timescale;
  }

  /** Samples come in the order of the file, which is that of each track. */
  add(stretch: Stretch): void {
    const extents = stretch.selections
      .flatMap(({ track, first, last }) => extentsOf(track, this.#firstBehind(stretch, track, first, last), last))
      .sort((a, b) => a.offset - b.offset);
    for (const extent of extents) {
      const { formats, table } = this.#outputOf(extent.track.format);
      const at = this.#place(stretch.segment, extent);
      this.#addSamples(table, stretch, extent);
      table.chunk(at, 1 + formats.findIndex((format) => sameFormat(format, extent.track.format)));
    }
  }

  head(createdUs: number, presentedTicks: number): Buffer {
    const tracks = this.#tracks.filter(({ table }) => table.samples > 0);
    const formats = tracks.flatMap((track) => track.formats);
    const timescale = movieTimescale(formats);
    const duration = Math.ceil((presentedTicks * timescale) / this.#timescale);
    const wide = this.mediaBytes > WIDE_BYTES;
    let headBytes = 0;
    const boxes = tracks.map(({ formats, table }, i): Box => {
      const toMovie = (ticks: number): number => Math.round((ticks * timescale) / formats[0].timescale);
      const edits = editsOf(table, toMovie, duration);
      const mediaDuration = table.endPts - table.firstDts;
      const track = { id: i + 1, formats, movieDuration: duration, mediaDuration, edits };
      return trak(track, createdUs, table.stbl(stsd(formats), { wide, shift: () => headBytes }));
    });
    const type = text('mdat');
    const mdat: Part[] = wide ? [u32(1), type, u64(this.mediaBytes + 16)] : [u32(this.mediaBytes + 8), type];
    const parts: Part[] = [ftyp(formats), moov({ createdUs, timescale, duration }, boxes), ...mdat];
    headBytes = parts.reduce((sum, part) => sum + measure(part), 0);
    return serialise(...parts);
  }

  #outputOf(format: Format): OutputTrack {
    let output = this.#tracks.find(({ formats: [first] }) => sharesTrack(first, format));
    if (!output) {
      output = { formats: [format], table: new SampleTable() };
      this.#tracks.push(output);
    } else if (!output.formats.some((other) => sameFormat(other, format))) {
      output.formats.push(format);
    }
    return output;
  }

  /** Ticks of a sample in the cut; 0 is where the presentation begins. */
  #timeOf({ lead, leadTicks, atTicks }: Stretch, track: TrackIndex, ticks: number): number {
    const { timescale } = track.format;
    const leadScale = lead.format.timescale;
    return (
      ticks -
      rescale(leadTicks, leadScale, timescale) +
      rescale(atTicks - this.#hiddenTicks, this.#timescale, timescale)
    );
  }

  /**
   * Sound that would overlap what is there already is left out. Where one file goes on for another the overlap is less than half a
   * frame: how long the last frame of a file lasts is only known from those before it, and the clocks are steered. What two files
   * both have overlaps by whole frames.
   */
  #firstBehind(stretch: Stretch, track: TrackIndex, first: number, last: number): number {
    const { table } = this.#outputOf(track.format);
    if (table.samples === 0 || track === stretch.lead) return first;
    const end = table.lastDts + Math.max(1, Math.ceil((table.endDts - table.lastDts) / 2));
    let from = first;
    while (from < last && this.#timeOf(stretch, track, track.dts[from]!) < end) from++;
    return from;
  }

  #addSamples(table: SampleTable, stretch: Stretch, { track, first, last }: Extent): void {
    const { lead, aheadTicks } = stretch;
    const place = (ticks: number): number => (track === lead ? pressed(ticks + aheadTicks) - aheadTicks : ticks);
    for (let i = first; i < last; i++) {
      const decoded = this.#timeOf(stretch, track, track.dts[i]!);
      const duration = i + 1 < track.count ? track.dts[i + 1]! - track.dts[i]! : track.lastDuration;
      const dts = table.samples === 0 ? place(decoded) : Math.max(place(decoded), table.lastDts + 1);
      table.add(dts, place(decoded + track.cts[i]!) - dts, duration, track.size[i]!, track.key[i] === 1);
    }
  }

  /** Where the extent's first byte comes to lie, counted from the first media byte. */
  #place(segment: number, { offset, end }: Extent): number {
    const last = this.pieces.at(-1);
    const lastEnd = last ? last.offset + last.length : 0;
    if (last && last.segment === segment && offset >= lastEnd && offset - lastEnd <= BRIDGED_BYTES) {
      this.pieces[this.pieces.length - 1] = { ...last, length: end - last.offset };
      this.mediaBytes += end - lastEnd;
    } else {
      this.pieces.push({ segment, offset, length: end - offset });
      this.mediaBytes += end - offset;
    }
    return this.mediaBytes - (end - offset);
  }
}

/** Time before the first shown picture is decoded goes by PRESSED times faster, in the same order. */
function pressed(ticks: number): number {
  return ticks < 0 ? -Math.ceil(-ticks / PRESSED) : ticks;
}

function sharesTrack(a: Format, b: Format): boolean {
  if (a.kind !== b.kind || a.codec !== b.codec || a.timescale !== b.timescale) return false;
  return a.kind === 'video' || b.kind === 'video' || a.channels === b.channels;
}

/** From 0 of the presentation to its end, with an empty edit in front of a track that begins later. */
function editsOf(table: SampleTable, toMovie: (ticks: number) => number, duration: number): Edit[] {
  const from = Math.max(0, table.firstPts);
  const delay = toMovie(from);
  const media = { duration: Math.min(duration, toMovie(table.endPts)) - delay, mediaTime: from - table.firstDts };
  return delay > 0 ? [{ duration: delay, mediaTime: -1 }, media] : [media];
}
