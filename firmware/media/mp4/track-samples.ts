import { BoxError } from '../../base/index.ts';
import { childOf, FieldReader, findChild, type Span } from './box-reader.ts';
import type { TrackRun } from './fragment-boxes.ts';

/** The samples of one track in decoding order, each list with one entry per sample. */
export interface TrackSamples {
  readonly count: number;
  /** Decode time in ticks of the track; 0 is the beginning of the file. */
  readonly dts: Float64Array;
  /** pts - dts in ticks. */
  readonly cts: Int32Array;
  /** Bytes. */
  readonly size: Uint32Array;
  /** Place in the file. */
  readonly offset: Float64Array;
  /** 1 for a random access point. */
  readonly key: Uint8Array;
  /** Ticks of the last sample. */
  readonly lastDuration: number;
}

/** More than a day of sound; a claim of more is damage. */
export const MAX_SAMPLES = 1 << 22;

/** Puts the samples of fragments together. */
export class SampleCollector {
  #samples = allocate(1024);
  #count = 0;
  #lastDuration = 0;

  add(run: TrackRun, dataOffset: number): void {
    const needed = this.#count + run.sizes.length;
    if (needed > MAX_SAMPLES) throw new BoxError('mp4.damaged', { what: 'samples', count: needed });
    if (needed > this.#samples.dts.length) this.#grow(needed);
    const { dts, cts, size, offset, key } = this.#samples;
    let time = run.firstDts;
    let place = dataOffset;
    for (let i = 0; i < run.sizes.length; i++) {
      const at = this.#count++;
      dts[at] = time;
      cts[at] = run.offsets[i]!;
      size[at] = run.sizes[i]!;
      offset[at] = place;
      key[at] = run.keys[i] ? 1 : 0;
      time += run.durations[i]!;
      place += run.sizes[i]!;
    }
    this.#lastDuration = run.durations.at(-1) ?? this.#lastDuration;
  }

  /** The samples so far, without spare memory. */
  samples(): TrackSamples {
    const { dts, cts, size, offset, key } = this.#samples;
    const count = this.#count;
    return {
      count,
      dts: dts.slice(0, count),
      cts: cts.slice(0, count),
      size: size.slice(0, count),
      offset: offset.slice(0, count),
      key: key.slice(0, count),
      lastDuration: this.#lastDuration,
    };
  }

  #grow(needed: number): void {
    const wider = allocate(Math.max(needed, this.#samples.dts.length * 2));
    wider.dts.set(this.#samples.dts);
    wider.cts.set(this.#samples.cts);
    wider.size.set(this.#samples.size);
    wider.offset.set(this.#samples.offset);
    wider.key.set(this.#samples.key);
    this.#samples = wider;
  }
}

/**
 * The samples of a track of a finished file from its sample tables (ISO/IEC 14496-12 section 8.6 and 8.7); `startTicks` is
 * where the first one lies on the file's timeline, and all of them must lie in `within`.
 * @throws BoxError mp4.damaged if the tables do not fit each other or the file.
 */
export function samplesOfTables(
  bytes: Buffer,
  stbl: Span,
  startTicks: number,
  within: { start: number; end: number },
): TrackSamples {
  const sizes = new FieldReader(bytes, childOf(bytes, stbl, 'stsz'));
  sizes.skip(4);
  const uniform = sizes.u32();
  const count = uniform === 0 ? sizes.rows(4) : sizes.u32();
  if (count > Math.min(MAX_SAMPLES, within.end - within.start)) throw damaged('stsz');
  const samples = allocate(count);
  for (let i = 0; i < count; i++) samples.size[i] = uniform === 0 ? sizes.u32() : uniform;
  const lastDuration = readTimes(bytes, childOf(bytes, stbl, 'stts'), startTicks, samples.dts);
  const ctts = findChild(bytes, stbl, 'ctts');
  if (ctts) readOffsets(bytes, ctts, samples.cts);
  readKeys(bytes, findChild(bytes, stbl, 'stss'), samples.key);
  readPlaces(bytes, stbl, samples, within);
  return { count, ...samples, lastDuration };
}

function readTimes(bytes: Buffer, stts: Span, startTicks: number, dts: Float64Array): number {
  const fields = new FieldReader(bytes, stts);
  fields.version();
  let at = 0;
  let time = startTicks;
  let delta = 0;
  for (let rows = fields.rows(8); rows > 0; rows--) {
    const count = fields.u32();
    delta = fields.u32();
    if (count > dts.length - at) throw damaged('stts');
    for (const end = at + count; at < end; at++, time += delta) dts[at] = time;
  }
  if (at !== dts.length) throw damaged('stts');
  return delta;
}

function readOffsets(bytes: Buffer, ctts: Span, cts: Int32Array): void {
  const fields = new FieldReader(bytes, ctts);
  fields.version();
  let at = 0;
  for (let rows = fields.rows(8); rows > 0; rows--) {
    const count = fields.u32();
    const offset = fields.i32();
    if (count > cts.length - at) throw damaged('ctts');
    cts.fill(offset, at, at + count);
    at += count;
  }
  if (at !== cts.length) throw damaged('ctts');
}

function readKeys(bytes: Buffer, stss: Span | undefined, key: Uint8Array): void {
  if (!stss) {
    key.fill(1);
    return;
  }
  const fields = new FieldReader(bytes, stss);
  fields.version();
  for (let rows = fields.rows(4); rows > 0; rows--) {
    const number = fields.u32();
    if (number < 1 || number > key.length) throw damaged('stss');
    key[number - 1] = 1;
  }
}

function readPlaces(
  bytes: Buffer,
  stbl: Span,
  { size, offset }: Columns,
  within: { start: number; end: number },
): void {
  const wide = findChild(bytes, stbl, 'co64');
  const chunks = new FieldReader(bytes, wide ?? childOf(bytes, stbl, 'stco'));
  chunks.version();
  let chunksLeft = chunks.rows(wide ? 8 : 4);
  const chunkCount = chunksLeft;
  let at = 0;
  for (const { chunkEnd, samples } of chunkRuns(bytes, childOf(bytes, stbl, 'stsc'), chunkCount)) {
    for (; chunkCount - chunksLeft < chunkEnd; chunksLeft--) {
      let place = wide ? chunks.u64() : chunks.u32();
      if (place < within.start || samples > size.length - at) throw damaged('stsc');
      for (const end = at + samples; at < end; at++) {
        offset[at] = place;
        place += size[at]!;
      }
      if (place > within.end) throw damaged('stco');
    }
  }
  if (at !== size.length || chunksLeft > 0) throw damaged('stsc');
}

/** Rows of the stsc box as "so many samples in each chunk up to and without `chunkEnd`" (counted from 0). */
function* chunkRuns(bytes: Buffer, stsc: Span, chunks: number): Generator<{ chunkEnd: number; samples: number }> {
  const fields = new FieldReader(bytes, stsc);
  fields.version();
  let samples = 0;
  let first = 1;
  for (let rows = fields.rows(12); rows > 0; rows--) {
    const next = fields.u32();
    if (next < first || next > chunks) throw damaged('stsc');
    if (samples > 0) yield { chunkEnd: next - 1, samples };
    else if (next !== 1) throw damaged('stsc');
    first = next;
    samples = fields.u32();
    fields.skip(4);
    if (samples === 0) throw damaged('stsc');
  }
  if (samples > 0) yield { chunkEnd: chunks, samples };
}

type Columns = ReturnType<typeof allocate>;

function allocate(count: number) {
  return {
    dts: new Float64Array(count),
    cts: new Int32Array(count),
    size: new Uint32Array(count),
    offset: new Float64Array(count),
    key: new Uint8Array(count),
  };
}

function damaged(what: string): BoxError {
  return new BoxError('mp4.damaged', { what });
}
