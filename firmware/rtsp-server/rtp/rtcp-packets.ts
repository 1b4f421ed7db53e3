import { hostname } from 'node:os';

const VERSION_2 = 0x80;
const SENDER_REPORT = 200;
const SOURCE_DESCRIPTION = 202;
const GOODBYE = 203;
const CNAME = 1;
/** Seconds from 1900 to 1970. */
const NTP_TO_UNIX_S = 2_208_988_800;

export interface Sent {
  readonly ssrc: number;
  readonly packets: number;
  readonly payloadBytes: number;
}

/** A sender report with the name of the source (RFC 3550 sections 6.4.1 and 6.5): `timestamp` is that of the instant `wallUs`. */
export function senderReport({ ssrc, packets, payloadBytes }: Sent, wallUs: number, timestamp: number): Buffer {
  const report = Buffer.alloc(28);
  report[0] = VERSION_2;
  report[1] = SENDER_REPORT;
  report.writeUInt16BE(6, 2);
  report.writeUInt32BE(ssrc, 4);
  const seconds = Math.floor(wallUs / 1e6);
  report.writeUInt32BE((seconds + NTP_TO_UNIX_S) % 2 ** 32, 8);
  report.writeUInt32BE(Math.floor(((wallUs - seconds * 1e6) / 1e6) * 2 ** 32), 12);
  report.writeUInt32BE(timestamp, 16);
  report.writeUInt32BE(packets % 2 ** 32, 20);
  report.writeUInt32BE(payloadBytes % 2 ** 32, 24);
  return Buffer.concat([report, description(ssrc)]);
}

/** What is sent last of a track (section 6.6), behind the report that every compound packet begins with. */
export function goodbye(sent: Sent, wallUs: number, timestamp: number): Buffer {
  const bye = Buffer.alloc(8);
  bye[0] = VERSION_2 | 1;
  bye[1] = GOODBYE;
  bye.writeUInt16BE(1, 2);
  bye.writeUInt32BE(sent.ssrc, 4);
  return Buffer.concat([senderReport(sent, wallUs, timestamp), bye]);
}

function description(ssrc: number): Buffer {
  const name = Buffer.from(
    hostname()
      .replaceAll(/[^\w.-]/g, '')
      .slice(0, 60) || 'box',
    'latin1',
  );
  // Two bytes before the name, and at least one zero behind it, up to a whole word.
  const bytes = Buffer.alloc(8 + Math.ceil((2 + name.length + 1) / 4) * 4);
  bytes[0] = VERSION_2 | 1;
  bytes[1] = SOURCE_DESCRIPTION;
  bytes.writeUInt16BE(bytes.length / 4 - 1, 2);
  bytes.writeUInt32BE(ssrc, 4);
  bytes[8] = CNAME;
  bytes[9] = name.length;
  name.copy(bytes, 10);
  return bytes;
}
