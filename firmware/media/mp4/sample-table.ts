import { box, fullBox, u32, type Box, type Table } from './boxes.ts';
import { Column } from './column.ts';

/** Longest distance between two samples that the tables hold, in ticks (6 hours at 90 kHz). */
export const MAX_DELTA = 0x7fffffff;

/**
 * The samples of one track as an ordinary MP4 lists them (ISO/IEC 14496-12 section 8.6 and 8.7), collected while the track
 * grows: some four bytes of memory per sample.
 */
export class SampleTable {
  readonly #sizes = new Column();
  /** Distance from each sample to the next; the last sample's length is in #lastDuration. */
  readonly #deltas = new Column();
  readonly #offsets = new Column();
  /** Numbers of the key samples, from 1 on; empty as long as all samples are. */
  readonly #keys = new Column();
  #allKey = true;
  #chunkOffsets: number[] = [];
  readonly #chunkSamples = new Column();
  readonly #chunkDescriptions = new Column();
  #firstDts = 0;
  #lastDts = 0;
  #lastDuration = 0;
  #firstPts = Infinity;
  #endPts = 0;
  #unchunked = 0;

  get samples(): number {
    return this.#sizes.length;
  }

  get keySamples(): number {
    return this.#allKey ? this.samples : this.#keys.length;
  }

  /** Ticks of the first and last sample on the timeline given to `add`. */
  get firstDts(): number {
    return this.#firstDts;
  }

  get lastDts(): number {
    return this.#lastDts;
  }

  /** Where the last sample's decode time ends. */
  get endDts(): number {
    return this.#lastDts + this.#lastDuration;
  }

  /** Where the first picture in order of presentation begins and the last one ends. */
  get firstPts(): number {
    return this.samples === 0 ? 0 : this.#firstPts;
  }

  get endPts(): number {
    return this.#endPts;
  }

  get memoryBytes(): number {
    const columns = [this.#sizes, this.#deltas, this.#offsets, this.#keys, this.#chunkSamples, this.#chunkDescriptions];
    return columns.reduce((sum, column) => sum + column.memoryBytes, 8 * this.#chunkOffsets.length);
  }

  /** A sample in decoding order: `dts` above that of the one before. */
  add(dts: number, cts: number, duration: number, size: number, key: boolean): void {
    if (this.samples === 0) this.#firstDts = dts;
    else this.#deltas.push(Math.max(0, Math.min(dts - this.#lastDts, MAX_DELTA)));
    this.#sizes.push(size);
    this.#offsets.push(cts);
    this.#noteKey(key);
    this.#lastDts = dts;
    this.#lastDuration = Math.min(duration, MAX_DELTA);
    this.#firstPts = Math.min(this.#firstPts, dts + cts);
    this.#endPts = Math.max(this.#endPts, dts + cts + duration);
    this.#unchunked++;
  }

  /** The samples added since the last chunk lie together at `offset` of the file. */
  chunk(offset: number, description = 1): void {
    if (this.#unchunked === 0) return;
    this.#chunkOffsets.push(offset);
    this.#chunkSamples.push(this.#unchunked);
    this.#chunkDescriptions.push(description);
    this.#unchunked = 0;
  }

  /** What `rewind` needs to forget everything that comes after. Taken between a chunk and the next sample. */
  mark(): SampleTableMark {
    return {
      samples: this.samples,
      keys: this.keySamples,
      chunks: this.#chunkOffsets.length,
      lastDts: this.#lastDts,
      lastDuration: this.#lastDuration,
      firstPts: this.#firstPts,
      endPts: this.#endPts,
    };
  }

  rewind(mark: SampleTableMark): void {
    this.#sizes.truncate(mark.samples);
    this.#offsets.truncate(mark.samples);
    this.#deltas.truncate(Math.max(0, mark.samples - 1));
    if (!this.#allKey) this.#keys.truncate(mark.keys);
    this.#chunkOffsets.length = mark.chunks;
    this.#chunkSamples.truncate(mark.chunks);
    this.#chunkDescriptions.truncate(mark.chunks);
    this.#lastDts = mark.lastDts;
    this.#lastDuration = mark.lastDuration;
    this.#firstPts = mark.firstPts;
    this.#endPts = mark.endPts;
    this.#unchunked = 0;
  }

  /**
   * The sample table box. `shift` is added to all offsets (asked for only when they are written); `wide` takes 64 bits for
   * them.
   */
  stbl(stsd: Box, options: { wide: boolean; shift?: () => number }): Box {
    const parts = [stsd, this.#stts()];
    if (this.#hasOffsets()) parts.push(this.#ctts());
    if (this.keySamples < this.samples) parts.push(tableBox('stss', 0, this.#keys.length, columnTable(this.#keys)));
    parts.push(this.#stsc(), this.#stsz(), this.#chunkOffsetBox(options.wide, options.shift ?? (() => 0)));
    return box('stbl', ...parts);
  }

  get lastChunkOffset(): number {
    return this.#chunkOffsets.at(-1) ?? 0;
  }

  #noteKey(key: boolean): void {
    if (this.#allKey && !key) {
      for (let number = 1; number < this.samples; number++) this.#keys.push(number);
      this.#allKey = false;
    }
    if (key && !this.#allKey) this.#keys.push(this.samples);
  }

  #stts(): Box {
    const rows: number[] = [];
    this.#deltas.eachRun((delta, count) => rows.push(count, delta));
    if (this.samples > 0) {
      if (rows.at(-1) === this.#lastDuration) rows[rows.length - 2]! += 1;
      else rows.push(1, this.#lastDuration);
    }
    return tableBox('stts', 0, rows.length / 2, numberTable(rows));
  }

  #hasOffsets(): boolean {
    let any = false;
    this.#offsets.eachRun((offset) => (any ||= offset !== 0));
    return any;
  }

  /** Version 1 holds signed offsets. */
  #ctts(): Box {
    const rows: number[] = [];
    let version = 0;
    this.#offsets.eachRun((offset, count) => {
      rows.push(count, offset >>> 0);
      if (offset < 0) version = 1;
    });
    return tableBox('ctts', version, rows.length / 2, numberTable(rows));
  }

  #stsc(): Box {
    const rows: number[] = [];
    for (let i = 0; i < this.#chunkSamples.length; i++) {
      const samples = this.#chunkSamples.at(i);
      const description = this.#chunkDescriptions.at(i);
      if (rows.at(-2) !== samples || rows.at(-1) !== description) rows.push(i + 1, samples, description);
    }
    return tableBox('stsc', 0, rows.length / 3, numberTable(rows));
  }

  #stsz(): Box {
    const sizes = this.#sizes;
    let uniform = sizes.length > 0;
    for (let i = 1; i < sizes.length && uniform; i++) uniform = sizes.at(i) === sizes.at(0);
    if (uniform && sizes.at(0) > 0) return fullBox('stsz', 0, 0, u32(sizes.at(0), sizes.length));
    return fullBox('stsz', 0, 0, u32(0, sizes.length), columnTable(sizes));
  }

  #chunkOffsetBox(wide: boolean, shift: () => number): Box {
    const offsets = this.#chunkOffsets;
    const fill = (into: Buffer, at: number): void => {
      const by = shift();
      for (const offset of offsets) {
        if (wide) at = into.writeUInt32BE(Math.floor((offset + by) / 2 ** 32), at);
        at = into.writeUInt32BE((offset + by) % 2 ** 32, at);
      }
    };
    const table: Table = { bytes: offsets.length * (wide ? 8 : 4), fill };
    return fullBox(wide ? 'co64' : 'stco', 0, 0, u32(offsets.length), table);
  }
}

export interface SampleTableMark {
  readonly samples: number;
  readonly keys: number;
  readonly chunks: number;
  readonly lastDts: number;
  readonly lastDuration: number;
  readonly firstPts: number;
  readonly endPts: number;
}

function tableBox(type: string, version: number, count: number, rows: Table): Box {
  return fullBox(type, version, 0, u32(count), rows);
}

function columnTable(column: Column): Table {
  const fill = (into: Buffer, at: number): void => {
    for (let i = 0; i < column.length; i++) at = into.writeUInt32BE(column.at(i), at);
  };
  return { bytes: column.length * 4, fill };
}

function numberTable(numbers: readonly number[]): Table {
  const fill = (into: Buffer, at: number): void => {
    for (const value of numbers) at = into.writeUInt32BE(value, at);
  };
  return { bytes: numbers.length * 4, fill };
}
