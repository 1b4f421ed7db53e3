import type { Clock } from '../base/index.ts';
import { LiveStream, type Watcher } from './live-stream.ts';
import { LiveView, type LiveWish } from './live-view.ts';
import type { LiveForm, LiveSink, LiveSource, Mpeg1Places } from './live-source.ts';
import { findFfmpeg } from './mpeg1-child.ts';
import { Mpeg1Source } from './mpeg1-source.ts';
import type { StreamOption } from './stream-choice.ts';

/** Pictures are held ready for so long after the last visitor: who loads the page anew is back at once. */
const READY_MS = 60_000;

export interface LiveHouseDeps {
  readonly source: LiveSource;
  readonly clock: Pick<Clock, 'monoUs'>;
  /** Ids of a camera's streams, the best first; empty for one that is not there. */
  streamsOf(camera: string): readonly string[];
  /** How many streams may be converted at a time. */
  mpeg1Places(): number;
  log(event: string, detail: Record<string, unknown>): void;
}

/** All that is watched live: streams that somebody watches, each fetched and cut once. */
export class LiveHouse {
  readonly #deps: LiveHouseDeps;
  readonly #streams = new Map<string, LiveStream>();
  readonly #mpeg1: Mpeg1Source;
  #visitors = 0;
  #ready: NodeJS.Timeout | undefined;
  /** Of every stream that was ever seen. */
  readonly #heights = new Map<string, number>();

  constructor(deps: LiveHouseDeps) {
    this.#deps = deps;
    this.#mpeg1 = new Mpeg1Source({
      most: () => deps.mpeg1Places(),
      enter: (camera, stream) => this.#streamOf(camera, stream, 'mp4'),
      leave: (stream, watcher) => this.#leave(stream, watcher),
      log: (event, detail) => deps.log(event, detail),
    });
  }

  /** Somebody is in front of a window, and may want to watch; ends with the function that is returned. */
  attend(): () => void {
    clearTimeout(this.#ready);
    if (this.#visitors++ === 0) this.#deps.source.expect(true);
    let isThere = true;
    return () => {
      if (!isThere) return;
      isThere = false;
      if (--this.#visitors > 0) return;
      this.#ready = setTimeout(() => this.#deps.source.expect(false), READY_MS).unref();
    };
  }

  /** Shows a camera until the view is ended; what is wrong comes through the sink. */
  watch(wish: LiveWish, sink: LiveSink): LiveView {
    const view = new LiveView(wish, sink, {
      clock: this.#deps.clock,
      streamsOf: (camera) => this.#optionsOf(camera),
      enter: (camera, stream, form) => this.#streamOf(camera, stream, form),
      leave: (stream, watcher) => this.#leave(stream, watcher),
      places: () => this.mpeg1Places,
    });
    view.start();
    return view;
  }

  get mpeg1Places(): Mpeg1Places {
    return { used: this.#mpeg1.used, most: this.#deps.mpeg1Places() };
  }

  /** Whether this machine can convert at all, and how much of it is in use. */
  async conversion(): Promise<Mpeg1Places & { readonly ffmpeg: boolean }> {
    return { ffmpeg: (await findFfmpeg()) !== undefined, ...this.mpeg1Places };
  }

  /** Streams that are being watched, with how many watch each. */
  get watched(): { camera: string; stream: string; form: LiveForm; watchers: number }[] {
    const all = [...this.#streams.values()];
    return all.map(({ camera, stream, form, watchers }) => ({ camera, stream, form, watchers }));
  }

  #optionsOf(camera: string): StreamOption[] {
    return this.#deps.streamsOf(camera).map((id) => ({ id, height: this.#heights.get(keyOf(camera, id, 'mp4')) }));
  }

  #streamOf(camera: string, stream: string, form: LiveForm): LiveStream {
    const key = keyOf(camera, stream, form);
    const known = this.#streams.get(key);
    if (known) return known;
    const source = form === 'mpeg1' ? this.#mpeg1 : this.#deps.source;
    const made = new LiveStream({ camera, stream, form }, source, ({ height }) => {
      if (height !== undefined) this.#heights.set(key, height);
    });
    this.#streams.set(key, made);
    return made;
  }

  #leave(stream: LiveStream, watcher: Watcher): void {
    stream.remove(watcher);
    if (stream.watchers === 0) this.#streams.delete(keyOf(stream.camera, stream.stream, stream.form));
  }
}

function keyOf(camera: string, stream: string, form: LiveForm): string {
  return `${camera}/${stream}/${form}`;
}
