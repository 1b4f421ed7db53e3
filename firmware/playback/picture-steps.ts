import type { TrackIndex } from '../media/index.ts';

/** Pictures may be shown in another order than they are decoded; they lie this near together. */
const REORDERED = 64;

/** A picture of a track by its presentation time in ticks, or how far beyond the track's first (-1 ..) or last picture (0 ..). */
export type Step = { readonly ticks: number } | { readonly beyond: number };

/** The picture so many further than the one that is shown at `ticks`, in order of presentation. */
export function pictureFrom(track: TrackIndex, ticks: number, pictures: number): Step {
  const near = sampleNear(track, ticks);
  const reach = REORDERED + Math.abs(pictures);
  const from = Math.max(0, near - reach);
  const to = Math.min(track.count, near + reach);
  const shown = Array.from({ length: to - from }, (_, i) => track.dts[from + i]! + track.cts[from + i]!).sort(
    (a, b) => a - b,
  );
  // A time that was rounded to microseconds on its way belongs to the picture that begins there.
  const slack = track.format.timescale / 1000;
  const now = shown.findLastIndex((time) => time <= ticks + slack);
  const wanted = now + pictures;
  const found = shown[wanted];
  if (wanted < 0 || found === undefined) return { beyond: wanted < 0 ? wanted : wanted - shown.length };
  return { ticks: found };
}

/** Number of the last sample decoded at that tick or before. */
function sampleNear({ dts, count }: TrackIndex, ticks: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (dts[middle]! <= ticks) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}
