import { isDeepStrictEqual } from 'node:util';
import { BoxError, firstPromise, type ErrorCode, type Part } from '../base/index.ts';
import type { CameraSettings, SettingsDraft, SettingsStore } from '../config/index.ts';
import { OnvifCamera, type CameraClock, type OnvifDeps } from '../onvif/index.ts';
import { CameraKeeper, type KeeperState, type WatchedCamera } from './camera-keeper.ts';
import type { EventBook } from './event-book.ts';
import type { EventIntake } from './event-intake.ts';
import { changesOf, completed, identityOf, NOBODY, type IdentityChange, type PinnedIdentity } from './identity.ts';
import type { SiteSearch } from './site-search.ts';
import type { Distrust, TrustBook } from './trust-book.ts';

export interface RegistryOptions {
  readonly store: SettingsStore;
  readonly onvif: OnvifDeps;
  readonly trust: TrustBook;
  readonly book: EventBook;
  readonly intake: EventIntake;
  readonly search: SiteSearch;
  /** A problem of a camera; `context` undefined: it is over. */
  readonly problem: (code: ErrorCode, camera: string, context: Record<string, unknown> | undefined) => void;
  /** For the log of the box. */
  readonly tell: (event: string, camera: string, detail: Record<string, unknown>) => void;
}

/** How a camera is, against how it should be. */
export interface CameraStanding {
  readonly camera: string;
  readonly trust: 'trusted' | 'unknown' | 'untrusted';
  readonly sinceUs: number | undefined;
  readonly changes: readonly IdentityChange[];
  readonly identity: PinnedIdentity;
  /** Undefined: it is only watched over RTSP. */
  readonly keeper: KeeperState | undefined;
}

/** A clock that is off by less is as good as right. */
const CLOCK_TOLERANCE_MS = 2_000;
/** From here on times burnt into pictures mislead people. */
const CLOCK_ALARM_MS = 60_000;

/** The cameras of the settings: who they are, whether they are still themselves, and where they have gone. */
export class CameraRegistry implements Part {
  readonly name = 'camera-registry';
  readonly #options: RegistryOptions;
  readonly #keepers = new Map<string, CameraKeeper>();
  #unlisten: (() => void) | undefined;
  #running = false;

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  readonly start = firstPromise(async () => {
    this.#running = true;
    await this.#options.trust.load();
    for (const { camera, changes } of this.#options.trust.all()) this.#alarm(camera, changes);
    this.#unlisten = this.#options.store.listen(() => this.#apply());
    this.#options.intake.start();
    this.#apply();
  });

  readonly stop = firstPromise(async () => {
    this.#running = false;
    this.#unlisten?.();
    this.#options.intake.stop();
    await Promise.all([...this.#keepers.values()].map((keeper) => keeper.stop()));
    await this.#options.trust.settled();
  });

  standings(): CameraStanding[] {
    return this.#options.store.settings.cameras.map(({ id, identity }) => {
      const distrust = this.#options.trust.of(id);
      const isKnown =
        identity.serial !== '' ||
        identity.mac !== '' ||
        identity.certificate !== '' ||
        identity.streamCertificate !== '';
      return {
        camera: id,
        trust: distrust ? 'untrusted' : isKnown ? 'trusted' : 'unknown',
        sinceUs: distrust?.sinceUs,
        changes: distrust?.changes ?? [],
        identity,
        keeper: this.#keepers.get(id)?.state,
      };
    });
  }

  isTrusted(camera: string): boolean {
    return this.#options.trust.of(camera) === undefined;
  }

  /**
   * The camera, to be asked and steered.
   * @throws BoxError cameras.no-onvif, cameras.untrusted
   */
  device(camera: string): OnvifCamera {
    const keeper = this.#keepers.get(camera);
    if (!keeper) throw new BoxError('cameras.no-onvif', { camera });
    // A password and commands are for the camera that was added, not for what stands in its place.
    if (!this.isTrusted(camera)) throw new BoxError('cameras.untrusted', { camera });
    return keeper.device;
  }

  /** Something was changed in the camera: how it is now is asked for soon. */
  look(camera: string): void {
    this.#keepers.get(camera)?.hurry();
  }

  /** An operator has looked at it: who it is now is who it should be. Rejects with cameras.nothing-to-confirm. */
  async confirm(camera: string): Promise<Distrust> {
    const { store, trust, book } = this.#options;
    const distrust = trust.of(camera);
    if (!distrust) throw new BoxError('cameras.nothing-to-confirm', { camera });
    await store.update((draft) => {
      const found = draft.cameras.find(({ id }) => id === camera);
      if (!found) return;
      const now = Object.entries(distrust.found).filter(([, value]) => value !== '');
      found.identity = { ...found.identity, ...Object.fromEntries(now) };
      // What it was known by and does not tell any more would be missed for ever.
      for (const { field } of distrust.changes) found.identity[field] = distrust.found[field];
    });
    trust.clear(camera);
    await trust.settled();
    book.end({ camera, kind: 'untrusted', atUs: this.#options.onvif.clock.wallUs() });
    this.#options.problem('cameras.changed-identity', camera, undefined);
    this.#keepers.get(camera)?.hurry();
    return distrust;
  }

  /** The certificate that a camera has shown over RTSP, where no authority vouches for it. */
  certificate(camera: string, streamCertificate: string): void {
    const settings = this.#options.store.settings.cameras.find(({ id }) => id === camera);
    if (!settings) return;
    const pinned = { ...NOBODY, streamCertificate: settings.identity.streamCertificate };
    const found = { ...NOBODY, streamCertificate };
    const changes = changesOf(pinned, found);
    if (changes.length > 0) this.#changed(camera, changes, found);
    else if (pinned.streamCertificate === '') this.#pin(camera, { streamCertificate });
  }

  #apply(): void {
    if (!this.#running) return;
    const wanted = new Map(this.#options.store.settings.cameras.flatMap((camera) => watchedOf(camera)));
    for (const [id, keeper] of this.#keepers) {
      const now = wanted.get(id);
      // What was remembered of a camera is no reason to subscribe to its events anew.
      if (now && isDeepStrictEqual({ ...now, identity: NOBODY }, { ...keeper.camera, identity: NOBODY })) {
        keeper.know(now.identity);
        continue;
      }
      this.#keepers.delete(id);
      void keeper.stop();
      this.#options.intake.lost(id);
    }
    for (const [id, camera] of wanted) {
      if (this.#keepers.has(id)) continue;
      const keeper = new CameraKeeper(camera, this.#deps());
      this.#keepers.set(id, keeper);
      keeper.start();
    }
    const there = new Set(this.#options.store.settings.cameras.map(({ id }) => id));
    for (const { camera } of this.#options.trust.all()) {
      if (there.has(camera)) continue;
      this.#options.trust.clear(camera);
      this.#options.problem('cameras.changed-identity', camera, undefined);
    }
  }

  #deps(): ConstructorParameters<typeof CameraKeeper>[1] {
    const { onvif, intake, problem } = this.#options;
    return {
      onvif,
      same: (camera, found) => this.#same(camera, found),
      changed: (camera, changes, found) => this.#changed(camera, changes, found),
      event: (camera, event) => intake.take(camera, event),
      deaf: (camera) => intake.lost(camera),
      clock: (camera, clock, device) => this.#judgeClock(camera, clock, device),
      lost: (camera) => this.#follow(camera),
      state: (camera, { phase, error }) => {
        const away = phase === 'failing' && error ? { code: error.code } : undefined;
        problem('cameras.not-watched', camera, away);
      },
    };
  }

  /** Remembers what is new; what was remembered stays. */
  #pin(camera: string, facts: Partial<PinnedIdentity>): void {
    const { store, tell } = this.#options;
    const current = store.settings.cameras.find(({ id }) => id === camera)?.identity;
    if (!current) return;
    const news = Object.entries(facts).filter(
      ([field, value]) => value && current[field as keyof PinnedIdentity] === '',
    );
    if (news.length === 0) return;
    store
      .update((draft) => {
        const found = draft.cameras.find(({ id }) => id === camera);
        if (found) Object.assign(found.identity, Object.fromEntries(news));
      })
      .then(
        () => tell('camera.remembered', camera, { fields: news.map(([field]) => field) }),
        (error: unknown) => tell('camera.not-remembered', camera, { reason: String(error) }),
      );
  }

  /** It is the one that was remembered. If it was not before, its return confirms nothing, but it is what a person would confirm. */
  #same(camera: string, found: PinnedIdentity): void {
    const distrust = this.#options.trust.of(camera);
    if (!distrust) this.#pin(camera, found);
    else this.#options.trust.distrust(camera, distrust.changes, found, distrust.sinceUs);
  }

  #changed(camera: string, news: readonly IdentityChange[], shown: PinnedIdentity): void {
    const nowUs = this.#options.onvif.clock.wallUs();
    // What it says by ONVIF and the certificate that it shows come one after the other.
    const before = this.#options.trust.of(camera);
    const others = before?.changes.filter(({ field }) => !news.some((each) => each.field === field)) ?? [];
    const changes = [...others, ...news];
    const found = completed(shown, before?.found ?? NOBODY);
    if (this.#options.trust.distrust(camera, changes, found, nowUs)) {
      this.#options.book.begin({ camera, kind: 'untrusted', atUs: nowUs });
      this.#options.tell('camera.changed-identity', camera, { changes });
    }
    this.#alarm(camera, changes);
  }

  #alarm(camera: string, changes: readonly IdentityChange[]): void {
    const context = {
      changes: changes.map(({ field, pinned, found }) => `${field}: ${pinned} -> ${found || 'nothing'}`),
    };
    this.#options.problem('cameras.changed-identity', camera, { ...context, repair: 'cameras.confirm' });
  }

  /** Sets the clock if the settings say so, and tells when it stays wrong. */
  async #judgeClock(camera: string, { offsetMs, source }: CameraClock, device: OnvifCamera): Promise<void> {
    const { clock, ntpServer } = this.#options.store.settings.terminals;
    if (offsetMs === undefined) return;
    let off = Math.abs(offsetMs);
    if (off > CLOCK_TOLERANCE_MS && clock !== 'leave') {
      const signal = AbortSignal.timeout(20_000);
      try {
        let isNew = true;
        if (clock === 'ntp' && ntpServer !== '') isNew = await followServer(device, source, ntpServer, signal);
        else {
          const after = await device.setClock(this.#options.onvif.clock.wallUs() / 1000, signal);
          off = Math.abs(after.offsetMs ?? 0);
        }
        if (isNew) this.#options.tell('camera.clock-set', camera, { offsetMs: Math.round(offsetMs), how: clock });
      } catch (error) {
        this.#options.tell('camera.clock-not-set', camera, { reason: String(error) });
      }
    }
    const wrong = off > CLOCK_ALARM_MS ? { seconds: Math.round(off / 1000) } : undefined;
    this.#options.problem('cameras.clock-off', camera, wrong);
  }

  /** It does not answer where it was: whoever shows its identity elsewhere is asked who it is, and followed if it is the same. */
  async #follow(camera: string): Promise<void> {
    const { store, search, onvif, tell } = this.#options;
    const settings = store.settings.cameras.find(({ id }) => id === camera);
    if (!settings) return;
    const addresses = await search.whereIs(settings.identity);
    const next = addresses?.[0];
    if (next === undefined || new URL(next).host === new URL(settings.onvif.url).host) return;
    const { username: user, password, identity } = settings;
    // Whoever answers a search may say that it is the camera: until it has proven that, it gets no password that it could read.
    const target = { address: next, readablePassword: false, ...(user !== '' && { credentials: { user, password } }) };
    try {
      const told = identityOf(await new OnvifCamera(target, onvif).identity(AbortSignal.timeout(20_000)), identity.mac);
      // An endpoint alone is easily copied: it must also be the same device, and nothing may speak against it.
      const proves = (field: 'serial' | 'mac'): boolean =>
        told[field] !== '' && told[field].toLowerCase() === identity[field].toLowerCase();
      const proven = proves('serial') || proves('mac');
      if (!proven || changesOf(identity, told).length > 0) return;
    } catch {
      return;
    }
    await store.update((draft) => moveTo(draft, camera, next));
    tell('camera.moved', camera, { from: new URL(settings.onvif.url).host, to: new URL(next).host });
  }
}

/** Tells the camera to follow a time server. False: it does already, and that its clock is wrong all the same is not mended by telling it again. */
async function followServer(
  device: OnvifCamera,
  source: CameraClock['source'],
  server: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (source === 'ntp') {
    const now = await device.ntp(signal).catch(() => undefined);
    if (now && !now.fromDhcp && now.servers.length === 1 && now.servers[0] === server) return false;
  }
  await device.setNtp([server], signal);
  return true;
}

/** What a keeper needs; none for a camera without ONVIF, or one that is switched off. */
function watchedOf(camera: CameraSettings): [string, WatchedCamera][] {
  const { id, enabled, onvif, username, password, identity } = camera;
  if (!enabled || onvif.url === '') return [];
  return [[id, { id, url: onvif.url, username, password, events: onvif.events, identity }]];
}

/** The camera is at another address: its device service, and the streams that were at the old one. */
function moveTo(draft: SettingsDraft, camera: string, deviceUrl: string): void {
  const found = draft.cameras.find(({ id }) => id === camera);
  if (!found) return;
  const from = new URL(found.onvif.url).hostname;
  const to = new URL(deviceUrl).hostname;
  found.onvif.url = deviceUrl;
  for (const stream of found.streams) {
    const url = new URL(stream.url);
    if (url.hostname !== from) continue;
    stream.url = stream.url.replace(url.hostname, to);
  }
}
