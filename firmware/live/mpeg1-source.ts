import { asBoxError, BoxError } from '../base/index.ts';
import { COUNTED_TICKS, countedInit, countedPictures, type MediaPart, type TrackFacts } from '../media/index.ts';
import { LiveQueue } from './live-queue.ts';
import type { Tap, TapListener, TapSource } from './live-source.ts';
import type { LiveStream, Watcher } from './live-stream.ts';
import { findFfmpeg, Mpeg1Child, mpeg1Size } from './mpeg1-child.ts';
import type { TsPicture } from './ts-pictures.ts';

export interface Mpeg1SourceDeps {
  /** How many streams may be converted at a time. */
  most(): number;
  /** The stream as the camera sends it. */
  enter(camera: string, stream: string): LiveStream;
  leave(stream: LiveStream, watcher: Watcher): void;
  log(event: string, detail: Record<string, unknown>): void;
}

/** In a row, without a picture between them: then it is said that it does not work. */
const MOST_FAILURES = 3;
/** Instants of pictures that are in a child; it holds far less. */
const KEPT_INSTANTS = 1000;
/** A coded picture says all that is needed to decode it. */
const NOTHING = new Uint8Array(0);

/**
 * Streams converted to MPEG-1 for browsers that cannot play them as they are. Each takes one of few places and one ffmpeg, however
 * many watch it, and is to the stream of the camera one more viewer: what it does not take in time it loses, and nobody else.
 */
export class Mpeg1Source implements TapSource {
  readonly #deps: Mpeg1SourceDeps;
  readonly #running = new Set<Conversion>();
  readonly #failures = new Map<string, number>();

  constructor(deps: Mpeg1SourceDeps) {
    this.#deps = deps;
  }

  /** Places that are taken. */
  get used(): number {
    return this.#running.size;
  }

  /** Rejects with live.no-ffmpeg, live.mpeg1-full, live.mpeg1-failed. */
  async open(camera: string, stream: string, sound: boolean, listener: TapListener): Promise<Tap> {
    const key = `${camera}/${stream}`;
    const ffmpeg = await findFfmpeg();
    if (ffmpeg === undefined) throw new BoxError('live.no-ffmpeg');
    const most = this.#deps.most();
    if (this.#running.size >= most) throw new BoxError('live.mpeg1-full', { most });
    const conversion: Conversion = new Conversion(ffmpeg, sound, {
      ...listener,
      part: (part) => {
        if (part.kind === 'media' && part.track === 'video') this.#failures.delete(key);
        listener.part(part);
      },
      broke: (error) => {
        shut();
        const failures = (this.#failures.get(key) ?? 0) + 1;
        this.#failures.set(key, failures);
        this.#deps.log('live.mpeg1-failed', { camera, stream, failures, err: error });
        if (failures < MOST_FAILURES) {
          listener.ended();
          return;
        }
        this.#failures.delete(key);
        listener.failed(error);
      },
      failed: (error) => {
        shut();
        listener.failed(error);
      },
    });
    const from = this.#deps.enter(camera, stream);
    const shut = (): void => {
      if (!this.#running.delete(conversion)) return;
      this.#deps.leave(from, conversion);
      conversion.end();
    };
    this.#running.add(conversion);
    from.add(conversion);
    return {
      taken: () => undefined,
      setSound: (wanted) => {
        if (wanted === conversion.wantsSound) return;
        conversion.wantsSound = wanted;
        from.soundChanged(conversion);
      },
      shut,
    };
  }
}

interface ConversionListener extends TapListener {
  /** The child has broken down. */
  broke(error: BoxError): void;
}

/** One stream on its way through a child. */
class Conversion implements Watcher {
  readonly queue: LiveQueue;
  wantsSound: boolean;
  readonly #ffmpeg: string;
  readonly #listener: ConversionListener;
  #child: Mpeg1Child | undefined;
  #facts: TrackFacts | undefined;
  #zeroUs = 0;
  #count = 0;
  /** Instants of pictures, by the number of their turn on the screen. */
  readonly #instants = new Map<number, number>();
  #lastUs = 0;
  /** What the encoder's clock shows at turn 0: it begins somewhere with the first picture that it is given. */
  #zeroPts: number | undefined;
  #firstTurn = 0;

  constructor(ffmpeg: string, sound: boolean, listener: ConversionListener) {
    this.#ffmpeg = ffmpeg;
    this.wantsSound = sound;
    this.#listener = listener;
    this.queue = new LiveQueue({
      isFree: () => this.#child?.isFree ?? true,
      wantsSound: () => this.wantsSound,
      track: (facts) => {
        if (facts.track === 'video') this.#facts = facts;
        else listener.track(facts);
      },
      part: (part) => this.#take(part),
      overflowed: () => undefined,
      dropped: () => undefined,
    });
  }

  state(state: 'waiting' | 'playing'): void {
    if (state !== 'waiting') return;
    this.#endChild();
    this.#listener.quiet();
  }

  failed(error: unknown): void {
    this.#endChild();
    this.#listener.failed(error);
  }

  end(): void {
    this.#endChild();
  }

  #take(part: MediaPart): void {
    if (part.track === 'audio') {
      this.#listener.part(part);
      return;
    }
    try {
      if (part.kind === 'init') this.#begin(part);
      else this.#convert(part);
    } catch (cause) {
      this.#endChild();
      this.#listener.broke(asBoxError(cause, 'live.mpeg1-failed'));
    }
  }

  /** Another format or another session of the camera: another child. */
  #begin({ bytes, zeroUs }: MediaPart): void {
    this.#endChild();
    const facts = this.#facts!;
    const size = mpeg1Size({ width: facts.width ?? 0, height: facts.height ?? 0 });
    this.#zeroUs = zeroUs;
    this.#count = 0;
    this.#zeroPts = undefined;
    this.#instants.clear();
    const child: Mpeg1Child = new Mpeg1Child(this.#ffmpeg, size, {
      picture: (picture) => this.#converted(picture),
      drained: () => this.queue.pump(),
      failed: (error) => {
        if (this.#child === child) this.#child = undefined;
        this.#listener.broke(error);
      },
    });
    this.#child = child;
    child.write(countedInit(bytes));
    const mime = 'video/mp2t; codecs="mpeg1video"';
    this.#listener.track({ track: 'video', mime, codec: 'MPEG-1', ...size, source: facts.codec });
    this.#listener.part({ track: 'video', kind: 'init', bytes: NOTHING, frames: 0, wallUs: 0, zeroUs });
  }

  #convert(part: MediaPart): void {
    const { bytes, shown } = countedPictures(part.bytes, this.#count);
    if (this.#count === 0) this.#firstTurn = shown[0]!;
    this.#count += shown.length;
    for (const turn of shown) this.#instants.set(turn, part.wallUs);
    this.#child?.write(bytes);
    for (const turn of this.#instants.keys()) {
      if (this.#instants.size <= KEPT_INSTANTS) break;
      this.#instants.delete(turn);
    }
  }

  #converted({ bytes, pts, key }: TsPicture): void {
    this.#zeroPts ??= pts - this.#firstTurn * COUNTED_TICKS;
    const turn = Math.round((pts - this.#zeroPts) / COUNTED_TICKS);
    // One that ffmpeg repeats has no instant of its own.
    const wallUs = this.#instants.get(turn) ?? this.#lastUs;
    this.#instants.delete(turn);
    this.#lastUs = wallUs;
    const zeroUs = this.#zeroUs;
    this.#listener.part({ track: 'video', kind: 'media', bytes, frames: 1, key, wallUs, zeroUs });
  }

  #endChild(): void {
    this.#child?.end();
    this.#child = undefined;
  }
}
