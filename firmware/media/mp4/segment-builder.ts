import { BoxError } from '../../base/index.ts';
import type { Format } from '../frame.ts';
import { box, HEADER_BYTES, serialise, zeros } from './boxes.ts';
import { PLACEHOLDER_BYTES, segmentTail, type FinalTrack, type SegmentTail } from './segment-tail.ts';
import { fragmentHead, type TrackRun } from './fragment-boxes.ts';
import { identityBox, type SegmentIdentity } from './identity.ts';
import { emptyStbl, ftyp, moov, movieTimescale, mvex, trak } from './movie-boxes.ts';
import { SampleTable, type SampleTableMark } from './sample-table.ts';
import { rescale, type Instant } from './ticks.ts';

/** One access unit or audio frame, in ticks of its track. */
export interface Sample {
  readonly dts: number;
  /** pts - dts; may be negative. */
  readonly cts: number;
  readonly duration: number;
  readonly size: number;
  readonly key: boolean;
}

/** What one track adds to a fragment. */
export interface FragmentTrack {
  /** Index into the builder's formats. */
  readonly track: number;
  readonly samples: readonly Sample[];
  /** Their concatenation is the samples' bytes in order. */
  readonly bytes: readonly Uint8Array[];
}

/** A state of a builder to return to. */
export interface BuilderMark {
  readonly bytes: number;
  readonly fragments: number;
  readonly skipped: number;
  readonly beginning: Instant | undefined;
  readonly tables: readonly SampleTableMark[];
}

/**
 * The bytes of one growing segment file; pure, nothing is read or written here. Call `header` once, `fragment` for each
 * fragment, `finish` at the end, and append all of it to the file in that order.
 */
export class SegmentBuilder {
  readonly #identity: SegmentIdentity;
  readonly #formats: readonly Format[];
  readonly #tables: readonly SampleTable[];
  #bytes = 0;
  #placeholderOffset = 0;
  #fragments = 0;
  #skipped = 0;
  /** Where on the run's timeline the file's one begins; known from the first fragment on. */
  #beginning: Instant | undefined;
  /** Ticks by which each track is decoded earlier than it was announced, so that no first picture is shown before it is decoded. */
  readonly #leads: number[];

  /** Formats: video first if there is one, then sound if there is any. No track can be added later. */
  constructor(identity: SegmentIdentity, formats: readonly Format[]) {
    this.#identity = identity;
    this.#formats = formats;
    this.#tables = formats.map(() => new SampleTable());
    this.#leads = formats.map(() => 0);
  }

  /** Bytes handed out so far: where the next ones belong in the file. */
  get bytes(): number {
    return this.#bytes;
  }

  get fragments(): number {
    return this.#fragments;
  }

  /** Samples left out because they lie before the file's beginning. */
  get skippedSamples(): number {
    return this.#skipped;
  }

  /** Bytes of memory held for the sample tables. */
  get memoryBytes(): number {
    return this.#tables.reduce((sum, table) => sum + table.memoryBytes, 0);
  }

  /** ftyp, identity, placeholder, and the movie of a fragmented file. */
  header(): Buffer {
    const first = serialise(ftyp(this.#formats));
    const audio = this.#formats.find((format) => format.kind === 'audio');
    const identity = identityBox(this.#identity, audio?.source, first.length);
    this.#placeholderOffset = first.length + identity.length;
    const placeholder = box('free', zeros(PLACEHOLDER_BYTES - HEADER_BYTES));
    const createdUs = this.#identity.startWallUs;
    const tracks = this.#formats.map((format, i) => {
      const head = { id: i + 1, formats: [format], movieDuration: 0, mediaDuration: 0 } as const;
      return trak(head, createdUs, emptyStbl(format));
    });
    const head = { createdUs, timescale: movieTimescale(this.#formats), duration: 0 };
    const bytes = serialise(first, identity, placeholder, moov(head, tracks, mvex(this.#formats)));
    this.#bytes = bytes.length;
    return bytes;
  }

  /**
   * A moof, the header of an mdat, and the views that were passed in: ready for one gathering write. The earliest sample of
   * the first fragment is where the file's timeline begins; a track that comes later and would begin before that loses the
   * samples in between (`skippedSamples`).
   * @throws BoxError box.bug if the samples' sizes are not those of the bytes.
   */
  fragment(tracks: readonly FragmentTrack[]): Uint8Array[] {
    this.#beginning ??= this.#findBeginning(tracks);
    const prepared = tracks.map((track) => this.#prepare(track)).filter(({ run }) => run.sizes.length > 0);
    if (prepared.length === 0) return [];
    const head = fragmentHead(
      this.#fragments + 1,
      prepared.map(({ run }) => run),
    );
    let at = this.#bytes + head.length;
    for (const { run, table } of prepared) {
      addRun(table, run);
      table.chunk(at);
      at += run.bytes;
    }
    this.#fragments++;
    this.#bytes = at;
    return [head, ...prepared.flatMap(({ bytes }) => bytes)];
  }

  /** The state to return to if bytes handed out after this point do not go to the file. */
  mark(): BuilderMark {
    return {
      bytes: this.#bytes,
      fragments: this.#fragments,
      skipped: this.#skipped,
      beginning: this.#beginning,
      tables: this.#tables.map((table) => table.mark()),
    };
  }

  /** As if nothing had been asked for since the mark. */
  rewind(mark: BuilderMark): void {
    this.#bytes = mark.bytes;
    this.#fragments = mark.fragments;
    this.#skipped = mark.skipped;
    this.#beginning = mark.beginning;
    for (const [i, table] of this.#tables.entries()) table.rewind(mark.tables[i]!);
  }

  /** Of the tracks that have samples so far: the others are not in the finished movie. */
  get usedFormats(): Format[] {
    return this.#formats.filter((_, i) => this.#tables[i]!.samples > 0);
  }

  /** The movie with all sample tables, for the end of the file, and the bytes that then go over the placeholder. */
  finish(): SegmentTail {
    const tracks = this.#tables.map((table, i): FinalTrack => ({ id: i + 1, format: this.#formats[i]!, table }));
    return segmentTail(this.#identity.startWallUs, tracks, { placeholder: this.#placeholderOffset, end: this.#bytes });
  }

  #findBeginning(tracks: readonly FragmentTrack[]): Instant | undefined {
    let first: Instant | undefined;
    for (const { track, samples } of tracks) {
      const sample = samples[0];
      if (!sample) continue;
      const { timescale } = this.#formats[track]!;
      const ticks = sample.dts - leadOf(samples);
      if (!first || ticks / timescale < first.ticks / first.timescale) first = { ticks, timescale };
    }
    return first;
  }

  #prepare({ track, samples, bytes }: FragmentTrack): PreparedTrack {
    const table = this.#tables[track]!;
    const isFirst = table.samples === 0;
    if (isFirst) this.#leads[track] = leadOf(samples);
    const { ticks, timescale } = this.#beginning ?? { ticks: 0, timescale: 1 };
    const origin = rescale(ticks, timescale, this.#formats[track]!.timescale) + this.#leads[track]!;
    const early = isFirst ? countBefore(samples, origin) : 0;
    this.#skipped += early;
    const kept = early > 0 ? samples.slice(early) : samples;
    const skippedBytes = samples.slice(0, early).reduce((sum, { size }) => sum + size, 0);
    const run = runOf(track + 1, kept, origin, this.#leads[track]!, table);
    const total = bytes.reduce((sum, view) => sum + view.length, 0);
    if (total !== run.bytes + skippedBytes) {
      throw new BoxError('box.bug', {
        where: 'mp4.fragment',
        track,
        sampleBytes: run.bytes + skippedBytes,
        bytes: total,
      });
    }
    return { table, run, bytes: skippedBytes > 0 ? dropBytes(bytes, skippedBytes) : bytes };
  }
}

interface PreparedTrack {
  readonly table: SampleTable;
  readonly run: TrackRun;
  readonly bytes: readonly Uint8Array[];
}

/** Also gives a SampleTable what a reader found in a fragment. */
export function addRun(table: SampleTable, run: TrackRun): void {
  let dts = run.firstDts;
  for (let i = 0; i < run.sizes.length; i++) {
    table.add(dts, run.offsets[i]!, run.durations[i]!, run.sizes[i]!, run.keys[i]!);
    dts += run.durations[i]!;
  }
}

/**
 * Samples on the file's timeline. Inside a fragment a length is the distance to the next sample, since that is how readers
 * find it; decode times that do not rise are pushed up by a tick and keep their presentation time.
 */
function runOf(id: number, samples: readonly Sample[], origin: number, lead: number, table: SampleTable): TrackRun {
  const count = samples.length;
  // Of the right length from the start: there is a fragment every second for each track of every camera.
  const sizes = samples.map(({ size }) => size);
  const keys = samples.map(({ key }) => key);
  const durations = Array.from<number>({ length: count });
  const offsets = Array.from<number>({ length: count });
  let firstDts = 0;
  let last = table.samples > 0 ? table.lastDts : -1;
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    const sample = samples[i]!;
    const announced = sample.dts - origin;
    const dts = Math.max(announced, last + 1);
    if (i === 0) firstDts = dts;
    else durations[i - 1] = dts - last;
    offsets[i] = announced + lead + sample.cts - dts;
    bytes += sample.size;
    last = dts;
  }
  if (count > 0) durations[count - 1] = Math.max(samples[count - 1]!.duration, 1);
  return { id, firstDts, durations, sizes, offsets, keys, bytes };
}

/** How much earlier samples must be decoded for all of them to be decoded before they are shown. */
function leadOf(samples: readonly Sample[]): number {
  return samples.reduce((lead, { cts }) => Math.max(lead, -cts), 0);
}

function countBefore(samples: readonly Sample[], origin: number): number {
  const index = samples.findIndex(({ dts }) => dts >= origin);
  return index < 0 ? samples.length : index;
}

function dropBytes(views: readonly Uint8Array[], count: number): Uint8Array[] {
  const kept: Uint8Array[] = [];
  let left = count;
  for (const view of views) {
    const dropped = Math.min(left, view.length);
    left -= dropped;
    if (dropped < view.length) kept.push(view.subarray(dropped));
  }
  return kept;
}
