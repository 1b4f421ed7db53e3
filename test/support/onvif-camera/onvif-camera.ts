/** A simulated ONVIF camera: real discovery, real SOAP over HTTP or HTTPS, a state behind it, and faults on demand. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeCertificate } from '../camera/certificate.ts';
import { device } from './device.ts';
import { DiscoveryResponder } from './discovery.ts';
import { Doorman, type Login } from './login.ts';
import { answerText, Fault, faultText, readRequest, URIS, type Service, type SoapRequest } from './request.ts';

export interface OnvifCameraOptions {
  /** Address to listen on; 127.0.0.1. */
  readonly host?: string;
  readonly port?: number;
  readonly tls?: boolean;
  readonly login?: Login;
  /** Answers WS-Discovery on the interface of `host`. */
  readonly discoverable?: boolean;
  readonly identity?: Partial<Identity>;
  readonly services?: readonly Service[];
  readonly clockOffsetMs?: number;
}

export interface Identity {
  readonly manufacturer: string;
  readonly model: string;
  readonly firmware: string;
  readonly serial: string;
  readonly hardwareId: string;
  readonly mac: string;
  readonly endpoint: string;
  readonly name: string;
  readonly location: string;
}

/** What the camera does wrong. All can be changed while it runs. */
export interface OnvifFaults {
  /** Operations that are answered by a fault of these codes, outermost first. */
  refuse: Partial<Record<string, readonly string[]>>;
  /** Operations answered by the page of a web server, with this status. */
  html: Partial<Record<string, number>>;
  /** Operations answered by exactly this body. */
  raw: Partial<Record<string, string>>;
  /** Operations that are never answered. */
  silence: readonly string[];
  /** GetSystemDateAndTime wants a login; tells local time only; or tells none. */
  timeNeedsLogin: boolean;
  time: 'utc' | 'local' | 'none';
  zone: string;
  /** What stands in XAddrs instead of the camera's own address. */
  announcedHost: string | undefined;
  /** How the answer travels. */
  wire: 'length' | 'close' | 'chunked' | 'not-chunked' | 'short-length' | 'gzip';
  /** Each request is sent on to this address. */
  redirectTo: string | undefined;
}

export type Handler = (camera: OnvifCamera, request: SoapRequest) => string | Promise<string>;

const HANDLERS: Partial<Record<Service, Readonly<Record<string, Handler>>>> = { device };
const NO_LOGIN = new Set(['GetSystemDateAndTime', 'GetServices', 'GetCapabilities', 'GetHostname']);
const MAX_BODY = 256 * 1024;

const FAULTLESS: OnvifFaults = {
  refuse: {},
  html: {},
  raw: {},
  silence: [],
  timeNeedsLogin: false,
  time: 'utc',
  zone: 'UTC0',
  announcedHost: undefined,
  wire: 'length',
  redirectTo: undefined,
};

export class OnvifCamera {
  readonly options: OnvifCameraOptions;
  readonly doorman: Doorman;
  readonly discovery: DiscoveryResponder;
  readonly faults: OnvifFaults = structuredClone(FAULTLESS);
  identity: Identity;
  clockOffsetMs: number;
  /** Every operation that was answered, in order. */
  readonly seen: string[] = [];
  reboots = 0;
  ntp: { fromDhcp: boolean; servers: readonly string[] } = { fromDhcp: false, servers: [] };
  #server: Server | undefined;
  #port = 0;

  constructor(options: OnvifCameraOptions = {}) {
    this.options = options;
    this.identity = { ...DEFAULT_IDENTITY, ...options.identity };
    this.clockOffsetMs = options.clockOffsetMs ?? 0;
    this.doorman = new Doorman(options.login);
    this.discovery = new DiscoveryResponder(() => ({
      endpoint: this.identity.endpoint,
      scopes: this.scopes,
      xaddrs: [this.xaddr('device')],
    }));
  }

  static async start(options: OnvifCameraOptions = {}): Promise<OnvifCamera> {
    const camera = new OnvifCamera(options);
    await camera.listen();
    if (options.discoverable) await camera.discovery.start(camera.host);
    return camera;
  }

  get host(): string {
    return this.options.host ?? '127.0.0.1';
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `${this.options.tls ? 'https' : 'http'}://${this.host}:${this.#port}/onvif/device_service`;
  }

  get nowMs(): number {
    return Date.now() + this.clockOffsetMs;
  }

  get services(): readonly Service[] {
    return this.options.services ?? (Object.keys(HANDLERS) as Service[]);
  }

  get scopes(): string[] {
    const { name, model, location, mac } = this.identity;
    return [
      'onvif://www.onvif.org/type/video_encoder',
      'onvif://www.onvif.org/Profile/Streaming',
      `onvif://www.onvif.org/name/${encodeURIComponent(name)}`,
      `onvif://www.onvif.org/hardware/${encodeURIComponent(model)}`,
      `onvif://www.onvif.org/location/${encodeURIComponent(location)}`,
      `onvif://www.onvif.org/MAC/${mac}`,
    ];
  }

  /** Where a service is, as the camera believes. */
  xaddr(service: Service): string {
    const scheme = this.options.tls ? 'https' : 'http';
    return `${scheme}://${this.faults.announcedHost ?? `${this.host}:${this.#port}`}/onvif/${service}_service`;
  }

  count(operation: string): number {
    return this.seen.filter((each) => each === operation).length;
  }

  async listen(): Promise<void> {
    const answer = (request: IncomingMessage, response: ServerResponse): void => void this.#serve(request, response);
    this.#server = this.options.tls ? createTlsServer(await makeCertificate(), answer) : createServer(answer);
    this.#server.listen(this.#port === 0 ? (this.options.port ?? 0) : this.#port, this.host);
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** The port is closed; discovery goes on being answered only after `listen`. */
  async goAway(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    server?.closeAllConnections();
    if (server?.listening) await new Promise((resolve) => server.close(resolve));
  }

  async stop(): Promise<void> {
    this.discovery.stop();
    await this.goAway();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const part of request) {
      bytes += (part as Buffer).length;
      if (bytes <= MAX_BODY) parts.push(part as Buffer);
    }
    if (this.faults.redirectTo !== undefined) {
      response.writeHead(307, { Location: this.faults.redirectTo }).end();
      return;
    }
    try {
      await this.#answer(Buffer.concat(parts), request, response);
    } catch (error) {
      const fault = error instanceof Fault ? error : new Fault(500, 'env:Receiver', 'ter:Action');
      if (!(error instanceof Fault)) console.error(error);
      send(response, fault.status, faultText(fault), this.faults.wire);
    }
  }

  async #answer(bytes: Buffer, http: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = readRequest(bytes, http.url ?? '');
    const { operation, service } = request;
    this.seen.push(operation);
    if (this.#misbehaves(operation, response)) return;
    const verdict = this.#isOpen(operation)
      ? undefined
      : this.doorman.check(request, http.method ?? '', http.headers.authorization, this.nowMs);
    if (verdict === 401) {
      response.writeHead(401, { 'WWW-Authenticate': this.doorman.challenge() }).end();
      return;
    }
    if (verdict === 'fault') throw new Fault(400, 'env:Sender', 'ter:NotAuthorized');
    const codes = this.faults.refuse[operation];
    if (codes) throw new Fault(500, ...codes);
    const handlers = service && this.services.includes(service) ? HANDLERS[service] : undefined;
    const handler = handlers?.[operation];
    if (!service || !handler) throw new Fault(400, 'env:Receiver', 'ter:ActionNotSupported');
    send(response, 200, answerText(service, operation, await handler(this, request)), this.faults.wire);
  }

  #isOpen(operation: string): boolean {
    return NO_LOGIN.has(operation) && !(operation === 'GetSystemDateAndTime' && this.faults.timeNeedsLogin);
  }

  #misbehaves(operation: string, response: ServerResponse): boolean {
    const { html, raw, silence } = this.faults;
    if (silence.includes(operation)) return true;
    const status = html[operation];
    const body = raw[operation];
    if (status !== undefined) response.writeHead(status, { 'Content-Type': 'text/html' }).end('<html><body>404</body>');
    else if (body !== undefined) send(response, 200, body, this.faults.wire);
    return status !== undefined || body !== undefined;
  }
}

const DEFAULT_IDENTITY: Identity = {
  manufacturer: 'Simulated',
  model: 'Dome 1',
  firmware: '1.0.0',
  serial: 'SIM0001',
  hardwareId: 'A1',
  mac: '02:00:00:00:00:01',
  endpoint: 'urn:uuid:11111111-2222-3333-4444-555555555555',
  name: 'Yard dome',
  location: 'yard',
};

export const SERVICE_URIS = URIS;

function send(response: ServerResponse, status: number, body: string, wire: OnvifFaults['wire']): void {
  void wire;
  response.writeHead(status, { 'Content-Type': 'application/soap+xml; charset=utf-8' }).end(body);
}
