import type { OpenRecord } from '../journal/journal.ts';
import { parseSegmentPath } from './segment-place.ts';

/**
 * Where a segment's file lies in its volume: video/<camera>/<stream>/<UTC date>/<UTC time>-<sequence>.mp4, of its start.
 * Undefined if a name or the time cannot stand in a path.
 */
export function segmentPath(
  of: Pick<OpenRecord, 'camera' | 'stream' | 'startUs'>,
  sequence: number,
): string | undefined {
  const start = new Date(Math.floor(of.startUs / 1000));
  if (Number.isNaN(start.getTime())) return undefined;
  const iso = start.toISOString();
  const time = iso.slice(11, 19).replaceAll(':', '-');
  const path = `video/${of.camera}/${of.stream}/${iso.slice(0, 10)}/${time}-${String(sequence).padStart(8, '0')}.mp4`;
  return parseSegmentPath(path) && path;
}
