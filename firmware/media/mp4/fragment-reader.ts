import { BoxError } from '../../base/index.ts';
import { boxesIn, childOf, FieldReader, typeAt, type RandomReader, type Span } from './box-reader.ts';
import { HEADER_BYTES } from './boxes.ts';
import { NON_SYNC, TFHD, TRUN, type TrackRun } from './fragment-boxes.ts';
import type { ParsedTrack } from './movie-parser.ts';
import { MAX_SAMPLES } from './track-samples.ts';

/** A moof with its mdat: whole, its samples filling the mdat exactly. */
export interface Fragment {
  /** Place of the moof in the file, of the media, and of what comes behind. */
  readonly offset: number;
  readonly mediaOffset: number;
  readonly end: number;
  readonly runs: readonly PlacedRun[];
}

export interface PlacedRun {
  readonly run: TrackRun;
  /** Place of the first sample in the file. */
  readonly offset: number;
}

/** Read at once for each fragment; larger moofs take a second read. */
const FIRST_READ_BYTES = 4096;
/** A second of media describes itself in a few hundred bytes. */
const MAX_MOOF_BYTES = 1 << 22;
/** Times count from the beginning of the file, which lasts minutes; this is days even for the fastest clock. */
const MAX_TICKS = 2 ** 40;
/** A camera that runs is asked for years on end. */
const MAX_LIVE_TICKS = 2 ** 50;

/** What a track says of samples whose fragment is silent about them. */
type Described = Pick<ParsedTrack, 'id' | 'defaults'>;

/** The whole fragments that lie one behind another from `from` on and end before `limit`. */
export async function* fragmentsFrom(
  reader: RandomReader,
  tracks: readonly Described[],
  from: number,
  limit: number,
): AsyncGenerator<Fragment, void, void> {
  for (let at = from; ;) {
    const fragment = await readFragment(reader, tracks, at, limit);
    if (!fragment) return;
    yield fragment;
    at = fragment.end;
  }
}

/** The fragment at a place, or nothing if there is no whole one. */
export async function readFragment(
  reader: RandomReader,
  tracks: readonly Described[],
  at: number,
  limit: number,
): Promise<Fragment | undefined> {
  const room = Math.max(0, limit - at);
  let head = await reader.read(at, Math.min(room, FIRST_READ_BYTES));
  if (head.length < HEADER_BYTES || typeAt(head, 0) !== 'moof') return undefined;
  const moofBytes = head.readUInt32BE(0);
  const headBytes = moofBytes + HEADER_BYTES;
  if (moofBytes > MAX_MOOF_BYTES || headBytes > room) return undefined;
  if (headBytes > head.length) head = await reader.read(at, headBytes);
  if (headBytes > head.length || typeAt(head, moofBytes) !== 'mdat') return undefined;
  const mediaBytes = head.readUInt32BE(moofBytes) - HEADER_BYTES;
  if (mediaBytes < 0 || mediaBytes > room - headBytes) return undefined;
  try {
    return parseFragment(head, moofBytes, at, mediaBytes, tracks);
  } catch (error) {
    if (error instanceof BoxError && error.code === 'mp4.damaged') return undefined;
    throw error;
  }
}

/** A fragment that fills the bytes. @throws BoxError mp4.damaged if there is anything else. */
export function fragmentIn(bytes: Buffer, tracks: readonly Described[]): Fragment {
  if (bytes.length < HEADER_BYTES || typeAt(bytes, 0) !== 'moof') throw damaged('moof');
  const moofBytes = bytes.readUInt32BE(0);
  const mediaBytes = bytes.length - moofBytes - HEADER_BYTES;
  if (mediaBytes < 0 || typeAt(bytes, moofBytes) !== 'mdat') throw damaged('mdat');
  return parseFragment(bytes, moofBytes, 0, mediaBytes, tracks, MAX_LIVE_TICKS);
}

/** @throws BoxError mp4.damaged */
function parseFragment(
  bytes: Buffer,
  moofBytes: number,
  at: number,
  mediaBytes: number,
  tracks: readonly Described[],
  maxTicks = MAX_TICKS,
): Fragment {
  const moof: Span = { type: 'moof', start: 0, body: HEADER_BYTES, end: moofBytes };
  const runs: PlacedRun[] = [];
  const mediaStart = moofBytes + HEADER_BYTES;
  let filled = 0;
  for (const traf of boxesIn(bytes, moof.body, moof.end)) {
    if (traf.type !== 'traf') continue;
    const { run, dataOffset } = parseTraf(bytes, traf, tracks, mediaBytes, maxTicks);
    if (dataOffset !== mediaStart + filled || runs.some((other) => other.run.id === run.id)) throw damaged('traf');
    runs.push({ run, offset: at + dataOffset });
    filled += run.bytes;
  }
  if (runs.length === 0 || filled !== mediaBytes) throw damaged('mdat');
  return { offset: at, mediaOffset: at + mediaStart, end: at + mediaStart + mediaBytes, runs };
}

function parseTraf(
  bytes: Buffer,
  traf: Span,
  tracks: readonly Described[],
  mediaBytes: number,
  maxTicks: number,
): { run: TrackRun; dataOffset: number } {
  const header = new FieldReader(bytes, childOf(bytes, traf, 'tfhd'));
  const flags = header.u32();
  const id = header.u32();
  const track = tracks.find((candidate) => candidate.id === id);
  if (!track || !(flags & TFHD.baseIsMoof) || flags & TFHD.baseDataOffset) throw damaged('tfhd');
  if (flags & TFHD.description) header.skip(4);
  const defaults = {
    duration: flags & TFHD.defaultDuration ? header.u32() : track.defaults.duration,
    size: flags & TFHD.defaultSize ? header.u32() : track.defaults.size,
    flags: flags & TFHD.defaultFlags ? header.u32() : track.defaults.flags,
  };
  const time = new FieldReader(bytes, childOf(bytes, traf, 'tfdt'));
  const firstDts = time.version() === 1 ? time.u64() : time.u32();
  if (firstDts > maxTicks) throw damaged('tfdt');
  return parseRun(new FieldReader(bytes, childOf(bytes, traf, 'trun')), { id, firstDts }, defaults, mediaBytes);
}

function parseRun(
  fields: FieldReader,
  { id, firstDts }: { id: number; firstDts: number },
  defaults: { duration: number; size: number; flags: number },
  mediaBytes: number,
): { run: TrackRun; dataOffset: number } {
  const flags = fields.u32();
  const columns = [TRUN.durations, TRUN.sizes, TRUN.flags, TRUN.offsets].filter((column) => flags & column).length;
  const count = fields.u32();
  if (count === 0 || count > MAX_SAMPLES || count > mediaBytes || !(flags & TRUN.dataOffset)) throw damaged('trun');
  const dataOffset = fields.i32();
  const firstFlags = flags & TRUN.firstFlags ? fields.u32() : undefined;
  fields.expect(count * columns * 4);
  const durations: number[] = [];
  const sizes: number[] = [];
  const offsets: number[] = [];
  const keys: boolean[] = [];
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    durations.push(flags & TRUN.durations ? fields.u32() : defaults.duration);
    const size = flags & TRUN.sizes ? fields.u32() : defaults.size;
    const own = flags & TRUN.flags ? fields.u32() : defaults.flags;
    offsets.push(flags & TRUN.offsets ? fields.i32() : 0);
    keys.push(((i === 0 ? (firstFlags ?? own) : own) & NON_SYNC) === 0);
    sizes.push(size);
    bytes += size;
    if (bytes > mediaBytes) throw damaged('trun');
  }
  return { run: { id, firstDts, durations, sizes, offsets, keys, bytes }, dataOffset };
}

function damaged(what: string): BoxError {
  return new BoxError('mp4.damaged', { what });
}
