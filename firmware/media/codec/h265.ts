import { BitReader, bytesToTrailingBits, leadingBits, unescapeRbsp } from './bit-reader.ts';
import { MOST_PARAMETER_SET_BYTES } from './h264.ts';
import { skipReferencePictureSets, skipScalingLists } from './h265-lists.ts';
import { NO_H265_VUI, readH265Vui, skipHrd } from './h265-vui.ts';
import { saneFps } from './h264-vui.ts';
import { H265, nalType } from './nal.ts';

/** The general part of profile_tier_level (ITU-T H.265 7.3.3). */
export interface H265Profile {
  /** general_profile_space 0..3. */
  readonly space: number;
  readonly highTier: boolean;
  readonly profile: number;
  /** general_profile_compatibility_flag[0] in the highest bit. */
  readonly compatibility: number;
  /** The six bytes of constraint flags. */
  readonly constraints: Uint8Array;
  readonly level: number;
}

/** What a box needs to know from a sequence parameter set (ITU-T H.265 7.3.2.2). */
export interface H265Sps {
  readonly id: number;
  readonly vpsId: number;
  readonly subLayers: number;
  readonly temporalIdNested: boolean;
  readonly profile: H265Profile;
  /** chroma_format_idc: 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4. */
  readonly chromaFormat: number;
  readonly bitDepthLuma: number;
  readonly bitDepthChroma: number;
  readonly codedWidth: number;
  readonly codedHeight: number;
  /** Size inside the conformance window, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly nominalFps: number | undefined;
  /** How many pictures may stand before one that is shown earlier; undefined if it could not be read. */
  readonly reorderFrames: number | undefined;
  readonly minSpatialSegmentation: number;
  /** Equal for two sets exactly if the same decoder set-up and the same picture shape serve both; timing and bit rates do not count. */
  readonly essence: string;
  /** Bytes of the NAL unit up to its trailing bits; undefined where the end could not be found. What follows is junk. */
  readonly usedBytes: number | undefined;
}

export interface H265Vps {
  readonly id: number;
  readonly nominalFps: number | undefined;
  readonly essence: string;
}

export interface H265Pps {
  readonly id: number;
  readonly spsId: number;
  /** parallelismType of the decoder configuration record: 1 slices, 2 tiles, 3 wavefront, 0 mixed. */
  readonly parallelism: number;
}

const HEADER_BYTES = 2;
const MOST_PIXELS_ACROSS = 16384;

/** Reads an SPS NAL unit of the base layer, header included. Undefined if size or bit depth cannot be read; what fails behind these does no harm. */
export function parseH265Sps(nal: Uint8Array): H265Sps | undefined {
  const rbsp = payload(nal, H265.sps);
  if (!rbsp) return undefined;
  const reader = new BitReader(rbsp);
  const vpsId = reader.bits(4);
  const subLayers = 1 + reader.bits(3);
  const temporalIdNested = reader.flag();
  const profile = readProfile(reader, subLayers);
  const id = reader.ueUpTo(15);
  const picture = readPicture(reader);
  const log2MaxPocLsb = 4 + reader.ueUpTo(12);
  if (reader.failed || subLayers > 7 || !picture) return undefined;

  const reorderFrames = readOrdering(reader, subLayers);
  skipTools(reader, log2MaxPocLsb);
  const coreBits = reader.position;
  const vui = reader.flag() ? readH265Vui(reader, subLayers) : NO_H265_VUI;
  const whole = !reader.failed && vui !== undefined;
  const extended = whole && reader.flag();
  const understood = whole && !extended && !reader.failed;
  return {
    id,
    vpsId,
    subLayers,
    temporalIdNested,
    profile,
    ...picture,
    nominalFps: vui?.nominalFps,
    reorderFrames,
    minSpatialSegmentation: vui?.minSpatialSegmentation ?? 0,
    essence: understood ? `${leadingBits(rbsp, coreBits)} ${vui.shape}` : Buffer.from(rbsp).toString('hex'),
    usedBytes: understood ? bytesToTrailingBits(nal, HEADER_BYTES, rbsp, reader.position) : undefined,
  };
}

/** Reads a VPS NAL unit of the base layer, header included (7.3.2.1). Undefined if its profile cannot be read. */
export function parseH265Vps(nal: Uint8Array): H265Vps | undefined {
  const rbsp = payload(nal, H265.vps);
  if (!rbsp) return undefined;
  const reader = new BitReader(rbsp);
  const id = reader.bits(4);
  reader.skip(8); // base layer flags, vps_max_layers_minus1
  const subLayers = 1 + reader.bits(3);
  reader.skip(17); // vps_temporal_id_nesting_flag, vps_reserved_0xffff_16bits
  readProfile(reader, subLayers);
  if (reader.failed || subLayers > 7) return undefined;

  readOrdering(reader, subLayers);
  const mostLayerId = reader.bits(6);
  const layerSets = reader.ueUpTo(1023);
  reader.skip(layerSets * (mostLayerId + 1)); // layer_id_included_flag
  const coreBits = reader.position;
  const nominalFps = reader.flag() ? readVpsTiming(reader, subLayers) : undefined;
  const extended = reader.flag();
  const understood = !reader.failed && !extended;
  const essence = understood ? leadingBits(rbsp, coreBits) : Buffer.from(rbsp).toString('hex');
  return { id, nominalFps, essence };
}

/** Reads a PPS NAL unit of the base layer, header included (7.3.2.3), up to its tools. Undefined if it is cut off or senseless. */
export function parseH265Pps(nal: Uint8Array): H265Pps | undefined {
  const rbsp = payload(nal, H265.pps);
  if (!rbsp) return undefined;
  const reader = new BitReader(rbsp);
  const id = reader.ueUpTo(63);
  const spsId = reader.ueUpTo(15);
  reader.skip(7); // dependent slices, output flag, extra slice header bits, sign data hiding, cabac_init_present_flag
  reader.ueUpTo(14); // num_ref_idx_l0_default_active_minus1
  reader.ueUpTo(14);
  reader.se(); // init_qp_minus26
  reader.skip(2); // constrained_intra_pred_flag, transform_skip_enabled_flag
  if (reader.flag()) reader.ue(); // diff_cu_qp_delta_depth
  reader.se(); // pps_cb_qp_offset
  reader.se();
  reader.skip(4); // chroma qp offsets in slices, weighted prediction twice, transquant bypass
  const tiles = reader.flag();
  const wavefront = reader.flag();
  if (reader.failed) return undefined;
  const parallelism = tiles && wavefront ? 0 : wavefront ? 3 : tiles ? 2 : 1;
  return { id, spsId, parallelism };
}

/** The payload of a base layer NAL unit of this type. Other layers are not recorded. */
function payload(nal: Uint8Array, type: number): Uint8Array | undefined {
  if (nal.length < 4 || nal.length > MOST_PARAMETER_SET_BYTES) return undefined;
  const layer = ((nal[0]! & 1) << 5) | (nal[1]! >> 3);
  if (nalType('h265', nal[0]!) !== type || layer !== 0) return undefined;
  return unescapeRbsp(nal, HEADER_BYTES, nal.length, MOST_PARAMETER_SET_BYTES);
}

function readProfile(reader: BitReader, subLayers: number): H265Profile {
  const space = reader.bits(2);
  const highTier = reader.flag();
  const profile = reader.bits(5);
  const compatibility = reader.bits(32);
  const constraints = Uint8Array.from({ length: 6 }, () => reader.bits(8));
  const level = reader.bits(8);
  const present: { profile: boolean; level: boolean }[] = [];
  for (let layer = 1; layer < subLayers; layer++) present.push({ profile: reader.flag(), level: reader.flag() });
  if (subLayers > 1) reader.skip(2 * (9 - subLayers));
  for (const layer of present) reader.skip((layer.profile ? 88 : 0) + (layer.level ? 8 : 0));
  return { space, highTier, profile, compatibility, constraints, level };
}

function readPicture(reader: BitReader) {
  const chromaFormat = reader.ueUpTo(3);
  if (chromaFormat === 3) reader.skip(1); // separate_colour_plane_flag
  const codedWidth = reader.ueUpTo(MOST_PIXELS_ACROSS);
  const codedHeight = reader.ueUpTo(MOST_PIXELS_ACROSS);
  let width = codedWidth;
  let height = codedHeight;
  if (reader.flag()) {
    const unitX = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1;
    const unitY = chromaFormat === 1 ? 2 : 1;
    width -= unitX * (reader.ue() + reader.ue());
    height -= unitY * (reader.ue() + reader.ue());
  }
  const bitDepthLuma = 8 + reader.ueUpTo(8);
  const bitDepthChroma = 8 + reader.ueUpTo(8);
  if (reader.failed || codedWidth === 0 || codedHeight === 0) return undefined;
  // A window that leaves nothing is a mistake of the camera; it is no reason to refuse the stream.
  if (width <= 0 || height <= 0) [width, height] = [codedWidth, codedHeight];
  return { chromaFormat, codedWidth, codedHeight, width, height, bitDepthLuma, bitDepthChroma };
}

/** sub_layer_ordering_info: gives max_num_reorder_pics of the highest sub-layer. */
function readOrdering(reader: BitReader, subLayers: number): number | undefined {
  const forEach = reader.flag();
  let reorder = 0;
  for (let layer = forEach ? 0 : subLayers - 1; layer < subLayers; layer++) {
    reader.ueUpTo(15); // max_dec_pic_buffering_minus1
    reorder = reader.ueUpTo(15);
    reader.ue(); // max_latency_increase_plus1
  }
  return reader.failed ? undefined : reorder;
}

/** Everything between sub_layer_ordering_info and the VUI. */
function skipTools(reader: BitReader, log2MaxPocLsb: number): void {
  for (let count = 0; count < 6; count++) reader.ueUpTo(31); // block sizes and transform depths
  if (reader.flag() && reader.flag()) skipScalingLists(reader);
  reader.skip(2); // amp_enabled_flag, sample_adaptive_offset_enabled_flag
  if (reader.flag()) {
    reader.skip(8); // pcm sample bit depths
    reader.ueUpTo(31);
    reader.ueUpTo(31);
    reader.skip(1); // pcm_loop_filter_disabled_flag
  }
  skipReferencePictureSets(reader);
  if (reader.flag()) {
    const longTerm = reader.ueUpTo(32);
    reader.skip(longTerm * (log2MaxPocLsb + 1)); // lt_ref_pic_poc_lsb_sps, used_by_curr_pic_lt_sps_flag
  }
  reader.skip(2); // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
}

function readVpsTiming(reader: BitReader, subLayers: number): number | undefined {
  const unitsInTick = reader.bits(32);
  const timeScale = reader.bits(32);
  if (reader.flag()) reader.ue(); // vps_num_ticks_poc_diff_one_minus1
  const hrds = reader.ueUpTo(1024);
  for (let at = 0; at < hrds && !reader.failed; at++) {
    reader.ue(); // hrd_layer_set_idx
    const common = at === 0 || reader.flag();
    if (!skipHrd(reader, common, subLayers)) return undefined;
  }
  return saneFps(timeScale, unitsInTick);
}
