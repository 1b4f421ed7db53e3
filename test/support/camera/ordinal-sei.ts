/**
 * The mark by which every picture of a simulated camera is known again in a recording: an SEI message of type 5, user
 * data unregistered (H.264 annex D.1.7, H.265 annex D.2.7), of 16 bytes of identity and 8 hexadecimal digits. Text only,
 * so that no emulation prevention is needed and the digits can be patched in place.
 */

const IDENTITY = Buffer.from('simulated-camera', 'latin1');
const DIGITS = 8;

/** The SEI NAL unit with ordinal 0; `paddingBytes` more bytes of text make it heavier. */
export function ordinalSei(codec: 'h264' | 'h265', paddingBytes: number): Buffer {
  const size = IDENTITY.length + DIGITS + paddingBytes;
  const sizeBytes = Buffer.alloc(Math.floor(size / 255) + 1, 255);
  sizeBytes[sizeBytes.length - 1] = size % 255;
  const head = codec === 'h264' ? [6, 5] : [39 << 1, 1, 5];
  const body = Buffer.from('00000000' + 'x'.repeat(paddingBytes), 'latin1');
  return Buffer.concat([Buffer.from(head), sizeBytes, IDENTITY, body, Buffer.from([0x80])]);
}

/** Where the digits stand in a piece of memory that holds such an SEI, or -1. */
export function ordinalOffset(bytes: Buffer): number {
  const at = bytes.indexOf(IDENTITY);
  return at < 0 ? -1 : at + IDENTITY.length;
}

/** Writes the ordinal over the digits at `offset`. */
export function patchOrdinal(bytes: Buffer, offset: number, ordinal: number): void {
  for (let digit = DIGITS - 1, rest = ordinal; digit >= 0; digit--, rest = Math.floor(rest / 16)) {
    const value = rest % 16;
    bytes[offset + digit] = value < 10 ? 48 + value : 87 + value;
  }
}

/** The ordinal in a coded picture, if it carries one. */
export function readOrdinal(bytes: Buffer): number | undefined {
  const offset = ordinalOffset(bytes);
  if (offset < 0) return undefined;
  const value = Number.parseInt(bytes.toString('latin1', offset, offset + DIGITS), 16);
  return Number.isNaN(value) ? undefined : value;
}
