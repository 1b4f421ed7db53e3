import type { RandomReader } from './box-reader.ts';
import { fragmentsFrom } from './fragment-reader.ts';
import { readLayout, type Layout } from './layout.ts';
import { readFinished, SegmentIndex, type TrackIndex } from './segment-index.ts';
import { SampleCollector } from './track-samples.ts';

/** A segment that may still grow: its index is brought up to date with what has been appended, without reading it all again. */
export class SegmentFollower {
  #layout: Layout;
  #index: SegmentIndex;
  #isWhole: boolean;
  readonly #collectors = new Map<number, SampleCollector>();
  #end: number;

  private constructor(layout: Layout, index: SegmentIndex | undefined) {
    this.#layout = layout;
    this.#isWhole = index !== undefined;
    this.#end = layout.headerEnd;
    for (const { id } of layout.movie.tracks) this.#collectors.set(id, new SampleCollector());
    this.#index = index ?? this.#collected();
  }

  /** @throws BoxError mp4.not-ours, mp4.damaged */
  static async open(reader: RandomReader): Promise<SegmentFollower> {
    const layout = await readLayout(reader);
    if (layout.mdatEnd !== undefined) {
      return new SegmentFollower(layout, await readFinished(reader, layout, layout.mdatEnd));
    }
    const follower = new SegmentFollower(layout, undefined);
    await follower.#readOn(reader);
    return follower;
  }

  get index(): SegmentIndex {
    return this.#index;
  }

  /** Nothing will be added: the file is finished, and all of it is known. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Reads what has come since, through a reader that knows how large the file is now. True if there was anything. */
  async follow(reader: RandomReader): Promise<boolean> {
    if (this.#isWhole) return false;
    this.#layout = await readLayout(reader);
    return this.#readOn(reader);
  }

  async #readOn(reader: RandomReader): Promise<boolean> {
    const { mdatEnd } = this.#layout;
    const from = this.#end;
    for await (const fragment of fragmentsFrom(reader, this.#layout.movie.tracks, from, mdatEnd ?? reader.size)) {
      for (const { run, offset } of fragment.runs) this.#collectors.get(run.id)?.add(run, offset);
      this.#end = fragment.end;
    }
    this.#isWhole = mdatEnd !== undefined;
    if (this.#end > from) this.#index = this.#collected();
    return this.#end > from;
  }

  #collected(): SegmentIndex {
    const tracks = this.#layout.movie.tracks.map(({ id, format }): TrackIndex => ({
      ...this.#collectors.get(id)!.samples(),
      id,
      format,
    }));
    return new SegmentIndex({ layout: this.#layout, state: 'growing', tracks, holes: [] });
  }
}
