import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  isKey,
  nalType,
  readAdts,
  VideoParameters,
  type AudioFormat,
  type Format,
  type VideoCodec,
} from '../../firmware/media/index.ts';
import type { MediaCodec } from '../../firmware/rtsp/description.ts';
import { RtpLab, setsInRecord, setsOf, type CaughtFrame } from '../support/rtp-lab.ts';
import { codecNamed } from './codec-names.ts';
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
const RTP_HEADER_BYTES = 12;

/** Sends the packets of an entry through a TrackReceiver and compares frames and formats with its facts. Gives the mismatches. */
export async function runRtp(entry: CorpusEntry, folder: string): Promise<string[]> {
  const { file, expect } = entry;
  const packets = linesOf(await readFile(join(folder, file), 'utf8'));
  if (packets.length === 0) return ['it is empty'];
  if (isStream(packets)) return runInterleaved(Buffer.concat(packets), expect, folder);
  const codec = codecNamed(expect.codec);
  return codec === 'h264' || codec === 'h265' ? runVideo(packets, codec, expect) : runAudio(packets, codec, expect);
}

/** Whether no frame comes out. */
export async function isUnreadable({ file, expect }: CorpusEntry, folder: string): Promise<boolean> {
  const packets = linesOf(await readFile(join(folder, file), 'utf8'));
  if (packets.length === 0) return true;
  const codec = codecNamed(expect.codec);
  const video = codec === 'h264' || codec === 'h265';
  const lab = openLab(packets, codec, expect, video ? withSets(codec, fmtpOf(expect.fmtp), allSets(codec)) : undefined);
  play(lab, packets);
  lab.end();
  return lab.frames.length === 0;
}

/** Bytes of a connection, in one line or in the portions in which they were read, are told by the dollar in front. */
function isStream(packets: readonly Buffer[]): boolean {
  return packets[0]![0] === 0x24;
}

function openLab(
  packets: readonly Buffer[],
  codec: MediaCodec,
  expect: Facts,
  fmtp: Record<string, string> = fmtpOf(expect.fmtp),
): RtpLab {
  const payloadType = typeof expect.payload_type === 'number' ? expect.payload_type : payloadTypeOf(packets[0]!);
  const clockRate = Number(expect.clock_rate ?? expect.adts_sample_rate ?? defaultRate(codec));
  const channels = typeof expect.channels === 'number' ? { channels: expect.channels } : {};
  return new RtpLab({ codec, payloadType, clockRate, fmtp, ...channels });
}

function defaultRate(codec: MediaCodec): number {
  if (codec === 'h264' || codec === 'h265') return 90_000;
  return codec === 'aac' ? 16_000 : 8_000;
}

function play(lab: RtpLab, packets: readonly Buffer[], packetUs = 1000): void {
  for (const [n, packet] of packets.entries()) lab.packet(packet, n * packetUs);
}

function runVideo(packets: readonly Buffer[], codec: VideoCodec, expect: Facts): string[] {
  const units = asList(expect.access_units) as UnitFacts[];
  const given = fmtpOf(expect.fmtp);
  let lab = openLab(packets, codec, expect, given);
  play(lab, packets);
  let sets: 'own' | 'lent' = 'own';
  if (lab.receiver.format === undefined && !('sprop-parameter-sets' in given || 'sprop-sps' in given)) {
    // Without parameter sets nothing can be recorded: units that come without usable ones are seen with those of another stream.
    const own = new Set(usableTypes(codec, units));
    const lent = allSets(codec).filter((set) => !own.has(nalType(codec, set[0]!)));
    lab.end();
    lab = openLab(packets, codec, expect, withSets(codec, given, lent));
    play(lab, packets);
    sets = own.size > 0 ? 'own' : 'lent';
  }
  const problems = endLab(lab);
  return [...problems, ...compareVideo(lab, codec, expect, units, sets)];
}

function compareVideo(
  { frames, receiver }: RtpLab,
  codec: VideoCodec,
  expect: Facts,
  units: readonly UnitFacts[],
  sets: 'own' | 'lent',
): string[] {
  const problems: string[] = [];
  // Units of sets alone are no frame; their sets must have arrived.
  const pictures = units.filter((unit) => typesOf(codec, unit)?.some((type) => !isSet(codec, type)) ?? true);
  const told = expect.frame_count ?? frames.length;
  const accepted = asList(
    expect.frame_count_accepted ?? (pictures.length < units.length ? [told, pictures.length] : [told]),
  ) as number[];
  if (!accepted.includes(frames.length)) {
    problems.push(`expected ${accepted.join(' or ')} frames, got ${frames.length}`);
  }
  // Times count from the first frame.
  const matched = pictures.length === frames.length ? pictures : units;
  const zero = (matched[0]?.rtp_timestamp ?? 0) - (frames[0]?.pts ?? 0);
  frames.forEach((frame, n) => {
    const unit = matched[n];
    if (unit)
      problems.push(
        ...compareUnit(codec, frame, sets === 'own' ? unit : withoutSets(codec, unit), zero).map(
          (words) => `unit ${n}: ${words}`,
        ),
      );
  });
  const format = receiver.format;
  const known = setsInRecord(format);
  const alone = units.filter((unit) => !pictures.includes(unit)).flatMap(({ nals_hex: nals }) => nals ?? []);
  for (const set of [...(asList(expect.parameter_sets_hex) as string[]), ...(sets === 'own' ? alone : [])]) {
    if (!known.includes(set.toLowerCase())) problems.push(`parameter set ${set} is not in the format`);
  }
  return [...problems, ...(sets === 'own' ? compareFormat(expect, format) : [])];
}

function withSets(codec: VideoCodec, fmtp: Record<string, string>, sets: readonly Buffer[]): Record<string, string> {
  const names: Readonly<Record<number, string>> = { 32: 'sprop-vps', 33: 'sprop-sps', 34: 'sprop-pps' };
  if (codec === 'h264') return { ...fmtp, 'sprop-parameter-sets': sets.map((set) => set.toString('base64')).join(',') };
  const named = sets.map((set) => [names[nalType(codec, set[0]!)], set.toString('base64')]);
  return { ...fmtp, ...(Object.fromEntries(named) as Record<string, string>) };
}

function allSets(codec: VideoCodec): Buffer[] {
  return setsOf(codec === 'h264' ? 'small.h264' : 'small-h265.h265');
}

/** Types of the sets among the units that a decoder can read: corpora also hold made-up bytes with the type of a set. */
function usableTypes(codec: VideoCodec, units: readonly UnitFacts[]): number[] {
  const parameters = new VideoParameters(codec);
  return units
    .flatMap(({ nals_hex: nals }) => nals ?? [])
    .map((hex) => Buffer.from(hex, 'hex'))
    .filter((nal) => nal.length > 0 && parameters.feed(nal) !== 'bad')
    .map((nal) => nalType(codec, nal[0]!));
}

function typesOf(codec: VideoCodec, { nals_hex: nals, nal_types: types }: UnitFacts): number[] | undefined {
  return nals?.map((hex) => typeOf(codec, hex)) ?? types;
}

/** What a unit expects besides parameter sets. */
function withoutSets(codec: VideoCodec, unit: UnitFacts): UnitFacts {
  const types = typesOf(codec, unit);
  const kept = <Kind>(values: readonly Kind[] | undefined): Kind[] | undefined =>
    values?.filter((_, at) => !isSet(codec, types?.[at] ?? -1));
  const { nals_hex, nal_types, nal_sizes } = unit;
  const lists = { nals_hex: kept(nals_hex), nal_types: kept(nal_types), nal_sizes: kept(nal_sizes) };
  const rest = Object.fromEntries(['rtp_timestamp', 'keyframe'].map((key) => [key, unit[key as keyof UnitFacts]]));
  return Object.fromEntries(Object.entries({ ...lists, ...rest }).filter(([, value]) => value !== undefined));
}

function compareUnit(codec: VideoCodec, frame: CaughtFrame, expected: UnitFacts, zero: number): string[] {
  const types = typesOf(codec, expected) ?? [];
  const units = unitsOf(codec, frame, types);
  const unasked = expected.keyframe === undefined && frame.key && types.length > 0;
  const surprise = unasked && !types.some((type) => isKey(codec, type));
  return compare('', expected as Facts, {
    nals_hex: units.map((unit) => unit.toString('hex')),
    nal_types: units.map((unit) => nalType(codec, unit[0]!)),
    nal_sizes: units.map((unit) => unit.length),
    nal_count: units.length,
    rtp_timestamp: (frame.pts + zero) % 2 ** 32,
    keyframe: frame.key,
  }).concat(surprise ? ['it came out as a key frame'] : []);
}

function compareFormat(expect: Facts, format: Format | undefined): string[] {
  const video = format?.kind === 'video' ? format : undefined;
  return compare('', expect, {
    codec: expect.codec,
    rfc6381: video?.rfc6381,
    in_band_dimensions: video && [video.width, video.height],
    width: video?.width,
    height: video?.height,
  });
}

function runAudio(packets: readonly Buffer[], codec: MediaCodec, expect: Facts): string[] {
  const lab = openLab(packets, codec, expect);
  play(lab, packets, PACKET_US);
  const problems = endLab(lab);
  const { frames } = lab;
  const format = lab.receiver.format as AudioFormat | undefined;
  const stored = format !== undefined && format.codec !== 'flac';
  const zero = Number(expect.first_timestamp ?? 0) - (frames[0]?.pts ?? 0);
  const common = {
    codec: expect.codec,
    rfc6381: format?.rfc6381,
    sample_rate: format?.sampleRate,
    effective_sample_rate: format?.sampleRate,
    channels: format?.channels,
    effective_channels: format?.channels,
    rtp_timestamps: frames.map(({ pts }) => pts + zero),
  };
  // Sound that is packed anew on its way has other frames than the packets had.
  const asSent = stored && {
    frame_count: frames.length,
    frames: frames.length,
    aac_raw_frame_bytes: frames[0]?.bytes.length,
    frame_sizes: frames.map(({ bytes }) => bytes.length),
    frames_hex: frames.map(({ bytes }) => bytes.toString('hex')),
    ...(format.codec === 'aac' && adtsFacts(packets[0]!, format)),
  };
  return [...problems, ...compare('', expect, { ...common, ...asSent })];
}

function adtsFacts(packet: Buffer, format: AudioFormat): Facts {
  const header = readAdts(packet, RTP_HEADER_BYTES, packet.length);
  return {
    adts_sample_rate: format.sampleRate,
    adts_channels: format.channels,
    adts_aot: format.config[0]! >> 3,
    ...(header && {
      adts_header_bytes: header.headerBytes,
      adts_frame_length: header.frameBytes,
      payload_bytes: packet.length - RTP_HEADER_BYTES,
    }),
  };
}

function typeOf(codec: VideoCodec, hex: string): number {
  return nalType(codec, Number.parseInt(hex.slice(0, 2), 16));
}
