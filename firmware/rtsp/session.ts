import { BoxError, type HostAddress } from '../base/index.ts';
import { Attempt, type Plan, type RtspDeps, type SessionFigures, type SessionSink } from './attempt.ts';
import { Redirect, type Lower } from './handshake.ts';
import { DEFAULT_LIMITS, type ResolvedTarget, type SessionLimits } from './target.ts';
import { parseCameraUrl, type CameraUrl } from './url.ts';

/** Connections that one session may use up: two redirects, one without OPTIONS, one over TCP instead of UDP. */
const MAX_CONNECTIONS = 5;
const MAX_REDIRECTS = 2;

/** What a connection tries, before its addresses are known. */
type Way = Omit<Plan, 'addresses'>;

/**
 * One session with a camera, thrown away when it ends (RFC 2326). It needs more than one connection only where a camera
 * redirects, cannot bear OPTIONS, or sends nothing over UDP.
 */
export class RtspSession {
  readonly #target: ResolvedTarget;
  readonly #deps: RtspDeps;
  readonly #sink: SessionSink;
  readonly #limits: SessionLimits;
  #attempt: Attempt | undefined;
  #awake: boolean;
  #lower: Lower;
  #redirects = 0;

  constructor(
    target: ResolvedTarget,
    deps: RtspDeps,
    sink: SessionSink,
    options: { limits?: Partial<SessionLimits>; awake?: boolean } = {},
  ) {
    this.#target = target;
    this.#deps = deps;
    this.#sink = sink;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#awake = options.awake ?? false;
    // Whoever goes through HTTP cannot be reached otherwise.
    this.#lower = target.transport === 'tcp' || target.url.tunnelled ? 'tcp' : 'udp';
  }

  /** What carries, or carried, the media. */
  get transport(): Lower {
    return this.#lower;
  }

  /** Undefined before the first connection. */
  get figures(): SessionFigures | undefined {
    return this.#attempt?.figures;
  }

  /** True while somebody watches live: packets are read as they come, not at each beat. */
  setAwake(awake: boolean): void {
    this.#awake = awake;
    this.#attempt?.setAwake(awake);
  }

  /**
   * Runs until the signal ends it; then resolves after TEARDOWN.
   * @throws BoxError rtsp.* with the reason for which it ended by itself
   */
  async run(signal: AbortSignal): Promise<void> {
    let next: Way | undefined = this.#firstWay();
    for (let connections = 1; ; connections++) {
      const addresses = await this.#resolve(next.url, signal);
      if (signal.aborted) return;
      const plan: Plan = { ...next, addresses };
      this.#attempt = new Attempt(plan, this.#deps, this.#sink, this.#awake);
      try {
        await this.#attempt.run(signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        next = connections < MAX_CONNECTIONS ? this.#nextWay(plan, this.#attempt, error) : undefined;
        if (!next) throw error instanceof Redirect ? redirected(plan) : error;
      } finally {
        this.#lower = this.#attempt.figures.transport;
      }
    }
  }

  /** Before every connection, also one that a camera has redirected the box to. An aborted signal ends the waiting. */
  async #resolve(url: CameraUrl, signal: AbortSignal): Promise<HostAddress[]> {
    const { promise: over, resolve, reject } = Promise.withResolvers<HostAddress[]>();
    const { host, port } = url;
    const stop = (): void => resolve([]);
    const late = (): void => reject(new BoxError('rtsp.timeout', { host, port, step: 'resolve' }));
    const timer = setTimeout(late, this.#limits.connectMs);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      return await Promise.race([over, this.#deps.addresses.resolve(host, port)]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }

  #firstWay(): Way {
    const { url, credentials, transport, verifyTls, pin, allTracks, keepAliveMs } = this.#target;
    return {
      url,
      credentials,
      allowBasic: true,
      lower: this.#lower,
      mayChangeToTcp: transport === 'auto',
      skipOptions: false,
      allTracks,
      verifyTls,
      pin,
      keepAliveMs,
      limits: this.#limits,
    };
  }

  /** Another way to the same stream, if the failure calls for one; undefined if it is final. */
  #nextWay(plan: Plan, attempt: Attempt, error: unknown): Way | undefined {
    if (error instanceof Redirect) return this.#follow(plan, error.location);
    if (!(error instanceof BoxError)) return undefined;
    if (error.code === 'rtsp.closed' && attempt.stage === 'options' && !plan.skipOptions) {
      return { ...plan, skipOptions: true };
    }
    const silent = error.code === 'rtsp.media-stopped' && error.context.never === true;
    if (silent && plan.mayChangeToTcp && error.context.transport === 'udp') {
      this.#sink.note('rtsp.transport-changed', { transport: 'tcp' });
      return { ...plan, lower: 'tcp', mayChangeToTcp: false };
    }
    return undefined;
  }

  /** Twice, never from TLS to plain, and to another host never with a readable password. */
  #follow(plan: Plan, location: string | undefined): Way | undefined {
    if (location === undefined || this.#redirects === MAX_REDIRECTS) return undefined;
    try {
      const url = parseCameraUrl(location);
      if (plan.url.secure && !url.secure) return undefined;
      this.#redirects++;
      this.#sink.note('rtsp.redirect-followed', { host: url.host, port: url.port });
      return { ...plan, url, allowBasic: plan.allowBasic && url.host === plan.url.host };
    } catch (error) {
      if (error instanceof BoxError && error.code === 'rtsp.bad-url') return undefined;
      throw error;
    }
  }
}

function redirected(plan: Plan): BoxError {
  return new BoxError('rtsp.redirected', { host: plan.url.host, port: plan.url.port });
}
