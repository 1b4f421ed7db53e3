import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nalType, type VideoCodec } from '../../firmware/media/index.ts';
import { describeSession, type MediaDescription } from '../../firmware/rtsp/description.ts';
import { RtpHeader } from '../../firmware/rtsp/rtp/rtp-header.ts';
import { SessionClock } from '../../firmware/rtsp/rtp/session-clock.ts';
import { RtpLab, type CaughtFrame } from '../support/rtp-lab.ts';
import { asList, asText, compare, type Facts } from './facts.ts';
import { endLab, unitsOf } from './packets.ts';

interface Channel {
  readonly lab: RtpLab;
  readonly clockRate: number;
  readonly expect: Facts;
  first: number | undefined;
}

/** One TCP byte stream with the packets of several channels, compared with facts about its video and audio. Gives the mismatches. */
export async function runInterleaved(stream: Buffer, expect: Facts, folder: string): Promise<string[]> {
  const kinds = [expect.video, expect.audio].filter((facts): facts is Facts => typeof facts === 'object');
  const sdp = kinds.map((facts) => asText(facts.sdp)).find((file) => file !== undefined);
  if (sdp === undefined) return ['no session description goes with it'];
  const requestUrl = 'rtsp://127.0.0.1/';
  const { media } = describeSession(await readFile(join(folder, sdp), 'utf8'), { requestUrl });
  const session = new SessionClock();
  const channels = new Map<number, Channel>();
  for (const facts of kinds) {
    const track = media.find(({ payloadType }) => payloadType === facts.payload_type);
    if (!track) return [`payload type ${String(facts.payload_type)} is not described`];
    channels.set(Number(facts.channel), { ...openTrack(track, session), expect: facts, first: undefined });
  }
  const frames_per_channel = play(stream, channels);
  const problems = compare('', expect, { frames_per_channel });
  for (const { lab, expect: facts } of channels.values()) {
    lab.receiver.flush();
    const isVideo = facts.codec === 'h264' || facts.codec === 'h265';
    const actual = isVideo ? videoFacts(facts.codec as VideoCodec, lab.frames, facts) : audioFacts(lab.frames, facts);
    problems.push(...compare(`${String(facts.codec)}: `, facts, actual), ...endLab(lab));
  }
  return problems;
}

function openTrack(media: MediaDescription, session: SessionClock): { lab: RtpLab; clockRate: number } {
  const { codec, clockRate, channels, payloadType } = media;
  const fmtp = Object.fromEntries(media.fmtp);
  return { lab: new RtpLab({ codec, clockRate, channels, payloadType, fmtp, session }), clockRate };
}

/** Packets arrive when their timestamps say. Gives how many there were of each channel. */
function play(stream: Buffer, channels: ReadonlyMap<number, Channel>): Record<string, number> {
  const counts: Record<string, number> = {};
  const header = new RtpHeader();
  for (let at = 0; at + 4 <= stream.length;) {
    const number = stream[at + 1]!;
    const end = at + 4 + stream.readUInt16BE(at + 2);
    counts[number] = (counts[number] ?? 0) + 1;
    const channel = channels.get(number);
    if (channel && end <= stream.length && header.parse(stream, at + 4, end)) {
      channel.first ??= header.timestamp;
      const ticks = (header.timestamp - channel.first) | 0;
      channel.lab.packet(stream.subarray(at + 4, end), (ticks * 1e6) / channel.clockRate);
    }
    at = end;
  }
  return counts;
}

function videoFacts(codec: VideoCodec, frames: readonly CaughtFrame[], expect: Facts): Facts {
  const types = asList(expect.au_nal_types) as number[][];
  const units = frames.map((frame, n) => unitsOf(codec, frame, types[n] ?? []));
  const sum = createHash('sha256');
  for (const nal of units.flat()) sum.update(Buffer.from([0, 0, 0, 1])).update(nal);
  return {
    access_units: units.length,
    au_sizes: units.map((unit) => unit.reduce((size, nal) => size + nal.length, 0)),
    au_nal_types: units.map((unit) => unit.map((nal) => nalType(codec, nal[0]!))),
    annexb_sha256: sum.digest('hex'),
    last_timestamp: lastTimestamp(frames, expect),
  };
}

function audioFacts(frames: readonly CaughtFrame[], expect: Facts): Facts {
  const sum = createHash('sha256');
  for (const { bytes } of frames) sum.update(bytes);
  return {
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
