import type { Format } from '../frame.ts';
import { serialise } from './boxes.ts';
import { fragmentHead } from './fragment-boxes.ts';
import { emptyStbl, ftyp, moov, movieTimescale, mvex, trak } from './movie-boxes.ts';

/** Samples of one track, one behind another, as `trackFragmentHead` describes them; lists of equal length, in ticks of the track. */
export interface TrackFragment {
  /** Decode time of the first sample; not negative. */
  readonly firstDts: number;
  readonly durations: readonly number[];
  readonly sizes: readonly number[];
  /** pts - dts of each. */
  readonly offsets: readonly number[];
  readonly keys: readonly boolean[];
}

/**
 * What a Media Source takes before the fragments of one track: ftyp and a movie without samples (ISO/IEC 14496-12, and "ISO BMFF
 * Byte Stream Format" of the W3C). The track has the id 1.
 */
export function trackInit(format: Format): Buffer {
  const track = { id: 1, formats: [format], movieDuration: 0, mediaDuration: 0 } as const;
  const head = { createdUs: 0, timescale: movieTimescale([format]), duration: 0 };
  return serialise(ftyp([format]), moov(head, [trak(track, 0, emptyStbl(format))], mvex([format])));
}

/** A moof and the header of its mdat; the samples' bytes follow in their order. */
export function trackFragmentHead(sequence: number, fragment: TrackFragment): Buffer {
  let bytes = 0;
  for (const size of fragment.sizes) bytes += size;
  return fragmentHead(sequence, [{ id: 1, ...fragment, bytes }]);
}

/** What a Media Source is asked with whether it plays a track. */
export function mimeOf({ kind, rfc6381 }: Format): string {
  // Chromium knows FLAC in MP4 by its name in lower case only.
  return `${kind}/mp4; codecs="${rfc6381 === 'fLaC' ? 'flac' : rfc6381}"`;
}
