import { BoxError } from '../../base/index.ts';
import type { Format } from '../frame.ts';
import { boxesIn, childOf, FieldReader, findChild, type Span } from './box-reader.ts';
import type { Edit } from './movie-boxes.ts';
import { parseStsd } from './sample-entries.ts';

/** What the movie of a segment says of one track. */
export interface ParsedTrack {
  readonly id: number;
  readonly format: Format;
  readonly edits: readonly Edit[];
  readonly stbl: Span;
  /** Of samples in fragments (trex); zeros in a finished movie. */
  readonly defaults: SampleDefaults;
}

export interface SampleDefaults {
  readonly duration: number;
  readonly size: number;
  readonly flags: number;
}

export interface ParsedMovie {
  readonly timescale: number;
  readonly tracks: readonly ParsedTrack[];
}

const MAX_TRACKS = 16;
/** The highest sampling rate that FLAC knows (RFC 9639 section 9.1.6); a movie counts twice as fast. */
const MAX_TIMESCALE = 1048575;
/** Types of tracks as the hdlr box names them. */
const HANDLERS: Readonly<Record<string, Format['kind']>> = { vide: 'video', soun: 'audio' };

/**
 * Reads a moov box of a segment, growing or finished; the sample tables stay where they are.
 * @throws BoxError mp4.damaged if it is not one that a SegmentBuilder could have made.
 */
export function parseMovie(bytes: Buffer, moov: Span, audioSource: string | undefined): ParsedMovie {
  const timescale = readTimescale(bytes, childOf(bytes, moov, 'mvhd'), 2 * MAX_TIMESCALE);
  const mvex = findChild(bytes, moov, 'mvex');
  const defaults = mvex ? readDefaults(bytes, mvex) : new Map<number, SampleDefaults>();
  const traks = [...boxesIn(bytes, moov.body, moov.end)].filter(({ type }) => type === 'trak');
  if (traks.length > MAX_TRACKS) throw new BoxError('mp4.damaged', { what: 'moov', tracks: traks.length });
  const tracks = traks.map((trak) => parseTrack(bytes, trak, defaults, audioSource));
  if (new Set(tracks.map(({ id }) => id)).size < tracks.length)
    throw new BoxError('mp4.damaged', { what: 'track ids' });
  return { timescale, tracks };
}

function parseTrack(
  bytes: Buffer,
  trak: Span,
  defaults: ReadonlyMap<number, SampleDefaults>,
  audioSource: string | undefined,
): ParsedTrack {
  const id = readTrackId(bytes, childOf(bytes, trak, 'tkhd'));
  const mdia = childOf(bytes, trak, 'mdia');
  const timescale = readTimescale(bytes, childOf(bytes, mdia, 'mdhd'), MAX_TIMESCALE);
  const stbl = childOf(bytes, mdia, 'minf', 'stbl');
  const formats = parseStsd(bytes, childOf(bytes, stbl, 'stsd'), timescale, audioSource);
  const [format] = formats;
  const handler = childOf(bytes, mdia, 'hdlr');
  const kind = handler.end - handler.body < 12 ? '' : bytes.toString('latin1', handler.body + 8, handler.body + 12);
  if (!format || formats.length > 1 || HANDLERS[kind] !== format.kind)
    throw new BoxError('mp4.damaged', { what: 'trak' });
  const edts = findChild(bytes, trak, 'edts');
  const edits = edts ? readEdits(bytes, childOf(bytes, edts, 'elst')) : [];
  return { id, format, edits, stbl, defaults: defaults.get(id) ?? { duration: 0, size: 0, flags: 0 } };
}

/** mvhd and mdhd begin alike (ISO/IEC 14496-12 section 8.2.2 and 8.4.2). */
function readTimescale(bytes: Buffer, span: Span, max: number): number {
  const fields = new FieldReader(bytes, span);
  fields.skip(fields.version() === 1 ? 16 : 8);
  const timescale = fields.u32();
  if (timescale === 0 || timescale > max) throw new BoxError('mp4.damaged', { what: span.type });
  return timescale;
}

function readTrackId(bytes: Buffer, tkhd: Span): number {
  const fields = new FieldReader(bytes, tkhd);
  fields.skip(fields.version() === 1 ? 16 : 8);
  return fields.u32();
}

function readEdits(bytes: Buffer, elst: Span): Edit[] {
  const fields = new FieldReader(bytes, elst);
  if (fields.version() !== 1) throw new BoxError('mp4.damaged', { what: 'elst' });
  const edits: Edit[] = [];
  for (let left = fields.rows(20); left > 0; left--) {
    const duration = fields.u64();
    const high = fields.i32();
    const low = fields.u32();
    fields.skip(4);
    edits.push({ duration, mediaTime: high < 0 ? -1 : high * 2 ** 32 + low });
  }
  return edits;
}

function readDefaults(bytes: Buffer, mvex: Span): Map<number, SampleDefaults> {
  const defaults = new Map<number, SampleDefaults>();
  for (const span of boxesIn(bytes, mvex.body, mvex.end)) {
    if (span.type !== 'trex') continue;
    const fields = new FieldReader(bytes, span);
    fields.version();
    const id = fields.u32();
    fields.skip(4);
    defaults.set(id, { duration: fields.u32(), size: fields.u32(), flags: fields.u32() });
  }
  return defaults;
}
