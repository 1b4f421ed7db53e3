import type { Format } from '../frame.ts';
import { box, HEADER_BYTES, serialise, text, u32, u64, type Box, type Part } from './boxes.ts';
import { moov, movieTimescale, trak, type Edit } from './movie-boxes.ts';
import { stsd } from './sample-entries.ts';
import type { SampleTable } from './sample-table.ts';

export interface FinalTrack {
  readonly id: number;
  readonly format: Format;
  readonly table: SampleTable;
}

/** What has to be appended, made durable, and then written in place, for a growing file to become an ordinary MP4. */
export interface SegmentTail {
  /** The movie, wrapped in a `free` box of which the patch makes the header the last bytes of the mdat. */
  readonly moov: Buffer;
  readonly patch: { readonly offset: number; readonly bytes: Buffer };
}

/** Size of the box that becomes the 64-bit header of the mdat. */
export const PLACEHOLDER_BYTES = 16;

/**
 * The end of a segment file: `placeholder` and `end` are the offsets of the placeholder and behind the last fragment. The
 * movie lies inside a `free` box until the patch makes it visible, so no reader ever meets two movies in one file.
 */
export function segmentTail(
  createdUs: number,
  tracks: readonly FinalTrack[],
  at: { placeholder: number; end: number },
  ...more: Part[]
): SegmentTail {
  const bytes = at.end + HEADER_BYTES - at.placeholder;
  return {
    moov: serialise(box('free', finalMovie(createdUs, tracks, ...more))),
    patch: { offset: at.placeholder, bytes: serialise(u32(1), text('mdat'), u64(bytes)) },
  };
}

/** The movie of a finished file. Tracks that stayed empty are left out: some players refuse a track without samples. */
function finalMovie(createdUs: number, tracks: readonly FinalTrack[], ...more: Part[]): Box {
  const used = tracks.filter(({ table }) => table.samples > 0);
  const timescale = movieTimescale(used.map(({ format }) => format));
  const toMovie = (ticks: number, format: Format): number => Math.round((ticks * timescale) / format.timescale);
  let duration = 0;
  const boxes = used.map(({ id, format, table }) => {
    const movieDuration = Math.ceil((table.endPts * timescale) / format.timescale);
    duration = Math.max(duration, movieDuration);
    const edits = editsOf(table, (ticks) => toMovie(ticks, format));
    const mediaDuration = Math.max(0, table.endPts - table.firstDts);
    const head = { id, formats: [format], movieDuration, mediaDuration, ...(edits ? { edits } : {}) } as const;
    return trak(head, createdUs, table.stbl(stsd([format]), { wide: table.lastChunkOffset >= 2 ** 32 }));
  });
  return moov({ createdUs, timescale, duration }, boxes, ...more);
}

/**
 * Sample tables begin at 0. A track that begins later gets its delay back from an empty edit; in the fragments, whose
 * decode times are absolute, no edit is needed for the same presentation.
 */
function editsOf(table: SampleTable, toMovie: (ticks: number) => number): Edit[] | undefined {
  if (table.firstDts === 0) return undefined;
  const mediaTime = Math.max(0, table.firstPts - table.firstDts);
  const delay = toMovie(table.firstDts + mediaTime);
  return [
    { duration: delay, mediaTime: -1 },
    { duration: Math.max(0, toMovie(table.endPts - table.firstDts - mediaTime)) + 1, mediaTime },
  ];
}
