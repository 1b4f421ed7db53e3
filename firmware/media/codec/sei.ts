import { BitReader, unescapeRbsp } from './bit-reader.ts';
import { nalHeaderBytes, type VideoCodec } from './nal.ts';

const RECOVERY_POINT = 6;
const MOST_BYTES = 1024;
const MOST_MESSAGES = 64;

/**
 * Looks for a recovery point message (ITU-T H.264 D.1.8, H.265 D.2.8) in an SEI unit. Gives the number of frames (H.265: the
 * picture order distance) after which pictures are right: 0 means that decoding may start here, more is a gradual refresh.
 * Undefined without such a message within the first kilobyte.
 */
export function recoveryPoint(codec: VideoCodec, buffer: Uint8Array, start: number, end: number): number | undefined {
  const from = start + nalHeaderBytes(codec);
  const message = unescapeRbsp(buffer, from, end, MOST_BYTES);
  let at = 0;
  for (let count = 0; count < MOST_MESSAGES && at + 2 < message.length; count++) {
    let type = 0;
    while (message[at] === 0xff) type += message[at++]!;
    type += message[at++] ?? 0;
    let size = 0;
    while (message[at] === 0xff) size += message[at++]!;
    size += message[at++] ?? 0;
    if (type === RECOVERY_POINT) {
      const reader = new BitReader(message.subarray(at, at + size));
      const distance = codec === 'h264' ? reader.ue() : reader.se();
      return reader.failed ? undefined : Math.max(0, distance);
    }
    at += size;
  }
  return undefined;
}
