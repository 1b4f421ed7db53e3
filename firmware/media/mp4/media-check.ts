import type { Format } from '../frame.ts';
import type { RandomReader } from './box-reader.ts';
import type { Fragment } from './fragment-reader.ts';
import type { ParsedTrack } from './movie-parser.ts';

/** What a file system leaves of data that it had no time to write. */
const ZERO_PAGE = Buffer.alloc(4096);
/** Larger fragments are believed. */
const MAX_CHECKED_BYTES = 1 << 25;
const LENGTH_BYTES = 4;
/** ITU-T H.264 table 7-1 (24 to 31 do not exist in files); ITU-T H.265 table 7-1 (48 to 63 likewise). */
const MAX_NAL_TYPE = { h264: 23, h265: 47 } as const;
/** RFC 9639 section 9.1: frame sync code and blocking strategy. */
const FLAC_SYNC = 0xff;
const MOST_SILENT_BYTES = 2;

/**
 * True if the media of a fragment are what a recorder writes: NAL units that fill each picture exactly, sound that is not
 * all zeros, and no page of zeros anywhere. A power cut can leave a file with its full length and zeros in place of the end.
 */
export async function isMediaWhole(
  reader: RandomReader,
  fragment: Fragment,
  tracks: readonly ParsedTrack[],
): Promise<boolean> {
  const length = fragment.end - fragment.mediaOffset;
  if (length > MAX_CHECKED_BYTES) return true;
  const media = await reader.read(fragment.mediaOffset, length);
  if (media.length < length || hasZeroPage(media, fragment.mediaOffset)) return false;
  return fragment.runs.every(({ run, offset }) => {
    const format = tracks.find(({ id }) => id === run.id)!.format;
    let at = offset - fragment.mediaOffset;
    return run.sizes.every((size) => {
      const isPlausible = isSamplePlausible(media.subarray(at, at + size), format);
      at += size;
      return isPlausible;
    });
  });
}

function hasZeroPage(media: Buffer, fileOffset: number): boolean {
  const page = ZERO_PAGE.length;
  for (let at = (page - (fileOffset % page)) % page; at + page <= media.length; at += page) {
    if (media.compare(ZERO_PAGE, 0, page, at, at + page) === 0) return true;
  }
  return false;
}

function isSamplePlausible(sample: Buffer, format: Format): boolean {
  if (format.kind === 'video') return isNalChain(sample, format.codec);
  if (format.codec === 'flac') return sample[0] === FLAC_SYNC;
  // A packet of Opus that means silence has one byte or two, which may be zero.
  return sample.some((byte) => byte !== 0) || (format.codec === 'opus' && sample.length <= MOST_SILENT_BYTES);
}

function isNalChain(sample: Buffer, codec: 'h264' | 'h265'): boolean {
  let at = 0;
  while (at < sample.length) {
    if (sample.length - at < LENGTH_BYTES) return false;
    const length = sample.readUInt32BE(at);
    const header = at + LENGTH_BYTES;
    if (length === 0 || length > sample.length - header || !isNalHeader(sample, header, codec)) return false;
    at = header + length;
  }
  return true;
}

/** The forbidden bit is 0; H.264 type 0 does not exist; in H.265 nuh_temporal_id_plus1 is not 0. */
function isNalHeader(sample: Buffer, at: number, codec: 'h264' | 'h265'): boolean {
  const first = sample[at]!;
  if (first & 0x80) return false;
  if (codec === 'h264') return (first & 0x1f) > 0 && (first & 0x1f) <= MAX_NAL_TYPE.h264;
  return first >> 1 <= MAX_NAL_TYPE.h265 && ((sample[at + 1] ?? 0) & 7) !== 0;
}
