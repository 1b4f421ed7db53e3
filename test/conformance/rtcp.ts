import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseRtcp } from '../../firmware/rtsp/rtp/rtcp.ts';
import { compare, type CorpusEntry } from './facts.ts';
import { linesOf } from './packets.ts';

/** Compares what is read out of compound RTCP packets with the entry's facts. Gives the mismatches. */
export async function runRtcp(entry: CorpusEntry, folder: string): Promise<string[]> {
  const lines = linesOf(await readFile(join(folder, entry.file), 'utf8'));
  const packets = lines.flatMap((bytes) => parseRtcp(bytes, 0, bytes.length));
  const report = packets.find((packet) => packet.type === 'SR');
  const description = packets.find((packet) => packet.type === 'SDES');
  return compare('', entry.expect, {
    packets: packets.map(({ type }) => type),
    ssrc: report?.ssrc,
    ntp_hex: report && hex(report.ntpSeconds) + hex(report.ntpFraction),
    rtp_timestamp: report?.rtpTimestamp,
    packet_count: report?.packetCount,
    octet_count: report?.octetCount,
    cname: description?.cname,
  });
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
