import { readU32 } from './rtp-header.ts';

export interface SenderReport {
  readonly type: 'SR';
  readonly ssrc: number;
  /** NTP time: seconds since 1900 and 1/2^32 of a second. */
  readonly ntpSeconds: number;
  readonly ntpFraction: number;
  readonly rtpTimestamp: number;
  readonly packetCount: number;
  readonly octetCount: number;
}

export type RtcpPacket =
  | SenderReport
  | { readonly type: 'RR'; readonly ssrc: number }
  | { readonly type: 'SDES'; readonly cname: string | undefined }
  | { readonly type: 'BYE'; readonly ssrc: number | undefined; readonly reason: string | undefined }
  | { readonly type: 'APP' };

const SR = 200;
const RR = 201;
const SDES = 202;
const BYE = 203;
const APP = 204;
const CNAME = 1;
const NTP_TO_UNIX_S = 2_208_988_800;

/**
 * Reads a compound RTCP packet (RFC 3550 section 6) as far as it makes sense: what stands before a broken part counts. Other
 * packet types are skipped. Never throws.
 */
export function parseRtcp(buffer: Buffer, start: number, end: number): RtcpPacket[] {
  const packets: RtcpPacket[] = [];
  let at = start;
  while (at + 4 <= end && buffer[at]! >> 6 === 2) {
    const type = buffer[at + 1]!;
    const size = 4 + ((buffer[at + 2]! << 8) | buffer[at + 3]!) * 4;
    const to = Math.min(at + size, end);
    const packet = parseOne(buffer, at, to, type);
    if (packet) packets.push(packet);
    at += size;
  }
  return packets;
}

/** UTC microseconds of a sender report's NTP time; times before 1968 belong to the era that begins in 2036 (RFC 4330 section 3). */
export function unixUsOf(report: SenderReport): number {
  const seconds = report.ntpSeconds < 0x80000000 ? report.ntpSeconds + 0x100000000 : report.ntpSeconds;
  return (seconds - NTP_TO_UNIX_S) * 1e6 + Math.round((report.ntpFraction * 1e6) / 0x100000000);
}

function parseOne(buffer: Buffer, at: number, to: number, type: number): RtcpPacket | undefined {
  switch (type) {
    case SR:
      return to - at >= 28 ? parseSenderReport(buffer, at) : undefined;
    case RR:
      return to - at >= 8 ? { type: 'RR', ssrc: readU32(buffer, at + 4) } : undefined;
    case SDES:
      return { type: 'SDES', cname: findCname(buffer, at + 4, to, buffer[at]! & 0x1f) };
    case BYE:
      return parseBye(buffer, at, to);
    case APP:
      return { type: 'APP' };
    default:
      return undefined;
  }
}

function parseSenderReport(buffer: Buffer, at: number): SenderReport {
  return {
    type: 'SR',
    ssrc: readU32(buffer, at + 4),
    ntpSeconds: readU32(buffer, at + 8),
    ntpFraction: readU32(buffer, at + 12),
    rtpTimestamp: readU32(buffer, at + 16),
    packetCount: readU32(buffer, at + 20),
    octetCount: readU32(buffer, at + 24),
  };
}

/** The first canonical name (section 6.5.1). A missing terminator and a cut-off item are borne. */
function findCname(buffer: Buffer, start: number, end: number, chunks: number): string | undefined {
  let at = start;
  for (let chunk = 0; chunk < chunks && at + 4 < end; chunk++) {
    const from = at;
    at += 4;
    while (at < end && buffer[at] !== 0) {
      const length = buffer[at + 1] ?? 0;
      if (buffer[at] === CNAME) return buffer.toString('utf8', at + 2, Math.min(at + 2 + length, end));
      at += 2 + length;
    }
    // The list ends with at least one zero and is filled up to the next 32 bits.
    at = from + ((at - from) & ~3) + 4;
  }
  return undefined;
}

function parseBye(buffer: Buffer, at: number, to: number): RtcpPacket {
  const sources = buffer[at]! & 0x1f;
  const reasonAt = at + 4 + sources * 4;
  const length = reasonAt < to ? buffer[reasonAt]! : 0;
  return {
    type: 'BYE',
    ssrc: sources > 0 && at + 8 <= to ? readU32(buffer, at + 4) : undefined,
    reason: length > 0 ? buffer.toString('utf8', reasonAt + 1, Math.min(reasonAt + 1 + length, to)) : undefined,
  };
}

export interface ReceptionFigures {
  readonly ownSsrc: number;
  readonly cname: string;
  /** Undefined as long as nothing was received: the report then has no block. */
  readonly source?: {
    readonly ssrc: number;
    readonly fractionLost: number;
    readonly cumulativeLost: number;
    readonly highest: number;
    /** In RTP ticks. */
    readonly jitter: number;
    /** Middle 32 bits of the last sender report's NTP time, 0 for none. */
    readonly lastReport: number;
    /** Since that report, in 1/65536 s. */
    readonly delay: number;
  };
}

/** A compound packet of receiver report and source description (RFC 3550 sections 6.4.2 and 6.5). */
export function buildReceiverReport(figures: ReceptionFigures): Buffer {
  const { source, ownSsrc, cname } = figures;
  const name = Buffer.from(cname, 'utf8').subarray(0, 255);
  const reportBytes = source ? 32 : 8;
  // Chunk: source, item head, name, at least one terminating zero, filled up to 32 bits.
  const sdesBytes = 4 + ((4 + 2 + name.length + 1 + 3) & ~3);
  const out = Buffer.alloc(reportBytes + sdesBytes);
  out[0] = 0x80 | (source ? 1 : 0);
  out[1] = RR;
  out.writeUInt16BE(reportBytes / 4 - 1, 2);
  out.writeUInt32BE(ownSsrc >>> 0, 4);
  if (source) {
    out.writeUInt32BE(source.ssrc >>> 0, 8);
    out[12] = source.fractionLost;
    out.writeIntBE(source.cumulativeLost, 13, 3);
    out.writeUInt32BE(source.highest >>> 0, 16);
    out.writeUInt32BE(Math.min(0xffffffff, Math.max(0, Math.round(source.jitter))), 20);
    out.writeUInt32BE(source.lastReport >>> 0, 24);
    out.writeUInt32BE(Math.min(0xffffffff, Math.max(0, Math.round(source.delay))), 28);
  }
  out[reportBytes] = 0x81;
  out[reportBytes + 1] = SDES;
  out.writeUInt16BE(sdesBytes / 4 - 1, reportBytes + 2);
  out.writeUInt32BE(ownSsrc >>> 0, reportBytes + 4);
  out[reportBytes + 8] = CNAME;
  out[reportBytes + 9] = name.length;
  name.copy(out, reportBytes + 10);
  return out;
}
