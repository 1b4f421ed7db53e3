import { LiveTrackReader, type MediaPart, type TrackFacts, type TrackKind } from '../../media/index.ts';
import { AudioPackets, g711LawOf, isForPlayers } from './audio-packets.ts';
import type { PacketSet } from './packet-set.ts';
import { VideoPackets } from './video-packets.ts';

const VIDEO_TYPE = 96;
const AAC_TYPE = 97;
const G711_TYPE = 98;
/** Types that need no words, of G.711 at its usual rate (RFC 3551 section 6). */
const STATIC_TYPES = { a: 8, u: 0 } as const;
const G711_RATE = 8000;

/** A running track: what it is, and how its parts become packets. */
export interface PackedTrack {
  readonly reader: LiveTrackReader;
  readonly payloadType: number;
  pack(part: MediaPart): PacketSet;
}

/** Makes packets of the parts of one stream, once for all who read it. */
export class StreamPacker {
  /** The newest of each kind: all readers get a part one right after another. */
  readonly #tracks = new Map<TrackKind, { readonly init: Uint8Array; readonly packed: PackedTrack }>();
  readonly #sets = new Map<TrackKind, { readonly part: Uint8Array; readonly set: PacketSet }>();

  /** Undefined for sound that has no form for players. @throws BoxError mp4.damaged */
  track({ source }: TrackFacts, init: MediaPart): PackedTrack | undefined {
    const known = this.#tracks.get(init.track);
    if (known?.init === init.bytes) return known.packed;
    const reader = new LiveTrackReader(init, source);
    if (reader.format.kind === 'audio' && !isForPlayers(reader.format)) return undefined;
    const packed = this.#packedOf(reader);
    this.#tracks.set(init.track, { init: init.bytes, packed });
    return packed;
  }

  /** Nobody reads any more: pictures are not kept. */
  forget(): void {
    this.#tracks.clear();
    this.#sets.clear();
  }

  #packedOf(reader: LiveTrackReader): PackedTrack {
    const { format } = reader;
    const payloadType = payloadTypeOf(format);
    if (format.kind === 'video') {
      const video = new VideoPackets(format, payloadType);
      return { reader, payloadType, pack: (part) => this.#once(part, () => video.pack(reader.samples(part)[0]!)) };
    }
    const audio = new AudioPackets(format, payloadType);
    return { reader, payloadType, pack: (part) => this.#once(part, () => audio.pack(reader.samples(part))) };
  }

  #once({ track, bytes }: MediaPart, pack: () => PacketSet): PacketSet {
    const known = this.#sets.get(track);
    if (known?.part === bytes) return known.set;
    const set = pack();
    this.#sets.set(track, { part: bytes, set });
    return set;
  }
}

function payloadTypeOf(format: LiveTrackReader['format']): number {
  if (format.kind === 'video') return VIDEO_TYPE;
  const law = g711LawOf(format);
  if (law === undefined) return AAC_TYPE;
  return format.sampleRate === G711_RATE && format.channels === 1 ? STATIC_TYPES[law] : G711_TYPE;
}
