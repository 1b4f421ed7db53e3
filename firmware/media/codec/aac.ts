import type { AudioFormat } from '../frame.ts';
import { BitReader } from './bit-reader.ts';

/** What an AudioSpecificConfig says (ISO/IEC 14496-3 1.6.2.1). */
export interface AacConfig {
  /** Audio object type of the core: 2 is AAC-LC. */
  readonly objectType: number;
  /** Object type as signalled: 5 (SBR) or 29 (parametric stereo) where these are announced first, else `objectType`. */
  readonly signalledType: number;
  /** Sampling rate of the core, in which access units count `samplesPerFrame`. */
  readonly coreRate: number;
  /** Sampling rate that comes out of a decoder that knows the extensions. */
  readonly effectiveRate: number;
  /** Channels of the core. */
  readonly channels: number;
  readonly effectiveChannels: number;
  readonly samplesPerFrame: number;
}

/** An ADTS header (ISO/IEC 14496-3 1.A.2.2). */
export interface AdtsHeader {
  /** 7, or 9 with a checksum. */
  readonly headerBytes: number;
  /** Bytes of the frame with its header. */
  readonly frameBytes: number;
  readonly objectType: number;
  readonly sampleRate: number;
  /** 0 if the channels are described within the frame. */
  readonly channels: number;
  /** Raw data blocks in the frame, 1 to 4; MP4 can only store frames of one block. */
  readonly blocks: number;
}

const RATES = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350] as const;
const ESCAPED_RATE = 15;
/** Channels by channelConfiguration; 0 stands for reserved values. */
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0] as const;
const SBR = 5;
const PARAMETRIC_STEREO = 29;
const LOW_DELAY = 23;
const ENHANCED_LOW_DELAY = 39;
/** Object types that carry a GASpecificConfig and are AAC. */
const GENERAL_AUDIO: ReadonlySet<number> = new Set([1, 2, 3, 4, 6, 17, 19, 20, LOW_DELAY]);
/** Types whose config ends with epConfig (1.6.2.1). */
const RESILIENT: ReadonlySet<number> = new Set([17, 19, 20, LOW_DELAY]);
const MOST_RATE = 192000;

/** Reads an AudioSpecificConfig. Undefined if it is cut off, senseless, or no kind of AAC. */
export function parseAacConfig(bytes: Uint8Array): AacConfig | undefined {
  return readConfig(new BitReader(bytes), true);
}

/**
 * Reads an AudioSpecificConfig that stands at the reader's position among other things, as in LATM, up to its end; what may stand
 * behind the core's config is not looked for. Undefined also for kinds of AAC whose end cannot be told.
 */
export function readAacConfig(reader: BitReader): AacConfig | undefined {
  const aac = readConfig(reader, false);
  if (!aac || aac.objectType === ENHANCED_LOW_DELAY) return undefined;
  // Error protection of the resilient types: 2 and 3 bring a configuration of their own, which nobody sends.
  if (RESILIENT.has(aac.objectType) && reader.bits(2) > 1) return undefined;
  return reader.failed ? undefined : aac;
}

function readConfig(reader: BitReader, mayTrail: boolean): AacConfig | undefined {
  const start = reader.position;
  const signalledType = readObjectType(reader);
  const coreRate = readRate(reader);
  const channelConfiguration = reader.bits(4);
  let objectType = signalledType;
  let extension = { rate: 0, stereo: signalledType === PARAMETRIC_STEREO };
  if (signalledType === SBR || signalledType === PARAMETRIC_STEREO) {
    extension.rate = readRate(reader);
    objectType = readObjectType(reader);
  }
  const core = readCore(reader, objectType, channelConfiguration, start);
  if (reader.failed || !core || !isSaneRate(coreRate)) return undefined;
  if (mayTrail && extension.rate === 0) extension = readTrailingExtension(reader) ?? extension;
  return {
    objectType,
    signalledType,
    coreRate,
    effectiveRate: isSaneRate(extension.rate) ? extension.rate : coreRate,
    ...core,
    effectiveChannels: extension.stereo && core.channels === 1 ? 2 : core.channels,
  };
}

/** The track format of an AudioSpecificConfig, or undefined if it is none of AAC. Time counts in samples of the core. */
export function aacFormat(config: Uint8Array): AudioFormat | undefined {
  const aac = parseAacConfig(config);
  if (!aac) return undefined;
  return {
    kind: 'audio',
    codec: 'aac',
    timescale: aac.coreRate,
    sampleRate: aac.coreRate,
    channels: aac.channels,
    rfc6381: `mp4a.40.${aac.signalledType}`,
    config: Uint8Array.from(config),
    source: NAMES.get(aac.signalledType) ?? `AAC, object type ${aac.signalledType}`,
  };
}

const NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'AAC Main'],
  [2, 'AAC-LC'],
  [SBR, 'HE-AAC'],
  [LOW_DELAY, 'AAC-LD'],
  [PARAMETRIC_STEREO, 'HE-AAC v2'],
  [ENHANCED_LOW_DELAY, 'AAC-ELD'],
]);

/** Reads the ADTS header at `start`, if there is one whose frame lies within the range; else undefined. */
export function readAdts(buffer: Uint8Array, start: number, end: number): AdtsHeader | undefined {
  if (end - start < 7 || buffer[start] !== 0xff || (buffer[start + 1]! & 0xf6) !== 0xf0) return undefined;
  const headerBytes = (buffer[start + 1]! & 1) === 1 ? 7 : 9;
  const third = buffer[start + 2]!;
  const fourth = buffer[start + 3]!;
  const frameBytes = ((fourth & 3) << 11) | (buffer[start + 4]! << 3) | (buffer[start + 5]! >> 5);
  const sampleRate = RATES[(third >> 2) & 15];
  if (sampleRate === undefined || frameBytes <= headerBytes || frameBytes > end - start) return undefined;
  const channels = CHANNELS[((third & 1) << 2) | (fourth >> 6)]!;
  return {
    headerBytes,
    frameBytes,
    objectType: (third >> 6) + 1,
    sampleRate,
    channels,
    blocks: (buffer[start + 6]! & 3) + 1,
  };
}

/** The AudioSpecificConfig that says what an ADTS header says. */
export function aacConfigOf(header: AdtsHeader): Buffer {
  const rateIndex = RATES.findIndex((rate) => rate === header.sampleRate);
  const channelConfiguration = header.channels === 8 ? 7 : header.channels;
  return Buffer.from([
    (header.objectType << 3) | (rateIndex >> 1),
    ((rateIndex & 1) << 7) | (channelConfiguration << 3),
  ]);
}

function readObjectType(reader: BitReader): number {
  const type = reader.bits(5);
  return type === 31 ? 32 + reader.bits(6) : type;
}

function readRate(reader: BitReader): number {
  const index = reader.bits(4);
  return index === ESCAPED_RATE ? reader.bits(24) : (RATES[index] ?? 0);
}

function isSaneRate(rate: number): boolean {
  return rate >= 1000 && rate <= MOST_RATE;
}

type Core = Pick<AacConfig, 'channels' | 'samplesPerFrame'>;

function readCore(
  reader: BitReader,
  objectType: number,
  channelConfiguration: number,
  start: number,
): Core | undefined {
  const channels = CHANNELS[channelConfiguration] ?? 0;
  if (objectType === ENHANCED_LOW_DELAY) {
    const shortFrame = reader.flag();
    // Where an ELDSpecificConfig ends depends on its SBR part, so nothing behind it is read.
    return channels > 0 ? { channels, samplesPerFrame: shortFrame ? 480 : 512 } : undefined;
  }
  if (!GENERAL_AUDIO.has(objectType)) return undefined;
  return readGeneralAudio(reader, objectType, channelConfiguration, start);
}

/** GASpecificConfig (ISO/IEC 14496-3 4.4.1). */
function readGeneralAudio(
  reader: BitReader,
  objectType: number,
  channelConfiguration: number,
  start: number,
): Core | undefined {
  const shortFrame = reader.flag();
  if (reader.flag()) reader.skip(14); // coreCoderDelay
  const extended = reader.flag();
  const channels =
    channelConfiguration === 0 ? countProgramChannels(reader, start) : (CHANNELS[channelConfiguration] ?? 0);
  if (objectType === 6 || objectType === 20) reader.skip(3); // layerNr
  if (extended) {
    if (objectType === 17 || objectType === 19 || objectType === 20 || objectType === LOW_DELAY) reader.skip(3);
    reader.skip(1); // extensionFlag3
  }
  if (channels === 0) return undefined;
  const samples = objectType === LOW_DELAY ? [512, 480] : [1024, 960];
  return { channels, samplesPerFrame: samples[shortFrame ? 1 : 0]! };
}

/** program_config_element (4.4.1.1): the channels it lists. It aligns itself to the config that begins at `start`. */
function countProgramChannels(reader: BitReader, start: number): number {
  reader.skip(10); // element_instance_tag, object_type, sampling_frequency_index
  const audio = [reader.bits(4), reader.bits(4), reader.bits(4)]; // front, side, back elements
  const lowFrequency = reader.bits(2);
  const data = reader.bits(3);
  const coupling = reader.bits(4);
  for (const bits of [4, 4, 3]) if (reader.flag()) reader.skip(bits); // mono, stereo and matrix mix-down
  let channels = lowFrequency;
  for (const elements of audio) {
    for (let at = 0; at < elements; at++) {
      channels += reader.flag() ? 2 : 1;
      reader.skip(4);
    }
  }
  reader.skip(4 * lowFrequency + 4 * data + 5 * coupling);
  reader.skip((8 - ((reader.position - start) % 8)) % 8);
  reader.skip(8 * reader.bits(8)); // comment
  return channels;
}

/** SBR and parametric stereo announced behind the core's config, where old decoders do not look (1.6.5.2). */
function readTrailingExtension(reader: BitReader): { rate: number; stereo: boolean } | undefined {
  if (reader.left < 16 || reader.bits(11) !== 0x2b7) return undefined;
  if (readObjectType(reader) !== SBR || !reader.flag()) return undefined;
  const rate = readRate(reader);
  const stereo = reader.left >= 12 && reader.bits(11) === 0x548 && reader.flag();
  return reader.failed ? undefined : { rate, stereo };
}
