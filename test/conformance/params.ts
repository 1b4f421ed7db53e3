import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAacConfig } from '../../firmware/media/codec/aac.ts';
import { avcCodecString, hevcCodecString } from '../../firmware/media/codec/config-record.ts';
import { parseH264Sps } from '../../firmware/media/codec/h264.ts';
import { parseH265Sps } from '../../firmware/media/codec/h265.ts';
import { nalType, splitAnnexB } from '../../firmware/media/codec/nal.ts';
import { aacFormat, VideoParameters, type VideoCodec } from '../../firmware/media/index.ts';
import { compare, type CorpusEntry, type Facts } from './facts.ts';

const H264_SPS = 7;
const H265_SPS = 33;

/** Compares what the firmware reads out of a file of parameter sets with the entry's facts. Gives the mismatches. */
export async function runParams(entry: CorpusEntry, folder: string): Promise<string[]> {
  const lines = (await readFile(join(folder, entry.file), 'utf8')).split('\n').map((line) => line.trim());
  const { codec } = entry.expect;
  const units = lines.filter((line) => line !== '').map((line) => Buffer.from(line, 'hex'));
  if (units.length === 0) return ['it is empty'];
  if (codec === 'aac') return compare('', entry.expect, audioFacts(units[0]!));
  if (codec !== 'h264' && codec !== 'h265') return [`codec ${String(codec)} is unknown here`];
  if (entry.file.includes('annexb')) return compare('', entry.expect, streamFacts(codec, units[0]!));
  const spsType = codec === 'h264' ? H264_SPS : H265_SPS;
  const sps = units.find((unit) => nalType(codec, unit[0]!) === spsType);
  if (!sps) return ['no sequence parameter set is in it'];
  return compare('', entry.expect, { codec, ...(codec === 'h264' ? h264Facts(sps) : h265Facts(sps)) });
}

function audioFacts(config: Buffer): Facts {
  const aac = parseAacConfig(config);
  const rfc6381 = aacFormat(config)?.rfc6381;
  return { codec: 'aac', rfc6381, sample_rate: aac?.coreRate, channels: aac?.channels };
}

function h264Facts(nal: Buffer): Facts {
  const sps = parseH264Sps(nal);
  return { ...sizes(sps), rfc6381: sps && avcCodecString(sps), bit_depth: sps?.bitDepthLuma };
}

function h265Facts(nal: Buffer): Facts {
  const sps = parseH265Sps(nal);
  return { ...sizes(sps), rfc6381: sps && hevcCodecString(sps.profile), bit_depth: sps?.bitDepthLuma };
}

function sizes(sps: { width: number; height: number; codedWidth: number; codedHeight: number } | undefined): Facts {
  return { width: sps?.width, height: sps?.height, coded_width: sps?.codedWidth, coded_height: sps?.codedHeight };
}

function streamFacts(codec: VideoCodec, stream: Buffer): Facts {
  const parameters = new VideoParameters(codec);
  const ranges = splitAnnexB(stream, 0, stream.length);
  for (const { start, end } of ranges) parameters.feed(stream.subarray(start, end));
  const nal_types = ranges.map(({ start }) => nalType(codec, stream[start]!));
  const nal_sizes = ranges.map(({ start, end }) => end - start);
  const format = parameters.format();
  const facts = { width: format?.width, height: format?.height, rfc6381: format?.rfc6381 };
  return { codec, ...facts, nal_types, nal_sizes };
}
