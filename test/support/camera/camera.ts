/** One simulated camera: a live picture that runs whether or not somebody watches, and the sessions that watch it. */
import { randomBytes } from 'node:crypto';
import { type AuthOptions, Gate } from './auth.ts';
import { type AccessUnit, type AudioKind, type ClipFile, type VideoClip, audioClip, videoClip } from './clip.ts';
import { type Media, describeMedia } from './description.ts';
import { FaultPanel, type Faults } from './faults.ts';
import type { Request } from './message.ts';
import { Pacer, type Source } from './pacer.ts';
import { type PacketRun, VideoPacketiser, audioRun, plainRun, videoRun } from './packetise.ts';
import type { Session } from './session.ts';

export interface CameraOptions {
  /** Its address: rtsp://host:port/<path>, with `?<query>` behind it if there is one. */
  readonly path: string;
  readonly query?: string;
  /** A fixture by name, or an Annex-B file. Default: small. */
  readonly clip?: string | ClipFile;
  /** Pictures that are made while it runs, instead of a clip. */
  readonly live?: LiveVideo;
  readonly audio?: AudioKind | 'g722' | 'none';
  /** Default: the clip. */
  readonly video?: 'clip' | 'mjpeg' | 'none';
  readonly metadata?: boolean;
  readonly backChannel?: boolean;
  readonly auth?: AuthOptions;
  readonly faults?: Partial<Faults>;
  /** A session starts at the next key frame (default), or with whatever picture comes next. */
  readonly join?: 'key' | 'mid';
  /** First picture of the clip, and how far the camera is behind the first one of the farm. */
  readonly startAt?: number;
  readonly staggerMs?: number;
  readonly maxSessions?: number;
  /** Default 60. */
  readonly sessionTimeoutS?: number;
  /** A port of its own, so that a reboot can close it. */
  readonly ownPort?: boolean;
}

/** Where pictures come from that no clip holds. Those of `clip` are only there for their number and their key flags. */
export interface LiveVideo {
  readonly clip: VideoClip;
  /** The next picture; `index` is its place in `clip`. */
  unit(index: number): AccessUnit;
}

/** A request as it came, for tests that look at the client's manners. */
export interface SeenRequest extends Request {
  readonly atMs: number;
  readonly connection: number;
  /** 0 if it was not answered. */
  status: number;
}

const REQUESTS_KEPT = 500;
const SESSIONS_KEPT = 1000;

export class Camera {
  readonly options: CameraOptions;
  readonly path: string;
  readonly faults: FaultPanel;
  readonly gate: Gate;
  /** All sessions, the ended ones too, oldest first. */
  readonly sessions: Session[] = [];
  readonly seen: SeenRequest[] = [];
  /** True while it reboots: connections to it are reset. */
  away = false;
  #packetiser: VideoPacketiser;
  readonly #speed: number;
  readonly #pacer: Pacer;
  readonly #videoSource: Source;
  readonly #audioSource: Source;
  /** Which clip runs from which ordinal on; `shift` is added to an ordinal to get the clip's picture. */
  readonly #reels: { from: number; shift: number; packetiser: VideoPacketiser }[];
  #videoTicks = 0;
  #audioTicks = 0;

  constructor(options: CameraOptions, farm: { speed: number; index: number }) {
    this.options = options;
    this.path = options.path;
    this.faults = new FaultPanel(options.faults);
    this.gate = new Gate(options.auth);
    this.#speed = farm.speed;
    this.#packetiser = new VideoPacketiser(options.live?.clip ?? videoClip(options.clip ?? 'small'));
    this.#reels = [{ from: 0, shift: options.startAt ?? 0, packetiser: this.#packetiser }];
    this.#videoSource = this.#makeVideo();
    this.#audioSource = this.#makeAudio();
    const sources = this.options.video === 'none' ? [] : [this.#videoSource];
    if ((options.audio ?? 'none') !== 'none') sources.push(this.#audioSource);
    if (options.metadata) sources.push(this.#makeMetadata());
    this.#pacer = new Pacer(sources, options.staggerMs ?? (farm.index * 137) % 1000);
  }

  get media(): Media[] {
    const { video = 'clip', audio = 'none', metadata = false, backChannel = false } = this.options;
    return describeMedia({ video, audio, metadata, backChannel }, this.#packetiser.clip, this.faults.now);
  }

  get liveSessions(): Session[] {
    return this.sessions.filter((session) => session.state !== 'ended');
  }

  get wrongPasswords(): number {
    return this.gate.wrongPasswords;
  }

  /** Ordinal of the next picture. */
  get nextOrdinal(): number {
    return this.#pacer.next(this.#videoSource).ordinal;
  }

  /** When the next picture is due, in milliseconds of performance.now(). */
  get nextDueMs(): number {
    return this.#pacer.next(this.#videoSource).dueMs;
  }

  /** What the picture of that ordinal is: its clip, its place in it (the number burnt in), and whether it is a key frame. */
  frameAt(ordinal: number): { clip: string; number: number; key: boolean; mediaBytes: number } {
    const reel = this.#reels.findLast(({ from }) => from <= ordinal)!;
    const { clip } = reel.packetiser;
    const number = (ordinal + reel.shift) % clip.units.length;
    const { key, mediaBytes } = reel.packetiser.run(number, this.faults.now);
    return { clip: clip.name, number, key, mediaBytes };
  }

  addSession(session: Session): void {
    this.sessions.push(session);
    if (this.sessions.length > SESSIONS_KEPT) this.sessions.shift();
  }

  note(request: SeenRequest): void {
    this.seen.push(request);
    if (this.seen.length > REQUESTS_KEPT) this.seen.shift();
  }

  /** Called when a session starts, pauses or ends: a camera that nobody watches costs nothing. */
  updatePace(): void {
    const watched = this.sessions.some(
      ({ state }) => state === 'playing' || (state === 'ready' && this.faults.now.framesBeforePlay),
    );
    if (watched) this.#pacer.start();
    else this.#pacer.stop();
  }

  stop(): void {
    this.#pacer.stop();
    for (const session of this.liveSessions) {
      session.end('stopped');
      session.carrier.destroy('rst');
    }
  }

  /** Where the media clock of a track stands when a session that starts now gets its first picture, in its ticks. */
  firstTicks(clockRate: number): number {
    let { ordinal } = this.#pacer.next(this.#videoSource);
    let ticks = this.#videoTicks;
    if (this.options.join !== 'mid') {
      for (; !this.frameAt(ordinal).key; ordinal++) ticks += this.#ticksPerPicture;
    }
    return (ticks * clockRate) / 90000;
  }

  // What a test can do to a camera while it runs

  /** Breaks all connections. */
  drop(how: 'fin' | 'rst' = 'rst'): void {
    for (const session of this.liveSessions) {
      session.end('dropped');
      session.carrier.destroy(how);
    }
    this.updatePace();
  }

  /** Sends raw bytes on every connection with a session. */
  sendRaw(bytes: Buffer): void {
    for (const session of this.liveSessions) session.carrier.write(bytes);
  }

  /** Sends a request of the camera's own (ANNOUNCE, REDIRECT, TEARDOWN ...) to every client. */
  request(method: string, headers: readonly string[] = []): void {
    for (const session of this.liveSessions) session.request(method, headers);
  }

  /** Moves the media clock of all tracks, in ticks of 90 kHz; negative = backwards. */
  jumpTimestamps(ticks90k: number): void {
    this.#videoTicks += ticks90k;
    this.#audioTicks += (ticks90k * this.#audioRate) / 90000;
  }

  /** Time stamps of all sessions begin at zero again. */
  resetTimestamps(): void {
    for (const session of this.liveSessions) {
      for (const track of session.tracks.values()) {
        const isAudio = track.media.kind === 'audio' || track.media.kind === 'g722';
        track.rebase(isAudio ? this.#audioTicks : this.#videoTicks, 0);
      }
    }
  }

  /** From the next picture on, another clip: another resolution, or other parameter sets. The codec must stay. */
  switchClip(source: string | ClipFile): void {
    const clip = videoClip(source);
    if (clip.codec !== this.#packetiser.clip.codec) throw new Error('a track cannot change its codec');
    const from = this.nextOrdinal;
    this.#packetiser = new VideoPacketiser(clip);
    this.#reels.push({ from, shift: clip.units.length - (from % clip.units.length), packetiser: this.#packetiser });
  }

  get #audioRate(): number {
    const { audio = 'none' } = this.options;
    return audio === 'none' || audio === 'g722' ? 8000 : audioClip(audio).sampleRate;
  }

  get #ticksPerPicture(): number {
    return (90000 / this.#packetiser.clip.fps) * this.faults.now.clockFactor;
  }

  #makeVideo(): Source {
    return {
      periodMs: () => 1000 / this.#packetiser.clip.fps / this.#speed,
      skip: (count) => (this.#videoTicks += count * this.#ticksPerPicture),
      emit: (ordinal) => this.#emitVideo(ordinal),
    };
  }

  #emitVideo(ordinal: number): void {
    const faults = this.faults.now;
    const { shift } = this.#reels.at(-1)!;
    const { units } = this.#packetiser.clip;
    const index = (ordinal + shift) % units.length;
    let ticks = this.#videoTicks + units[index]!.reorder * this.#ticksPerPicture;
    if (faults.equalTimestamps > 1) ticks -= (ordinal % faults.equalTimestamps) * this.#ticksPerPicture;
    if (faults.outlierEvery > 0 && ordinal % faults.outlierEvery === faults.outlierEvery - 1) ticks += 3600 * 90000;
    this.#videoTicks += this.#ticksPerPicture;
    const run = this.#videoRun(index, faults);
    for (const session of this.sessions) {
      if (session.state !== 'playing' && session.state !== 'ready') continue;
      if (faults.needsAllTracks && session.tracks.size < this.media.length) continue;
      if (this.options.video === 'mjpeg') session.other('mjpeg', run, ticks, ordinal);
      else session.video(run, ticks, ordinal);
    }
  }

  #videoRun(index: number, faults: Readonly<Faults>): PacketRun {
    const { live, video } = this.options;
    if (video === 'mjpeg') return this.#mjpeg;
    return live ? videoRun(live.unit(index), 'h264', faults) : this.#packetiser.run(index, faults);
  }

  readonly #mjpeg: PacketRun = plainRun(Buffer.alloc(1000, 0x5a), 26, true);

  #makeAudio(): Source {
    const { audio = 'none' } = this.options;
    if (audio === 'none' || audio === 'g722') {
      const run = plainRun(Buffer.from('fcffffff', 'hex'), 98, false);
      return this.#soundSource('g722', 160, 8000, () => run);
    }
    const clip = audioClip(audio);
    const runs = clip.frames.map((_, index) => audioRun(clip, index));
    return this.#soundSource('audio', clip.samplesPerFrame, clip.sampleRate, (ordinal) => runs[ordinal % runs.length]!);
  }

  #soundSource(kind: 'audio' | 'g722', samples: number, rate: number, run: (ordinal: number) => PacketRun): Source {
    const ticks = () => samples * this.faults.now.audioClockFactor;
    return {
      periodMs: () => (samples / rate / this.#speed) * 1000,
      skip: (count) => (this.#audioTicks += count * ticks()),
      emit: (ordinal) => {
        const frame = run(ordinal);
        for (const session of this.sessions) {
          if (session.state !== 'playing' && session.state !== 'ready') continue;
          session.other(kind, frame, this.#audioTicks, ordinal);
          const isUnasked = this.faults.now.unaskedTracks && !session.track(kind);
          if (isUnasked) session.unasked(frame);
        }
        this.#audioTicks += ticks();
      },
    };
  }

  #makeMetadata(): Source {
    const periodMs = 500;
    let ticks = 0;
    const xml = '<?xml version="1.0"?><tt:MetadataStream xmlns:tt="http://www.onvif.org/ver10/schema"/>';
    return {
      periodMs: () => periodMs,
      skip: (count) => (ticks += count * periodMs * 90),
      emit: (ordinal) => {
        const size = Math.min(60_000, this.faults.now.metadataFloodBytes);
        const payload = size > 0 ? randomBytes(size) : Buffer.from(xml);
        const run = plainRun(payload, 107, true);
        for (const session of this.sessions) session.other('metadata', run, ticks, ordinal);
        ticks += periodMs * 90;
      },
    };
  }
}
