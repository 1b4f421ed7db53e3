import { SampleTrack } from '../media/index.ts';
import { ENCODING_NAMES, STATIC_PAYLOADS } from './payload-types.ts';
import { directionOf, firstAttribute, parseSdp, type Direction, type Sdp, type SdpMedia } from './sdp.ts';
import { baseUrl, controlUrl, type BaseUrlSources } from './url.ts';

export type MediaCodec =
  'h264' | 'h265' | 'aac' | 'aac-latm' | 'g711a' | 'g711u' | 'l16' | 'opus' | 'onvif-metadata' | 'other';

/** One media section of a session description, with what it means for recording. */
export interface MediaDescription {
  /** Its place among the m= lines. */
  readonly index: number;
  /** The m= word: "video", "audio", "application", ... */
  readonly kind: string;
  readonly proto: string;
  /** As listed in the m= line, without what is not a payload type. */
  readonly payloadTypes: number[];
  /** The one that the rest speaks about; -1 if none is named anywhere. */
  readonly payloadType: number;
  /** As spelled in the rtpmap; empty if unknown. */
  readonly encoding: string;
  /** RTP ticks per second; 0 if unknown. */
  readonly clockRate: number;
  /** According to the rtpmap; 0 for what is not audio. */
  readonly channels: number;
  /** Format parameters; keys in lower case. */
  readonly fmtp: ReadonlyMap<string, string>;
  readonly controlRaw: string | undefined;
  /** The URL for SETUP. */
  readonly controlUrl: string;
  readonly direction: Direction | undefined;
  readonly codec: MediaCodec;
  readonly recordable: boolean;
  /** If not recordable: why, in words for people. */
  readonly why?: string;
  /** The same media under its further payload types, if any of them is recordable. */
  readonly alternatives?: readonly MediaDescription[];
}

export interface SessionDescription {
  readonly baseUrl: string;
  /** For PLAY, keep-alives and TEARDOWN. */
  readonly aggregateUrl: string;
  readonly media: readonly MediaDescription[];
}

/** Gives meaning to a session description (RFC 8866, RFC 2326 appendix C). Never throws: what cannot be read is left out. */
export function describeSession(text: string, sources: BaseUrlSources): SessionDescription {
  const sdp = parseSdp(text);
  const base = baseUrl(sources);
  return {
    baseUrl: base,
    aggregateUrl: controlUrl(base, firstAttribute(sdp.attributes, 'control')),
    media: sdp.media.map((_, index) => describeMedia(sdp, index, base)),
  };
}

function describeMedia(sdp: Sdp, index: number, base: string): MediaDescription {
  const media = sdp.media[index]!;
  const payloadTypes = payloadTypesOf(media);
  const primary = describePayload(sdp, index, base, payloadTypes[0] ?? firstMappedType(media) ?? -1);
  const alternatives = payloadTypes
    .slice(1)
    .map((type) => describePayload(sdp, index, base, type))
    .filter((other) => other.recordable);
  return alternatives.length > 0 ? { ...primary, alternatives } : primary;
}

function describePayload(sdp: Sdp, index: number, base: string, payloadType: number): MediaDescription {
  const media = sdp.media[index]!;
  const audio = media.kind.toLowerCase() === 'audio';
  const map = rtpmapOf(media, payloadType);
  const fixed = map ? undefined : STATIC_PAYLOADS.get(payloadType);
  const encoding = map?.encoding ?? fixed?.encoding ?? '';
  const controlRaw = firstAttribute(media.attributes, 'control');
  const direction = directionOf(media.attributes) ?? directionOf(sdp.attributes);
  const fmtp = fmtpOf(sdp, index, payloadType);
  const codec = codecOf(media.kind, encoding);
  const clockRate = map?.clockRate ?? fixed?.clockRate ?? defaultClockRate(codec);
  const channels = audio ? (map?.channels ?? fixed?.channels ?? 1) : 0;
  const why =
    whyNot(media.kind, codec, encoding, direction, fmtp) ??
    (SAMPLED.has(codec) && !SampleTrack.supports(clockRate, channels)
      ? `${nameOf(encoding)} with ${channels} channels at ${clockRate} Hz is not supported`
      : undefined);
  return {
    index,
    kind: media.kind,
    proto: media.proto,
    payloadTypes: payloadTypesOf(media),
    payloadType,
    encoding,
    clockRate,
    channels,
    fmtp,
    controlRaw,
    controlUrl: controlUrl(base, controlRaw),
    direction,
    codec,
    recordable: why === undefined,
    ...(why !== undefined && { why }),
  };
}

function payloadTypesOf(media: SdpMedia): number[] {
  return media.formats.filter((word) => /^\d{1,3}$/.test(word) && Number(word) < 128).map(Number);
}

/** For m= lines that name no number: "RTP/AVP smart/1/90000". */
function firstMappedType(media: SdpMedia): number | undefined {
  const digits = /^\d{1,3}/.exec(firstAttribute(media.attributes, 'rtpmap') ?? '');
  return digits && Number(digits[0]) < 128 ? Number(digits[0]) : undefined;
}

interface RtpMap {
  readonly encoding: string;
  readonly clockRate?: number;
  readonly channels?: number;
}

function rtpmapOf(media: SdpMedia, payloadType: number): RtpMap | undefined {
  for (const { name, value } of media.attributes) {
    const map =
      name === 'rtpmap' ? /^(\d{1,3})\s+([^/\s]+)(?:\s*\/\s*(\d{1,9}))?(?:\s*\/\s*(\d{1,3}))?/.exec(value) : null;
    if (!map || Number(map[1]) !== payloadType) continue;
    return {
      encoding: map[2]!,
      ...(Number(map[3]) > 0 && { clockRate: Number(map[3]) }),
      ...(Number(map[4]) > 0 && { channels: Number(map[4]) }),
    };
  }
  return undefined;
}

/**
 * All format parameters for a payload type: from its own section, else from the session or from another section that does
 * not itself use the number (some cameras write the fmtp behind the wrong m= line).
 */
function fmtpOf(sdp: Sdp, index: number, payloadType: number): ReadonlyMap<string, string> {
  const own = readFmtp(sdp.media[index]!.attributes, payloadType);
  if (own.size > 0) return own;
  const foreign = sdp.media.filter((media, at) => at !== index && !payloadTypesOf(media).includes(payloadType));
  for (const { attributes } of [{ attributes: sdp.attributes }, ...foreign]) {
    const found = readFmtp(attributes, payloadType);
    if (found.size > 0) return found;
  }
  return own;
}

function readFmtp(attributes: SdpMedia['attributes'], payloadType: number): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const { name, value } of attributes) {
    const line = name === 'fmtp' ? /^(\d{1,3})(?:\s+(.*))?$/.exec(value) : null;
    if (!line || Number(line[1]) !== payloadType) continue;
    for (const parameter of (line[2] ?? '').split(';')) {
      const equals = parameter.indexOf('=');
      const key = (equals < 0 ? parameter : parameter.slice(0, equals)).trim().toLowerCase();
      const text =
        equals < 0
          ? ''
          : parameter
              .slice(equals + 1)
              .trim()
              .replace(/^"(.*)"$/, '$1');
      if (key !== '' && !parameters.get(key)) parameters.set(key, text);
    }
  }
  return parameters;
}

const AUDIO_CODECS: ReadonlyMap<string, MediaCodec> = new Map([
  ['MPEG4-GENERIC', 'aac'],
  ['MP4A-LATM', 'aac-latm'],
  ['PCMA', 'g711a'],
  ['PCMU', 'g711u'],
  ['L16', 'l16'],
  ['OPUS', 'opus'],
]);

function codecOf(kind: string, encoding: string): MediaCodec {
  const name = encoding.toUpperCase();
  if (name === 'VND.ONVIF.METADATA') return 'onvif-metadata';
  if (kind.toLowerCase() === 'audio') return AUDIO_CODECS.get(name) ?? 'other';
  if (kind.toLowerCase() !== 'video') return 'other';
  if (name === 'H264') return 'h264';
  return name === 'H265' || name === 'HEVC' ? 'h265' : 'other';
}

function defaultClockRate(codec: MediaCodec): number {
  if (codec === 'h264' || codec === 'h265' || codec === 'onvif-metadata') return 90000;
  if (codec === 'opus') return 48000;
  return codec === 'g711a' || codec === 'g711u' ? 8000 : 0;
}

/** Words for people, or undefined for what is recorded. Video is taken whatever direction is written beside it. */
function whyNot(
  kind: string,
  codec: MediaCodec,
  encoding: string,
  direction: Direction | undefined,
  fmtp: ReadonlyMap<string, string>,
): string | undefined {
  if (codec === 'h264' || codec === 'h265') return undefined;
  if (codec === 'onvif-metadata') return 'metadata is not recorded';
  const word = kind.toLowerCase();
  if (word !== 'video' && word !== 'audio') return `${kind} is not recorded`;
  if (word === 'audio' && direction === 'sendonly') return 'it is the way to the loudspeaker of the camera';
  if (word === 'audio' && direction === 'inactive') return 'the camera has switched it off';
  if (codec === 'other') {
    const name = nameOf(encoding);
    return name === '' ? `the camera does not say what ${word} it sends` : `${name} is not supported`;
  }
  const needsConfig = codec === 'aac' || (codec === 'aac-latm' && fmtp.get('cpresent') === '0');
  if (needsConfig && !/^[0-9a-f]{4,}$/i.test(fmtp.get('config') ?? '')) return 'AAC without its configuration';
  return undefined;
}

/** Sound that is stored sample by sample. */
const SAMPLED: ReadonlySet<MediaCodec> = new Set(['g711a', 'g711u', 'l16']);

function nameOf(encoding: string): string {
  return ENCODING_NAMES.get(encoding.toUpperCase()) ?? encoding;
}

export interface TrackChoice {
  /** What to set up, in this order. */
  readonly tracks: readonly MediaDescription[];
  /** What is left out although it is there, with words. */
  readonly skipped: readonly MediaDescription[];
}

/**
 * Chooses what to set up: the first video and the first audio that can be recorded. A media whose first payload type cannot
 * be recorded is taken under its first other one that can. AAC without a configuration is the last choice for audio: it may
 * carry ADTS headers.
 */
export function chooseTracks(media: readonly MediaDescription[]): TrackChoice {
  const video = firstRecordable(media, 'video');
  const audio =
    firstRecordable(media, 'audio') ??
    media.find(({ codec, direction }) => codec === 'aac' && direction !== 'sendonly' && direction !== 'inactive');
  const tracks = [video, audio].filter((track) => track !== undefined);
  const skipped = media.filter(({ index }) => !tracks.some((track) => track.index === index));
  return { tracks, skipped };
}

function firstRecordable(media: readonly MediaDescription[], kind: string): MediaDescription | undefined {
  for (const one of media) {
    if (one.kind.toLowerCase() !== kind) continue;
    const track = one.recordable ? one : one.alternatives?.[0];
    if (track) return track;
  }
  return undefined;
}
