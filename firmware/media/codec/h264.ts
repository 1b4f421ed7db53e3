import { BitReader, bytesToTrailingBits, leadingBits, unescapeRbsp } from './bit-reader.ts';
import { NO_VUI, readVui, type Vui } from './h264-vui.ts';

/** Longest parameter set that is believed; real ones have 10 to 300 bytes, those with all scaling lists about 1000. */
export const MOST_PARAMETER_SET_BYTES = 8192;

/** What a box needs to know from a sequence parameter set (ITU-T H.264 7.3.2.1.1). */
export interface H264Sps {
  readonly id: number;
  readonly profile: number;
  /** The byte of constraint flags, set0 in the highest bit. */
  readonly constraints: number;
  readonly level: number;
  /** chroma_format_idc: 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4. */
  readonly chromaFormat: number;
  readonly bitDepthLuma: number;
  readonly bitDepthChroma: number;
  /** frame_mbs_only_flag: false means that the video may be interlaced. */
  readonly framesOnly: boolean;
  readonly codedWidth: number;
  readonly codedHeight: number;
  /** Size after cropping, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly nominalFps: number | undefined;
  /** How many pictures may stand before one that is shown earlier; undefined if the stream does not say. */
  readonly reorderFrames: number | undefined;
  /** Equal for two sets exactly if the same decoder set-up and the same picture shape serve both; timing and bit rates do not count. */
  readonly essence: string;
  /** Bytes of the NAL unit up to its trailing bits; undefined where the end could not be found. What follows is junk. */
  readonly usedBytes: number | undefined;
}

export interface H264Pps {
  readonly id: number;
  readonly spsId: number;
}

/** Profiles whose sequence parameter set tells chroma format, bit depth and scaling lists. */
const PROFILES_WITH_CHROMA: ReadonlySet<number> = new Set([
  100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135,
]);
/** Profiles that are all-intra if constraint_set3_flag is set (A.2.8 to A.2.11). */
const PROFILES_WITH_INTRA: ReadonlySet<number> = new Set([44, 86, 100, 110, 122, 244]);
const MOST_MACROBLOCKS_ACROSS = 1024;

interface Chroma {
  chromaFormat: number;
  separateColourPlanes: boolean;
  bitDepthLuma: number;
  bitDepthChroma: number;
}

/** Reads an SPS NAL unit, header included. Undefined if size or coding tools cannot be read; an unreadable VUI does no harm. */
export function parseH264Sps(nal: Uint8Array): H264Sps | undefined {
  if (nal.length < 5 || nal.length > MOST_PARAMETER_SET_BYTES || (nal[0]! & 0x1f) !== 7) return undefined;
  const rbsp = unescapeRbsp(nal, 1, nal.length, MOST_PARAMETER_SET_BYTES);
  const reader = new BitReader(rbsp);
  const profile = reader.bits(8);
  const constraints = reader.bits(8);
  const level = reader.bits(8);
  const id = reader.ueUpTo(31);
  const chroma = readChroma(reader, profile);
  reader.ueUpTo(12); // log2_max_frame_num_minus4
  const pocType = readPocType(reader);
  reader.ue(); // max_num_ref_frames
  reader.skip(1); // gaps_in_frame_num_value_allowed_flag
  const size = readSize(reader, chroma);
  if (reader.failed || !size) return undefined;

  const coreBits = reader.position;
  const vui: Vui | undefined = reader.flag() ? readVui(reader) : NO_VUI;
  const allIntra = PROFILES_WITH_INTRA.has(profile) && (constraints & 0x10) !== 0;
  const orderKept = profile === 66 || pocType === 2 || allIntra;
  return {
    id,
    profile,
    constraints,
    level,
    ...chroma,
    ...size,
    nominalFps: vui?.nominalFps,
    reorderFrames: vui?.reorderFrames ?? (orderKept ? 0 : undefined),
    essence: vui ? `${leadingBits(rbsp, coreBits)} ${vui.shape}` : Buffer.from(rbsp).toString('hex'),
    usedBytes: vui ? bytesToTrailingBits(nal, 1, rbsp, reader.position) : undefined,
  };
}

/** Reads a PPS NAL unit, header included (7.3.2.2), up to what every profile has. Undefined if it is cut off or senseless. */
export function parseH264Pps(nal: Uint8Array): H264Pps | undefined {
  if (nal.length < 2 || nal.length > MOST_PARAMETER_SET_BYTES || (nal[0]! & 0x1f) !== 8) return undefined;
  const reader = new BitReader(unescapeRbsp(nal, 1, nal.length, MOST_PARAMETER_SET_BYTES));
  const id = reader.ueUpTo(255);
  const spsId = reader.ueUpTo(31);
  reader.skip(2); // entropy_coding_mode_flag, bottom_field_pic_order_in_frame_present_flag
  const sliceGroups = 1 + reader.ueUpTo(7);
  if (sliceGroups === 1) {
    reader.ueUpTo(31); // num_ref_idx_l0_default_active_minus1
    reader.ueUpTo(31);
    reader.skip(3); // weighted_pred_flag, weighted_bipred_idc
    for (let count = 0; count < 3; count++) reader.se(); // pic_init_qp_minus26, pic_init_qs_minus26, chroma_qp_index_offset
    reader.skip(3); // deblocking_filter_control_present, constrained_intra_pred, redundant_pic_cnt_present
  }
  return reader.failed ? undefined : { id, spsId };
}

function readChroma(reader: BitReader, profile: number): Chroma {
  const chroma = { chromaFormat: 1, separateColourPlanes: false, bitDepthLuma: 8, bitDepthChroma: 8 };
  if (!PROFILES_WITH_CHROMA.has(profile)) return chroma;
  chroma.chromaFormat = reader.ueUpTo(3);
  if (chroma.chromaFormat === 3) chroma.separateColourPlanes = reader.flag();
  chroma.bitDepthLuma = 8 + reader.ueUpTo(6);
  chroma.bitDepthChroma = 8 + reader.ueUpTo(6);
  reader.skip(1); // qpprime_y_zero_transform_bypass_flag
  if (!reader.flag()) return chroma;
  const lists = chroma.chromaFormat === 3 ? 12 : 8;
  for (let list = 0; list < lists; list++) {
    if (reader.flag()) skipScalingList(reader, list < 6 ? 16 : 64);
  }
  return chroma;
}

function skipScalingList(reader: BitReader, size: number): void {
  let last = 8;
  let next = 8;
  for (let at = 0; at < size && next !== 0 && !reader.failed; at++) {
    next = (((last + reader.se()) % 256) + 256) % 256;
    if (next !== 0) last = next;
  }
}

/** pic_order_cnt_type: 0 numbers in the slices, 1 by a cycle, 2 output order is decoding order. */
function readPocType(reader: BitReader): number {
  const pocType = reader.ueUpTo(2);
  if (pocType === 0) reader.ueUpTo(12); // log2_max_pic_order_cnt_lsb_minus4
  if (pocType === 1) {
    reader.skip(1); // delta_pic_order_always_zero_flag
    reader.se(); // offset_for_non_ref_pic
    reader.se(); // offset_for_top_to_bottom_field
    const cycle = reader.ueUpTo(255);
    for (let at = 0; at < cycle && !reader.failed; at++) reader.se();
  }
  return pocType;
}

interface Size {
  codedWidth: number;
  codedHeight: number;
  width: number;
  height: number;
  framesOnly: boolean;
}

function readSize(reader: BitReader, chroma: Chroma): Size | undefined {
  const across = 1 + reader.ueUpTo(MOST_MACROBLOCKS_ACROSS - 1);
  const mapUnitsDown = 1 + reader.ueUpTo(MOST_MACROBLOCKS_ACROSS - 1);
  const framesOnly = reader.flag();
  if (!framesOnly) reader.skip(1); // mb_adaptive_frame_field_flag
  reader.skip(1); // direct_8x8_inference_flag
  const codedWidth = across * 16;
  const codedHeight = mapUnitsDown * 16 * (framesOnly ? 1 : 2);
  const size = { codedWidth, codedHeight, width: codedWidth, height: codedHeight, framesOnly };
  if (!reader.flag()) return size;
  const subsampled = !chroma.separateColourPlanes;
  const unitX = subsampled && (chroma.chromaFormat === 1 || chroma.chromaFormat === 2) ? 2 : 1;
  const unitY = (subsampled && chroma.chromaFormat === 1 ? 2 : 1) * (framesOnly ? 1 : 2);
  const width = codedWidth - unitX * (reader.ue() + reader.ue());
  const height = codedHeight - unitY * (reader.ue() + reader.ue());
  if (reader.failed) return undefined;
  // A crop that leaves nothing is a mistake of the camera; decoders ignore it, so it is no reason to refuse the stream.
  return width > 0 && height > 0 ? { ...size, width, height } : size;
}
