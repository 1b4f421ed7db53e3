/** A simulated ONVIF camera: real discovery, real SOAP over HTTP or HTTPS, a state behind it, and faults on demand. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeCertificate } from '../camera/certificate.ts';
import { device } from './device.ts';
import { events, notification } from './events.ts';
import { imaging } from './imaging.ts';
import { deviceIO, relays } from './io.ts';
import { media, media2 } from './media.ts';
import { ptz } from './ptz.ts';
import { CameraState, type Handler, type OnvifCameraOptions } from './state.ts';
import { send } from './wire.ts';
import { DiscoveryResponder } from './discovery.ts';
import { Doorman } from './login.ts';
import { answerText, Fault, faultText, readRequest, type Service } from './request.ts';

const HANDLERS: Partial<Record<Service, Readonly<Record<string, Handler>>>> = {
  device: { ...device, ...relays },
  media,
  media2,
  ptz,
  imaging,
  events,
  deviceIO,
  notification,
};
const NO_LOGIN = new Set(['GetSystemDateAndTime', 'GetServices', 'GetCapabilities', 'GetHostname']);
const MAX_BODY = 256 * 1024;

export class OnvifCamera extends CameraState {
  readonly doorman: Doorman;
  readonly discovery: DiscoveryResponder;
  #server: Server | undefined;

  constructor(options: OnvifCameraOptions = {}) {
    super(options);
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

  async listen(): Promise<void> {
    const answer = (request: IncomingMessage, response: ServerResponse): void => void this.#serve(request, response);
    this.#server = this.options.tls ? createTlsServer(await makeCertificate(), answer) : createServer(answer);
    this.#server.listen(this.port === 0 ? (this.options.port ?? 0) : this.port, this.host);
    await once(this.#server, 'listening');
    this.port = (this.#server.address() as AddressInfo).port;
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
    if (request.method === 'GET') {
      this.#picture(request, response);
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

  #picture(request: IncomingMessage, response: ServerResponse): void {
    this.seen.push('GET');
    if (!this.doorman.checkPlain('GET', request.headers.authorization)) {
      response.writeHead(401, { 'WWW-Authenticate': this.doorman.challenge() }).end();
      return;
    }
    // The type is a fault of many.
    response.writeHead(200, { 'Content-Type': 'text/plain' }).end(this.options.snapshot ?? TINY_JPEG);
  }

  async #answer(bytes: Buffer, http: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = readRequest(bytes, http.url ?? '');
    const { operation, service } = request;
    this.seen.push(operation);
    if (this.#misbehaves(operation, response)) return;
    if (this.faults.asksReadable && !this.#isOpen(operation) && !this.doorman.reads(http.headers.authorization)) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="Simulated"' }).end();
      return;
    }
    const verdict =
      this.#isOpen(operation) || this.faults.asksReadable
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

/** Not a picture, but begins and ends as one. */
const TINY_JPEG = Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex');
