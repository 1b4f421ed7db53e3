import type { Clock } from '../base/index.ts';
import { LiveStream } from './live-stream.ts';
import { LiveView, type LiveWish } from './live-view.ts';
import type { LiveSink, LiveSource } from './live-source.ts';
import type { StreamOption } from './stream-choice.ts';

/** Pictures are held ready for so long after the last visitor: who loads the page anew is back at once. */
const READY_MS = 60_000;

export interface LiveHouseDeps {
  readonly source: LiveSource;
  readonly clock: Pick<Clock, 'monoUs'>;
  /** Ids of a camera's streams, the best first; empty for one that is not there. */
  streamsOf(camera: string): readonly string[];
}

/** All that is watched live: streams that somebody watches, each fetched and cut once. */
export class LiveHouse {
  readonly #deps: LiveHouseDeps;
  readonly #streams = new Map<string, LiveStream>();
  #visitors = 0;
  #ready: NodeJS.Timeout | undefined;
  /** Of every stream that was ever seen. */
  readonly #heights = new Map<string, number>();

  constructor(deps: LiveHouseDeps) {
    this.#deps = deps;
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
      enter: (camera, stream) => this.#streamOf(camera, stream),
      leave: (stream, watcher) => {
        stream.remove(watcher);
        if (stream.watchers === 0) this.#streams.delete(keyOf(stream.camera, stream.stream));
      },
    });
    view.start();
    return view;
  }

  /** Streams that are being watched, with how many watch each. */
  get watched(): { camera: string; stream: string; watchers: number }[] {
    return [...this.#streams.values()].map(({ camera, stream, watchers }) => ({ camera, stream, watchers }));
  }

  #optionsOf(camera: string): StreamOption[] {
    return this.#deps.streamsOf(camera).map((id) => ({ id, height: this.#heights.get(keyOf(camera, id)) }));
  }

  #streamOf(camera: string, stream: string): LiveStream {
    const key = keyOf(camera, stream);
    const known = this.#streams.get(key);
    if (known) return known;
    const made = new LiveStream(camera, stream, this.#deps.source, ({ height }) => {
      if (height !== undefined) this.#heights.set(key, height);
    });
    this.#streams.set(key, made);
    return made;
  }
}

function keyOf(camera: string, stream: string): string {
  return `${camera}/${stream}`;
}
