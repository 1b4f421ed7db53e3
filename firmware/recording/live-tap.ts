import {
  LiveTrack,
  trackFacts,
  trackInit,
  type FanOut,
  type Format,
  type Frame,
  type FrameReader,
  type LiveFragment,
  type MediaPart,
  type ReaderQueue,
  type TrackFacts,
} from '../media/index.ts';

/** What may wait for this reader before it is called; it takes everything at once. */
const LIMIT_BYTES = 8 << 20;
/** Parts that were handed over and not taken: the main thread is behind, and pictures are left out up to the next key frame. */
const UNTAKEN_BYTES = 8 << 20;

/** The other end of a tap, in another thread. Bytes are handed over for good. */
export interface TapOutlet {
  track(facts: TrackFacts): void;
  part(part: MediaPart): void;
  /** The camera's session is over; another one may follow. */
  quiet(): void;
}

/** Tells when something of the session's timeline (microseconds) was, UTC microseconds. */
export type WallOfMedia = (mediaUs: number) => number;

/**
 * Where viewers get the pictures of a stream. While viewers are expected it holds the group of pictures that is running, so that
 * one sees a picture at once; while none is, and nobody watches, it costs nothing.
 */
export class LiveTap implements FrameReader {
  readonly name = 'live';
  readonly limitBytes = LIMIT_BYTES;
  readonly #heldMaxBytes: number;
  readonly #fanOut: Pick<FanOut, 'attach' | 'detach'>;
  #expects = false;
  #isAttached = false;
  #held: Frame[] = [];
  #heldBytes = 0;
  #wallOf: WallOfMedia | undefined;
  readonly #flows = new Set<TapFlow>();
  #queue: ReaderQueue | undefined;
  #droppedFrames = 0;

  /** `heldMaxBytes`: a longer group of pictures is not held. */
  constructor(heldMaxBytes: number, fanOut: Pick<FanOut, 'attach' | 'detach'>) {
    this.#heldMaxBytes = heldMaxBytes;
    this.#fanOut = fanOut;
  }

  /** Whether somebody may soon want to watch. */
  expect(viewers: boolean): void {
    this.#expects = viewers;
    this.#renew();
  }

  /** Pictures and sounds that no viewer could get, since the stream began. */
  get droppedFrames(): number {
    return this.#droppedFrames + (this.#queue?.counts.droppedFrames ?? 0);
  }

  wake(queue: ReaderQueue): void {
    this.#queue = queue;
    for (let frame = queue.shift(); frame; frame = queue.shift()) this.#take(frame);
  }

  sessionOpened(wallOf: WallOfMedia): void {
    this.#letGo();
    this.#wallOf = wallOf;
    for (const flow of this.#flows) flow.sessionOpened(wallOf);
  }

  sessionClosed(): void {
    this.#letGo();
    this.#wallOf = undefined;
    for (const flow of this.#flows) flow.sessionClosed();
  }

  /** Sends what comes from now on, after the pictures that are held. */
  open(outlet: TapOutlet, sound: boolean): TapFlow {
    const flow = new TapFlow(outlet, sound, () => this.#droppedFrames++);
    this.#flows.add(flow);
    this.#renew();
    if (!this.#wallOf) return flow;
    flow.sessionOpened(this.#wallOf);
    for (const frame of this.#held) flow.push(frame);
    return flow;
  }

  shut(flow: TapFlow): void {
    if (this.#flows.delete(flow)) flow.dispose();
    this.#renew();
  }

  close(): void {
    this.#expects = false;
    for (const flow of this.#flows) this.shut(flow);
    this.#renew();
  }

  #renew(): void {
    const isNeeded = this.#expects || this.#flows.size > 0;
    if (isNeeded === this.#isAttached) return;
    this.#isAttached = isNeeded;
    if (isNeeded) {
      this.#fanOut.attach(this);
      return;
    }
    this.#fanOut.detach(this);
    this.#droppedFrames += this.#queue?.counts.droppedFrames ?? 0;
    this.#queue = undefined;
    this.#letGo();
  }

  /** Holds the frame that the queue handed over. */
  #take(frame: Frame): void {
    for (const flow of this.#flows) flow.push(frame);
    if (frame.format.kind === 'audio') {
      frame.bytes.release();
      return;
    }
    if (frame.key) this.#letGo();
    const follows = frame.key || this.#held.length > 0;
    if (!follows || this.#heldBytes + frame.bytes.length > this.#heldMaxBytes) {
      this.#letGo();
      frame.bytes.release();
      return;
    }
    this.#held.push(frame);
    this.#heldBytes += frame.bytes.length;
  }

  #letGo(): void {
    for (const frame of this.#held) frame.bytes.release();
    this.#held = [];
    this.#heldBytes = 0;
  }
}

/** Frames of one stream on their way to one outlet. */
export class TapFlow {
  readonly #outlet: TapOutlet;
  readonly #dropped: () => void;
  #sound: boolean;
  #wallOf: WallOfMedia | undefined;
  #zeroUs: number | undefined;
  #video: LiveTrack | undefined;
  #audio: LiveTrack | undefined;
  #untakenBytes = 0;
  #awaitingKey = true;
  #jump = false;

  constructor(outlet: TapOutlet, sound: boolean, dropped: () => void) {
    this.#outlet = outlet;
    this.#sound = sound;
    this.#dropped = dropped;
  }

  sessionOpened(wallOf: WallOfMedia): void {
    this.#begin();
    this.#wallOf = wallOf;
    this.#zeroUs = undefined;
  }

  sessionClosed(): void {
    this.#begin();
    this.#wallOf = undefined;
    this.#outlet.quiet();
  }

  push(frame: Frame): void {
    if (!this.#wallOf) return;
    if (frame.format.kind === 'audio') {
      if (this.#sound && this.#video) this.#audio = this.#pass(frame, this.#audio);
      return;
    }
    if (this.#untakenBytes > UNTAKEN_BYTES) {
      this.#awaitingKey = true;
      this.#jump = true;
    }
    if (frame.key && this.#untakenBytes <= UNTAKEN_BYTES / 2) this.#awaitingKey = false;
    if (this.#awaitingKey) this.#dropped();
    else this.#video = this.#pass(frame, this.#video);
  }

  setSound(sound: boolean): void {
    this.#sound = sound;
    if (sound) return;
    this.#audio?.dispose();
    this.#audio = undefined;
  }

  taken(bytes: number): void {
    this.#untakenBytes -= bytes;
  }

  dispose(): void {
    this.#video?.dispose();
    this.#audio?.dispose();
    this.#video = undefined;
    this.#audio = undefined;
  }

  #begin(): void {
    this.dispose();
    this.#awaitingKey = true;
    this.#jump = true;
  }

  #pass(frame: Frame, track: LiveTrack | undefined): LiveTrack {
    let live = track;
    if (live?.format !== frame.format) {
      live?.dispose();
      this.#introduce(frame);
      live = new LiveTrack(frame.format, (fragment) => this.#send(frame.format, fragment));
    }
    live.push(frame);
    return live;
  }

  /** What a track is, and its init, before its first part. */
  #introduce(frame: Frame): void {
    const { format } = frame;
    const firstUs = (frame.pts / format.timescale) * 1e6;
    this.#zeroUs ??= Math.round(this.#wallOf!(firstUs) - firstUs);
    const init = trackInit(format);
    // Of its own memory: what is handed over must not be part of a pool.
    const bytes = Buffer.allocUnsafeSlow(init.length);
    init.copy(bytes);
    this.#outlet.track(trackFacts(format));
    this.#hand({ track: format.kind, kind: 'init', bytes, frames: 0, wallUs: 0, zeroUs: this.#zeroUs });
  }

  #send(format: Format, { bytes, frames, key, firstPts }: LiveFragment): void {
    const wallUs = this.#wallOf!((firstPts / format.timescale) * 1e6);
    const isVideo = format.kind === 'video';
    const jump = isVideo && this.#jump;
    if (isVideo) this.#jump = false;
    this.#hand({ track: format.kind, kind: 'media', bytes, frames, key, jump, wallUs, zeroUs: this.#zeroUs! });
  }

  #hand(part: MediaPart): void {
    this.#untakenBytes += part.bytes.length;
    this.#outlet.part(part);
  }
}
