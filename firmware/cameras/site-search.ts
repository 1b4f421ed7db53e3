import { discover, type FoundDevice, type OnvifDeps } from '../onvif/index.ts';
import { mayBe, type PinnedIdentity } from './identity.ts';

/** A device that answered, and the camera of the settings that it is, if it is one. */
export interface FoundCamera extends FoundDevice {
  readonly known: string | undefined;
}

export interface SiteSearchOptions {
  readonly onvif: OnvifDeps;
  /** Cameras of the settings. */
  readonly cameras: () => readonly KnownCamera[];
  /** Networks that are searched address by address. */
  readonly ranges: () => readonly string[];
  /** Interfaces that are asked; undefined: all but loopback. */
  readonly interfaces: readonly string[] | undefined;
}

export interface SearchOutcome {
  readonly found: FoundCamera[];
  readonly interfaces: readonly string[];
  readonly refused: readonly string[];
}

const SHARED_MS = 4_000;
/** Whoever has lost a camera does not search more often than this; where networks are asked address by address, less often. */
const REST_MS = 15_000;
const REST_OF_RANGES_MS = 60_000;

/** Looks for cameras on the site: for people, and for cameras that have another address than before. */
export class SiteSearch {
  readonly #options: SiteSearchOptions;
  #last: { readonly atMs: number; readonly outcome: Promise<SearchOutcome> } | undefined;

  constructor(options: SiteSearchOptions) {
    this.#options = options;
  }

  /** @throws BoxError onvif.bad-range */
  async search(wanted: {
    readonly seconds: number;
    readonly ranges: readonly string[];
    readonly signal?: AbortSignal;
  }): Promise<SearchOutcome> {
    const { onvif, ranges, interfaces } = this.#options;
    const {
      devices,
      interfaces: asked,
      refused,
    } = await discover(
      {
        durationMs: wanted.seconds * 1000,
        ranges: [...ranges(), ...wanted.ranges],
        ...(interfaces && { interfaces }),
        ...(wanted.signal && { signal: wanted.signal }),
      },
      onvif,
    );
    const owners = ownersOf(devices, this.#options.cameras());
    return {
      found: devices.map((device) => ({ ...device, known: owners.get(device) })),
      interfaces: asked,
      refused,
    };
  }

  /** Where a camera is now, by its endpoint or its network interface; one search for all that are lost. */
  async whereIs(identity: PinnedIdentity): Promise<readonly string[] | undefined> {
    const nowMs = performance.now();
    const restMs = this.#options.ranges().length > 0 ? REST_OF_RANGES_MS : REST_MS;
    if (!this.#last || nowMs - this.#last.atMs > restMs) {
      this.#last = { atMs: nowMs, outcome: this.search({ seconds: SHARED_MS / 1000, ranges: [] }) };
    }
    const { found } = await this.#last.outcome.catch((): SearchOutcome => ({ found: [], interfaces: [], refused: [] }));
    return found.find((device) => mayBe(identity, device))?.xaddrs;
  }
}

/** A camera of the settings, as far as it can be recognised by what answers a search. */
export interface KnownCamera {
  readonly id: string;
  /** Of its device service, "host:port"; empty: it was added by the address of its stream. */
  readonly onvifHost: string;
  /** Names or addresses of its streams, without ports. */
  readonly streamHosts: readonly string[];
  readonly identity: PinnedIdentity;
}

/**
 * Which camera of the settings each device is: by its identity, else by the address of its device service. One that was added by
 * the address of its stream is recognised by its host, but only where one device and one camera are at it: behind a router, at an
 * encoder or on a machine with simulated cameras there are several, and a device that is not recorded would pass for one that is.
 */
export function ownersOf(
  devices: readonly FoundDevice[],
  cameras: readonly KnownCamera[],
): ReadonlyMap<FoundDevice, string> {
  const owners = new Map<FoundDevice, string>();
  for (const device of devices) {
    const services = new Set(device.xaddrs.map((url) => new URL(url).host));
    const owner =
      cameras.find(({ identity }) => mayBe(identity, device)) ??
      cameras.find(({ onvifHost }) => onvifHost !== '' && services.has(onvifHost));
    if (owner) owners.set(device, owner.id);
  }
  const taken = new Set(owners.values());
  for (const device of devices) {
    const isAlone = devices.every((other) => other === device || other.address !== device.address);
    const there = cameras.filter(({ streamHosts }) => streamHosts.includes(device.address));
    const [only] = there;
    if (owners.has(device) || !isAlone || there.length !== 1 || !only) continue;
    if (only.onvifHost === '' && !taken.has(only.id)) owners.set(device, only.id);
  }
  return owners;
}
