import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { aacFormat, nalType, splitAnnexB, VideoParameters, type VideoCodec } from '../../firmware/media/index.ts';
import { describeSession, type MediaDescription, type SessionDescription } from '../../firmware/rtsp/description.ts';
import { STATIC_PAYLOADS } from '../../firmware/rtsp/payload-types.ts';
import { parameterSetsOf } from '../../firmware/rtsp/rtp/sprop.ts';
import { parseSdp } from '../../firmware/rtsp/sdp.ts';
import { asList, asText, compare, type CorpusEntry, type Facts } from './facts.ts';

/** Without a captured request the corpus uses this address; where there is one it is named. */
export const ASSUMED_REQUEST_URL = 'rtsp://camera.example/stream';

const OURS = new Set(['h264', 'h265', 'aac', 'g711a', 'g711u', 'onvif-metadata']);
const START_CODE = Buffer.from([0, 0, 1]);
const SET_TYPES = { h264: { sprop_sps: 7, sprop_pps: 8 }, h265: { sprop_vps: 32, sprop_sps: 33, sprop_pps: 34 } };

/** Whether no stream of it can be recorded. */
export async function isUnreadable({ file, expect }: CorpusEntry, folder: string): Promise<boolean> {
  const requestUrl = asText(expect.request_url) ?? ASSUMED_REQUEST_URL;
  const { media } = describeSession(await readFile(join(folder, file), 'utf8'), { requestUrl });
  return media.every(({ recordable }) => !recordable);
}

/** Compares what the firmware makes of a session description with the entry's facts. Gives the mismatches. */
export async function runSdp(entry: CorpusEntry, folder: string): Promise<string[]> {
  const text = await readFile(join(folder, entry.file), 'utf8');
  const { expect } = entry;
  const requestUrl = asText(expect.request_url) ?? asText(expect.base_url) ?? ASSUMED_REQUEST_URL;
  const description = describeSession(text, { requestUrl, contentBase: asText(expect.content_base_raw) });
  return [...compareDescription(description, expect), ...compareRaw(text, expect)];
}

/** What stands beside a stream in words that the box does not believe: sizes and rates come from the pictures themselves. */
function compareRaw(text: string, expect: Facts): string[] {
  const { media } = parseSdp(text);
  return (asList(expect.streams) as Facts[]).flatMap((stream, position) => {
    const attributes = media[Number(stream.index ?? position)]?.attributes ?? [];
    const all = (name: string): string[] => attributes.filter((each) => each.name === name).map(({ value }) => value);
    const [rates, sizes] = [all('framerate'), ['x-dimensions', 'framesize', 'cliprect'].flatMap(all)];
    const [rate, size] = [asList(stream.sdp_framerate_raw), stream.sdp_dimensions_raw];
    return compare(`stream ${position}: `, stream, {
      sdp_framerate_raw: rate.every((each) => rates.includes(String(each))) ? rate : rates,
      sdp_dimensions_raw: sizes.includes(String(size)) ? size : sizes[0],
    });
  });
}

/** Facts of a whole description; also used for the bodies of DESCRIBE answers. */
export function compareDescription(description: SessionDescription, expect: Facts): string[] {
  const { baseUrl: base_url, aggregateUrl: aggregate_control_url, media } = description;
  const problems = compare('', expect, { base_url, aggregate_control_url, stream_count: media.length });
  for (const [position, stream] of (asList(expect.streams) as Facts[]).entries()) {
    const index = Number(stream.index ?? position);
    const one = media[index];
    if (one) problems.push(...compare(`stream ${index}: `, stream, factsOf(one, stream)));
    else problems.push(`stream ${index} is missing`);
  }
  return problems;
}

function factsOf(media: MediaDescription, expected: Facts): Facts {
  const rawCodec = asText(expected.codec) ?? '';
  return {
    index: media.index,
    media: media.kind,
    proto: media.proto,
    payload_types: media.payloadTypes,
    payload_type: media.payloadType,
    encoding: media.encoding,
    clock_rate: media.clockRate,
    channels: media.channels,
    control_raw: media.controlRaw,
    control_url: media.controlUrl,
    direction: media.direction,
    // What the box does not record has one name here and several in the corpus.
    codec: sameCodec(media.codec, rawCodec) ? expected.codec : media.codec,
    // Sound beyond what a corpus asks for may be recorded all the same, but never that of the loudspeaker.
    recordable: media.recordable && BEYOND.has(media.codec) ? expected.recordable : media.recordable,
    from_static_payload_type: isStatic(media) || undefined,
    ...(media.codec === 'aac' && audioFacts(media)),
    ...((media.codec === 'h264' || media.codec === 'h265') && videoFacts(media, media.codec)),
  };
}

const BEYOND: ReadonlySet<string> = new Set(['opus', 'l16', 'aac-latm']);

function sameCodec(own: string, expected: string): boolean {
  if (own === 'other') return !OURS.has(expected);
  return BEYOND.has(own) && (expected === 'other' || !OURS.has(expected));
}

/** The number alone says what it is. */
function isStatic({ payloadType, encoding }: MediaDescription): boolean {
  return STATIC_PAYLOADS.get(payloadType)?.encoding === encoding;
}

function audioFacts(media: MediaDescription): Facts {
  const asc = media.fmtp.get('config') ?? '';
  const format = asc === '' ? undefined : aacFormat(Buffer.from(asc, 'hex'));
  return {
    asc,
    aac_mode: media.fmtp.get('mode'),
    rfc6381: format?.rfc6381,
    asc_sample_rate: format?.sampleRate,
    asc_channels: format?.channels,
    conflict_rtpmap_vs_asc_channels: [media.channels, format?.channels],
    effective_sample_rate: format?.sampleRate,
    effective_channels: format?.channels,
    parameters_usable_from_sdp: format !== undefined,
  };
}

function videoFacts(media: MediaDescription, codec: VideoCodec): Facts {
  const parameters = new VideoParameters(codec);
  // Start codes and zeros that a camera glues on are no part of a set.
  const sets = parameterSetsOf(media).flatMap((set) => {
    const stream = Buffer.concat([START_CODE, set]);
    return splitAnnexB(stream, 0, stream.length).map(({ start, end }) => stream.subarray(start, end));
  });
  const used = sets.filter((set) => parameters.feed(set) !== 'bad');
  const ofType = (type: number) =>
    used.filter((set) => nalType(codec, set[0]!) === type).map((set) => set.toString('hex'));
  const format = parameters.format();
  return {
    ...Object.fromEntries(Object.entries(SET_TYPES[codec]).map(([name, type]) => [name, ofType(type)])),
    width: format?.width,
    height: format?.height,
    rfc6381: format?.rfc6381,
    vui_fps: format?.nominalFps,
    parameters_usable_from_sdp: format !== undefined,
  };
}
