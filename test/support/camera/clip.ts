/** Clips from test/fixtures as access units and audio frames. */
import { readFileSync } from 'node:fs';

/** One coded picture: NAL units without start codes, in the order of the stream. */
export interface AccessUnit {
  readonly sets: readonly Buffer[];
  readonly slices: readonly Buffer[];
  readonly key: boolean;
  /** Place in presentation order minus place in decoding order (not zero with B-frames only). */
  readonly reorder: number;
}

export interface VideoClip {
  readonly name: string;
  readonly codec: 'h264' | 'h265';
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly units: readonly AccessUnit[];
  /** The parameter sets of the first key frame: SPS, PPS, or VPS, SPS, PPS. */
  readonly sets: readonly Buffer[];
}

export type AudioKind = 'aac' | 'pcma' | 'pcmu';

export interface AudioClip {
  readonly kind: AudioKind;
  readonly sampleRate: number;
  readonly channels: number;
  readonly samplesPerFrame: number;
  readonly frames: readonly Buffer[];
}

/** A clip of one's own: an Annex-B file. The fixtures have theirs in index.json. */
export interface ClipFile {
  readonly file: string;
  readonly codec: 'h264' | 'h265';
  readonly fps: number;
  readonly width?: number;
  readonly height?: number;
}

interface FixtureIndex {
  readonly video: Record<string, ClipFile>;
  readonly audio: Record<string, { file: string; sampleRate: number; channels: number }>;
}

const FOLDER = new URL('../../fixtures/', import.meta.url);
const G711_FRAME = 320;
const AAC_FRAME = 1024;

const videoClips = new Map<string, VideoClip>();
const audioClips = new Map<string, AudioClip>();
let loadedIndex: FixtureIndex | undefined;

function fixtureIndex(): FixtureIndex {
  loadedIndex ??= JSON.parse(readFileSync(new URL('index.json', FOLDER), 'utf8')) as FixtureIndex;
  return loadedIndex;
}

/** A clip of the fixtures by name, or any Annex-B file. Each is read once per process. */
export function videoClip(source: string | ClipFile): VideoClip {
  const name = typeof source === 'string' ? source : source.file;
  let clip = videoClips.get(name);
  if (!clip) {
    const entry = typeof source === 'string' ? fixtureIndex().video[source] : source;
    if (!entry) throw new Error(`no such clip: ${name}`);
    const bytes = readFileSync(typeof source === 'string' ? new URL(entry.file, FOLDER) : entry.file);
    clip = cutVideo(name, entry, bytes);
    videoClips.set(name, clip);
  }
  return clip;
}

export function audioClip(kind: AudioKind): AudioClip {
  let clip = audioClips.get(kind);
  if (!clip) {
    const entry = fixtureIndex().audio[kind === 'pcmu' ? 'pcma' : kind];
    if (!entry) throw new Error(`no such sound: ${kind}`);
    let bytes = readFileSync(new URL(entry.file, FOLDER));
    if (kind === 'pcmu') bytes = bytes.map(muLawOfALaw) as Buffer<ArrayBuffer>;
    clip = {
      kind,
      sampleRate: entry.sampleRate,
      channels: entry.channels,
      samplesPerFrame: kind === 'aac' ? AAC_FRAME : G711_FRAME,
      frames: kind === 'aac' ? cutAdts(bytes) : cutEvenly(Buffer.from(bytes), G711_FRAME),
    };
    audioClips.set(kind, clip);
  }
  return clip;
}

/** NAL units of an Annex-B stream (H.264 annex B), without start codes and trailing zeros. */
export function cutNals(bytes: Buffer): Buffer[] {
  const nals: Buffer[] = [];
  let start = -1;
  for (let at = bytes.indexOf('\0\0\x01', 0, 'latin1'); ; at = bytes.indexOf('\0\0\x01', at + 3, 'latin1')) {
    if (start >= 0) {
      let end = at < 0 ? bytes.length : at;
      while (end > start && bytes[end - 1] === 0) end--;
      nals.push(bytes.subarray(start, end));
    }
    if (at < 0) return nals;
    start = at + 3;
  }
}

function cutVideo(name: string, entry: ClipFile, bytes: Buffer): VideoClip {
  const h265 = entry.codec === 'h265';
  const pictures: { sets: Buffer[]; slices: Buffer[]; key: boolean }[] = [];
  let sets: Buffer[] = [];
  for (const nal of cutNals(bytes)) {
    const type = h265 ? (nal[0]! >> 1) & 63 : nal[0]! & 31;
    const isSlice = h265 ? type < 32 : type >= 1 && type <= 5;
    const isSet = h265 ? type >= 32 && type <= 34 : type === 7 || type === 8;
    if (isSet) sets.push(nal);
    if (!isSlice) continue;
    const first = (nal[h265 ? 2 : 1]! & 0x80) !== 0;
    if (first) {
      pictures.push({ sets, slices: [nal], key: h265 ? type >= 16 && type <= 23 : type === 5 });
      sets = [];
    } else pictures.at(-1)?.slices.push(nal);
  }
  const kinds = pictures.map(({ slices }) => !h265 && isBSlice(slices[0]!));
  const units = pictures.map((picture, index) => ({ ...picture, reorder: reorderOf(kinds, index) }));
  const { width = 0, height = 0 } = entry;
  return { name, codec: entry.codec, width, height, fps: entry.fps, units, sets: units[0]!.sets };
}

/** B-frames here refer to their neighbours only: an anchor is shown after the B-frames that follow it in the stream. */
function reorderOf(isB: readonly boolean[], index: number): number {
  if (isB[index]) return -1;
  let following = 0;
  while (isB[index + 1 + following]) following++;
  return following;
}

/** slice_type is the second Exp-Golomb number of the slice header (H.264 7.3.3); 1 and 6 are B. */
function isBSlice(nal: Buffer): boolean {
  let bit = 8;
  const readBit = () => (nal[bit >> 3]! >> (7 - (bit++ & 7))) & 1;
  const readNumber = () => {
    let zeros = 0;
    while (readBit() === 0) zeros++;
    let value = 1;
    for (; zeros > 0; zeros--) value = value * 2 + readBit();
    return value - 1;
  };
  readNumber();
  return readNumber() % 5 === 1;
}

/** Raw AAC frames out of an ADTS stream (ISO/IEC 13818-7 6.2). */
function cutAdts(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at + 7 <= bytes.length;) {
    const length = ((bytes[at + 3]! & 3) << 11) | (bytes[at + 4]! << 3) | (bytes[at + 5]! >> 5);
    const head = bytes[at + 1]! & 1 ? 7 : 9;
    frames.push(bytes.subarray(at + head, at + length));
    at += length;
  }
  return frames;
}

function cutEvenly(bytes: Buffer, size: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at + size <= bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

/** G.711: A-law to linear to mu-law. */
function muLawOfALaw(code: number): number {
  const a = code ^ 0x55;
  const segment = (a >> 4) & 7;
  const mantissa = ((a & 15) << 4) + (segment === 0 ? 8 : 264);
  const linear = segment > 1 ? mantissa << (segment - 1) : mantissa;
  const level = Math.min(32635, linear) + 132;
  const exponent = Math.max(0, 24 - Math.clz32(level));
  return ~((a & 0x80 ? 0 : 0x80) | (exponent << 4) | ((level >> (exponent + 3)) & 15)) & 0xff;
}
