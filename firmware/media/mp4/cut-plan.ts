import { BoxError } from '../../base/index.ts';
import { sampleAtOrBefore, type SegmentIndex, type TrackIndex } from './segment-index.ts';
import { rescale } from './ticks.ts';

export interface CutRequest {
  /** Segments of one stream of one camera in order of time; those outside the range are passed over. */
  readonly segments: readonly SegmentIndex[];
  /** UTC microseconds, from (included) to (not included). */
  readonly fromUs: number;
  readonly toUs: number;
}

/** Time inside the range for which there is no recording; the cut goes on without a pause. */
export interface CutGap {
  readonly fromUs: number;
  readonly toUs: number;
  /** Where in the cut it is left out, in microseconds of the presentation. */
  readonly atUs: number;
}

/** Samples of one track of one segment. */
export interface Selection {
  readonly track: TrackIndex;
  readonly first: number;
  /** Behind the last one. */
  readonly last: number;
}

/** What a cut takes from one segment. */
export interface Stretch {
  /** Index into the request's segments. */
  readonly segment: number;
  readonly lead: TrackIndex;
  /** Decode time of the lead's first sample in its segment. */
  readonly leadTicks: number;
  /** Ticks of the lead by which its first picture is decoded before it is shown. */
  readonly aheadTicks: number;
  /** The instant of `leadTicks` in the cut: decode time from its first sample on, in the plan's timescale. */
  readonly atTicks: number;
  readonly selections: readonly Selection[];
  /** UTC microseconds of what is decoded first, and of the end of what is decoded and of what is shown last. */
  readonly startUs: number;
  readonly endUs: number;
  readonly shownUntilUs: number;
}

export interface CutPlan {
  readonly stretches: readonly Stretch[];
  /** Ticks per second of the numbers below: the first lead's. */
  readonly timescale: number;
  /** From the first sample decoded to the first one shown. */
  readonly hiddenTicks: number;
  readonly presentedTicks: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly gaps: readonly CutGap[];
}

/** Copies of a segment, and one that went on for another on a second disk, count time alike, but for rounding. */
const SAME_US = 500;
/** Shorter holes between segments are the clock's slow correction, not missing footage. */
const GAP_US = 100_000;

/** Chooses the samples of a cut and places the stretches one behind another. @throws BoxError mp4.nothing-there */
export function planCut({ segments, fromUs, toUs }: CutRequest): CutPlan {
  const stretches: Stretch[] = [];
  const gaps: CutGap[] = [];
  let timescale = 0;
  let atTicks = 0;
  let hiddenTicks = 0;
  for (let number = firstSegment(segments, fromUs); number < segments.length; number++) {
    const segment = segments[number]!;
    const { lead } = segment;
    if (!lead || segment.identity.startWallUs >= toUs) continue;
    const before = stretches.at(-1);
    const chosen = chooseSamples(
      segment,
      lead,
      { fromUs, toUs },
      before && { ...before, of: segments[before.segment]! },
    );
    if (!chosen) continue;
    timescale ||= lead.format.timescale;
    const stretch = { segment: number, lead, atTicks, ...chosen };
    if (!before) hiddenTicks = hiddenOf(segment, stretch, fromUs);
    else if (stretch.startUs - before.endUs > GAP_US) {
      const atUs = rescale(atTicks - hiddenTicks, timescale, 1e6);
      gaps.push({ fromUs: before.endUs, toUs: stretch.startUs, atUs });
    }
    stretches.push(stretch);
    atTicks += rescale(chosen.endTicks - chosen.leadTicks, lead.format.timescale, timescale);
  }
  const [first] = stretches;
  const last = stretches.at(-1);
  if (!first || !last) throw new BoxError('mp4.nothing-there', { fromUs, toUs });
  const startUs = first.startUs + rescale(hiddenTicks, timescale, 1e6);
  const endUs = last.shownUntilUs;
  const presentedTicks = rescale(endUs - last.startUs, 1e6, timescale) + last.atTicks - hiddenTicks;
  if (presentedTicks <= 0) throw new BoxError('mp4.nothing-there', { fromUs, toUs });
  return { stretches, timescale, hiddenTicks, presentedTicks, startUs, endUs, gaps };
}

/** The segment with `fromUs` or the next one; earlier ones if its pictures there cannot be decoded without them. */
function firstSegment(segments: readonly SegmentIndex[], fromUs: number): number {
  let number = segments.findIndex(({ endWallUs }) => endWallUs > fromUs);
  if (number < 0) return segments.length;
  while (number > 0) {
    const [before, segment] = [segments[number - 1]!, segments[number]!];
    const isDecodable = segment.lead?.key[0] === 1 || segment.keyFrameAtOrBefore(fromUs) !== undefined;
    if (isDecodable || Math.abs(segment.identity.startWallUs - before.endWallUs) > GAP_US) break;
    number--;
  }
  return number;
}

/** The stretch in front, and the segment that it is from. */
type Before = Stretch & { readonly of: SegmentIndex };

type Chosen = Pick<Stretch, 'leadTicks' | 'aheadTicks' | 'selections' | 'startUs' | 'endUs' | 'shownUntilUs'> & {
  readonly endTicks: number;
};

function chooseSamples(
  segment: SegmentIndex,
  lead: TrackIndex,
  { fromUs, toUs }: { fromUs: number; toUs: number },
  before: Before | undefined,
): Chosen | undefined {
  const first = firstOfLead(segment, lead, fromUs, before);
  const last = lastOfLead(lead, segment.ticksAt(lead, toUs));
  if (first === undefined || first >= last) return undefined;
  const aheadTicks = Math.max(0, lead.cts[first]!);
  const leadTicks = lead.dts[first]!;
  const endTicks = last < lead.count ? lead.dts[last]! : lead.dts[last - 1]! + lead.lastDuration;
  const startUs = segment.wallUsOf(lead, leadTicks);
  const endUs = segment.wallUsOf(lead, endTicks);
  const shownUntilUs = segment.wallUsOf(lead, segment.endTicks(lead, last));
  const others = segment.tracks.filter((track) => track !== lead && track.count > 0);
  const selections = others.map((track) => soundBetween(segment, track, Math.max(startUs, fromUs), shownUntilUs));
  return {
    leadTicks,
    aheadTicks,
    endTicks,
    startUs,
    endUs,
    shownUntilUs,
    selections: [{ track: lead, first, last }, ...selections],
  };
}

/** Decoding can begin only with a key sample; what continues the stretch before it needs none. */
function firstOfLead(
  segment: SegmentIndex,
  lead: TrackIndex,
  fromUs: number,
  before: Before | undefined,
): number | undefined {
  if (!before) {
    const key = segment.keyFrameAtOrBefore(fromUs);
    if (key !== undefined) return key;
  } else if (holdsAgain(before.of, segment)) {
    const next = sampleAtOrBefore(lead, segment.ticksAt(lead, before.endUs - SAME_US)) + 1;
    return next < lead.count ? next : undefined;
  } else if (Math.abs(segment.identity.startWallUs - before.endUs) <= GAP_US) {
    return 0;
  }
  const key = lead.key.indexOf(1);
  return key < 0 ? undefined : key;
}

/**
 * The segment has pictures that the one in front has as well: it is a copy on another disk, or went on there from memory. Of two
 * segments whose times merely overlap (the clock was set back, or slowly corrected) the second begins between pictures.
 */
function holdsAgain(before: SegmentIndex, { identity }: SegmentIndex): boolean {
  const { lead } = before;
  if (!lead || before.identity.run !== identity.run) return false;
  const sample = sampleAtOrBefore(lead, before.ticksAt(lead, identity.startWallUs + SAME_US));
  return sample >= 0 && Math.abs(before.wallUsOf(lead, lead.dts[sample]!) - identity.startWallUs) <= SAME_US;
}

/** The samples of a track that sound between two times. */
function soundBetween(segment: SegmentIndex, track: TrackIndex, fromUs: number, toUs: number): Selection {
  const from = segment.ticksAt(track, fromUs);
  const before = sampleAtOrBefore(track, from);
  const isOver = before < 0 || track.dts[before]! + lengthOf(track, before) <= from;
  return {
    track,
    first: isOver ? before + 1 : before,
    last: sampleAtOrBefore(track, segment.ticksAt(track, toUs) - 1) + 1,
  };
}

/** Ticks that a sound lasts; one in front of a hole is not as long as the hole. */
function lengthOf(track: TrackIndex, sample: number): number {
  if (sample + 1 === track.count) return track.lastDuration;
  return Math.min(track.dts[sample + 1]! - track.dts[sample]!, track.format.timescale / 4);
}

/** Behind the last sample, in order of decoding, that is shown before `ticks`; the few shown later that it needs are in. */
function lastOfLead(lead: TrackIndex, ticks: number): number {
  let last = sampleAtOrBefore(lead, ticks - 1) + 1;
  while (last > 0 && lead.dts[last - 1]! + lead.cts[last - 1]! >= ticks) last--;
  return last;
}

/** From the first sample decoded to `fromUs`, or to the first picture if that comes later. */
function hiddenOf(segment: SegmentIndex, { lead, leadTicks, selections }: Stretch, fromUs: number): number {
  const { first } = selections[0]!;
  return Math.max(segment.ticksAt(lead, fromUs), lead.dts[first]! + lead.cts[first]!) - leadTicks;
}
