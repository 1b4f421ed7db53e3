import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nalType, type VideoCodec } from '../../firmware/media/index.ts';
import { describeSession, type MediaDescription } from '../../firmware/rtsp/description.ts';
import { RtpHeader } from '../../firmware/rtsp/rtp/rtp-header.ts';
import { SessionClock } from '../../firmware/rtsp/rtp/session-clock.ts';
import { WireReader } from '../../firmware/rtsp/wire-reader.ts';
import { RtpLab, type CaughtFrame } from '../support/rtp-lab.ts';
import { codecNamed } from './codec-names.ts';
import { asList, asText, compare, type Facts } from './facts.ts';
import { endLab, fmtpOf, unitsOf } from './packets.ts';

interface Channel {
  readonly lab: RtpLab;
  readonly clockRate: number;
  readonly expect: Facts;
  first: number | undefined;
}

/** One TCP byte stream with the packets of several channels, compared with facts about its video and audio. Gives the mismatches. */
export async function runInterleaved(stream: Buffer, expect: Facts, folder: string): Promise<string[]> {
  const kinds = [expect.video, expect.audio].flatMap((facts) =>
    Array.isArray(facts) ? (facts as unknown[]) : [facts],
  );
  const tracks = kinds.filter((facts): facts is Facts => typeof facts === 'object' && facts !== null);
  const sdp = [expect, ...tracks].map((facts) => asText(facts.sdp)).find((file) => file !== undefined);
  const media = sdp === undefined ? [] : await describedIn(join(folder, sdp));
  const session = new SessionClock();
  const channels = new Map<number, Channel>();
  for (const facts of tracks) {
    const track = media.find(({ payloadType }) => payloadType === facts.payload_type);
    if (!track && sdp !== undefined) return [`payload type ${String(facts.payload_type)} is not described`];
    const opened = track ? openTrack(track, session) : openBare(facts, session);
    channels.set(Number(facts.channel), { ...opened, expect: facts, first: undefined });
  }
  const { counts, messages, junk } = play(stream, channels);
  const problems = compare('', expect, {
    frames_per_channel: counts,
    rtsp_messages: messages,
    junk_bytes: junk,
    format: expect.format,
  });
  for (const { lab, expect: facts } of channels.values()) {
    lab.receiver.flush();
    const codec = codecNamed(facts.codec);
    const isVideo = codec === 'h264' || codec === 'h265';
    const actual = isVideo ? videoFacts(codec, lab.frames, facts) : audioFacts(lab.frames, facts);
    problems.push(...compare(`${codec}: `, facts, actual), ...endLab(lab));
  }
  return problems;
}

async function describedIn(file: string): Promise<readonly MediaDescription[]> {
  return describeSession(await readFile(file, 'utf8'), { requestUrl: 'rtsp://127.0.0.1/' }).media;
}

function openTrack(media: MediaDescription, session: SessionClock): { lab: RtpLab; clockRate: number } {
  const { codec, clockRate, channels, payloadType } = media;
  const fmtp = Object.fromEntries(media.fmtp);
  return { lab: new RtpLab({ codec, clockRate, channels, payloadType, fmtp, session }), clockRate };
}

/** Without a description the entry says itself what is sent. */
function openBare(facts: Facts, session: SessionClock): { lab: RtpLab; clockRate: number } {
  const codec = codecNamed(facts.codec);
  const clockRate = Number(facts.clock_rate ?? (codec === 'h264' || codec === 'h265' ? 90_000 : 8_000));
  const payloadType = Number(facts.payload_type ?? 96);
  return { lab: new RtpLab({ codec, clockRate, payloadType, fmtp: fmtpOf(facts.fmtp), session }), clockRate };
}

/** Packets arrive when their timestamps say. Gives how many there were of each channel, and what else was in the stream. */
function play(
  stream: Buffer,
  channels: ReadonlyMap<number, Channel>,
): { counts: Record<string, number>; messages: number; junk: number } {
  const counts: Record<string, number> = {};
  const header = new RtpHeader();
  let messages = 0;
  const packet = (number: number, buffer: Buffer, start: number, end: number): void => {
    counts[number] = (counts[number] ?? 0) + 1;
    const channel = channels.get(number);
    if (!channel || !header.parse(buffer, start, end)) return;
    channel.first ??= header.timestamp;
    const ticks = (header.timestamp - channel.first) | 0;
    channel.lab.packet(Buffer.from(buffer.subarray(start, end)), (ticks * 1e6) / channel.clockRate);
  };
  const reader = new WireReader({ packet, message: () => messages++ });
  for (const number of channels.keys()) {
    reader.addChannel(number);
    reader.addChannel(number + 1);
  }
  reader.push(stream, 0, stream.length);
  return { counts, messages, junk: reader.junkBytes };
}

function videoFacts(codec: VideoCodec, frames: readonly CaughtFrame[], expect: Facts): Facts {
  const types = asList(expect.au_nal_types) as number[][];
  const units = frames.map((frame, n) => unitsOf(codec, frame, types[n] ?? []));
  const sum = createHash('sha256');
  for (const nal of units.flat()) sum.update(Buffer.from([0, 0, 0, 1])).update(nal);
  return {
    codec: expect.codec,
    access_units: units.length,
    frames: units.length,
    keyframes: frames.filter(({ key }) => key).length,
    au_sizes: units.map((unit) => unit.reduce((size, nal) => size + nal.length, 0)),
    au_nal_types: units.map((unit) => unit.map((nal) => nalType(codec, nal[0]!))),
    annexb_sha256: sum.digest('hex'),
    last_timestamp: lastTimestamp(frames, expect),
  };
}

function audioFacts(frames: readonly CaughtFrame[], expect: Facts): Facts {
  const sum = createHash('sha256');
  for (const { bytes } of frames) sum.update(bytes);
  const codec = expect.codec;
  // Sound that is packed anew on its way has other frames than the packets had.
  if (frames[0]?.format.kind === 'audio' && frames[0].format.codec === 'flac') return { codec };
  return {
    codec,
    frames: frames.length,
    frame_sizes: frames.map(({ bytes }) => bytes.length),
    all_frames_sha256: sum.digest('hex'),
    last_timestamp: lastTimestamp(frames, expect),
  };
}

/** Times count from the first frame, which is put where the entry puts it. */
function lastTimestamp(frames: readonly CaughtFrame[], expect: Facts): number | undefined {
  const [first, last] = [frames[0], frames.at(-1)];
  return first && last && Number(expect.first_timestamp ?? 0) + last.pts - first.pts;
}
