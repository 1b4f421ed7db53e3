import type { Format } from './frame.ts';
import { mimeOf } from './mp4/track-stream.ts';

/** What a channel of a viewer is sent: the beginning of a track, or some of its pictures or sounds. */
export type PartKind = 'init' | 'media';
export type TrackKind = Format['kind'];

export interface PartFlags {
  /** Begins with a picture that can be decoded by itself. */
  readonly key?: boolean;
  /** Does not adjoin the part before it: pictures were left out, or it is another time. */
  readonly jump?: boolean;
  /** Only key frames: those in between were left out on purpose. */
  readonly keysOnly?: boolean;
  /** For looking at single pictures; may lie before what was sent. */
  readonly step?: boolean;
}

/** A piece of one track as fragmented MP4. The bytes may be shared by many viewers and are never changed. */
export interface MediaPart extends PartFlags {
  readonly track: TrackKind;
  readonly kind: PartKind;
  readonly bytes: Uint8Array;
  /** Samples in it. */
  readonly frames: number;
  /** UTC microseconds of the first picture that it shows; 0 of an init. */
  readonly wallUs: number;
  /** UTC microseconds at which the timeline of the MP4 is at 0. */
  readonly zeroUs: number;
}

/** What a track is, for whoever has to decide whether it can be played. */
export interface TrackFacts {
  readonly track: TrackKind;
  readonly mime: string;
  /** For people: H.264, H.265, AAC, FLAC. */
  readonly codec: string;
  readonly width?: number;
  readonly height?: number;
  /** Of sound: what the camera sent. */
  readonly source?: string;
}

const CODEC_NAMES = { h264: 'H.264', h265: 'H.265', aac: 'AAC', flac: 'FLAC', opus: 'Opus' } as const;

export function trackFacts(format: Format): TrackFacts {
  const mime = mimeOf(format);
  const codec = CODEC_NAMES[format.codec];
  if (format.kind === 'audio') return { track: 'audio', mime, codec, source: format.source };
  return { track: 'video', mime, codec, width: format.width, height: format.height };
}

const PART_HEADER_BYTES = 32;
const VERSION = 1;
const FLAG = { key: 1, jump: 2, keysOnly: 4, step: 8 } as const;

/** The bytes in front of a part on the wire (the table is in firmware/live/README.md). */
export function partHeader(part: MediaPart, channel: number, epoch: number): Buffer {
  const header = Buffer.allocUnsafe(PART_HEADER_BYTES);
  header.writeUInt8(VERSION, 0);
  header.writeUInt8((part.track === 'video' ? 1 : 3) + (part.kind === 'init' ? 0 : 1), 1);
  let flags = 0;
  for (const [name, bit] of Object.entries(FLAG)) if (part[name as keyof PartFlags]) flags |= bit;
  header.writeUInt16BE(flags, 2);
  header.writeUInt32BE(channel, 4);
  header.writeUInt32BE(epoch, 8);
  header.writeUInt32BE(part.frames, 12);
  header.writeDoubleBE(part.wallUs, 16);
  header.writeDoubleBE(part.zeroUs, 24);
  return header;
}
