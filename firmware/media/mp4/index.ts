/** Segments as MP4: bytes in, bytes out, no I/O of its own (README.md tells the layout). */
export type { RandomReader } from './box-reader.ts';
export type { SegmentIdentity, StoredIdentity } from './identity.ts';
export { readIdentity, renumbering } from './layout.ts';
export type { ByteRange } from './ranges.ts';
export { planRepair, type Repair, type RepairOptions, type RepairPlan, type RepairSummary } from './repair.ts';
export { SegmentBuilder, type BuilderMark, type FragmentTrack, type Sample } from './segment-builder.ts';
export { readSegment, SegmentIndex, type FragmentRange, type SegmentState, type TrackIndex } from './segment-index.ts';
export type { SegmentTail } from './segment-tail.ts';
export type { TrackSamples } from './track-samples.ts';
export type { CutGap, CutRequest } from './cut-plan.ts';
export { cutMovie, sliceCut, type CutPiece, type CutSlice, type MovieCut } from './movie-cut.ts';
export { trackFragmentHead, trackInit, type TrackFragment } from './track-stream.ts';
export { SegmentFollower } from './segment-follower.ts';
export { COUNTED_TICKS, countedInit, countedPictures, type CountedPictures } from './counted-pictures.ts';
export { LiveTrackReader, type LiveSample } from './live-track-reader.ts';
