import { BoxError } from '../base/index.ts';
import type { MediaPart, TrackFacts, TrackKind } from '../media/index.ts';
import type { LiveQueue } from './live-queue.ts';
import type { LiveForm, Tap, TapSource } from './live-source.ts';

/** A longer group of pictures is not kept for those who come later; they wait for the next key frame. */
const KEPT_BYTES = 8 << 20;
/** So much is taken from the record worker before it is told. */
const TOLD_BYTES = 256 << 10;
const RETRY_MS = 700;
/** What passes by itself is tried again; these do not, or whoever watches has to know. */
const FINAL: ReadonlySet<string> = new Set([
  'live.no-such-stream',
  'live.mpeg1-full',
  'live.mpeg1-failed',
  'live.no-ffmpeg',
]);

/** One who watches a stream. */
export interface Watcher {
  readonly queue: LiveQueue;
  readonly wantsSound: boolean;
  state(state: 'waiting' | 'playing'): void;
  /** The stream is not there and will not be. */
  failed(error: unknown): void;
}

/** One stream of one camera and all who watch it: it is fetched and cut into fragments once, however many they are. */
export class LiveStream {
  readonly camera: string;
  readonly stream: string;
  readonly form: LiveForm;
  readonly #source: TapSource;
  readonly #watchers = new Set<Watcher>();
  readonly #learned: (facts: TrackFacts) => void;
  #tracks = new Map<TrackKind, { facts: TrackFacts; init: MediaPart | undefined }>();
  /** The group of pictures that is running. */
  #group: MediaPart[] = [];
  #groupBytes = 0;
  #tap: Tap | undefined;
  #opening = false;
  #untold = 0;
  #retry: NodeJS.Timeout | undefined;

  constructor(
    what: Pick<LiveStream, 'camera' | 'stream' | 'form'>,
    source: TapSource,
    learned: (facts: TrackFacts) => void,
  ) {
    this.camera = what.camera;
    this.stream = what.stream;
    this.form = what.form;
    this.#source = source;
    this.#learned = learned;
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  add(watcher: Watcher): void {
    this.#watchers.add(watcher);
    if (!this.#tap && !this.#opening) void this.#open();
    // Of a stream that is open already, sound or no; one that is being opened is told when it is.
    if (watcher.wantsSound) this.#tap?.setSound(true);
    const video = this.#tracks.get('video');
    if (!video?.init) {
      watcher.state('waiting');
      return;
    }
    watcher.queue.introduce(video.facts, video.init);
    for (const part of this.#group) watcher.queue.offer(part);
    if (watcher.wantsSound) this.soundChanged(watcher);
  }

  /** The watcher wants sound now, or no longer. */
  soundChanged(watcher: Watcher): void {
    this.#tap?.setSound(this.#wantsSound);
    const audio = this.#tracks.get('audio');
    if (watcher.wantsSound && audio?.init) watcher.queue.introduce(audio.facts, audio.init);
    if (!this.#wantsSound) this.#tracks.delete('audio');
  }

  remove(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) {
      this.soundChanged(watcher);
      return;
    }
    clearTimeout(this.#retry);
    this.#tap?.shut();
    this.#tap = undefined;
    this.#untold = 0;
    this.#forget();
  }

  get #wantsSound(): boolean {
    return [...this.#watchers].some(({ wantsSound }) => wantsSound);
  }

  async #open(): Promise<void> {
    this.#opening = true;
    let over = false;
    try {
      const tap = await this.#source.open(this.camera, this.stream, this.#wantsSound, {
        track: (facts) => this.#track(facts),
        part: (part) => this.#part(part),
        quiet: () => this.#quiet(),
        ended: () => {
          over = true;
          this.#ended();
        },
        failed: (error) => {
          over = true;
          this.#failed(error);
        },
      });
      this.#opening = false;
      if (over) return;
      if (this.#watchers.size === 0) {
        tap.shut();
        this.#forget();
        return;
      }
      this.#tap = tap;
      tap.setSound(this.#wantsSound);
    } catch (error) {
      this.#opening = false;
      if (error instanceof BoxError && !FINAL.has(error.code)) this.#ended();
      else this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#tap = undefined;
    this.#untold = 0;
    this.#forget();
    for (const watcher of [...this.#watchers]) watcher.failed(error);
  }

  #ended(): void {
    this.#tap = undefined;
    this.#untold = 0;
    this.#quiet();
    clearTimeout(this.#retry);
    if (this.#watchers.size > 0) this.#retry = setTimeout(() => void this.#open(), RETRY_MS);
  }

  #quiet(): void {
    this.#forget();
    for (const watcher of this.#watchers) watcher.state('waiting');
  }

  #forget(): void {
    this.#tracks = new Map();
    this.#group = [];
    this.#groupBytes = 0;
  }

  /** Nobody is told before the init is there: who begins to watch in between would get it without knowing what it is. */
  #track(facts: TrackFacts): void {
    this.#tracks.set(facts.track, { facts, init: undefined });
    this.#learned(facts);
    if (facts.track === 'video') this.#newGroup();
  }

  #part(part: MediaPart): void {
    this.#untold += part.bytes.length;
    if (this.#untold >= TOLD_BYTES) {
      this.#tap?.taken(this.#untold);
      if (this.#tap) this.#untold = 0;
    }
    const track = this.#tracks.get(part.track);
    if (part.kind === 'init' && track) {
      track.init = part;
      for (const { queue, wantsSound } of this.#watchers) {
        if (part.track === 'video' || wantsSound) queue.introduce(track.facts, part);
      }
      return;
    }
    if (part.track === 'video') this.#keep(part);
    for (const { queue } of this.#watchers) queue.offer(part);
  }

  #keep(part: MediaPart): void {
    if (part.key) this.#newGroup();
    const follows = part.key === true || this.#group.length > 0;
    if (!follows || this.#groupBytes + part.bytes.length > KEPT_BYTES) {
      this.#newGroup();
      return;
    }
    this.#group.push(part);
    this.#groupBytes += part.bytes.length;
  }

  #newGroup(): void {
    this.#group = [];
    this.#groupBytes = 0;
  }
}
