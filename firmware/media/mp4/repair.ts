import { BoxError } from '../../base/index.ts';
import type { RandomReader } from './box-reader.ts';
import { readFragment, type Fragment } from './fragment-reader.ts';
import { readLayout, type Layout } from './layout.ts';
import { isMediaWhole } from './media-check.ts';
import { holesBox, type ByteRange } from './ranges.ts';
import { MAX_DELTA, SampleTable } from './sample-table.ts';
import { addRun } from './segment-builder.ts';
import { readFinished } from './segment-index.ts';
import { segmentTail, type FinalTrack, type SegmentTail } from './segment-tail.ts';
import { rescale } from './ticks.ts';

export type RepairPlan =
  | { readonly kind: 'finished' }
  /** No fragment got to the disk whole: the file holds nothing that could be shown. */
  | { readonly kind: 'nothing-usable' }
  /** Not a segment of this firmware: to be left alone. */
  | { readonly kind: 'not-ours' }
  /** The header is destroyed but media follow: to be left to people. */
  | { readonly kind: 'damaged'; readonly error: BoxError }
  | Repair;

/** In this order: cut the file to `truncateTo` bytes, append `moov`, sync, write `patch` in place, sync. */
export interface Repair {
  readonly kind: 'repair';
  /** How far the file had come. `claims-finished`: the patch is there and the movie is not. */
  readonly from: 'growing' | 'half-closed' | 'claims-finished';
  readonly truncateTo: number;
  /** Empty if the movie is there already, whole and right. */
  readonly moov: Buffer;
  readonly patch: SegmentTail['patch'];
  readonly summary: RepairSummary;
}

export interface RepairSummary {
  readonly startUs: number;
  readonly endUs: number;
  /** Pictures; sounds in a file without pictures. */
  readonly frames: number;
  readonly keyFrames: number;
  /** Size of the file afterwards. */
  readonly bytes: number;
  /** RFC 6381 names of the tracks, with commas. */
  readonly codec: string;
  readonly fragments: number;
  /** Media that cannot be kept: what is cut off, and holes between whole fragments. */
  readonly lostBytes: number;
  readonly holes: readonly ByteRange[];
}

export interface RepairOptions {
  /** So many fragments at the end must hold plausible media, not only be well formed. Default 10. */
  readonly checkTail?: number;
}

const DEFAULT_CHECKED = 10;
const SCAN_BYTES = 1 << 20;
/** Places that look like a fragment and are none; more of them is not damage but mischief. */
const MAX_FALSE_FRAGMENTS = 4096;
/** How far behind a destroyed header media are looked for. */
const HEADER_SCAN_BYTES = 1 << 23;
const MOOF = Buffer.from('moof');

/**
 * Decides how a segment that was cut off becomes a finished one: every whole fragment is kept, also those behind a damaged
 * place (which stays in the file as a hole). Reads only; never asks for a change of a finished file. Takes time in
 * proportion to the size of the file at worst, and memory in proportion to its samples.
 * @throws BoxError of the reader.
 */
export async function planRepair(reader: RandomReader, options: RepairOptions = {}): Promise<RepairPlan> {
  let layout: Layout;
  try {
    layout = await readLayout(reader);
  } catch (error) {
    return withoutHeader(reader, error);
  }
  if (layout.mdatEnd !== undefined && (await isFinished(reader, layout, layout.mdatEnd))) return { kind: 'finished' };
  const found = await new FragmentSearch(reader, layout).all();
  const whole = await withoutEmptyTail(reader, layout, found, options.checkTail ?? DEFAULT_CHECKED);
  const fragments = inOrderOfTime(whole);
  if (fragments.length === 0) return { kind: 'nothing-usable' };
  return repair(reader, layout, fragments);
}

async function withoutHeader(reader: RandomReader, error: unknown): Promise<RepairPlan> {
  if (!(error instanceof BoxError)) throw error;
  if (error.code === 'mp4.not-ours') return { kind: 'not-ours' };
  if (error.code !== 'mp4.damaged') throw error;
  for (let at = 0; at < Math.min(reader.size, HEADER_SCAN_BYTES); at += SCAN_BYTES - MOOF.length) {
    const bytes = await reader.read(at, Math.min(SCAN_BYTES, reader.size - at));
    if (bytes.includes(MOOF)) return { kind: 'damaged', error };
  }
  return { kind: 'nothing-usable' };
}

async function isFinished(reader: RandomReader, layout: Layout, mdatEnd: number): Promise<boolean> {
  try {
    await readFinished(reader, layout, mdatEnd);
    return true;
  } catch (error) {
    if (error instanceof BoxError && error.code === 'mp4.damaged') return false;
    throw error;
  }
}

/** Finds whole fragments one behind another, and the next one behind a place that is none. */
class FragmentSearch {
  readonly #reader: RandomReader;
  readonly #layout: Layout;
  #falseFragments = 0;

  constructor(reader: RandomReader, layout: Layout) {
    this.#reader = reader;
    this.#layout = layout;
  }

  async all(): Promise<Fragment[]> {
    const { tracks } = this.#layout.movie;
    const fragments: Fragment[] = [];
    for (let at = this.#layout.headerEnd; ; at = fragments.at(-1)!.end) {
      const next = (await readFragment(this.#reader, tracks, at, this.#reader.size)) ?? (await this.#scan(at + 1));
      if (!next) return fragments;
      fragments.push(next);
    }
  }

  async #scan(from: number): Promise<Fragment | undefined> {
    const { size } = this.#reader;
    for (let at = from; at < size; at += SCAN_BYTES - MOOF.length - 4) {
      const bytes = await this.#reader.read(at, Math.min(SCAN_BYTES, size - at));
      for (let i = bytes.indexOf(MOOF, 4); i >= 0; i = bytes.indexOf(MOOF, i + 1)) {
        const fragment = await readFragment(this.#reader, this.#layout.movie.tracks, at + i - 4, size);
        if (fragment) return fragment;
        if (++this.#falseFragments > MAX_FALSE_FRAGMENTS) return undefined;
      }
    }
    return undefined;
  }
}

/** Looks into the media from the end on until so many fragments in a row are good. */
async function withoutEmptyTail(
  reader: RandomReader,
  { movie }: Layout,
  fragments: readonly Fragment[],
  wanted: number,
): Promise<Fragment[]> {
  const bad = new Set<Fragment>();
  let good = 0;
  for (let i = fragments.length - 1; i >= 0 && good < wanted; i--) {
    if (await isMediaWhole(reader, fragments[i]!, movie.tracks)) {
      good++;
    } else {
      good = 0;
      bad.add(fragments[i]!);
    }
  }
  return fragments.filter((fragment) => !bad.has(fragment));
}

/**
 * Leaves out fragments whose times do not fit between their neighbours: a flipped bit in one of them must neither bend the
 * time of all others nor cost them.
 */
function inOrderOfTime(fragments: readonly Fragment[]): Fragment[] {
  const kept: Fragment[] = [];
  for (const fragment of fragments) {
    const place = placeBehind(kept.at(-1), fragment);
    if (place === 'follows') {
      kept.push(fragment);
    } else if (place === 'too early' && placeBehind(kept.at(-2), fragment) === 'follows') {
      kept[kept.length - 1] = fragment;
    }
  }
  return kept;
}

function placeBehind(before: Fragment | undefined, fragment: Fragment): 'follows' | 'too early' | 'too late' {
  let place: 'follows' | 'too early' = 'follows';
  for (const { run } of fragment.runs) {
    const other = before?.runs.find((candidate) => candidate.run.id === run.id)?.run;
    if (!other) continue;
    const lastDts = other.durations.reduce((sum, duration) => sum + duration, other.firstDts - other.durations.at(-1)!);
    if (run.firstDts - lastDts > MAX_DELTA) return 'too late';
    if (run.firstDts <= lastDts) place = 'too early';
  }
  return place;
}

async function repair(reader: RandomReader, layout: Layout, fragments: readonly Fragment[]): Promise<Repair> {
  const { identity } = layout.stored;
  const tracks = tablesOf(layout, fragments);
  const holes = holesOf(layout, fragments);
  const { end } = fragments.at(-1)!;
  const more = holes.length > 0 ? [holesBox(holes)] : [];
  const at = { placeholder: layout.placeholder, end };
  const tail = segmentTail(identity.startWallUs, tracks, at, ...more);
  const behind = await reader.read(end, Math.min(tail.moov.length, reader.size - end));
  const isThere = behind.equals(tail.moov);
  const bytes = end + tail.moov.length;
  return {
    kind: 'repair',
    from: layout.mdatEnd !== undefined ? 'claims-finished' : isHiddenMovie(behind) ? 'half-closed' : 'growing',
    truncateTo: isThere ? bytes : end,
    moov: isThere ? Buffer.alloc(0) : tail.moov,
    patch: tail.patch,
    summary: {
      ...timesOf(layout, tracks),
      bytes,
      codec: layout.movie.tracks.map(({ format }) => format.rfc6381).join(','),
      fragments: fragments.length,
      lostBytes: holes.reduce((sum, hole) => sum + hole.length, isHiddenMovie(behind) ? 0 : reader.size - end),
      holes,
    },
  };
}

function isHiddenMovie(bytes: Buffer): boolean {
  return bytes.length >= 16 && bytes.toString('latin1', 4, 8) === 'free' && bytes.toString('latin1', 12, 16) === 'moov';
}

function tablesOf({ movie }: Layout, fragments: readonly Fragment[]): FinalTrack[] {
  const tracks = movie.tracks.map(({ id, format }) => ({ id, format, table: new SampleTable() }));
  for (const { runs } of fragments) {
    for (const { run, offset } of runs) {
      const { table } = tracks.find(({ id }) => id === run.id)!;
      addRun(table, run);
      table.chunk(offset);
    }
  }
  return tracks;
}

function holesOf({ headerEnd }: Layout, fragments: readonly Fragment[]): ByteRange[] {
  const holes: ByteRange[] = [];
  let end = headerEnd;
  for (const fragment of fragments) {
    if (fragment.offset > end) holes.push({ offset: end, length: fragment.offset - end });
    end = fragment.end;
  }
  return holes;
}

function timesOf(
  { stored }: Layout,
  tracks: readonly FinalTrack[],
): Pick<RepairSummary, 'startUs' | 'endUs' | 'frames' | 'keyFrames'> {
  const used = tracks.filter(({ table }) => table.samples > 0);
  const lead = used.find(({ format }) => format.kind === 'video') ?? used[0]!;
  const startUs = stored.identity.startWallUs;
  const anchorUs = rescale(lead.table.firstDts, lead.format.timescale, 1e6);
  return {
    startUs,
    endUs: startUs + rescale(lead.table.endDts, lead.format.timescale, 1e6) - anchorUs,
    frames: lead.table.samples,
    keyFrames: lead.table.keySamples,
  };
}
