import type { Clock } from '../base/index.ts';
import type { MediaPart, TrackFacts } from '../media/index.ts';
import { LiveQueue } from './live-queue.ts';
import type { Because, LiveForm, LiveSink, Mpeg1Places } from './live-source.ts';
import type { LiveStream, Watcher } from './live-stream.ts';
import { chooseStream, LinePatience, type StreamOption } from './stream-choice.ts';

export interface LiveWish {
  readonly camera: string;
  /** Id of a stream, or `auto`. */
  readonly stream: string;
  readonly sound: boolean;
  /** Height of the tile in pixels of the screen, for `auto`. */
  readonly pixels?: number | undefined;
  readonly form: LiveForm;
}

export interface LiveViewDeps {
  readonly clock: Pick<Clock, 'monoUs'>;
  streamsOf(camera: string): readonly StreamOption[];
  enter(camera: string, stream: string, form: LiveForm): LiveStream;
  places(): Mpeg1Places;
  leave(stream: LiveStream, watcher: Watcher): void;
}

/** A stream that a view is in, or is about to change to. */
interface Place {
  readonly stream: string;
  readonly form: LiveForm;
  readonly watcher: ViewWatcher;
  readonly from: LiveStream;
}

/**
 * One channel that shows a camera live. Another stream takes the place of the one that is shown with its first picture, so there is
 * always one to see; `auto` changes by itself with the tile and the line.
 */
export class LiveView {
  readonly #sink: LiveSink;
  readonly #deps: LiveViewDeps;
  readonly #patience = new LinePatience();
  #wish: LiveWish;
  #shown: Place | undefined;
  #next: Place | undefined;
  #ended = false;
  #toldPlaces = '';

  constructor(wish: LiveWish, sink: LiveSink, deps: LiveViewDeps) {
    this.#wish = wish;
    this.#sink = sink;
    this.#deps = deps;
  }

  start(): void {
    this.#choose();
  }

  /** Another stream, sound, or size of the tile; the camera stays. */
  change(wish: LiveWish): void {
    const soundChanged = wish.sound !== this.#wish.sound;
    this.#wish = wish;
    if (soundChanged) {
      for (const place of [this.#shown, this.#next]) place?.from.soundChanged(place.watcher);
    }
    this.#choose();
  }

  /** The viewer has room again. */
  pump(): void {
    this.#shown?.watcher.queue.pump();
    this.#next?.watcher.queue.pump();
  }

  /** Called now and then. */
  tick(): void {
    if (this.#wish.stream === 'auto' && this.#patience.recovered(this.#deps.clock.monoUs())) this.#choose();
    this.#tellPlaces();
  }

  end(): void {
    this.#ended = true;
    this.#leave(this.#shown);
    this.#leave(this.#next);
    this.#shown = undefined;
    this.#next = undefined;
  }

  get camera(): string {
    return this.#wish.camera;
  }

  #choose(): void {
    const { camera, stream, pixels, form } = this.#wish;
    const options = this.#deps.streamsOf(camera);
    const chosen =
      stream === 'auto' && options.length > 0
        ? chooseStream(options, pixels, this.#patience.lighter)
        : { stream, because: 'asked' as const };
    const isChosen = (place: Place | undefined): boolean => place?.stream === chosen.stream && place.form === form;
    if (isChosen(this.#next)) return;
    this.#leave(this.#next);
    this.#next = undefined;
    if (isChosen(this.#shown)) return;
    this.#go(chosen.stream, form, chosen.because);
  }

  /** How many converted pictures there are, of which this is one. */
  #tellPlaces(): void {
    if (this.#shown?.form !== 'mpeg1') return;
    const places = this.#deps.places();
    const text = `${places.used} ${places.most}`;
    if (text === this.#toldPlaces) return;
    this.#toldPlaces = text;
    this.#sink.places(places);
  }

  #go(stream: string, form: LiveForm, because: Because): void {
    const watcher: ViewWatcher = new ViewWatcher({
      isFree: () => this.#sink.isFree,
      wantsSound: () => this.#wish.sound,
      first: () => this.#arrived(watcher),
      track: (facts) => this.#sink.track(facts, stream, because),
      part: (part) => this.#sink.part(part),
      state: (state) => {
        if (this.#shown === undefined || this.#shown.watcher === watcher) this.#sink.state(state);
      },
      overflowed: () => this.#overflowed(),
      dropped: (pictures, bytes) => this.#sink.dropped(pictures, bytes),
      failed: (error) => {
        if (this.#ended) return;
        if (form === 'mpeg1' && this.#shown && this.#shown.watcher !== watcher) this.#giveUp();
        else this.#sink.failed(error);
      },
    });
    const place = { stream, form, watcher, from: this.#deps.enter(this.#wish.camera, stream, form) };
    this.#next = place;
    // Pictures that are held come at once, while it is being entered.
    place.from.add(watcher);
  }

  /** The first picture is there: what was shown before gives way. */
  #arrived(watcher: ViewWatcher): void {
    const next = this.#next;
    if (next?.watcher !== watcher) return;
    this.#leave(this.#shown);
    this.#shown = next;
    this.#next = undefined;
    this.#sink.state('playing');
    this.#toldPlaces = '';
    this.#tellPlaces();
  }

  /** There is no place for another size of it: what is shown stays. */
  #giveUp(): void {
    this.#leave(this.#next);
    this.#next = undefined;
  }

  #overflowed(): void {
    if (this.#wish.stream === 'auto' && this.#patience.dropped(this.#deps.clock.monoUs())) {
      // Not while the queue hands out its parts.
      queueMicrotask(() => this.#ended || this.#choose());
    }
  }

  #leave(place: Place | undefined): void {
    if (!place) return;
    place.watcher.mute();
    this.#deps.leave(place.from, place.watcher);
  }
}

interface WatcherOutlet {
  isFree(): boolean;
  wantsSound(): boolean;
  /** Called before what is told of the very first picture. */
  first(): void;
  track(facts: TrackFacts): void;
  part(part: MediaPart): void;
  state(state: 'waiting' | 'playing'): void;
  overflowed(): void;
  dropped(pictures: number, bytes: number): void;
  failed(error: unknown): void;
}

/** Keeps back what a track is until its first picture can follow at once. */
class ViewWatcher implements Watcher {
  readonly queue: LiveQueue;
  readonly #outlet: WatcherOutlet;
  #muted = false;
  #begun = false;
  #kept: (() => void)[] = [];

  constructor(outlet: WatcherOutlet) {
    this.#outlet = outlet;
    this.queue = new LiveQueue({
      isFree: () => outlet.isFree(),
      wantsSound: () => outlet.wantsSound(),
      track: (facts) => this.#pass(() => outlet.track(facts)),
      part: (part) => this.#part(part),
      overflowed: () => {
        if (!this.#muted) outlet.overflowed();
      },
      dropped: (pictures, bytes) => {
        if (!this.#muted) outlet.dropped(pictures, bytes);
      },
    });
  }

  get wantsSound(): boolean {
    return this.#outlet.wantsSound();
  }

  state(state: 'waiting' | 'playing'): void {
    if (!this.#muted) this.#outlet.state(state);
  }

  failed(error: unknown): void {
    if (!this.#muted) this.#outlet.failed(error);
  }

  mute(): void {
    this.#muted = true;
  }

  #part(part: MediaPart): void {
    if (part.kind === 'media' && part.track === 'video' && !this.#begun) {
      this.#begun = true;
      if (!this.#muted) this.#outlet.first();
      for (const tell of this.#kept.splice(0)) tell();
    }
    this.#pass(() => this.#outlet.part(part));
  }

  #pass(tell: () => void): void {
    if (this.#muted) return;
    if (this.#begun) tell();
    else this.#kept.push(tell);
  }
}
