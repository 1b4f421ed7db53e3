import { BoxError, type AddressGuard, type Clock, type Credentials, type HostAddress } from '../base/index.ts';
import type { BlockPool, Frame } from '../media/index.ts';
import { RtspConnection } from './connection.ts';
import type { MediaDescription, SessionDescription } from './description.ts';
import { Dialogue } from './dialogue.ts';
import { askOptions, describe, play, TrackSetup, type Lower } from './handshake.ts';
import { KeepAlive } from './keep-alive.ts';
import { MediaPlane, type TrackFigures } from './media-plane.ts';
import type { TunnelOptions } from './http-tunnel.ts';
import type { ReadBeat } from './read-beat.ts';
import type { SessionClock } from './rtp/session-clock.ts';
import type { SessionLimits } from './target.ts';
import type { CameraUrl } from './url.ts';

/** What the session layer needs from the box; there is no global state. */
export interface RtspDeps {
  readonly clock: Clock;
  readonly pool: BlockPool;
  readonly beat: ReadBeat;
  /** Says where cameras may be; asked before every connection. */
  readonly addresses: AddressGuard;
}

export interface SessionSink {
  /** DESCRIBE has been answered. `clock` is the timeline that the frames of this session will share. */
  description(description: SessionDescription, clock: SessionClock): void;
  /** PLAY has been answered for these tracks: media may come. */
  playing(tracks: readonly MediaDescription[], transport: Lower): void;
  /** Borrowed during the call (see Frame). */
  frame(frame: Frame): void;
  /**
   * The camera has shown a certificate that no authority was asked about: SHA-256, hexadecimal with colons. `changed`: it is not
   * the one that was remembered; then the password does not travel readable.
   */
  certificate?(fingerprint: string, changed: boolean): void;
  /** Something people may want to know, once a kind. Holds no credentials and no raw reply. */
  note(code: string, detail?: Record<string, unknown>): void;
}

/** What one attempt tries. */
export interface Plan {
  readonly url: CameraUrl;
  /** Where that is, checked: the connection goes nowhere else. */
  readonly addresses: readonly HostAddress[];
  /** Fingerprint of the certificate that the camera showed first; empty if it is not known yet. */
  readonly pin: string;
  readonly credentials: Credentials | undefined;
  readonly allowBasic: boolean;
  readonly lower: Lower;
  /** True: silence over UDP is found out early, because TCP can be tried. */
  readonly mayChangeToTcp: boolean;
  readonly skipOptions: boolean;
  readonly allTracks: boolean;
  readonly verifyTls: boolean;
  readonly keepAliveMs: number | undefined;
  readonly limits: SessionLimits;
}

export interface SessionFigures {
  readonly transport: Lower;
  readonly tracks: readonly TrackFigures[];
  readonly junkBytes: number;
  readonly resyncs: number;
  readonly strayPackets: number;
  /** By how much the camera's clock is ahead of ours, from its sender reports. */
  readonly clockOffsetUs: number | undefined;
}

export type Stage = 'connect' | 'options' | 'describe' | 'setup' | 'play' | 'media';

const TICK_MS = 1_000;
/** What falls due before the middle of the next tick is done now: better early than late, since late may be too late. */
const HALF_TICK_US = TICK_MS * 500;

/** One connection to a camera, from the first byte to TEARDOWN. Used once and thrown away. */
export class Attempt {
  readonly #plan: Plan;
  readonly #clock: Clock;
  readonly #sink: SessionSink;
  readonly #connection: RtspConnection;
  readonly #dialogue: Dialogue;
  readonly #plane: MediaPlane;
  readonly #over = Promise.withResolvers<void>();
  readonly #timers: NodeJS.Timeout[] = [];
  #keepAlive = new KeepAlive(new Set());
  #nextKeepAliveUs = Infinity;
  #controlUrl: string;
  #playedUs = 0;
  #lower: Lower;
  #awake: boolean;
  #stage: Stage = 'connect';

  /** Begins to connect. */
  constructor(plan: Plan, deps: RtspDeps, sink: SessionSink, awake: boolean) {
    const { url } = plan;
    this.#plan = plan;
    this.#clock = deps.clock;
    this.#sink = sink;
    this.#lower = plan.lower;
    this.#awake = awake;
    this.#controlUrl = url.requestUrl;
    this.#connection = new RtspConnection(
      {
        host: url.host,
        port: url.port,
        addresses: plan.addresses,
        ...(url.secure && { tls: { verify: plan.verifyTls } }),
        ...(url.tunnelled && {
          tunnel: tunnelOf(plan),
        }),
      },
      {
        beat: deps.beat,
        clock: deps.clock,
        sink: {
          packet: (channel, buffer, start, end) =>
            this.#plane.packet(channel, buffer, start, end, this.#connection.arrivalUs),
          portionRead: () => this.#plane.poll(this.#connection.arrivalUs),
          failed: (error) => this.#over.reject(error),
        },
      },
    );
    this.#dialogue = new Dialogue(this.#connection, {
      credentials: plan.credentials,
      allowBasic: plan.allowBasic,
      where: { host: url.host, port: url.port },
    });
    this.#plane = new MediaPlane({
      connection: this.#connection,
      beat: deps.beat,
      clock: deps.clock,
      pool: deps.pool,
      sink: { frame: (frame) => this.#onFrame(frame), note: (code, detail) => sink.note(code, detail) },
    });
  }

  /** How far it has come. */
  get stage(): Stage {
    return this.#stage;
  }

  get figures(): SessionFigures {
    const { bytes, resyncs } = this.#connection.junk;
    return {
      transport: this.#lower,
      tracks: this.#plane.figures,
      junkBytes: bytes,
      resyncs,
      strayPackets: this.#plane.strayPackets,
      clockOffsetUs: this.#plane.sessionClock.clockOffsetUs,
    };
  }

  /** See ReadBeat: true while somebody watches. */
  setAwake(awake: boolean): void {
    this.#awake = awake;
    if (this.#stage !== 'media') return;
    const pace = awake ? 'live' : 'nap';
    this.#connection.setPace(this.#lower === 'udp' ? 'free' : pace);
    this.#plane.setPace(pace);
  }

  /**
   * Resolves when the signal has ended it and the camera has been told.
   * @throws BoxError with the reason for which it ended by itself; Redirect (handshake.ts)
   */
  async run(signal: AbortSignal): Promise<void> {
    const stop = (): void => this.#over.resolve();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      await Promise.race([this.#over.promise, this.#handshake()]);
      if (signal.aborted) return;
      this.#beginMedia();
      await this.#over.promise;
    } finally {
      signal.removeEventListener('abort', stop);
      await this.#farewell();
    }
  }

  async #handshake(): Promise<void> {
    const { url, limits, skipOptions } = this.#plan;
    await this.#connection.opened(limits.connectMs);
    this.#judgeCertificate();
    let offered = new Set<string>();
    if (!skipOptions) {
      this.#stage = 'options';
      offered = await askOptions(this.#dialogue, url.requestUrl, Math.min(limits.requestMs, limits.connectMs));
    }
    this.#keepAlive = new KeepAlive(offered, this.#plan.keepAliveMs);
    this.#stage = 'describe';
    const description = await describe(this.#dialogue, url.requestUrl, limits.requestMs);
    if (this.#dialogue.loginScheme === 'basic' && !url.secure) this.#sink.note('rtsp.basic-login');
    this.#sink.description(description, this.#plane.sessionClock);
    this.#stage = 'setup';
    const tracks = await this.#setUp(description);
    this.#stage = 'play';
    this.#playedUs = this.#clock.monoUs();
    this.#controlUrl = await play(
      this.#dialogue,
      { aggregate: description.aggregateUrl, request: url.requestUrl, tracks: tracks.map((track) => track.controlUrl) },
      limits.requestMs,
    );
    this.#sink.playing(tracks, this.#lower);
  }

  /** A certificate that an authority vouches for may be renewed; any other is who the camera is. */
  #judgeCertificate(): void {
    const { certificate } = this.#connection;
    if (this.#plan.verifyTls || certificate === undefined) return;
    const changed = this.#plan.pin !== '' && this.#plan.pin !== certificate;
    if (changed) this.#dialogue.refuseBasic();
    this.#sink.certificate?.(certificate, changed);
  }

  async #setUp(description: SessionDescription): Promise<MediaDescription[]> {
    const { lower, allTracks, limits } = this.#plan;
    this.#controlUrl = description.aggregateUrl;
    const setup = new TrackSetup(this.#connection, this.#dialogue, this.#plane, {
      lower,
      allTracks,
      limitMs: limits.requestMs,
      note: (code, detail) => this.#sink.note(code, detail),
    });
    try {
      return await setup.run(description);
    } finally {
      this.#lower = setup.lower;
    }
  }

  #beginMedia(): void {
    this.#stage = 'media';
    this.#playedUs = this.#clock.monoUs();
    this.#scheduleKeepAlive();
    this.setAwake(this.#awake);
    this.#timers.push(setInterval(() => this.#tick(), TICK_MS));
  }

  #onFrame(frame: Frame): void {
    if (frame.format.kind === 'video') {
      if (this.#lower === 'udp') this.#plane.noteFrameBytes(frame.bytes.length);
      else this.#connection.noteFrameBytes(frame.bytes.length);
    }
    this.#sink.frame(frame);
  }

  #tick(): void {
    const nowUs = this.#clock.monoUs();
    this.#plane.poll(nowUs);
    this.#plane.report(nowUs, this.#dialogue.sessionTimeoutS);
    if (nowUs >= this.#nextKeepAliveUs - HALF_TICK_US) this.#sendKeepAlive();
    this.#watch(nowUs);
  }

  /** Liveness is judged by packets of the leading track, never by files or by answers. */
  #watch(nowUs: number): void {
    const lastUs = this.#plane.leading?.stats.lastArrivalUs ?? 0;
    const never = lastUs === 0;
    const { mediaMs, udpMs } = this.#plan.limits;
    const early = never && this.#lower === 'udp' && this.#plan.mayChangeToTcp;
    const silentUs = nowUs - (never ? this.#playedUs : lastUs);
    if (silentUs <= (early ? udpMs : mediaMs) * 1000) return;
    const { host, port } = this.#plan.url;
    const silentS = Math.round(silentUs / 1e6);
    this.#over.reject(new BoxError('rtsp.media-stopped', { host, port, never, silentS, transport: this.#lower }));
  }

  #scheduleKeepAlive(): void {
    this.#nextKeepAliveUs = this.#clock.monoUs() + this.#keepAlive.intervalMs(this.#dialogue.sessionTimeoutS) * 1000;
  }

  /** Nobody waits for the answer, and no answer is no error: media tells whether the session lives. */
  #sendKeepAlive(): void {
    this.#scheduleKeepAlive();
    const { method } = this.#keepAlive;
    this.#dialogue.exchange(method, this.#controlUrl, [], this.#plan.limits.requestMs).then(
      ({ status }) => {
        this.#keepAlive.answered(status);
        this.#nextKeepAliveUs = Math.min(
          this.#nextKeepAliveUs,
          this.#clock.monoUs() + this.#keepAlive.intervalMs(this.#dialogue.sessionTimeoutS) * 1000,
        );
      },
      (error: unknown) => {
        if (this.#stage === 'media' && error instanceof BoxError && error.code !== 'rtsp.closed') {
          this.#sink.note('rtsp.keep-alive-unanswered', { method, code: error.code });
        }
      },
    );
  }

  /** Old sessions eat the few places that cameras have, so every one is ended, also after errors. */
  async #farewell(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#plane.dispose();
    this.#connection.setPace('free');
    if (this.#dialogue.sessionId !== undefined) {
      try {
        await this.#dialogue.exchange('TEARDOWN', this.#controlUrl, [], this.#plan.limits.teardownMs);
      } catch (error) {
        // The reason for which the session ended is what counts; that the camera does not say goodbye is not.
        if (!(error instanceof BoxError)) throw error;
      }
    }
    this.#connection.destroy();
  }
}

function tunnelOf({ url, credentials, allowBasic, verifyTls, pin }: Plan): TunnelOptions {
  const isJudged = url.secure && !verifyTls;
  return { path: pathOf(url.requestUrl), credentials, allowBasic, pin: isJudged ? pin : '' };
}

function pathOf(url: string): string {
  const rest = /^[a-z]+:\/\/[^/?]*(.*)$/i.exec(url)?.[1] ?? '';
  return rest.startsWith('/') ? rest : `/${rest}`;
}
