import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAacConfig, readAdts } from '../../firmware/media/codec/aac.ts';
import { avcCodecString, hevcCodecString } from '../../firmware/media/codec/config-record.ts';
import { parseH264Sps } from '../../firmware/media/codec/h264.ts';
import { parseH265Sps } from '../../firmware/media/codec/h265.ts';
import { nalType, splitAnnexB } from '../../firmware/media/codec/nal.ts';
import { aacConfigOf, aacFormat, VideoParameters, type VideoCodec } from '../../firmware/media/index.ts';
import { asText, compare, type CorpusEntry, type Facts } from './facts.ts';
import { linesOf, NotTaken } from './packets.ts';

const VIDEO: Readonly<Record<string, VideoCodec>> = {
  h264: 'h264',
  avc: 'h264',
  avc1: 'h264',
  h265: 'h265',
  hevc: 'h265',
  hvc1: 'h265',
};
const LEADING_START_CODE = /^(?:00)*000001/;

/** Compares what the firmware reads out of a file of parameter sets with the entry's facts. Gives the mismatches. */
export async function runParams({ file, expect }: CorpusEntry, folder: string): Promise<string[]> {
  const lines = linesOf(await readFile(join(folder, file), 'utf8'));
  if (lines.length === 0) return ['it is empty'];
  const actual = paramFacts(asText(expect.codec) ?? guess(file), lines);
  return compare('', expect, { codec: expect.codec, ...actual });
}

/** Whether nothing can be read out of it, as some entries expect. */
export async function isUnreadable({ file, expect }: CorpusEntry, folder: string): Promise<boolean> {
  const lines = linesOf(await readFile(join(folder, file), 'utf8'));
  if (lines.length === 0) return true;
  const { width, sample_rate: rate } = paramFacts(asText(expect.codec) ?? guess(file), lines);
  return width === undefined && rate === undefined;
}

function paramFacts(codec: string, lines: readonly Buffer[]): Facts {
  if (codec === 'aac' || codec === 'mpeg4-generic') return audioFacts(lines[0]!);
  const video = VIDEO[codec];
  if (!video) throw new NotTaken(`${codec} is not recorded`);
  return videoFacts(video, lines.flatMap(unitsIn));
}

function guess(file: string): string {
  if (/aac|asc/i.test(file)) return 'aac';
  return /h265|hevc/i.test(file) ? 'h265' : 'h264';
}

/** A line is one unit, or a stream of units behind start codes. */
function unitsIn(line: Buffer): Buffer[] {
  if (!LEADING_START_CODE.test(line.toString('hex', 0, 16))) return [line];
  return splitAnnexB(line, 0, line.length).map(({ start, end }) => line.subarray(start, end));
}

function audioFacts(line: Buffer): Facts {
  const adts = readAdts(line, 0, line.length);
  const config = adts ? aacConfigOf(adts) : line;
  const aac = parseAacConfig(config);
  return {
    rfc6381: aacFormat(config)?.rfc6381,
    sample_rate: aac?.coreRate,
    channels: aac?.channels,
    object_type: aac?.objectType,
    audio_object_type: aac?.signalledType,
    asc_sample_rate: aac?.coreRate,
    asc_channels: aac?.channels,
    extension_sample_rate: aac?.effectiveRate,
    effective_sample_rate: aac?.effectiveRate,
    effective_channels: aac?.effectiveChannels,
    samples_per_frame: aac?.samplesPerFrame,
    frame_length: aac?.samplesPerFrame,
  };
}

function videoFacts(codec: VideoCodec, units: readonly Buffer[]): Facts {
  const parameters = new VideoParameters(codec);
  for (const unit of units) parameters.feed(unit);
  const format = parameters.format();
  const sps = codec === 'h264' ? h264Facts(units) : h265Facts(units);
  return {
    ...sps,
    // The set in use counts where several stand in a stream.
    ...(format && {
      width: format.width,
      height: format.height,
      rfc6381: format.rfc6381,
      vui_fps: format.nominalFps,
      fps: format.nominalFps,
    }),
    nal_count: units.length,
    nal_types: units.map((unit) => nalType(codec, unit[0]!)),
    nal_sizes: units.map(({ length }) => length),
  };
}

function h264Facts(units: readonly Buffer[]): Facts {
  const sps = units.map(parseH264Sps).find((each) => each !== undefined);
  return {
    ...commonFacts(sps),
    rfc6381: sps && avcCodecString(sps),
    profile_idc: sps?.profile,
    level_idc: sps?.level,
    constraint_flags: sps?.constraints,
    frame_mbs_only: sps?.framesOnly,
    interlaced: sps && !sps.framesOnly,
  };
}

function h265Facts(units: readonly Buffer[]): Facts {
  const sps = units.map(parseH265Sps).find((each) => each !== undefined);
  return {
    ...commonFacts(sps),
    rfc6381: sps && hevcCodecString(sps.profile),
    profile_idc: sps?.profile.profile,
    level_idc: sps?.profile.level,
    tier: sps && (sps.profile.highTier ? 'high' : 'main'),
    sub_layers: sps?.subLayers,
    vps_id: sps?.vpsId,
  };
}

interface CommonSps {
  readonly id: number;
  readonly width: number;
  readonly height: number;
  readonly codedWidth: number;
  readonly codedHeight: number;
  readonly chromaFormat: number;
  readonly bitDepthLuma: number;
  readonly bitDepthChroma: number;
  readonly nominalFps: number | undefined;
  readonly reorderFrames: number | undefined;
}

function commonFacts(sps: CommonSps | undefined): Facts {
  return {
    width: sps?.width,
    height: sps?.height,
    coded_width: sps?.codedWidth,
    coded_height: sps?.codedHeight,
    bit_depth: sps?.bitDepthLuma,
    bit_depth_luma: sps?.bitDepthLuma,
    bit_depth_chroma: sps?.bitDepthChroma,
    chroma_format_idc: sps?.chromaFormat,
    sps_id: sps?.id,
    vui_fps: sps?.nominalFps,
    fps: sps?.nominalFps,
    max_num_reorder_frames: sps?.reorderFrames,
  };
}
