import { BoxError, type Clock } from '../base/index.ts';
import type { NamedStream } from '../control/index.ts';
import type { LiveSink } from '../live/index.ts';
import type { Format, MediaPart, TrackFacts, TrackKind } from '../media/index.ts';
import { LIMITS } from './limits.ts';
import { goodbye, senderReport } from './rtp/rtcp-packets.ts';
import { RtpTimeline, TrackNumbers } from './rtp/rtp-timeline.ts';
import type { PackedTrack, StreamPacker } from './rtp/stream-packer.ts';
import type { DescribedTrack } from './sdp.ts';
import type { TrackWire } from './wires.ts';

/** Pictures that are held for a player that has not said yet that it plays. */
const HELD_BYTES = 8 << 20;
/** A player that begins with older pictures would stay that far behind for good. */
const OLD_US = 1e6;
/** So long a key frame is waited for, before older pictures are better than none. */
const FRESH_MS = 2500;
const REPORT_US = 5e6;

export interface ReaderDeps {
  readonly packer: StreamPacker;
  readonly clock: Pick<Clock, 'wallUs' | 'monoUs'>;
  /** Whether the stream has sound, as far as one knows. */
  readonly sound: { known: boolean | undefined };
  /** It is over, and why. */
  ended(error: unknown): void;
}

/** A track that was set up. */
interface Playing {
  readonly wire: TrackWire;
  readonly numbers: TrackNumbers;
  reportedUs: number;
  last: { ticks: number; wallUs: number } | undefined;
}

const ORDER = ['video', 'audio'] as const;

/** One player's reading of one stream: waits until it is known what there is, holds the running pictures, then sends. */
export class StreamReader implements LiveSink {
  readonly named: NamedStream;
  readonly sinceUs: number;
  readonly #deps: ReaderDeps;
  readonly #facts = new Map<TrackKind, TrackFacts>();
  readonly #packed = new Map<TrackKind, PackedTrack>();
  /** What the player was told of each track. */
  readonly #promised = new Map<TrackKind, Format>();
  readonly #playing = new Map<TrackKind, Playing>();
  readonly #timeline = new RtpTimeline();
  readonly #described = Promise.withResolvers<void>();
  #held: MediaPart[] = [];
  #heldBytes = 0;
  #state: 'holding' | 'starting' | 'sending' | 'over' = 'holding';
  #startTimer: NodeJS.Timeout | undefined;
  #soundTimer: NodeJS.Timeout | undefined;
  sentBytes = 0;
  droppedPictures = 0;

  constructor(named: NamedStream, deps: ReaderDeps) {
    this.named = named;
    this.#deps = deps;
    this.sinceUs = deps.clock.wallUs();
    // Nobody may be waiting for it when it fails.
    this.#described.promise.catch(() => undefined);
  }

  /** What the stream consists of. Rejects with rtsp-server.no-picture, live.no-such-stream. */
  async tracks(): Promise<DescribedTrack[]> {
    const { camera } = this.named;
    const late = setTimeout(
      () => this.#described.reject(new BoxError('rtsp-server.no-picture', { camera })),
      LIMITS.pictureMs,
    );
    try {
      await this.#described.promise;
    } finally {
      clearTimeout(late);
    }
    return ORDER.flatMap((kind, i) => {
      const packed = this.#packed.get(kind);
      if (!packed) return [];
      const { reader, payloadType } = packed;
      this.#promised.set(kind, reader.format);
      return [{ format: reader.format, payloadType, control: `trackID=${i}` }];
    });
  }

  /** Sends a track over a wire, from `play` on. Undefined: there is no such track. */
  setUp(track: number, wire: TrackWire): TrackNumbers | undefined {
    const kind = ORDER[track];
    const format = kind && this.#promised.get(kind);
    if (!kind || !format) return undefined;
    this.#playing.get(kind)?.wire.close();
    const numbers = new TrackNumbers(format.timescale);
    this.#playing.set(kind, { wire, numbers, reportedUs: -Infinity, last: undefined });
    return numbers;
  }

  /** Tracks that were set up, with the number of the next packet. */
  get setUps(): { readonly track: number; readonly wire: TrackWire; readonly sequence: number }[] {
    return ORDER.flatMap((kind, track) => {
      const playing = this.#playing.get(kind);
      return playing ? [{ track, wire: playing.wire, sequence: playing.numbers.sequence }] : [];
    });
  }

  get isPlaying(): boolean {
    return this.#state === 'starting' || this.#state === 'sending';
  }

  /** Begins with the running pictures if they are young, else with the next key frame if it comes soon. */
  play(): void {
    if (this.#state !== 'holding') return;
    this.#state = 'starting';
    const [first] = this.#held;
    if (!first) return;
    if (this.#deps.clock.wallUs() - first.wallUs < OLD_US) this.#start();
    else this.#startTimer = setTimeout(() => this.#start(), FRESH_MS);
  }

  pause(): void {
    if (!this.isPlaying) return;
    clearTimeout(this.#startTimer);
    this.#state = 'holding';
    this.#letGo();
  }

  get isFree(): boolean {
    if (this.#state !== 'sending') return true;
    for (const { wire } of this.#playing.values()) if (!wire.isFree) return false;
    return true;
  }

  track(facts: TrackFacts): void {
    this.#facts.set(facts.track, facts);
  }

  part(part: MediaPart): void {
    if (this.#state === 'over') return;
    try {
      if (part.kind === 'init') this.#begin(part);
      else if (this.#state === 'sending') this.#send(part);
      else this.#hold(part);
    } catch (error) {
      this.failed(error);
    }
  }

  state(): void {
    // Whether the camera sends is seen by what comes.
  }

  places(): void {
    // Nothing is converted for players.
  }

  dropped(pictures: number): void {
    this.droppedPictures += pictures;
  }

  failed(error: unknown): void {
    this.#described.reject(error);
    this.#deps.ended(error);
  }

  /** Says goodbye on all tracks. */
  end(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    clearTimeout(this.#startTimer);
    clearTimeout(this.#soundTimer);
    this.#described.reject(new BoxError('rtsp-server.no-picture', { camera: this.named.camera }));
    this.#letGo();
    for (const playing of this.#playing.values()) {
      this.#report(playing, goodbye);
      playing.wire.close();
    }
    this.#playing.clear();
  }

  #begin(part: MediaPart): void {
    const { track: kind } = part;
    const packed = this.#deps.packer.track(this.#facts.get(kind)!, part);
    if (!packed) {
      this.#deps.sound.known = false;
      this.#described.resolve();
      return;
    }
    const promised = this.#promised.get(kind);
    // Parameters of pictures travel with them; another codec or rate is something else than was described.
    const { codec, timescale } = packed.reader.format;
    if (promised && (promised.codec !== codec || promised.timescale !== timescale)) {
      throw new BoxError('live.no-such-stream', { camera: this.named.camera, reason: 'the codec has changed' });
    }
    this.#packed.set(kind, packed);
    if (kind === 'audio') this.#deps.sound.known = true;
    if (kind === 'audio' || this.#deps.sound.known === false) this.#described.resolve();
    else this.#awaitSound();
  }

  #awaitSound(): void {
    if (this.#packed.has('audio')) {
      this.#described.resolve();
      return;
    }
    this.#soundTimer ??= setTimeout(() => {
      this.#deps.sound.known ??= false;
      this.#described.resolve();
    }, LIMITS.soundMs);
  }

  #hold(part: MediaPart): void {
    if (part.track === 'video' && part.key) {
      this.#letGo();
      clearTimeout(this.#startTimer);
    } else if (this.#held.length === 0) return;
    if (this.#heldBytes + part.bytes.length > HELD_BYTES) {
      this.#letGo();
      return;
    }
    this.#held.push(part);
    this.#heldBytes += part.bytes.length;
    if (this.#state === 'starting' && part.key && part.track === 'video') this.#start();
  }

  #start(): void {
    const held = this.#held;
    // Nothing that could be decoded: the next key frame begins.
    if (held.length === 0) return;
    this.#letGo();
    this.#state = 'sending';
    for (const part of held) this.#send(part);
  }

  #letGo(): void {
    this.#held = [];
    this.#heldBytes = 0;
  }

  #send(part: MediaPart): void {
    const playing = this.#playing.get(part.track);
    const packed = this.#packed.get(part.track);
    if (!playing || !packed) return;
    const { wire, numbers } = playing;
    const set = packed.pack(part);
    const [first] = set.places;
    if (!first) return;
    const { timescale } = packed.reader.format;
    const { shiftUs } = this.#timeline.at(part.zeroUs, (first.ticks / timescale) * 1e6);
    numbers.shift(shiftUs);
    const { channel } = wire;
    const { ssrc, sequence, timestamp } = numbers;
    playing.last = { ticks: first.ticks, wallUs: part.wallUs };
    // The first report goes first: players put picture and sound together by it from the beginning.
    this.#reportNow(playing);
    const bytes = set.markedFor({ channel, ssrc, sequence, timestamp });
    wire.rtp(bytes, set);
    numbers.sent(set.places.length, set.payloadBytes);
    this.sentBytes += bytes.length;
  }

  #reportNow(playing: Playing): void {
    const nowUs = this.#deps.clock.monoUs();
    if (nowUs - playing.reportedUs < REPORT_US) return;
    playing.reportedUs = nowUs;
    this.#report(playing, senderReport);
  }

  #report({ wire, numbers, last }: Playing, make: typeof senderReport): void {
    if (!last) return;
    const wallUs = this.#deps.clock.wallUs();
    wire.rtcp(make(numbers, wallUs, numbers.timestampAfter(last.ticks, wallUs - last.wallUs)));
  }
}
