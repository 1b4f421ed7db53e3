import { discover, type FoundDevice, type OnvifDeps } from '../onvif/index.ts';
import { mayBe, type PinnedIdentity } from './identity.ts';

/** A device that answered, and the camera of the settings that it is, if it is one. */
export interface FoundCamera extends FoundDevice {
  readonly known: string | undefined;
}

export interface SiteSearchOptions {
  readonly onvif: OnvifDeps;
  /** Cameras of the settings. */
  readonly cameras: () => readonly {
    readonly id: string;
    readonly hosts: readonly string[];
    readonly identity: PinnedIdentity;
  }[];
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
    return {
      found: devices.map((device) => ({ ...device, known: this.#ownerOf(device) })),
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

  #ownerOf(device: FoundDevice): string | undefined {
    const hosts = new Set([device.address, ...device.xaddrs.map((url) => new URL(url).host)]);
    const cameras = this.#options.cameras();
    const byIdentity = cameras.find(({ identity }) => mayBe(identity, device));
    return (byIdentity ?? cameras.find((camera) => camera.hosts.some((host) => hosts.has(host))))?.id;
  }
}
