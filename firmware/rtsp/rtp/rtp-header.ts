/**
 * The header of an RTP packet (RFC 3550 section 5.1), read in place. One object serves all packets of a track, so that a
 * packet costs no allocation.
 */
export class RtpHeader {
  payloadType = 0;
  marker = false;
  sequence = 0;
  timestamp = 0;
  ssrc = 0;
  /** Where the payload lies in the buffer: behind contributing sources and extension, before the padding. */
  payloadStart = 0;
  payloadEnd = 0;

  /** False if the bytes are not a whole RTP packet of version 2; the fields then hold nothing of use. */
  parse(buffer: Buffer, start: number, end: number): boolean {
    if (end - start < 12) return false;
    const flags = buffer[start]!;
    if (flags >> 6 !== 2) return false;
    const second = buffer[start + 1]!;
    this.payloadType = second & 0x7f;
    this.marker = second > 0x7f;
    this.sequence = (buffer[start + 2]! << 8) | buffer[start + 3]!;
    this.timestamp = readU32(buffer, start + 4);
    this.ssrc = readU32(buffer, start + 8);
    let from = start + 12;
    let to = end;
    if ((flags & 0x3f) !== 0) {
      from += (flags & 0x0f) * 4;
      if ((flags & 0x10) !== 0) {
        if (from + 4 > end) return false;
        from += 4 + ((buffer[from + 2]! << 8) | buffer[from + 3]!) * 4;
      }
      // A count of zero breaks the rule, but harms nobody.
      if ((flags & 0x20) !== 0) to -= buffer[end - 1]!;
      if (from > to) return false;
    }
    this.payloadStart = from;
    this.payloadEnd = to;
    return true;
  }
}

/** Packet types 200 to 204 in the place of marker and payload type: RTCP that came on the RTP channel (RFC 5761 section 4). */
export function looksLikeRtcp(buffer: Buffer, start: number, end: number): boolean {
  if (end - start < 4 || buffer[start]! >> 6 !== 2) return false;
  const type = buffer[start + 1]!;
  return type >= 200 && type <= 204;
}

export function readU32(buffer: Buffer, at: number): number {
  return ((buffer[at]! << 24) | (buffer[at + 1]! << 16) | (buffer[at + 2]! << 8) | buffer[at + 3]!) >>> 0;
}
