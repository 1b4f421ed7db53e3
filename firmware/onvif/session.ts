import { BoxError, type ErrorCode } from '../base/index.ts';
import { AddressRule, deviceUrl } from './address-rule.ts';
import { clockOffsetMs } from './camera-time.ts';
import type { OnvifDeps, OnvifTarget } from './ports.ts';
import {
  defined,
  readCapabilities,
  readDeviceTime,
  readServices,
  type Capabilities,
  type DeviceTime,
} from './replies/device-replies.ts';
import { NAMESPACES } from './soap/envelope.ts';
import type { SoapAnswer } from './soap/reply.ts';
import { SoapClient } from './soap/soap-client.ts';
import type { CameraClock, ServiceName } from './types.ts';

export interface CallOptions {
  /** Whose words the operation is in, where that is not the service itself. */
  readonly namespace?: keyof typeof NAMESPACES;
  readonly content?: string;
  readonly heldMs?: number;
  readonly action?: string;
}

const CLOCK_KEPT_US = 24 * 3600e6;
/** A token is refused when it is some seconds off; less than this is no reason for another try. */
const CLOCK_STEP_MS = 1_500;

const CAPABILITY_NAMES: Readonly<Record<string, ServiceName>> = {
  Device: 'device',
  Media: 'media',
  Media2: 'media2',
  PTZ: 'ptz',
  Imaging: 'imaging',
  Events: 'events',
  DeviceIO: 'deviceIO',
  Analytics: 'analytics',
  Recording: 'recording',
  Search: 'search',
  Replay: 'replay',
};

/** Where each service of one camera is, and how to speak to it. Opened by the first call; a failed opening is tried anew. */
export class CameraSession {
  readonly deps: OnvifDeps;
  readonly soap: SoapClient;
  /** What GetServices or GetCapabilities gave, as written. */
  readonly #xaddrs = new Map<ServiceName, string>();
  /** Where a service answered. */
  readonly #answering = new Map<ServiceName, URL>();
  readonly #device: URL;
  #capabilities: Capabilities | undefined;
  #time: DeviceTime | undefined;
  #timeAtUs = 0;
  #opening: Promise<void> | undefined;
  #rule: AddressRule | undefined;

  /** @throws BoxError onvif.bad-address */
  constructor(target: OnvifTarget, deps: OnvifDeps) {
    this.deps = deps;
    this.#device = deviceUrl(target.address);
    this.soap = new SoapClient(deps, target, async (signal) => await this.#clockChanged(signal));
  }

  get address(): URL {
    return this.#answering.get('device') ?? this.#device;
  }

  get services(): ServiceName[] {
    return [...new Set<ServiceName>(['device', ...this.#xaddrs.keys()])];
  }

  get capabilities(): Capabilities | undefined {
    return this.#capabilities;
  }

  get rule(): AddressRule {
    return (this.#rule ??= new AddressRule(this.address, this.soap.source?.address));
  }

  get clock(): CameraClock {
    const { type, zone, daylightSavings } = this.#time ?? {};
    const source = type === undefined ? undefined : /ntp/i.test(type) ? ('ntp' as const) : ('manual' as const);
    const offsetMs = this.#time && this.soap.offsetMs;
    return defined({ offsetMs, source, zone, daylightSavings });
  }

  has(service: ServiceName): boolean {
    return service === 'device' || this.#xaddrs.has(service);
  }

  /** Reads clock and services once. @throws BoxError as `SoapClient.call` */
  async open(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const opening = (this.#opening ??= this.#open(signal));
      try {
        return await opening;
      } catch (error) {
        if (this.#opening === opening) this.#opening = undefined;
        // Whoever began it has given up; we have not.
        if (opening !== undefined && isAbort(error) && !signal.aborted) continue;
        throw error;
      }
    }
  }

  /** What was learnt may be wrong after a restart of the camera. */
  forget(): void {
    this.#opening = undefined;
    this.#xaddrs.clear();
    this.#answering.clear();
  }

  /** @throws BoxError onvif.not-supported if the camera has no such service; else as `SoapClient.call` */
  async call(
    service: ServiceName,
    operation: string,
    signal: AbortSignal,
    options: CallOptions = {},
  ): Promise<SoapAnswer> {
    await this.open(signal);
    if (this.#timeAtUs + CLOCK_KEPT_US < this.deps.clock.monoUs()) await this.#clockChanged(signal);
    const candidates = this.#candidates(service);
    let last: unknown = new BoxError('onvif.not-supported', { service, operation });
    for (const url of candidates) {
      try {
        const answer = await this.soap.call(
          { url, service: options.namespace ?? service, operation, ...options },
          signal,
        );
        this.#answering.set(service, url);
        return answer;
      } catch (error) {
        last = error;
        const isElsewhere = hasCode(
          error,
          'onvif.unreachable',
          'onvif.timeout',
          'onvif.not-supported',
          'onvif.bad-answer',
        );
        if (this.#answering.has(service) || !isElsewhere) break;
      }
    }
    throw last;
  }

  /** The address that answered; before that the one by the rule, then the one that the camera names. */
  #candidates(service: ServiceName): URL[] {
    const known = this.#answering.get(service);
    if (known) return [known];
    if (service === 'device') return [this.#device];
    const text = this.#xaddrs.get(service);
    const one = text?.split(/\s+/).find((part) => part !== '');
    return [this.rule.apply(one), this.rule.announced(one)].filter((url) => url !== undefined);
  }

  async #open(signal: AbortSignal): Promise<void> {
    await this.readClock(signal);
    this.#answering.set('device', this.soap.source?.url ?? this.#device);
    this.#rule = undefined;
    await this.#readServices(signal);
  }

  /** Asks for the time, without login where that is let in (ONVIF Core section 5.9.2: it must be). */
  async readClock(signal: AbortSignal): Promise<CameraClock> {
    const url = this.address;
    const call = { url, service: 'device' as const, operation: 'GetSystemDateAndTime' };
    const answer = await this.soap.call({ ...call, login: false }, signal).catch(async (error: unknown) => {
      if (hasCode(error, 'onvif.not-supported', 'onvif.refused', 'onvif.busy')) return undefined;
      if (!hasCode(error, 'onvif.unauthorized', 'onvif.forbidden')) throw error;
      return await this.soap.call(call, signal);
    });
    this.#timeAtUs = this.deps.clock.monoUs();
    this.#time = answer && readDeviceTime(answer.body);
    const offset = this.#time && clockOffsetMs(this.#time, this.deps.clock.wallUs() / 1000);
    if (offset === undefined) this.#time = undefined;
    this.soap.offsetMs = Math.round(offset ?? 0);
    return this.clock;
  }

  async #clockChanged(signal: AbortSignal): Promise<boolean> {
    const before = this.soap.offsetMs;
    const url = this.address;
    const call = { url, service: 'device' as const, operation: 'GetSystemDateAndTime', login: false };
    const answer = await this.soap.call(call, signal).catch(() => undefined);
    signal.throwIfAborted();
    this.#timeAtUs = this.deps.clock.monoUs();
    const time = answer && readDeviceTime(answer.body);
    const offset = time && clockOffsetMs(time, this.deps.clock.wallUs() / 1000);
    if (offset === undefined) return false;
    this.#time = time;
    this.soap.offsetMs = Math.round(offset);
    return Math.abs(this.soap.offsetMs - before) > CLOCK_STEP_MS;
  }

  /** GetServices, and GetCapabilities where that is refused or names no media; cameras have one, the other, or both. */
  async #readServices(signal: AbortSignal): Promise<void> {
    const url = this.address;
    const ask = async (operation: string, content: string): Promise<SoapAnswer | undefined> => {
      const call = { url, service: 'device' as const, operation, content };
      // Open to anybody by the rules; a password that is wrong is not spent on it.
      const asked = this.soap.call({ ...call, login: false }, signal).catch(async (error: unknown) => {
        if (!hasCode(error, 'onvif.unauthorized', 'onvif.forbidden')) throw error;
        return await this.soap.call(call, signal);
      });
      return await asked.catch((error: unknown) => {
        if (hasCode(error, 'onvif.not-supported', 'onvif.refused', 'onvif.bad-answer')) return undefined;
        throw error;
      });
    };
    const services = await ask('GetServices', '<t:IncludeCapability>false</t:IncludeCapability>');
    for (const { namespace, xaddr } of services ? readServices(services.body) : [])
      this.#learnNamespace(namespace, xaddr);
    const hasMedia = this.#xaddrs.has('media') || this.#xaddrs.has('media2');
    if (hasMedia && this.#xaddrs.has('events')) return;
    const capabilities = await ask('GetCapabilities', '<t:Category>All</t:Category>');
    if (!services && !capabilities) throw new BoxError('onvif.not-supported', { operation: 'GetCapabilities' });
    this.#capabilities = capabilities && readCapabilities(capabilities.body);
    for (const [name, xaddr] of this.#capabilities?.xaddrs ?? []) {
      const service = CAPABILITY_NAMES[name];
      if (service && !this.#xaddrs.has(service)) this.#xaddrs.set(service, xaddr);
    }
  }

  #learnNamespace(namespace: string, xaddr: string): void {
    const wanted = namespace.replace(/\/$/, '').toLowerCase();
    const known = Object.entries(NAMESPACES).find(([, uri]) => uri.toLowerCase() === wanted)?.[0];
    if (known === undefined || known === 'schema' || known === 'notification') return;
    this.#xaddrs.set(known as ServiceName, xaddr);
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
}

function hasCode(error: unknown, ...codes: readonly ErrorCode[]): error is BoxError {
  return error instanceof BoxError && codes.includes(error.code);
}
