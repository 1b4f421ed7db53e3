import type { MediaCodec } from '../../firmware/rtsp/description.ts';
import { NotTaken } from './packets.ts';

/** What else people call what the box takes; an index has its own words. */
const NAMES: Readonly<Record<string, MediaCodec>> = {
  avc: 'h264',
  hevc: 'h265',
  'mpeg4-generic': 'aac',
  mpeg4_generic: 'aac',
  pcma: 'g711a',
  g711_alaw: 'g711a',
  alaw: 'g711a',
  pcmu: 'g711u',
  g711_ulaw: 'g711u',
  ulaw: 'g711u',
};
const OWN: ReadonlySet<string> = new Set<MediaCodec>(['h264', 'h265', 'aac', 'g711a', 'g711u']);

/** @throws NotTaken for what the box does not record */
export function codecNamed(name: unknown): MediaCodec {
  const word = typeof name === 'string' ? name.toLowerCase() : 'no codec';
  const known = NAMES[word] ?? (OWN.has(word) ? (word as MediaCodec) : undefined);
  if (known === undefined) throw new NotTaken(`${word} is not recorded`);
  return known;
}
