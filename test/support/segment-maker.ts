import {
  SegmentBuilder,
  type AudioFormat,
  type FragmentTrack,
  type RandomReader,
  type Repair,
  type Sample,
  type SegmentIdentity,
  type VideoFormat,
} from '../../firmware/media/index.ts';
import type { EncodedTrack } from './encoded-media.ts';

export const IDENTITY: SegmentIdentity = {
  box: '5d3c5a4e-7d8b-4c8c-9b0e-6f2a6f0b1c01',
  camera: 'front-door',
  stream: 'main',
  boot: '0c8a3f66-0d0e-4d2e-8a53-6a4a86a2f001',
  run: '7a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d',
  sequence: 4711,
  startWallUs: 1_790_000_000_000_000,
  startMonoUs: 86_400_000_000,
  clock: 'trusted',
  startsWithKey: true,
  title: 'Front door – Ü',
};

export interface SegmentPlan {
  readonly identity?: Partial<SegmentIdentity>;
  /** Seconds on the run's timeline at which each track begins. */
  readonly starts?: readonly number[];
  readonly fragmentSeconds?: number;
  /** Stop after so many fragments. */
  readonly fragments?: number;
}

export interface MadeSegment {
  readonly identity: SegmentIdentity;
  readonly growing: Buffer;
  readonly halfClosed: Buffer;
  readonly finished: Buffer;
  /** End of the header and of each fragment. */
  readonly ends: readonly number[];
  readonly mediaBytes: number;
  readonly memoryBytes: number;
}

/** What the recorder does with a builder, in memory: a fragment per `fragmentSeconds` of all tracks. */
export function makeSegment(tracks: readonly EncodedTrack[], plan: SegmentPlan = {}): MadeSegment {
  const identity = { ...IDENTITY, ...plan.identity };
  const builder = new SegmentBuilder(
    identity,
    tracks.map(({ format }) => format),
  );
  const chunks: Uint8Array[] = [builder.header()];
  const ends = [builder.bytes];
  for (const fragment of fragmentsOf(tracks, plan).slice(0, plan.fragments)) {
    chunks.push(...builder.fragment(fragment));
    ends.push(builder.bytes);
  }
  const memoryBytes = builder.memoryBytes;
  const growing = Buffer.concat(chunks);
  const { moov, patch } = builder.finish();
  const halfClosed = Buffer.concat([growing, moov]);
  const finished = Buffer.from(halfClosed);
  patch.bytes.copy(finished, patch.offset);
  const mediaBytes = tracks.flatMap(({ samples }) => samples).reduce((sum, { size }) => sum + size, 0);
  return { identity, growing, halfClosed, finished, ends, mediaBytes, memoryBytes };
}

export function fragmentsOf(tracks: readonly EncodedTrack[], plan: SegmentPlan = {}): FragmentTrack[][] {
  const seconds = plan.fragmentSeconds ?? 1;
  const placed = tracks.map(({ format, samples }, i) => {
    const start = Math.round((plan.starts?.[i] ?? 0) * format.timescale);
    return { timescale: format.timescale, samples: samples.map((sample) => ({ ...sample, dts: sample.dts + start })) };
  });
  const firstS = Math.min(...placed.map(({ samples, timescale }) => samples[0]!.dts / timescale));
  const lastS = Math.max(...placed.map(({ samples, timescale }) => samples.at(-1)!.dts / timescale));
  const fragments: FragmentTrack[][] = [];
  for (let from = firstS; from <= lastS; from += seconds) {
    const fragment = placed.map(({ samples, timescale }, track) => {
      const inside = samples.filter(({ dts }) => dts / timescale >= from && dts / timescale < from + seconds);
      return { track, samples: inside.map(plainSample), bytes: inside.map(({ bytes }) => bytes) };
    });
    fragments.push(fragment.filter(({ samples }) => samples.length > 0));
  }
  return fragments.filter((fragment) => fragment.length > 0);
}

function plainSample({ dts, cts, duration, size, key }: Sample): Sample {
  return { dts, cts, duration, size, key };
}

/** A reader of bytes in memory that counts its reads. */
export function memoryReader(bytes: Buffer): RandomReader & { reads: number } {
  return {
    size: bytes.length,
    reads: 0,
    async read(offset, length) {
      this.reads++;
      return Buffer.from(bytes.subarray(offset, offset + length));
    },
  };
}

/** The file that carrying out a repair leaves. */
export function repaired(bytes: Buffer, { truncateTo, moov, patch }: Repair): Buffer {
  const file = Buffer.concat([bytes.subarray(0, truncateTo), moov]);
  patch.bytes.copy(file, patch.offset);
  return file;
}

export interface SyntheticPlan {
  readonly seconds: number;
  readonly fps?: number;
  readonly gop?: number;
  /** Mean bytes of a picture. */
  readonly pictureBytes?: number;
  /** pts - dts of the pictures in turn, in pictures. */
  readonly reorder?: readonly number[];
  /** Ticks added to each dts, in turn: a camera's trembling clock. */
  readonly jitter?: readonly number[];
  readonly audio?: boolean;
  readonly seed?: number;
}

export const VIDEO: VideoFormat = {
  kind: 'video',
  codec: 'h264',
  timescale: 90000,
  width: 1920,
  height: 1080,
  rfc6381: 'avc1.4D4028',
  config: Buffer.from('014d4028ffe1000a674d4028965200f0044f01000468ee3c80', 'hex'),
};

export const AUDIO: AudioFormat = {
  kind: 'audio',
  codec: 'aac',
  timescale: 48000,
  sampleRate: 48000,
  channels: 1,
  rfc6381: 'mp4a.40.2',
  config: Buffer.from('1188', 'hex'),
  source: 'AAC-LC',
};

/** Tracks without meaning for a decoder but well formed: pictures of one NAL unit each, sounds of some bytes. */
export function syntheticTracks(plan: SyntheticPlan): EncodedTrack[] {
  const { seconds, fps = 25, gop = fps, pictureBytes = 400, reorder = [0], jitter = [0] } = plan;
  let state = plan.seed ?? 1;
  const random = (): number => (state = (state * 48271) % 0x7fffffff) / 0x7fffffff;
  const frameTicks = Math.round(90000 / fps);
  const dtsOf = (i: number): number => i * frameTicks + (i === 0 ? 0 : jitter[i % jitter.length]!);
  const video = Array.from({ length: seconds * fps }, (_, i) => {
    const key = i % gop === 0;
    const bytes = fill(Math.round(pictureBytes * (key ? 3 : 0.6 + 0.6 * random())), i + 1);
    bytes.writeUInt32BE(bytes.length - 4);
    bytes[4] = key ? 0x65 : 0x41;
    const cts = reorder[i % reorder.length]! * frameTicks;
    return { dts: dtsOf(i), cts, duration: dtsOf(i + 1) - dtsOf(i), size: bytes.length, key, bytes };
  });
  const tracks: EncodedTrack[] = [{ format: VIDEO, samples: video }];
  if (!plan.audio) return tracks;
  const audio = Array.from({ length: Math.floor((seconds * 48000) / 1024) }, (_, i) => {
    const bytes = fill(20 + Math.round(random() * 20), i + 100);
    return { dts: i * 1024, cts: 0, duration: 1024, size: bytes.length, key: true, bytes };
  });
  return [...tracks, { format: AUDIO, samples: audio }];
}

function fill(length: number, value: number): Buffer {
  return Buffer.alloc(Math.max(length, 6), (value % 250) + 1);
}
