import { asBoxError, Backoff, BoxError } from '../base/index.ts';
import { OnvifCamera, type CameraClock, type OnvifDeps } from '../onvif/index.ts';
import { changesOf, fingerprint, identityOf, NOBODY, type IdentityChange, type PinnedIdentity } from './identity.ts';
import type { CameraEvent } from '../onvif/index.ts';

/** A camera of the settings, as far as it is watched over by ONVIF. */
export interface WatchedCamera {
  readonly id: string;
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly events: boolean;
  readonly identity: PinnedIdentity;
}

export type KeeperPhase = 'connecting' | 'online' | 'failing';

export interface KeeperState {
  readonly phase: KeeperPhase;
  readonly error: BoxError | undefined;
  /** When it last answered, UTC microseconds. */
  readonly seenUs: number | undefined;
  readonly clock: CameraClock | undefined;
  readonly firmware: string;
  readonly events: 'off' | 'connecting' | 'listening' | 'absent' | 'waiting';
}

export interface KeeperDeps {
  readonly onvif: OnvifDeps;
  /** It is the one that was remembered, or nothing was. */
  same(camera: string, found: PinnedIdentity): void;
  changed(camera: string, changes: readonly IdentityChange[], found: PinnedIdentity): void;
  event(camera: string, event: CameraEvent): void;
  /** Its events cannot be heard any more. */
  deaf(camera: string): void;
  /** It answered, and this is its clock. */
  clock(camera: string, clock: CameraClock, device: OnvifCamera): Promise<void>;
  /** It cannot be reached where it was. Resolves when it has been looked for. */
  lost(camera: string): Promise<void>;
  state(camera: string, state: KeeperState): void;
}

/** How often a camera that is well is asked who it is and what time it has. */
const LOOK_MS = 5 * 60_000;
const RETRY = { minMs: 5_000, maxMs: 5 * 60_000 };
/** However often there is a reason to look, it is not asked more often than this. */
const REST_MS = 5_000;
/** One question to a camera, whatever it does. */
const ASK_MS = 60_000;
/** Failures in a row after which a camera is looked for elsewhere. */
const LOST_AFTER = 2;
const UNREACHABLE = new Set(['onvif.unreachable', 'onvif.refused-connection', 'onvif.timeout', 'onvif.closed']);

/** Watches over one camera: who it is, what time it has, what it tells. A camera that misbehaves costs one keeper and no other. */
export class CameraKeeper {
  #camera: WatchedCamera;
  readonly device: OnvifCamera;
  readonly #deps: KeeperDeps;
  readonly #stopped = new AbortController();
  readonly #backoff = new Backoff(RETRY);
  #wake = new AbortController();
  #loops: Promise<unknown> = Promise.resolve();
  #failures = 0;
  /** Its events were heard, and then lost. */
  #wasLost = false;
  #state: KeeperState = {
    phase: 'connecting',
    error: undefined,
    seenUs: undefined,
    clock: undefined,
    firmware: '',
    events: 'off',
  };

  constructor(camera: WatchedCamera, deps: KeeperDeps) {
    this.#camera = camera;
    this.#deps = deps;
    const { url: address, username: user, password } = camera;
    const guarded = {
      ...deps.onvif,
      certificateGuard: (shown: { sha256: string }) => this.#judgeCertificate(shown.sha256),
    };
    this.device = new OnvifCamera({ address, ...(user !== '' && { credentials: { user, password } }) }, guarded);
  }

  get camera(): WatchedCamera {
    return this.#camera;
  }

  /** Who it should be, from its next answer on. */
  know(identity: PinnedIdentity): void {
    this.#camera = { ...this.#camera, identity };
  }

  get state(): KeeperState {
    return this.#state;
  }

  start(): void {
    this.#loops = Promise.all([this.#look(), this.camera.events ? this.#listen() : undefined]);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#wake.abort();
    await this.#loops;
  }

  /** Looks as soon as may be, whatever the pause. */
  hurry(): void {
    this.#wake.abort();
  }

  async #look(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const pauseMs = await this.#once(AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]));
      const { clock } = this.#deps.onvif;
      const restMs = Math.min(REST_MS, pauseMs);
      await clock.sleep(restMs, signal).catch(() => undefined);
      const either = AbortSignal.any([signal, this.#wake.signal]);
      await clock.sleep(pauseMs - restMs, either).catch(() => undefined);
    }
  }

  /** Asks once who it is; answers with the pause until the next time. */
  async #once(signal: AbortSignal): Promise<number> {
    const { id, identity: pinned } = this.camera;
    try {
      const told = await this.device.identity(signal);
      const clock = await this.device.clock(signal);
      const found = identityOf(told, pinned.mac);
      const changes = changesOf(pinned, found);
      if (changes.length > 0) this.#deps.changed(id, changes, found);
      else this.#deps.same(id, found);
      this.#failures = 0;
      this.#backoff.reset();
      const seenUs = this.#deps.onvif.clock.wallUs();
      this.#enter({ phase: 'online', error: undefined, seenUs, clock, firmware: told.firmware ?? '' });
      // A camera that is somebody else is told nothing and changed in nothing.
      if (changes.length === 0) await this.#deps.clock(id, clock, this.device);
      return LOOK_MS;
    } catch (error) {
      if (this.#stopped.signal.aborted) return 0;
      const late = signal.aborted ? new BoxError('onvif.timeout', { step: 'identity' }, { cause: error }) : undefined;
      const failure = late ?? asBoxError(error, 'box.bug');
      this.#enter({ phase: 'failing', error: failure });
      if (UNREACHABLE.has(failure.code) && ++this.#failures >= LOST_AFTER) await this.#deps.lost(id);
      return this.#pauseAfter(failure);
    }
  }

  /** Before anything is sent: no login goes to whoever shows another certificate than the remembered one. */
  #judgeCertificate(sha256: string): void {
    const { id, identity } = this.#camera;
    const certificate = fingerprint(sha256);
    const changes = changesOf({ ...NOBODY, certificate: identity.certificate }, { ...NOBODY, certificate });
    if (changes.length === 0) return;
    this.#deps.changed(id, changes, { ...NOBODY, certificate });
    throw new BoxError('cameras.untrusted', { camera: id });
  }

  #pauseAfter(failure: BoxError): number {
    const { nextTryMs } = failure.context;
    if (failure.code === 'onvif.unauthorized') return typeof nextTryMs === 'number' ? nextTryMs : LOOK_MS;
    return this.#backoff.nextMs();
  }

  async #listen(): Promise<void> {
    const { id } = this.camera;
    await this.device.listen(
      {
        event: (event) => this.#deps.event(id, event),
        state: ({ state }) => {
          if (this.#state.events === 'listening' && state !== 'listening') this.#deps.deaf(id);
          this.#wonder(state);
          this.#enter({ events: state });
        },
      },
      this.#stopped.signal,
    );
  }

  /** One that falls silent may have gone to another address, and what comes back in its place may be another one. */
  #wonder(events: KeeperState['events']): void {
    const isBack = events === 'listening' && this.#wasLost;
    const isLost = events === 'waiting' && this.#state.events === 'listening';
    if (isLost || isBack) this.hurry();
    if (isLost) this.#wasLost = true;
    else if (isBack) this.#wasLost = false;
  }

  #enter(change: Partial<KeeperState>): void {
    this.#state = { ...this.#state, ...change };
    this.#deps.state(this.camera.id, this.#state);
  }
}
