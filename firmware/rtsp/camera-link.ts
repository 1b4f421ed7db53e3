import {
  asBoxError,
  Backoff,
  BoxError,
  firstPromise,
  type Admission,
  type CredentialGuard,
  type Health,
  type LoginKey,
  type Part,
} from '../base/index.ts';
import type { Frame } from '../media/index.ts';
import type { RtspDeps, SessionFigures } from './attempt.ts';
import type { MediaDescription, SessionDescription } from './description.ts';
import type { Lower } from './handshake.ts';
import type { SessionClock } from './rtp/session-clock.ts';
import { RtspSession } from './session.ts';
import { resolveTarget, type CameraTarget, type ResolvedTarget, type SessionLimits } from './target.ts';

/** All times are UTC microseconds. */
export type LinkState =
  | { readonly phase: 'idle' }
  | { readonly phase: 'connecting'; readonly sinceUs: number }
  /** PLAY has been answered, but no frame has come yet (or the first key frame is still to come). */
  | { readonly phase: 'waiting-for-media'; readonly sinceUs: number; readonly transport: Lower }
  | { readonly phase: 'playing'; readonly sinceUs: number; readonly transport: Lower }
  /** `attempt` counts failures since media was last stable. */
  | { readonly phase: 'retrying'; readonly error: BoxError; readonly attempt: number; readonly nextTryUs: number }
  /** The password is wrong, or the settings make no sense: quick retries are useless or harmful. */
  | { readonly phase: 'blocked'; readonly error: BoxError; readonly nextTryUs: number | undefined };

export interface LinkSink {
  /** Borrowed during the call (see Frame). Called in the thread of the sockets; must not wait. */
  frame(frame: Frame): void;
  /** A session begins: frames of a former one will not follow. `clock` is the timeline of the frames to come. */
  description(description: SessionDescription, clock: SessionClock): void;
  /** What of it will be received. */
  tracks(tracks: readonly MediaDescription[]): void;
  state(state: LinkState): void;
  note(code: string, detail?: Record<string, unknown>): void;
  /** See SessionSink. */
  certificate?(fingerprint: string, changed: boolean): void;
}

export interface LinkDeps extends RtspDeps {
  readonly guard: CredentialGuard;
  /** For tests: numbers in [0, 1). */
  readonly random?: () => number;
  readonly limits?: Partial<SessionLimits>;
  /** For tests; default 1 s to 10 s. */
  readonly retry?: { readonly minMs: number; readonly maxMs: number };
}

/** Media that has flowed for this long ends a run of failures. */
const STABLE_US = 30e6;
/** Failures that only new settings mend are retried this slowly all the same: cameras also lie while they start. */
const SETTINGS_PAUSE_MS = 60_000;
const GO: Admission = { go: true };
const NEEDS_SETTINGS = new Set([
  'rtsp.codec-unsupported',
  'rtsp.forbidden',
  'rtsp.tls',
  'rtsp.redirected',
  'cameras.address-refused',
]);

/**
 * Keeps one stream of one camera running: a long-lived loop around disposable sessions. It never gives up; what varies is
 * how long it waits (README.md has the table).
 */
export class CameraLink implements Part {
  readonly name: string;
  readonly #deps: LinkDeps;
  readonly #sink: LinkSink;
  readonly #backoff: Backoff;
  readonly #longestPauseMs: number;
  /** A camera that takes an old login for a wrong one while it is crowded may lock the account: it is asked less often. */
  readonly #crowdedPauseMs: number;
  #target: CameraTarget;
  #state: LinkState = { phase: 'idle' };
  #session: RtspSession | undefined;
  #loop: Promise<void> = Promise.resolve();
  /** Ends for good. */
  readonly #stopped = new AbortController();
  /** Ends the present session or pause only. */
  #again = new AbortController();
  #awake = false;
  #allTracks = false;
  #preferTcp = false;
  #frames = 0;
  #firstFrameUs = 0;

  /** `name` is for people and logs. */
  constructor(name: string, target: CameraTarget, sink: LinkSink, deps: LinkDeps) {
    this.name = name;
    this.#target = target;
    this.#sink = sink;
    this.#deps = deps;
    const { retry, random } = deps;
    this.#longestPauseMs = retry?.maxMs ?? 10_000;
    this.#crowdedPauseMs = retry?.maxMs ?? 30_000;
    this.#backoff = new Backoff({
      minMs: retry?.minMs ?? 1_000,
      maxMs: this.#longestPauseMs,
      ...(random && { random }),
    });
  }

  get state(): LinkState {
    return this.#state;
  }

  /** Of the present session. */
  get figures(): SessionFigures | undefined {
    return this.#session?.figures;
  }

  readonly #startOnce = firstPromise(async () => {
    this.#loop = this.#run();
  });

  readonly #stopOnce = firstPromise(async () => {
    this.#stopped.abort();
    this.#again.abort();
    await this.#loop;
    this.#enter({ phase: 'idle' });
  });

  /** Resolves at once; the camera need not be there. */
  start(): Promise<void> {
    return this.#startOnce();
  }

  /** Resolves when the camera has been told and the sockets are closed. */
  stop(): Promise<void> {
    return this.#stopOnce();
  }

  health(): Health {
    const { phase } = this.#state;
    if (phase === 'retrying' || phase === 'blocked') return { state: 'degraded', detail: this.#state.error.code };
    return { state: 'ok' };
  }

  /** New settings: the present session ends, and a new one begins at once, whatever has failed before. */
  configure(target: CameraTarget): void {
    this.#target = target;
    this.#allTracks = false;
    this.#preferTcp = false;
    this.#backoff.reset();
    this.#again.abort();
  }

  /** A certificate that was remembered counts from the next session on; the present one goes on. */
  remember(pin: string): void {
    this.#target = { ...this.#target, pin };
  }

  /** True while somebody watches live. */
  setAwake(awake: boolean): void {
    this.#awake = awake;
    this.#session?.setAwake(awake);
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      this.#again = new AbortController();
      const { signal } = this.#again;
      try {
        await this.#once(signal);
      } catch (error) {
        if (!signal.aborted) await this.#pause(asBoxError(error, 'box.bug'), signal);
      }
    }
  }

  /** One session, from the guard's permission to its end. */
  async #once(signal: AbortSignal): Promise<void> {
    const resolved = resolveTarget(this.#target);
    const { credentials, url } = resolved;
    const login = credentials && this.#deps.guard.key(url.host, url.port, credentials);
    const admission = login === undefined ? GO : this.#deps.guard.admit(login);
    if (!admission.go) {
      await this.#waitForGuard(admission, { host: url.host, port: url.port }, signal);
      return;
    }
    this.#enter({ phase: 'connecting', sinceUs: this.#deps.clock.wallUs() });
    this.#frames = 0;
    const session = this.#makeSession(resolved, login);
    this.#session = session;
    try {
      await session.run(signal);
      if (login !== undefined) this.#deps.guard.undecided(login);
    } catch (error) {
      throw this.#judge(asBoxError(error, 'box.bug'), login, session);
    } finally {
      this.#session = undefined;
    }
  }

  #makeSession(resolved: ResolvedTarget, login: LoginKey | undefined): RtspSession {
    const { clock, pool, beat, addresses, guard, limits } = this.#deps;
    const target: ResolvedTarget = {
      ...resolved,
      transport: resolved.transport === 'auto' && this.#preferTcp ? 'tcp' : resolved.transport,
      allTracks: resolved.allTracks || this.#allTracks,
    };
    const sink = {
      description: (description: SessionDescription, sessionClock: SessionClock): void => {
        if (login !== undefined) guard.accepted(login);
        this.#sink.description(description, sessionClock);
      },
      playing: (tracks: readonly MediaDescription[], transport: Lower): void => {
        this.#sink.tracks(tracks);
        this.#enter({ phase: 'waiting-for-media', sinceUs: clock.wallUs(), transport });
      },
      frame: (frame: Frame): void => this.#onFrame(frame, session),
      note: (code: string, detail?: Record<string, unknown>): void => this.#sink.note(code, detail),
      certificate: (fingerprint: string, changed: boolean): void => this.#sink.certificate?.(fingerprint, changed),
    };
    const session = new RtspSession(target, { clock, pool, beat, addresses }, sink, {
      awake: this.#awake,
      ...(limits && { limits }),
    });
    return session;
  }

  #onFrame(frame: Frame, session: RtspSession): void {
    const { clock } = this.#deps;
    if (this.#frames++ === 0) {
      this.#firstFrameUs = clock.monoUs();
      this.#enter({ phase: 'playing', sinceUs: clock.wallUs(), transport: session.transport });
    }
    this.#sink.frame(frame);
  }

  /** What a failure means for the next attempt, and as what it is shown. */
  #judge(error: BoxError, login: LoginKey | undefined, session: RtspSession): BoxError {
    const { guard, clock } = this.#deps;
    if (this.#frames > 0 && clock.monoUs() - this.#firstFrameUs >= STABLE_US) this.#backoff.reset();
    if (this.#frames > 0 && session.transport === 'tcp') this.#preferTcp = true;
    if (error.code === 'rtsp.media-stopped' && error.context.never === true) this.#allTracks = !this.#allTracks;
    if (login === undefined) return error;
    if (error.code !== 'rtsp.unauthorized' || error.context.confirmed !== true) {
      guard.undecided(login);
      return error;
    }
    if (guard.refused(login) === 'wrong-password') return error;
    const { host, port, step } = error.context;
    return new BoxError('rtsp.too-many-clients', { host, port, step, status: 401 }, { cause: error });
  }

  async #pause(error: BoxError, signal: AbortSignal): Promise<void> {
    const retryMs = this.#backoff.nextMs();
    if (error.code === 'rtsp.unauthorized' || error.code === 'rtsp.bad-url') {
      await this.#block(error, signal);
      return;
    }
    const waitMs = Math.max(retryMs, this.#leastPauseMs(error));
    const nextTryUs = this.#deps.clock.wallUs() + waitMs * 1000;
    this.#enter({ phase: 'retrying', error, attempt: this.#backoff.attempts, nextTryUs });
    await this.#sleep(waitMs, signal);
  }

  #leastPauseMs(error: BoxError): number {
    if (NEEDS_SETTINGS.has(error.code)) return SETTINGS_PAUSE_MS;
    // A refused login that is believed to be right: each further try may count towards a lock.
    return error.code === 'rtsp.too-many-clients' && error.context.status === 401 ? this.#crowdedPauseMs : 0;
  }

  /** A URL that cannot be read waits for new settings; a refused login for the guard as well. */
  async #block(error: BoxError, signal: AbortSignal): Promise<void> {
    const { credentials, url } = error.code === 'rtsp.bad-url' ? {} : resolveTarget(this.#target);
    if (!url) {
      this.#enter({ phase: 'blocked', error, nextTryUs: undefined });
      await aborted(signal);
      return;
    }
    const login = credentials && this.#deps.guard.key(url.host, url.port, credentials);
    const held = login !== undefined && error.context.confirmed === true;
    const waitMs = held ? Math.max(1, this.#deps.guard.blockedMs(login)) : SETTINGS_PAUSE_MS;
    this.#enter({ phase: 'blocked', error, nextTryUs: this.#deps.clock.wallUs() + waitMs * 1000 });
    await this.#sleep(waitMs, signal);
  }

  /** Another link has found the login wrong, or is just finding out whether it is right. */
  async #waitForGuard(
    admission: Admission & { go: false },
    where: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<void> {
    const { waitMs, why } = admission;
    const nowUs = this.#deps.clock.wallUs();
    if (why === 'refused') {
      const error = new BoxError('rtsp.unauthorized', { ...where, confirmed: true });
      this.#enter({ phase: 'blocked', error, nextTryUs: nowUs + waitMs * 1000 });
    } else if (this.#state.phase !== 'connecting') {
      this.#enter({ phase: 'connecting', sinceUs: nowUs });
    }
    await this.#sleep(waitMs, signal);
  }

  /** Returns early when the signal ends it. */
  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#deps.clock.sleep(ms, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  #enter(state: LinkState): void {
    this.#state = state;
    this.#sink.state(state);
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
}
