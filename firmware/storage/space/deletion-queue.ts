import type { SegmentInfo } from '../catalogue/catalogue-types.ts';
import type { DeletionQueue } from './deletion-plan.ts';
import type { FootageClass } from '../journal/journal.ts';

export interface QueueSource {
  readonly camera: string;
  readonly class: FootageClass;
  /** They are copies, in the order of their times; others are in that of their creation. */
  readonly copies: boolean;
  /** Closed segments behind that one, or from the first one on. */
  page(after: SegmentInfo | undefined, limit: number): SegmentInfo[];
  /** It must not be deleted, or is being deleted. */
  isKept(segment: SegmentInfo): boolean;
  /** How many may still be passed over in this round. */
  readonly patience: { left: number };
}

const PAGE = 32;

/**
 * The oldest segments of one stream and class, read from the catalogue a page at a time. What was passed over once (locked, being
 * deleted, without a trusted time) is not read again, so that a look costs the same with a million segments as with ten;
 * `reset` begins at the front again, after a lock was lifted, say. Where very many are locked, passing over them takes several
 * rounds; until then there seems to be no front, and `isSearching` says why.
 */
export class CatalogueQueue implements DeletionQueue {
  readonly camera: string;
  readonly class: FootageClass;
  readonly copies: boolean;
  readonly #source: QueueSource;
  #any: Cursor;
  #timed: Cursor;

  constructor(source: QueueSource) {
    this.camera = source.camera;
    this.class = source.class;
    this.copies = source.copies;
    this.#source = source;
    this.#any = new Cursor(source, () => true);
    this.#timed = new Cursor(source, ({ untrusted }) => !untrusted);
  }

  front(timed: boolean): SegmentInfo | undefined {
    return (timed ? this.#timed : this.#any).front();
  }

  get isSearching(): boolean {
    return this.#any.isSearching;
  }

  /** Segments are gone: what was read of the catalogue is read again. */
  refresh(): void {
    this.#any.refresh();
    this.#timed.refresh();
  }

  reset(): void {
    this.#any = new Cursor(this.#source, () => true);
    this.#timed = new Cursor(this.#source, ({ untrusted }) => !untrusted);
  }
}

class Cursor {
  readonly #source: QueueSource;
  readonly #fits: (segment: SegmentInfo) => boolean;
  #page: SegmentInfo[] = [];
  #after: SegmentInfo | undefined;
  isSearching = false;

  constructor(source: QueueSource, fits: (segment: SegmentInfo) => boolean) {
    this.#source = source;
    this.#fits = fits;
  }

  refresh(): void {
    this.#page = [];
  }

  front(): SegmentInfo | undefined {
    const { patience } = this.#source;
    this.isSearching = false;
    for (;;) {
      const first = this.#page[0];
      if (!first) {
        this.#page = this.#source.page(this.#after, PAGE);
        if (this.#page.length === 0) return undefined;
        continue;
      }
      if (!first.marked && this.#fits(first) && !this.#source.isKept(first)) return first;
      if (patience.left <= 0) {
        this.isSearching = true;
        return undefined;
      }
      patience.left--;
      this.#page.shift();
      this.#after = first;
    }
  }
}
