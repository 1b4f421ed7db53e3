import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { BoxError } from '../base/index.ts';
import type { CutGap } from '../media/index.ts';
import { describeCut, type CutWatch } from './export-cut.ts';
import type { CutAnswer } from './export-task.ts';
import type { SegmentPlace } from './play-ports.ts';
import type { VolumeGate } from './volume-gate.ts';

const READ_BYTES = 1 << 20;

export interface FilmRange {
  readonly camera: string;
  readonly stream: string;
  readonly fromUs: number;
  readonly toUs: number;
}

/** A range of one stream as an MP4 that stands nowhere: bytes of the segments behind a head of its own. */
export class ExportFilm {
  readonly range: FilmRange;
  readonly bytes: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly durationUs: number;
  readonly gaps: readonly CutGap[];
  /** The same for the same bytes. */
  readonly tag: string;
  readonly #places: readonly SegmentPlace[];
  readonly #cut: CutAnswer;
  readonly #gateOf: (volume: string) => VolumeGate;

  private constructor(
    range: FilmRange,
    places: readonly SegmentPlace[],
    cut: CutAnswer,
    gateOf: (volume: string) => VolumeGate,
  ) {
    this.range = range;
    this.bytes = cut.bytes;
    this.startUs = cut.startUs;
    this.endUs = cut.endUs;
    this.durationUs = cut.durationUs;
    this.gaps = cut.gaps;
    this.#places = places;
    this.#cut = cut;
    this.#gateOf = gateOf;
    const hash = createHash('sha256').update(cut.head).update(new Uint8Array(cut.pieces.buffer));
    for (const { volume, sequence } of places) hash.update(`${volume} ${sequence} `);
    this.tag = hash.digest('base64url').slice(0, 27);
  }

  /** Rejects with mp4.nothing-there, playback.unreadable, or the reason of the signal. */
  static async describe(
    range: FilmRange,
    places: readonly SegmentPlace[],
    gateOf: (volume: string) => VolumeGate,
    watch?: { readonly signal?: AbortSignal | undefined; readonly progress?: ((share: number) => void) | undefined },
  ): Promise<ExportFilm> {
    const there = places.filter(({ file }) => file !== undefined);
    if (there.length === 0) throw new BoxError('mp4.nothing-there', { ...range });
    const files = there.map(({ file }) => file!);
    const progress: CutWatch['progress'] = (read) => watch?.progress?.(read / files.length);
    const cut = await describeCut(
      { files, fromUs: range.fromUs, toUs: range.toUs },
      { signal: watch?.signal, progress },
    );
    return new ExportFilm(range, there, cut, gateOf);
  }

  /** Memory that it takes. */
  get heldBytes(): number {
    return this.#cut.head.length + this.#cut.pieces.byteLength;
  }

  /** The bytes from `from` up to `to` (not included), in portions. Rejects with playback.unreadable. */
  async *read(from: number, to: number): AsyncGenerator<Uint8Array, void, void> {
    const { head, pieces } = this.#cut;
    if (from < head.length) yield head.subarray(from, Math.min(to, head.length));
    const files = new OneFile(this.#gateOf);
    try {
      let at = head.length;
      for (let i = 0; i < pieces.length && at < to; i += 3) {
        const [file, offset, length] = [pieces[i]!, pieces[i + 1]!, pieces[i + 2]!];
        const begin = Math.max(from, at) - at;
        const end = Math.min(to, at + length) - at;
        for (let done = begin; done < end;) {
          const bytes = await files.read(this.#places[file]!, offset + done, Math.min(READ_BYTES, end - done));
          done += bytes.length;
          yield bytes;
        }
        at += length;
      }
    } finally {
      await files.close();
    }
  }
}

/** The file that is being read; the next one takes its place. */
class OneFile {
  readonly #gateOf: (volume: string) => VolumeGate;
  #place: SegmentPlace | undefined;
  #handle: FileHandle | undefined;

  constructor(gateOf: (volume: string) => VolumeGate) {
    this.#gateOf = gateOf;
  }

  async read(place: SegmentPlace, offset: number, length: number): Promise<Uint8Array> {
    const gate = this.#gateOf(place.volume);
    if (this.#place !== place) {
      await this.close();
      this.#handle = await gate.open(place.file!);
      this.#place = place;
    }
    const buffer = Buffer.allocUnsafe(length);
    const read = await gate.read(this.#handle!, buffer, 0, length, offset);
    if (read < length) throw new BoxError('playback.unreadable', { reason: 'the file is shorter than its index' });
    return buffer;
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    this.#place = undefined;
    await handle?.close();
  }
}
