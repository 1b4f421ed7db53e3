/** What this browser has for streams that come in pieces: phones know only the managed kind. */
interface ManagedWindow {
  readonly MediaSource?: typeof MediaSource;
  readonly ManagedMediaSource?: typeof MediaSource;
}

const { MediaSource: Plain, ManagedMediaSource: Managed } = globalThis as unknown as ManagedWindow;
const Source = Plain ?? Managed;

export function canPlay(mime: string): boolean {
  return Source?.isTypeSupported(mime) ?? false;
}

export interface TrackPart {
  readonly init: boolean;
  readonly mime: string;
  readonly zeroUs: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Called when it has been taken in. */
  readonly taken: () => void;
}

type Work = { readonly part: TrackPart } | { readonly removeS: readonly [number, number] };

/** Seconds of the past that stay for a step back. */
const KEPT_S = 30;

/** One element with one SourceBuffer: pieces in, one after the other. Media time is wall time from `originUs` on. */
export class Track {
  readonly element: HTMLMediaElement;
  readonly originUs: number;
  readonly #source: MediaSource;
  readonly #url: string;
  readonly #work: Work[] = [];
  readonly #onChange: () => void;
  readonly #onFault: (words: string) => void;
  #buffer: SourceBuffer | undefined;
  #mime = '';

  constructor(
    element: HTMLMediaElement,
    originUs: number,
    on: { readonly change: () => void; readonly fault: (words: string) => void },
  ) {
    if (!Source) throw new Error('no Media Source');
    this.element = element;
    this.originUs = originUs;
    this.#onChange = on.change;
    this.#onFault = on.fault;
    this.#source = new Source();
    element.disableRemotePlayback = true;
    this.#url = URL.createObjectURL(this.#source);
    this.#source.addEventListener('sourceopen', () => this.#next());
    element.src = this.#url;
  }

  secondsOf(wallUs: number): number {
    return (wallUs - this.originUs) / 1e6;
  }

  wallUsOf(seconds: number): number {
    return this.originUs + seconds * 1e6;
  }

  /** Wall time that the element is at. */
  get atUs(): number {
    return this.wallUsOf(this.element.currentTime);
  }

  /**
   * Wall time of the picture that is on the screen at this moment, as the picture itself says (WebCodecs): what the browser tells
   * by itself may come late on a busy machine. Undefined where frames cannot be asked.
   */
  seenUs(): number | undefined {
    const { element } = this;
    if (!(element instanceof HTMLVideoElement) || element.readyState < 2 || !('VideoFrame' in globalThis))
      return undefined;
    try {
      const frame = new VideoFrame(element);
      const atUs = this.wallUsOf(frame.timestamp / 1e6);
      frame.close();
      return atUs;
    } catch (error) {
      console.debug('no frame to ask', error);
      return undefined;
    }
  }

  add(part: TrackPart): void {
    this.#work.push({ part });
    this.#next();
  }

  /** Something is being taken in, or waits for it. */
  get busy(): boolean {
    return this.#work.length > 0 || this.#buffer?.updating === true;
  }

  /** Forgets what has not been taken in yet, and all that has if `all`. */
  clear(all: boolean): void {
    this.#work.length = 0;
    // Replacing pictures while they are decoded shows wrong ones for a moment.
    if (all && this.#buffer) this.#work.push({ removeS: [0, Number.POSITIVE_INFINITY] });
    this.#next();
  }

  /** Where the range ends that holds this instant; undefined if none does. */
  endOfRange(wallUs: number): number | undefined {
    const at = this.secondsOf(wallUs);
    const { buffered } = this.element;
    for (let i = 0; i < buffered.length; i++) {
      if (buffered.start(i) <= at + 0.001 && at < buffered.end(i) - 0.001) return this.wallUsOf(buffered.end(i));
    }
    return undefined;
  }

  /** The next instant from here on that is there. */
  startAfter(wallUs: number): number | undefined {
    const at = this.secondsOf(wallUs);
    const { buffered } = this.element;
    for (let i = 0; i < buffered.length; i++) {
      if (buffered.start(i) > at) return this.wallUsOf(buffered.start(i));
    }
    return undefined;
  }

  /** The newest range, in seconds of the element. */
  newest(): { start: number; end: number } | undefined {
    const { buffered } = this.element;
    const last = buffered.length - 1;
    return last < 0 ? undefined : { start: buffered.start(last), end: buffered.end(last) };
  }

  dispose(): void {
    this.#work.length = 0;
    this.#buffer = undefined;
    this.element.removeAttribute('src');
    this.element.load();
    URL.revokeObjectURL(this.#url);
  }

  #next(): void {
    if (this.#source.readyState !== 'open' || this.#buffer?.updating) return;
    const work = this.#work.shift();
    if (!work) {
      this.#forgetOld();
      return;
    }
    try {
      if ('removeS' in work) this.#buffer?.remove(...work.removeS);
      else this.#append(work.part);
    } catch (error) {
      this.#onFault(String(error));
    }
  }

  #append({ init, mime, zeroUs, bytes, taken }: TrackPart): void {
    let buffer = this.#buffer;
    if (!buffer) {
      buffer = this.#source.addSourceBuffer(mime);
      buffer.addEventListener('updateend', () => {
        this.#onChange();
        this.#next();
      });
      buffer.addEventListener('error', () => this.#onFault(this.element.error?.message ?? 'append'));
      this.#buffer = buffer;
      this.#mime = mime;
    } else if (init && mime !== this.#mime) {
      buffer.changeType(mime);
      this.#mime = mime;
    }
    const offset = this.secondsOf(zeroUs);
    if (!init && Math.abs(buffer.timestampOffset - offset) > 1e-6) buffer.timestampOffset = offset;
    buffer.appendBuffer(bytes);
    taken();
  }

  #forgetOld(): void {
    const { element } = this;
    const until = element.currentTime - KEPT_S;
    const first = element.buffered.length > 0 ? element.buffered.start(0) : Number.POSITIVE_INFINITY;
    if (first < until - KEPT_S / 3) this.#buffer?.remove(0, until);
  }
}
