import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nalType, type AudioFormat, type Format, type VideoCodec } from '../../firmware/media/index.ts';
import { RtpLab, setsInRecord, setsOf, spropOf, type CaughtFrame } from '../support/rtp-lab.ts';
import { asList, compare, type CorpusEntry, type Facts } from './facts.ts';
import { runInterleaved } from './interleaved.ts';
import { endLab, fmtpOf, isSet, linesOf, payloadTypeOf, unitsOf } from './packets.ts';

interface UnitFacts {
  readonly rtp_timestamp?: number;
  readonly nal_types?: number[];
  readonly nal_sizes?: number[];
  readonly nals_hex?: string[];
  readonly keyframe?: boolean;
}

const PACKET_US = 20_000;

/** Sends the packets of an entry through a TrackReceiver and compares frames and formats with its facts. Gives the mismatches. */
export async function runRtp(entry: CorpusEntry, folder: string): Promise<string[]> {
  const text = await readFile(join(folder, entry.file), 'utf8');
  const { expect } = entry;
  if (entry.file.endsWith('interleaved-stream.hex')) {
    return runInterleaved(Buffer.from(text.trim(), 'hex'), expect, folder);
  }
  const packets = linesOf(text);
  if (packets.length === 0) return ['it is empty'];
  if (expect.codec === 'h264' || expect.codec === 'h265') return runVideo(packets, expect.codec, expect);
  if (expect.codec === 'aac') return runAac(packets, expect);
  return [`codec ${String(expect.codec)} is unknown here`];
}

function runVideo(packets: readonly Buffer[], codec: VideoCodec, expect: Facts): string[] {
  const units = asList(expect.access_units) as UnitFacts[];
  const payloadType = typeof expect.payload_type === 'number' ? expect.payload_type : payloadTypeOf(packets[0]!);
  const clockRate = Number(expect.clock_rate ?? 90_000);
  const fmtp = withSets(codec, fmtpOf(expect.fmtp), units);
  const lab = new RtpLab({ codec, payloadType, clockRate, fmtp });
  for (const [n, packet] of packets.entries()) lab.packet(packet, n * 1000);
  const problems = endLab(lab);
  const { frames } = lab;
  const { format } = lab.receiver;
  const accepted = asList(expect.frame_count_accepted ?? [expect.frame_count ?? frames.length]) as number[];
  if (!accepted.includes(frames.length))
    problems.push(`expected ${accepted.join(' or ')} frames, got ${frames.length}`);
  // Times count from the first frame.
  const zero = (units[0]?.rtp_timestamp ?? 0) - (frames[0]?.pts ?? 0);
  frames.forEach((frame, n) => {
    if (units[n]) problems.push(...compareUnit(codec, frame, units[n], zero).map((words) => `unit ${n}: ${words}`));
  });
  const sets = setsInRecord(format);
  for (const set of asList(expect.parameter_sets_hex) as string[]) {
    if (!sets.includes(set)) problems.push(`parameter set ${set} is not in the format`);
  }
  return [...problems, ...compareFormat(expect, format)];
}

/** Without parameter sets nothing can be recorded: units that come without any are seen with those of another stream. */
function withSets(
  codec: VideoCodec,
  fmtp: Record<string, string>,
  units: readonly UnitFacts[],
): Record<string, string> {
  const known = units.flatMap(({ nal_types: types }) => types ?? []).some((type) => isSet(codec, type));
  if (known || Object.keys(fmtp).some((key) => key.startsWith('sprop-'))) return fmtp;
  return { ...fmtp, ...spropOf(codec, setsOf(codec === 'h264' ? 'small.h264' : 'small-h265.h265')) };
}

function compareUnit(codec: VideoCodec, frame: CaughtFrame, expected: UnitFacts, zero: number): string[] {
  const wanted = expected.nals_hex;
  const types = wanted?.map((hex) => typeOf(codec, hex)) ?? expected.nal_types ?? [];
  const units = unitsOf(codec, frame, types);
  return compare('', expected as Facts, {
    nals_hex: units.map((unit) => unit.toString('hex')),
    nal_types: units.map((unit) => nalType(codec, unit[0]!)),
    nal_sizes: units.map((unit) => unit.length),
    rtp_timestamp: (frame.pts + zero) % 2 ** 32,
    keyframe: frame.key,
  }).concat(expected.keyframe === undefined && frame.key ? ['it came out as a key frame'] : []);
}

function compareFormat(expect: Facts, format: Format | undefined): string[] {
  const video = format?.kind === 'video' ? format : undefined;
  return compare('', expect, {
    rfc6381: video?.rfc6381,
    in_band_dimensions: video && [video.width, video.height],
    width: video?.width,
    height: video?.height,
  });
}

function runAac(packets: readonly Buffer[], expect: Facts): string[] {
  const payloadType = payloadTypeOf(packets[0]!);
  const clockRate = Number(expect.clock_rate ?? expect.adts_sample_rate ?? 16_000);
  const lab = new RtpLab({ codec: 'aac', payloadType, clockRate, fmtp: fmtpOf(expect.fmtp) });
  for (const [n, packet] of packets.entries()) lab.packet(packet, n * PACKET_US);
  const problems = endLab(lab);
  const { frames } = lab;
  const format = lab.receiver.format as AudioFormat | undefined;
  const actual = {
    frame_count: frames.length,
    aac_raw_frame_bytes: frames[0]?.bytes.length,
    frame_sizes: frames.map(({ bytes }) => bytes.length),
    rfc6381: format?.rfc6381,
    adts_sample_rate: format?.sampleRate,
    adts_channels: format?.channels,
    adts_aot: format && format.config[0]! >> 3,
  };
  return [...problems, ...compare('', expect, actual)];
}

function typeOf(codec: VideoCodec, hex: string): number {
  return nalType(codec, Number.parseInt(hex.slice(0, 2), 16));
}
