import type { BitReader } from './bit-reader.ts';

/** What is used of the video usability information (ITU-T H.264 annex E.1.1). */
export interface Vui {
  nominalFps?: number;
  reorderFrames?: number;
  /** Text of all that changes how pictures look or are put in order; empty for nothing special. */
  shape: string;
}

const EXTENDED_SAR = 255;

/** A set without VUI says the same as one with an empty VUI. */
export const NO_VUI: Vui = { shape: shapeOf([], false, undefined) };

/** Reads the VUI behind its present flag. Undefined, with the reader failed, if it is cut off or senseless. */
export function readVui(reader: BitReader): Vui | undefined {
  const look = readLook(reader);
  const nominalFps = reader.flag() ? readTiming(reader) : undefined;
  const nalHrd = reader.flag();
  if (nalHrd) skipHrd(reader);
  const vclHrd = reader.flag();
  if (vclHrd) skipHrd(reader);
  if (nalHrd || vclHrd) reader.skip(1); // low_delay_hrd_flag
  const picStruct = reader.flag();
  const restriction = reader.flag() ? readRestriction(reader) : undefined;
  if (reader.failed) return undefined;
  return {
    ...(nominalFps === undefined ? {} : { nominalFps }),
    ...(restriction === undefined ? {} : { reorderFrames: restriction.reorder }),
    shape: shapeOf(look, picStruct, restriction),
  };
}

/** Frames per second from two numbers that cameras fill in carelessly; undefined outside 0.1 to 480. */
export function saneFps(timeScale: number, unitsPerFrame: number): number | undefined {
  const fps = timeScale / unitsPerFrame;
  return fps >= 0.1 && fps <= 480 ? Math.round(fps * 1000) / 1000 : undefined;
}

/** Aspect ratio, overscan, video signal type and chroma location, which H.265 (annex E.2.1) has bit by bit the same. */
export function readLook(reader: BitReader): number[] {
  const look: number[] = [];
  if (reader.flag()) {
    const ratio = reader.bits(8);
    look.push(1, ratio);
    if (ratio === EXTENDED_SAR) look.push(reader.bits(16), reader.bits(16));
  }
  if (reader.flag()) look.push(2, reader.bits(1)); // overscan_appropriate_flag
  if (reader.flag()) {
    look.push(3, reader.bits(4)); // video_format, video_full_range_flag
    if (reader.flag()) look.push(4, reader.bits(24)); // primaries, transfer, matrix
  }
  if (reader.flag()) look.push(5, reader.ueUpTo(5), reader.ueUpTo(5)); // chroma sample location
  return look;
}

interface Restriction {
  reorder: number;
  buffered: number;
}

function shapeOf(look: number[], picStruct: boolean, restriction: Restriction | undefined): string {
  return JSON.stringify([look, picStruct, restriction?.reorder, restriction?.buffered]);
}

function readTiming(reader: BitReader): number | undefined {
  const unitsInTick = reader.bits(32);
  const timeScale = reader.bits(32);
  reader.skip(1); // fixed_frame_rate_flag
  // Two ticks are one frame: a tick is a field (E.2.1).
  return saneFps(timeScale, unitsInTick * 2);
}

/** hrd_parameters (E.1.2). */
function skipHrd(reader: BitReader): void {
  const count = 1 + reader.ueUpTo(31);
  reader.skip(8); // bit_rate_scale, cpb_size_scale
  for (let at = 0; at < count && !reader.failed; at++) {
    reader.ue(); // bit_rate_value_minus1
    reader.ue(); // cpb_size_value_minus1
    reader.skip(1); // cbr_flag
  }
  reader.skip(20); // the lengths of delay fields and of time_offset
}

function readRestriction(reader: BitReader): Restriction {
  reader.skip(1); // motion_vectors_over_pic_boundaries_flag
  for (let count = 0; count < 4; count++) reader.ue(); // size limits and motion vector lengths
  const reorder = reader.ueUpTo(16);
  return { reorder, buffered: reader.ueUpTo(16) };
}
