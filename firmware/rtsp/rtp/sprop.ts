import type { MediaDescription } from '../description.ts';

/** Parameter sets that the SDP names (RFC 6184 section 8.1, RFC 7798 section 7.1), unchecked; junk around the base64 is ignored. */
export function parameterSetsOf(media: MediaDescription): Buffer[] {
  const keys = media.codec === 'h264' ? ['sprop-parameter-sets'] : ['sprop-vps', 'sprop-sps', 'sprop-pps'];
  return keys
    .flatMap((key) => (media.fmtp.get(key) ?? '').split(','))
    .map((text) => Buffer.from(text.replaceAll(/[^A-Za-z0-9+/]/g, ''), 'base64'))
    .filter((set) => set.length > 0);
}
