import { BoxError } from '../base/index.ts';
import { trackFacts, trackInit, type TrackFacts } from '../media/index.ts';
import { endOfSample, OpenFootage } from './open-footage.ts';
import type { FootageFinder, SegmentPlace } from './play-ports.ts';
import type { VolumeGate } from './volume-gate.ts';

/** A larger picture is no thumbnail's worth. */
const MOST_BYTES = 4 << 20;
/** What begins this much later still stands for the instant. */
const NEAR_US = 2e6;

/** One picture that can be decoded by itself, as a film of its own. */
export interface KeyPicture {
  /** UTC microseconds. */
  readonly atUs: number;
  readonly facts: TrackFacts;
  /** Fragmented MP4: ftyp, moov, moof, mdat. */
  readonly bytes: Buffer;
}

export interface KeyPictureDeps {
  readonly finder: FootageFinder;
  readonly gateOf: (volume: string) => VolumeGate;
}

/**
 * The key frame at an instant, or the last one before it: the index of one file, and one read.
 *
 * @throws BoxError playback.nothing-there, playback.unreadable, mp4.damaged, mp4.not-ours
 */
export async function keyPicture(
  { camera, stream, atUs }: { camera: string; stream: string; atUs: number },
  { finder, gateOf }: KeyPictureDeps,
): Promise<KeyPicture> {
  const place = await placeAt(camera, stream, atUs, finder);
  if (!place) throw new BoxError('playback.nothing-there', { camera, stream });
  const footage = await OpenFootage.open(place, gateOf(place.volume));
  try {
    const { lead } = footage;
    if (!lead || lead.count === 0 || atUs > footage.endUs + NEAR_US) {
      throw new BoxError('playback.nothing-there', { camera, stream });
    }
    const first = footage.keyFor(atUs);
    if (lead.size[first]! > MOST_BYTES)
      throw new BoxError('playback.unreadable', { reason: 'the picture is too large' });
    const part = await footage.part(lead, { first, last: first + 1 }, endOfSample(lead, first));
    const bytes = Buffer.concat([trackInit(lead.format), part.bytes]);
    return { atUs: Math.round(part.wallUs), facts: trackFacts(lead.format), bytes };
  } finally {
    await footage.close();
  }
}

/** The segment with the instant. What is being written reaches further than is known of it. */
async function placeAt(
  camera: string,
  stream: string,
  atUs: number,
  finder: FootageFinder,
): Promise<SegmentPlace | undefined> {
  const found = await finder.locate(camera, stream, atUs);
  if (found && found.startUs <= atUs + NEAR_US) return found;
  const before = await finder.before(camera, stream, atUs);
  return before && (before.open || before.endUs + NEAR_US >= atUs) ? before : undefined;
}
