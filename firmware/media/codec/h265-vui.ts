import type { BitReader } from './bit-reader.ts';
import { readLook, saneFps } from './h264-vui.ts';

/** What is used of the video usability information (ITU-T H.265 annex E.2.1). */
export interface H265Vui {
  readonly nominalFps: number | undefined;
  /** min_spatial_segmentation_idc, which the decoder configuration record repeats. */
  readonly minSpatialSegmentation: number;
  /** Text of all that changes how pictures look; timing and bit rates are not in it. */
  readonly shape: string;
}

/** A set without VUI says the same as one with an empty VUI. */
export const NO_H265_VUI: H265Vui = {
  nominalFps: undefined,
  minSpatialSegmentation: 0,
  shape: JSON.stringify([[], 0, [], 0]),
};

const MOST_SEGMENTATION = 4095;

/** Reads the VUI behind its present flag. Undefined, with the reader failed, if it is cut off or senseless. */
export function readH265Vui(reader: BitReader, subLayers: number): H265Vui | undefined {
  const look = readLook(reader);
  const fields = reader.bits(3); // neutral_chroma_indication_flag, field_seq_flag, frame_field_info_present_flag
  const window: number[] = [];
  if (reader.flag()) {
    for (let side = 0; side < 4; side++) window.push(reader.ue());
  }
  const nominalFps = reader.flag() ? readTiming(reader, subLayers) : undefined;
  let minSpatialSegmentation = 0;
  if (reader.flag()) {
    reader.skip(3); // tiles_fixed_structure, motion_vectors_over_pic_boundaries, restricted_ref_pic_lists
    minSpatialSegmentation = reader.ueUpTo(MOST_SEGMENTATION);
    for (let count = 0; count < 4; count++) reader.ue(); // size limits and motion vector lengths
  }
  if (reader.failed) return undefined;
  return { nominalFps, minSpatialSegmentation, shape: JSON.stringify([look, fields, window, minSpatialSegmentation]) };
}

function readTiming(reader: BitReader, subLayers: number): number | undefined {
  const unitsInTick = reader.bits(32);
  const timeScale = reader.bits(32);
  if (reader.flag()) reader.ue(); // vui_num_ticks_poc_diff_one_minus1
  if (reader.flag()) skipHrd(reader, true, subLayers);
  return saneFps(timeScale, unitsInTick);
}

/**
 * hrd_parameters (E.2.2). False, with the reader failed, if its length cannot be known: a set without common information
 * takes it from an earlier one, which is not kept here.
 */
export function skipHrd(reader: BitReader, common: boolean, subLayers: number): boolean {
  if (!common) {
    reader.fail();
    return false;
  }
  const nal = reader.flag();
  const vcl = reader.flag();
  const subPicture = (nal || vcl) && reader.flag();
  if (subPicture) reader.skip(19); // tick divisor, delay lengths, where the delays stand
  if (nal || vcl) reader.skip(8 + (subPicture ? 4 : 0) + 15); // scales, delay lengths
  for (let layer = 0; layer < subLayers && !reader.failed; layer++) {
    const fixedRate = reader.flag() || reader.flag(); // fixed_pic_rate_general_flag, else fixed_pic_rate_within_cvs_flag
    let lowDelay = false;
    if (fixedRate)
      reader.ue(); // elemental_duration_in_tc_minus1
    else lowDelay = reader.flag();
    const buffers = lowDelay ? 1 : 1 + reader.ueUpTo(31);
    const entries = buffers * (Number(nal) + Number(vcl));
    for (let at = 0; at < entries && !reader.failed; at++) {
      for (let value = 0; value < (subPicture ? 4 : 2); value++) reader.ue(); // bit rates and sizes
      reader.skip(1); // cbr_flag
    }
  }
  return !reader.failed;
}
