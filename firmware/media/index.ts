/** Pure media bytes: frames and the memory they live in, codec parameters, MP4. No I/O. Runs in: any thread. */
export { ArenaWriter, BlockPool, ByteRun, type Mark, type Slice } from './arena.ts';
export { FanOut, ReaderQueue, type FrameReader, type ReaderCounts } from './fan-out.ts';
export type { AudioFormat, Format, Frame, VideoFormat } from './frame.ts';
export { LiveTrack, type LiveFragment } from './live-track.ts';
export { partHeader, trackFacts, type MediaPart, type PartKind, type TrackFacts, type TrackKind } from './part.ts';
export * from './mp4/index.ts';
export {
  findStartCode,
  isAud,
  isEndOfSequence,
  isFiller,
  isFirstSlice,
  isKey,
  isParameterSet,
  isSei,
  isSlice,
  nalHeaderBytes,
  nalType,
  splitAnnexB,
  type VideoCodec,
} from './codec/nal.ts';
export { recoveryPoint } from './codec/sei.ts';
export { VideoParameters } from './codec/video-parameters.ts';
export { aacConfigOf, aacFormat, parseAacConfig, readAdts, type AdtsHeader } from './codec/aac.ts';
export { parseStreamMuxConfig, readLatmElement, type LatmElement, type LatmMux } from './codec/latm.ts';
export { opusFormat, opusSamples } from './codec/opus.ts';
export { SampleTrack, type SampleEncoding } from './codec/sample-track.ts';
export { decodeFlacBlock } from './codec/flac-decoder.ts';
export { encodeG711, type G711Law } from './codec/g711.ts';
export { parameterSetsOf } from './codec/parameter-sets.ts';
