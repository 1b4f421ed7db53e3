import type { H264Sps } from './h264.ts';
import type { H265Pps, H265Profile, H265Sps } from './h265.ts';
import { H265 } from './nal.ts';

/** Profiles whose AVC record ends with chroma format and bit depths: all but Baseline, Main and Extended. */
const PLAIN_PROFILES: ReadonlySet<number> = new Set([66, 77, 88]);
const LENGTH_SIZE_MINUS_1 = 3;

/** RFC 6381 3.3 with ISO/IEC 14496-15 annex E: avc1.PPCCLL. */
export function avcCodecString(sps: H264Sps): string {
  const bytes = Buffer.from([sps.profile, sps.constraints, sps.level]);
  return `avc1.${bytes.toString('hex').toUpperCase()}`;
}

/** ISO/IEC 14496-15 annex E: hvc1.<space><profile>.<compatibility>.<tier><level>, then the constraint bytes without trailing zeros. */
export function hevcCodecString({ space, profile, compatibility, highTier, level, constraints }: H265Profile): string {
  const spaceLetter = ['', 'A', 'B', 'C'][space] ?? '';
  const parts = [`hvc1`, `${spaceLetter}${profile}`, hex(reverse32(compatibility)), `${highTier ? 'H' : 'L'}${level}`];
  const last = constraints.findLastIndex((byte) => byte !== 0);
  for (const byte of constraints.subarray(0, last + 1)) parts.push(hex(byte));
  return parts.join('.');
}

/** AVCDecoderConfigurationRecord (ISO/IEC 14496-15 5.3.3.1) with 4-byte lengths. At most 31 SPS and 255 PPS are taken. */
export function avcRecord(sps: H264Sps, spsNals: readonly Uint8Array[], ppsNals: readonly Uint8Array[]): Buffer {
  const spsTaken = spsNals.slice(0, 31);
  const ppsTaken = ppsNals.slice(0, 255);
  const parts = [
    Buffer.from([1, sps.profile, sps.constraints, sps.level, 0xfc | LENGTH_SIZE_MINUS_1, 0xe0 | spsTaken.length]),
    ...spsTaken.flatMap(withLength),
    Buffer.from([ppsTaken.length]),
    ...ppsTaken.flatMap(withLength),
  ];
  if (!PLAIN_PROFILES.has(sps.profile)) {
    const { chromaFormat, bitDepthLuma, bitDepthChroma } = sps;
    parts.push(Buffer.from([0xfc | chromaFormat, 0xf8 | (bitDepthLuma - 8), 0xf8 | (bitDepthChroma - 8), 0]));
  }
  return Buffer.concat(parts);
}

/** HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 8.3.3.1) with 4-byte lengths and complete arrays. */
export function hevcRecord(
  sps: H265Sps,
  pps: H265Pps,
  nals: { vps: readonly Uint8Array[]; sps: readonly Uint8Array[]; pps: readonly Uint8Array[] },
): Buffer {
  const { space, highTier, profile, compatibility, constraints, level } = sps.profile;
  const head = Buffer.alloc(23);
  head[0] = 1;
  head[1] = (space << 6) | (highTier ? 0x20 : 0) | profile;
  head.writeUInt32BE(compatibility, 2);
  head.set(constraints, 6);
  head[12] = level;
  head.writeUInt16BE(0xf000 | sps.minSpatialSegmentation, 13);
  // Which kind of parallel decoding is possible is only told together with a segmentation promise.
  head[15] = 0xfc | (sps.minSpatialSegmentation > 0 ? pps.parallelism : 0);
  head[16] = 0xfc | sps.chromaFormat;
  head[17] = 0xf8 | ((sps.bitDepthLuma - 8) & 7);
  head[18] = 0xf8 | ((sps.bitDepthChroma - 8) & 7);
  // Bytes 19 and 20: average frame rate 0, unspecified. Then constant frame rate 0, unknown.
  head[21] = (sps.subLayers << 3) | (sps.temporalIdNested ? 4 : 0) | LENGTH_SIZE_MINUS_1;
  head[22] = 3;
  return Buffer.concat([
    head,
    ...nalArray(H265.vps, nals.vps),
    ...nalArray(H265.sps, nals.sps),
    ...nalArray(H265.pps, nals.pps),
  ]);
}

const ARRAY_COMPLETE = 0x80;

function nalArray(type: number, nals: readonly Uint8Array[]): Uint8Array[] {
  const head = Buffer.from([ARRAY_COMPLETE | type, 0, nals.length]);
  return [head, ...nals.flatMap(withLength)];
}

function withLength(nal: Uint8Array): Uint8Array[] {
  return [Buffer.from([nal.length >> 8, nal.length & 0xff]), nal];
}

function reverse32(value: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed = reversed * 2 + ((value >>> bit) & 1);
  return reversed;
}

function hex(value: number): string {
  return value.toString(16).toUpperCase();
}
