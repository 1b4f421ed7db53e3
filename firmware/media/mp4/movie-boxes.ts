import type { Format } from '../frame.ts';
import { box, fullBox, text, u16, u32, u64, zeros, type Box, type Part } from './boxes.ts';
import { sampleFlags } from './fragment-boxes.ts';
import { SampleTable } from './sample-table.ts';
import { stsd } from './sample-entries.ts';

/** Seconds from 1904 to 1970. */
const MP4_EPOCH_S = 2082844800;
const MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
const UNDETERMINED_LANGUAGE = 0x55c4;
/** Track enabled, in the movie, in the preview. */
const TRACK_FLAGS = 7;

/** One stretch of a track's presentation (ISO/IEC 14496-12 section 8.6.6); mediaTime -1 is silence or an empty picture. */
export interface Edit {
  /** Ticks of the movie. */
  readonly duration: number;
  /** Ticks of the track. */
  readonly mediaTime: number;
}

export interface MovieHead {
  readonly createdUs: number;
  readonly timescale: number;
  /** Ticks of the movie; 0 while it grows. */
  readonly duration: number;
}

export interface TrackHead {
  /** From 1 on. */
  readonly id: number;
  readonly formats: readonly [Format, ...Format[]];
  /** Ticks of the movie and of the track; both reach the end of the presentation of the last sample. */
  readonly movieDuration: number;
  readonly mediaDuration: number;
  readonly edits?: readonly Edit[];
}

/** Twice the fastest track at least, so that an edit rounded to it leads every reader back to the exact tick of the track. */
export function movieTimescale(formats: readonly Format[]): number {
  return Math.max(90000, ...formats.filter(({ kind }) => kind === 'audio').map(({ timescale }) => 2 * timescale));
}

export function ftyp(formats: readonly Format[]): Box {
  const brands = ['isom', 'iso6', 'mp41', ...(formats.some(({ codec }) => codec === 'h264') ? ['avc1'] : [])];
  return box('ftyp', text('isom'), u32(512), text(brands.join('')));
}

export function moov(head: MovieHead, tracks: readonly Box[], ...more: Part[]): Box {
  return box('moov', mvhd(head, tracks.length + 1), ...tracks, ...more);
}

/** Fragments follow; each track's defaults suit it best (ISO/IEC 14496-12 section 8.8.1 and 8.8.3). */
export function mvex(formats: readonly Format[]): Box {
  const trex = (format: Format, i: number): Box =>
    fullBox('trex', 0, 0, u32(i + 1, 1, 0, 0, sampleFlags(format.kind === 'audio')));
  return box('mvex', ...formats.map(trex));
}

export function trak(track: TrackHead, createdUs: number, stbl: Box): Box {
  const [format] = track.formats;
  const edits = track.edits ? [box('edts', elst(track.edits))] : [];
  const media = format.kind === 'video' ? fullBox('vmhd', 0, 1, zeros(8)) : fullBox('smhd', 0, 0, zeros(4));
  const dataInformation = box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1)));
  return box(
    'trak',
    tkhd(track, createdUs),
    ...edits,
    box('mdia', mdhd(track, createdUs), hdlr(format.kind), box('minf', media, dataInformation, stbl)),
  );
}

/** The sample table of a movie whose samples are in fragments. */
export function emptyStbl(format: Format): Box {
  return new SampleTable().stbl(stsd([format]), { wide: false });
}

function mvhd({ createdUs, timescale, duration }: MovieHead, nextTrack: number): Box {
  const times = [u64(mp4Seconds(createdUs), mp4Seconds(createdUs)), u32(timescale), u64(duration)];
  return fullBox('mvhd', 1, 0, ...times, u32(0x10000), u16(0x100), zeros(10), MATRIX, zeros(24), u32(nextTrack));
}

function tkhd({ id, formats: [format], movieDuration }: TrackHead, createdUs: number): Box {
  const times = [u64(mp4Seconds(createdUs), mp4Seconds(createdUs)), u32(id, 0), u64(movieDuration)];
  const size = format.kind === 'video' ? u32(format.width * 65536, format.height * 65536) : zeros(8);
  const group = u16(0, format.kind === 'audio' ? 1 : 0, format.kind === 'audio' ? 0x100 : 0, 0);
  return fullBox('tkhd', 1, TRACK_FLAGS, ...times, zeros(8), group, MATRIX, size);
}

function mdhd({ formats: [format], mediaDuration }: TrackHead, createdUs: number): Box {
  const created = mp4Seconds(createdUs);
  const times = [u64(created, created), u32(format.timescale), u64(mediaDuration)];
  return fullBox('mdhd', 1, 0, ...times, u16(UNDETERMINED_LANGUAGE, 0));
}

function hdlr(kind: Format['kind']): Box {
  const [type, name] = kind === 'video' ? ['vide', 'Video\0'] : ['soun', 'Sound\0'];
  return fullBox('hdlr', 0, 0, zeros(4), text(type), zeros(12), text(name));
}

function elst(edits: readonly Edit[]): Box {
  const rows = edits.flatMap(({ duration, mediaTime }): Part[] => [
    u64(duration),
    mediaTime < 0 ? u32(0xffffffff, 0xffffffff) : u64(mediaTime),
    u16(1, 0),
  ]);
  return fullBox('elst', 1, 0, u32(edits.length), ...rows);
}

function mp4Seconds(us: number): number {
  return Math.max(0, Math.floor(us / 1e6) + MP4_EPOCH_S);
}
