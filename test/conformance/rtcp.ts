import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseRtcp, unixUsOf, type RtcpPacket } from '../../firmware/rtsp/rtp/rtcp.ts';
import { compare, type CorpusEntry } from './facts.ts';
import { linesOf } from './packets.ts';

/** Compares what is read out of compound RTCP packets with the entry's facts. Gives the mismatches. */
export async function runRtcp(entry: CorpusEntry, folder: string): Promise<string[]> {
  const packets = await packetsOf(entry, folder);
  const report = packets.find((packet) => packet.type === 'SR');
  const description = packets.find((packet) => packet.type === 'SDES');
  const goodbye = packets.find((packet) => packet.type === 'BYE');
  const receiver = packets.find((packet) => packet.type === 'RR');
  return compare('', entry.expect, {
    packets: packets.map(({ type }) => type),
    ssrc: report?.ssrc ?? receiver?.ssrc ?? goodbye?.ssrc,
    ntp_hex: report && hex(report.ntpSeconds) + hex(report.ntpFraction),
    ntp_seconds: report?.ntpSeconds,
    ntp_fraction: report?.ntpFraction,
    unix_time_us: report && unixUsOf(report),
    rtp_timestamp: report?.rtpTimestamp,
    packet_count: report?.packetCount,
    octet_count: report?.octetCount,
    cname: description?.cname,
    bye_ssrc: goodbye?.ssrc,
    bye_reason: goodbye?.reason,
    reason: goodbye?.reason,
  });
}

export async function isUnreadable(entry: CorpusEntry, folder: string): Promise<boolean> {
  return (await packetsOf(entry, folder)).length === 0;
}

async function packetsOf({ file }: CorpusEntry, folder: string): Promise<RtcpPacket[]> {
  const lines = linesOf(await readFile(join(folder, file), 'utf8'));
  return lines.flatMap((bytes) => parseRtcp(bytes, 0, bytes.length));
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
