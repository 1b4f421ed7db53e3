import type { VideoFormat } from '../frame.ts';

export type VideoCodec = VideoFormat['codec'];

/** Where one NAL unit lies in a buffer, without start code. */
export interface NalRange {
  readonly start: number;
  readonly end: number;
}

/** ITU-T H.264 table 7-1. */
export const H264 = {
  slice: 1,
  idr: 5,
  sei: 6,
  sps: 7,
  pps: 8,
  aud: 9,
  endOfSequence: 10,
  endOfStream: 11,
  filler: 12,
} as const;

/** ITU-T H.265 table 7-1. Slices are 0..9 and 16..21 (random access points: BLA 16..18, IDR 19..20, CRA 21). */
export const H265 = {
  blaWithLeading: 16,
  idrWithLeading: 19,
  idr: 20,
  cra: 21,
  vps: 32,
  sps: 33,
  pps: 34,
  aud: 35,
  endOfSequence: 36,
  endOfBitstream: 37,
  filler: 38,
  prefixSei: 39,
  suffixSei: 40,
} as const;

const SLICE = 1;
const KEY = 2;
const PARAMETER_SET = 4;
const AUD = 8;
const FILLER = 16;
const SEI = 32;
const END = 64;

const TRAITS: Record<VideoCodec, Uint8Array> = { h264: new Uint8Array(32), h265: new Uint8Array(64) };
for (let type = 1; type <= 5; type++) TRAITS.h264[type] = SLICE;
TRAITS.h264[H264.idr] = SLICE | KEY;
TRAITS.h264[H264.sei] = SEI;
TRAITS.h264[H264.sps] = TRAITS.h264[H264.pps] = PARAMETER_SET;
TRAITS.h264[H264.aud] = AUD;
TRAITS.h264[H264.filler] = FILLER;
TRAITS.h264[H264.endOfSequence] = TRAITS.h264[H264.endOfStream] = END;
for (let type = 0; type <= 9; type++) TRAITS.h265[type] = SLICE;
for (let type: number = H265.blaWithLeading; type <= H265.cra; type++) TRAITS.h265[type] = SLICE | KEY;
TRAITS.h265[H265.vps] = TRAITS.h265[H265.sps] = TRAITS.h265[H265.pps] = PARAMETER_SET;
TRAITS.h265[H265.aud] = AUD;
TRAITS.h265[H265.filler] = FILLER;
TRAITS.h265[H265.prefixSei] = TRAITS.h265[H265.suffixSei] = SEI;
TRAITS.h265[H265.endOfSequence] = TRAITS.h265[H265.endOfBitstream] = END;

/** nal_unit_type from the first byte of a NAL unit. */
export function nalType(codec: VideoCodec, firstByte: number): number {
  return codec === 'h264' ? firstByte & 0x1f : (firstByte >> 1) & 0x3f;
}

/** Bytes of the NAL unit header. */
export function nalHeaderBytes(codec: VideoCodec): 1 | 2 {
  return codec === 'h264' ? 1 : 2;
}

/** Coded picture data of any kind, data partitions included. */
export function isSlice(codec: VideoCodec, type: number): boolean {
  return hasTrait(codec, type, SLICE);
}

/** A slice of a random access picture: IDR in H.264; BLA, IDR or CRA in H.265. */
export function isKey(codec: VideoCodec, type: number): boolean {
  return hasTrait(codec, type, KEY);
}

/** SPS and PPS; in H.265 also VPS. */
export function isParameterSet(codec: VideoCodec, type: number): boolean {
  return hasTrait(codec, type, PARAMETER_SET);
}

export function isAud(codec: VideoCodec, type: number): boolean {
  return hasTrait(codec, type, AUD);
}

export function isFiller(codec: VideoCodec, type: number): boolean {
  return hasTrait(codec, type, FILLER);
}

export function isSei(codec: VideoCodec, type: number): boolean {
  return hasTrait(codec, type, SEI);
}

/** End of sequence or of the whole stream: the next picture starts afresh. */
export function isEndOfSequence(codec: VideoCodec, type: number): boolean {
  return hasTrait(codec, type, END);
}

/**
 * Whether the slice that starts at `start` is the first of its picture: first_mb_in_slice = 0 (H.264 7.3.3) or
 * first_slice_segment_in_pic_flag (H.265 7.3.6.1). Either is the first bit behind the header. False if it is cut off,
 * and for the H.264 data partitions B and C, which carry no such field.
 */
export function isFirstSlice(codec: VideoCodec, buffer: Uint8Array, start: number, end: number): boolean {
  const at = start + nalHeaderBytes(codec);
  if (at >= end) return false;
  if (codec === 'h264' && PARTITION_B_OR_C.has(buffer[start]! & 0x1f)) return false;
  return (buffer[at]! & 0x80) !== 0;
}

const PARTITION_B_OR_C: ReadonlySet<number> = new Set([3, 4]);

function hasTrait(codec: VideoCodec, type: number, trait: number): boolean {
  return ((TRAITS[codec][type] ?? 0) & trait) !== 0;
}

const START_CODE = Buffer.from([0, 0, 1]);
/** From this length on, searching outside JavaScript is faster (measured; three to five times for whole packets). */
const NATIVE_BYTES = 512;

/** Index of the first 00 00 01 that lies whole within the range, or -1. */
export function findStartCode(buffer: Uint8Array, start: number, end: number): number {
  if (end - start >= NATIVE_BYTES && Buffer.isBuffer(buffer)) {
    const at = buffer.subarray(start, end).indexOf(START_CODE);
    return at < 0 ? -1 : start + at;
  }
  for (let at = start + 2; at < end;) {
    const byte = buffer[at]!;
    if (byte > 1) at += 3;
    else if (byte === 0) at += 1;
    else if (buffer[at - 1] === 0 && buffer[at - 2] === 0) return at - 2;
    else at += 3;
  }
  return -1;
}

/** Where a NAL unit ends once trailing zero bytes are taken off. */
function trimTrailingZeros(buffer: Uint8Array, start: number, end: number): number {
  let last = end;
  while (last > start && buffer[last - 1] === 0) last--;
  return last;
}

const MOST_NALS = 1024;

/**
 * Splits at start codes of three or four bytes (H.264 and H.265 annex B). Bytes before the first start code count as a NAL
 * unit of their own, so a unit without start codes comes back as it is, without trailing zeros; empty units are left out.
 * What lies behind the 1024th unit is dropped.
 */
export function splitAnnexB(buffer: Uint8Array, start: number, end: number): NalRange[] {
  const ranges: NalRange[] = [];
  let from = start;
  while (from < end && ranges.length < MOST_NALS) {
    const code = findStartCode(buffer, from, end);
    const to = trimTrailingZeros(buffer, from, code < 0 ? end : code);
    if (to > from) ranges.push({ start: from, end: to });
    if (code < 0) break;
    from = code + 3;
  }
  return ranges;
}
