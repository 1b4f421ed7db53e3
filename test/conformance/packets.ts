import { nalType, type VideoCodec } from '../../firmware/media/index.ts';
import { nalsOf, setsInRecord, type CaughtFrame, type RtpLab } from '../support/rtp-lab.ts';

/** The entry speaks of something that the box does not take, so there is nothing to compare. */
export class NotTaken extends Error {}

/** One packet or unit per line, in hex, which blanks may part; what stands behind # or // is a remark. */
export function linesOf(text: string): Buffer[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/(?:#|\/\/).*$/, '').replaceAll(/[\s,:]|0x/gi, ''))
    .filter((line) => line !== '')
    .map((line) => {
      const bytes = Buffer.from(line, 'hex');
      if (bytes.length * 2 !== line.length) throw new Error(`no hex: ${line.slice(0, 40)}`);
      return bytes;
    });
}

/** Format parameters as they stand in an SDP behind the payload type. */
export function fmtpOf(text: unknown): Record<string, string> {
  if (typeof text === 'object' && text !== null) {
    return Object.fromEntries(Object.entries(text).map(([key, value]) => [key.toLowerCase(), String(value)]));
  }
  if (typeof text !== 'string') return {};
  const parts = text
    .replace(/^\d{1,3}\s+/, '')
    .split(';')
    .map((part) => [part, part.indexOf('=')] as const);
  return Object.fromEntries(
    parts
      .filter(([, equals]) => equals > 0)
      .map(([part, equals]) => [part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim()]),
  );
}

export function payloadTypeOf(packet: Buffer): number {
  return packet[1]! & 0x7f;
}

export function isSet(codec: VideoCodec, type: number): boolean {
  return codec === 'h264' ? type === 7 || type === 8 : type >= 32 && type <= 34;
}

/**
 * The NAL units of a frame as an index counts them: the frame itself has no parameter sets, they are in its format; those of
 * the types that are expected in front are put back.
 */
export function unitsOf(codec: VideoCodec, frame: CaughtFrame, expectedTypes: readonly number[]): Buffer[] {
  const setTypes = expectedTypes.filter((type) => isSet(codec, type));
  const sets = setsInRecord(frame.format).map((hex) => Buffer.from(hex, 'hex'));
  return [
    ...sets.filter((set) => setTypes.includes(nalType(codec, set[0]!))),
    ...nalsOf(frame.bytes).map((hex) => Buffer.from(hex, 'hex')),
  ];
}

/** Ends a receiver; a mismatch if it keeps memory. */
export function endLab(lab: RtpLab): string[] {
  const kept = lab.end();
  return kept === 0 ? [] : [`${kept} bytes are still in use`];
}
