import type { MediaPart, TrackFacts } from '../media/index.ts';

/** What may wait for one viewer: some seconds of a stream of 4 Mbit/s, or one large key frame. */
const LIMIT_BYTES = 2 << 20;
/** Pictures older than this help nobody who watches live. */
const LIMIT_US = 3e6;

/** Where a queue leads. */
export interface QueueOutlet {
  isFree(): boolean;
  wantsSound(): boolean;
  track(facts: TrackFacts): void;
  part(part: MediaPart): void;
  /** The viewer did not keep up: pictures are left out from now on. */
  overflowed(): void;
  /** So many were left out since the last time. */
  dropped(pictures: number, bytes: number): void;
}

type Entry = { readonly facts: TrackFacts } | { readonly part: MediaPart };

/**
 * What waits for one viewer of one stream, bounded in bytes and in time. A viewer who does not keep up loses pictures up to the next
 * key frame, counted; nobody else loses anything, and the camera does not notice (invariant R1).
 */
export class LiveQueue {
  readonly #outlet: QueueOutlet;
  #entries: Entry[] = [];
  #bytes = 0;
  #awaitingKey = true;
  #jump = true;
  #droppedPictures = 0;
  #droppedBytes = 0;

  constructor(outlet: QueueOutlet) {
    this.#outlet = outlet;
  }

  /** What waits. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Another track begins: what it is, and its init. */
  introduce(facts: TrackFacts, init: MediaPart): void {
    // What waits belongs to the track before; the new one begins with a key frame.
    if (facts.track === 'video') this.#giveUp();
    this.#entries.push({ facts }, { part: init });
    this.#bytes += init.bytes.length;
    this.pump();
  }

  offer(part: MediaPart): void {
    if (part.track === 'audio' && !this.#outlet.wantsSound()) return;
    if (part.kind === 'media' && part.track === 'video') {
      if (part.key) this.#awaitingKey = false;
      if (this.#awaitingKey || (this.#isFull(part) && !this.#makeRoom(part))) {
        this.#drop(part);
        return;
      }
    } else if (part.kind === 'media' && this.#bytes > LIMIT_BYTES) {
      return;
    }
    const jump = part.kind === 'media' && part.track === 'video' && (this.#jump || part.jump === true);
    if (jump) this.#jump = false;
    this.#entries.push({ part: jump ? { ...part, jump } : part });
    this.#bytes += part.bytes.length;
    this.pump();
  }

  pump(): void {
    while (this.#entries.length > 0 && this.#outlet.isFree()) {
      const entry = this.#entries.shift()!;
      if ('facts' in entry) {
        this.#outlet.track(entry.facts);
        continue;
      }
      this.#bytes -= entry.part.bytes.length;
      if (entry.part.jump === true) this.#tellDropped();
      this.#outlet.part(entry.part);
    }
  }

  #isFull(part: MediaPart): boolean {
    const oldest = this.#entries.find((entry) => 'part' in entry && entry.part.kind === 'media');
    const isOld = oldest && 'part' in oldest && part.wallUs - oldest.part.wallUs > LIMIT_US;
    return this.#bytes + part.bytes.length > LIMIT_BYTES || isOld === true;
  }

  /** A key frame takes the place of all that waits; any other picture has to go. */
  #makeRoom(part: MediaPart): boolean {
    this.#giveUp();
    this.#tellDropped();
    this.#outlet.overflowed();
    if (part.key) this.#awaitingKey = false;
    return part.key === true;
  }

  /** Drops the media that wait; what says how to decode the next ones stays. */
  #giveUp(): void {
    const kept: Entry[] = [];
    for (const entry of this.#entries) {
      if ('part' in entry && entry.part.kind === 'media') this.#drop(entry.part);
      else kept.push(entry);
    }
    this.#entries = kept;
    this.#bytes = kept.reduce((sum, entry) => sum + ('part' in entry ? entry.part.bytes.length : 0), 0);
    this.#awaitingKey = true;
    this.#jump = true;
  }

  #drop(part: MediaPart): void {
    if (part.track !== 'video') return;
    this.#droppedPictures += part.frames;
    this.#droppedBytes += part.bytes.length;
    this.#jump = true;
  }

  #tellDropped(): void {
    if (this.#droppedPictures === 0) return;
    this.#outlet.dropped(this.#droppedPictures, this.#droppedBytes);
    this.#droppedPictures = 0;
    this.#droppedBytes = 0;
  }
}
