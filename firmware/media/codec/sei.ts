import { BitReader, unescapeRbsp } from './bit-reader.ts';
import { nalHeaderBytes, type VideoCodec } from './nal.ts';

const RECOVERY_POINT = 6;
const MOST_BYTES = 1024;
const MOST_MESSAGES = 64;
/** Longer than any Exp-Golomb number that is believed, escapes included. */
const MOST_NUMBER_BYTES = 16;

/**
 * Looks for a recovery point message (ITU-T H.264 D.1.8, H.265 D.2.8) in an SEI unit. Gives the number of frames (H.265: the
 * picture order distance) after which pictures are right: 0 means that decoding may start here, more is a gradual refresh.
 * Undefined without such a message within the first kilobyte.
 */
export function recoveryPoint(codec: VideoCodec, buffer: Uint8Array, start: number, end: number): number | undefined {
  const from = start + nalHeaderBytes(codec);
  const payload = payloadOf(RECOVERY_POINT, buffer, from, Math.min(end, from + MOST_BYTES));
  if (!payload) return undefined;
  const reader = new BitReader(unescapeRbsp(buffer, payload.at, end, Math.min(payload.size, MOST_NUMBER_BYTES)));
  const distance = codec === 'h264' ? reader.ue() : reader.se();
  return reader.failed ? undefined : Math.max(0, distance);
}

/**
 * Where the payload of the first message of a type begins (H.264 7.3.2.3, H.265 7.3.5), and its bytes without escapes. Many cameras send SEI units with
 * every picture, so that this walks over the escaped bytes as they lie, without a copy.
 */
function payloadOf(
  wanted: number,
  buffer: Uint8Array,
  start: number,
  end: number,
): { at: number; size: number } | undefined {
  let [zeros, type, size, messages] = [0, 0, 0, 0];
  let part: 'type' | 'size' | 'payload' = 'type';
  for (let at = start; at < end && messages < MOST_MESSAGES; at++) {
    const byte = buffer[at]!;
    const escapes = zeros >= 2 && byte === 3;
    zeros = byte === 0 ? zeros + 1 : 0;
    if (escapes) continue;
    if (part === 'payload') {
      size--;
    } else if (part === 'size') {
      size += byte;
      if (byte === 0xff) continue;
      if (type === wanted) return { at: at + 1, size };
      part = 'payload';
      messages++;
    } else {
      type += byte;
      if (byte !== 0xff) part = 'size';
    }
    if (part === 'payload' && size === 0) [part, type] = ['type', 0];
  }
  return undefined;
}
