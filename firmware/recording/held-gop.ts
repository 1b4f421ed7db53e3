import type { PendingFragment } from './fragmenter.ts';

/** A fragment that several may hold: writes that are under way on one disk or two, and the memory of each for another disk. */
export class SharedFragment {
  readonly fragment: PendingFragment;
  #holders = 1;

  /** The maker is its first holder. */
  constructor(fragment: PendingFragment) {
    this.fragment = fragment;
  }

  /** Its first picture can be decoded by itself. */
  get opensGroup(): boolean {
    const first = this.fragment.tracks[0];
    return first?.track === 0 && first.samples[0]?.key === true;
  }

  retain(): void {
    this.#holders++;
  }

  release(): void {
    if (--this.#holders === 0) for (const frame of this.fragment.frames) frame.bytes.release();
  }
}

export interface HeldLimits {
  /** Bytes that may be held although they are stable: the part of the newest group of pictures that is on its disk. */
  readonly stableBytes: number;
  /** Bytes that may be held in all: a disk that hangs is noticed before a stream has sent as much. */
  readonly bytes: number;
}

export const NOTHING_HELD: HeldLimits = { stableBytes: 0, bytes: 0 };

/** A fragment on its way to the disk. */
export interface HeldFragment {
  readonly bytes: number;
  /** A file may begin with it: it opens a group of pictures, or began the segment. */
  readonly begins: boolean;
  /** End of its pictures in seconds of the session's timeline; undefined if it has none. */
  readonly endS: number | undefined;
  /** Undefined when it is not held any more. */
  shared: SharedFragment | undefined;
  /** Number of the sync that makes it stable; undefined while the system has not taken it. */
  coveredBy: number | undefined;
}

/**
 * What another disk would need if the one of a segment failed now: all that is not known to be stable, from the key frame
 * before it on. Bounded in bytes; what the bounds take away begins with the oldest group of pictures.
 */
export class HeldGop {
  readonly #entries: HeldFragment[] = [];
  #isFirst = true;
  #stableEndS: number;

  /** `startS`: seconds of the session's timeline at which the segment begins. */
  constructor(startS: number) {
    this.#stableEndS = startS;
  }

  /** Up to there, in seconds of the session's timeline, all pictures are stable on the segment's disk. */
  get stableEndS(): number {
    return this.#stableEndS;
  }

  get bytes(): number {
    return this.#entries.reduce((sum, { shared, bytes }) => (shared ? sum + bytes : sum), 0);
  }

  /** Takes a hold of its own. The caller says in the answer when it has been written. */
  add(shared: SharedFragment): HeldFragment {
    shared.retain();
    const { bytes, pictures, endS } = shared.fragment;
    const begins = this.#isFirst || shared.opensGroup;
    const entry = { bytes, begins, endS: pictures > 0 ? endS : undefined, shared, coveredBy: undefined };
    this.#entries.push(entry);
    this.#isFirst = false;
    return entry;
  }

  /** Lets go of what no other disk would need, and of what is too much. `lastSync`: number of the last sync that ended well. */
  trim(lastSync: number, limits: HeldLimits): void {
    const stable = this.#countStable(lastSync);
    this.#noteStable(stable);
    let from = this.#beginAtOrBefore(stable);
    if (from < 0) from = this.#beginBehind(stable);
    while (from < this.#entries.length && this.#exceeds(from, stable, limits)) from = this.#beginBehind(from);
    for (let i = 0; i < from; i++) release(this.#entries[i]!);
    this.#entries.splice(0, Math.min(from, stable));
  }

  /** All that is held, from a fragment on that may begin a file. The caller becomes the holder. */
  take(): SharedFragment[] {
    const held = this.#entries.flatMap(({ shared, begins }) => (shared ? { shared, begins } : []));
    const from = held.findIndex(({ begins }) => begins);
    const taken = from < 0 ? [] : held.slice(from).map(({ shared }) => shared);
    for (const shared of taken) shared.retain();
    this.clear();
    return taken;
  }

  clear(): void {
    for (const entry of this.#entries.splice(0)) release(entry);
  }

  #countStable(lastSync: number): number {
    const index = this.#entries.findIndex(({ coveredBy }) => coveredBy === undefined || coveredBy > lastSync);
    return index < 0 ? this.#entries.length : index;
  }

  #noteStable(count: number): void {
    for (let i = 0; i < count; i++) this.#stableEndS = Math.max(this.#stableEndS, this.#entries[i]!.endS ?? 0);
  }

  #beginAtOrBefore(index: number): number {
    return this.#entries.findLastIndex(({ begins, shared }, i) => begins && shared && i <= index);
  }

  /** The next fragment behind that one that may begin a file; the number of all if there is none. */
  #beginBehind(index: number): number {
    const next = this.#entries.findIndex(({ begins, shared }, i) => begins && shared && i > index);
    return next < 0 ? this.#entries.length : next;
  }

  #exceeds(from: number, stable: number, limits: HeldLimits): boolean {
    let stableBytes = 0;
    let bytes = 0;
    for (let i = from; i < this.#entries.length; i++) {
      bytes += this.#entries[i]!.bytes;
      if (i < stable) stableBytes = bytes;
    }
    return stableBytes > limits.stableBytes || bytes > limits.bytes;
  }
}

function release(entry: HeldFragment): void {
  entry.shared?.release();
  entry.shared = undefined;
}
