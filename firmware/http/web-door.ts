import { constants } from 'node:crypto';
import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { FastifyInstance } from 'fastify';
import { asBoxError, BoxError, firstPromise, http, type Part } from '../base/index.ts';
import type { BoxCertificate, KeyAndCertificate } from './certificate.ts';
import { LIMITS, limitServer } from './limits.ts';
import { LiveHub } from './live-hub.ts';
import type { WebPorts } from './ports.ts';
import { redirectTo } from './redirect.ts';

/** Names under which a browser on this machine reaches loopback; others would be a rebound foreign name. */
const LOCAL_HOSTS = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;
const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];
const RENEWAL_EVERY_MS = 3_600_000;
const RETRY_MS = 10_000;
/** Clients that do not answer a goodbye are not waited for. */
const GOODBYE_MS = 500;

/** TLS 1.3, and of 1.2 only what has forward secrecy and authenticated encryption (RFC 9325). */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface WebDoorOptions {
  /** Without TLS, for this machine only. `insists`: somebody who asked for this very port would rather hear that it is taken. */
  readonly plain: Address & { readonly insists: boolean };
  readonly secure: Address;
  /** Leads browsers that come without TLS to `secure`. */
  readonly redirect?: Address | undefined;
  readonly certificate: BoxCertificate;
  /** Why doors are shut, one reason each: ports of other programs, a certificate that cannot be used. The box records all the same. */
  readonly shut: (reasons: readonly BoxError[]) => void;
}

const SHARED = {
  maxHeaderSize: LIMITS.headerBytes,
  headersTimeout: LIMITS.headersMs,
  requestTimeout: LIMITS.requestMs,
  connectionsCheckingInterval: 2000,
  noDelay: true,
};

/** The door for browsers and programs: HTTPS for everybody, HTTP for this machine, the same API on both. */
export class WebDoor implements Part {
  readonly name = 'web-door';
  readonly #ports: WebPorts;
  readonly #options: WebDoorOptions;
  readonly #live: LiveHub;
  readonly #sockets = new Set<Socket>();
  readonly #apps: FastifyInstance[] = [];
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #shut = new Map<Server | 'secure', BoxError>();
  readonly #retries = new Map<Server | 'secure', NodeJS.Timeout>();
  #over = false;
  #plain: Server | undefined;
  #secure: HttpsServer | undefined;
  #redirect: Server | undefined;

  constructor(ports: WebPorts, options: WebDoorOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#live = new LiveHub(ports);
  }

  /** Where this machine finds the box without TLS, once started. */
  get url(): string | undefined {
    const port = portOf(this.#plain);
    return port === 0 ? undefined : `http://${hostOf(this.#options.plain)}:${port}`;
  }

  /** Where others find it; port 0 while another program has the port. */
  get secureUrl(): string {
    return `https://${hostOf(this.#options.secure)}:${portOf(this.#secure)}`;
  }

  /** The same with an address that a person can type, where it listens at all of them; undefined if it does not listen. */
  get shownUrl(): string | undefined {
    const port = portOf(this.#secure);
    const { host } = this.#options.secure;
    const own = host === '0.0.0.0' || host === '::' ? (ownAddress() ?? 'localhost') : host;
    return port === 0 ? undefined : `https://${hostOf({ host: own, port })}:${port}`;
  }

  /** Ports that are listened at. */
  get listening(): number[] {
    return [this.#plain, this.#secure, this.#redirect].map(portOf).filter((port) => port !== 0);
  }

  /** Rejects with http.not-loopback, and with http.port-in-use of a plain door that insists. */
  readonly start = firstPromise(async () => {
    const { plain, secure, redirect, certificate } = this.#options;
    if (!LOOPBACK.includes(plain.host)) throw new BoxError('http.not-loopback', { host: plain.host });
    await this.#live.start();
    this.#plain = await this.#open(false, (handler) => http.createServer(SHARED, handler));
    if (plain.insists) await listen(this.#plain, plain);
    else await this.#listenPatiently(this.#plain, plain);
    certificate.listen((now) => this.#secure?.setSecureContext(tlsOf(now)));
    await this.#patiently('secure', () => this.#openSecurely(secure));
    if (redirect) {
      this.#redirect = http.createServer(
        SHARED,
        redirectTo(() => portOf(this.#secure)),
      );
      limitServer(this.#redirect);
      await this.#listenPatiently(this.#redirect, redirect);
    }
    this.#every(RENEWAL_EVERY_MS, () => {
      // One that could not be read is not written over.
      if (!this.#secure) return;
      certificate.renew().catch((error: unknown) => this.#ports.log('certificate.not-renewed', { err: error }));
    });
  });

  readonly stop = firstPromise(async () => {
    this.#over = true;
    for (const timer of [...this.#timers, ...this.#retries.values()]) clearInterval(timer);
    await this.#live.stop();
    const closed = [this.#plain, this.#secure, this.#redirect].map(closeServer);
    const goodbye = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, GOODBYE_MS);
    await Promise.all(this.#apps.map((app) => app.close()));
    await Promise.all(closed);
    clearTimeout(goodbye);
  });

  async #open(secure: boolean, make: (handler: RequestListener) => Server): Promise<Server> {
    // What serves requests is loaded now: recording has begun by then, and need not have waited for it.
    const { buildApp } = await import('./app.ts');
    const { windowPages } = await import('./window-pages.ts');
    const addWindow = await windowPages();
    const app = await buildApp({
      ports: this.#ports,
      live: this.#live,
      secure,
      server: (handler) => {
        const server = make(handler as RequestListener);
        limitServer(server);
        server.on('connection', (socket: Socket) => {
          this.#sockets.add(socket);
          socket.once('close', () => this.#sockets.delete(socket));
        });
        return server;
      },
      ...(secure ? {} : { hosts: LOCAL_HOSTS }),
      extend: addWindow,
    });
    await app.ready();
    this.#apps.push(app);
    return app.server;
  }

  async #openSecurely(address: Address): Promise<void> {
    const pair = await this.#options.certificate.open().catch((cause: unknown) => {
      const { context } = asBoxError(cause, 'box.bug');
      throw new BoxError('http.certificate-unusable', context, { cause });
    });
    this.#secure ??= (await this.#open(true, (handler) =>
      createHttpsServer({ ...SHARED, ...tlsOf(pair), handshakeTimeout: LIMITS.handshakeMs }, handler),
    )) as HttpsServer;
    if (!this.#over) await listen(this.#secure, address);
  }

  #listenPatiently(server: Server, address: Address): Promise<void> {
    return this.#patiently(server, () => listen(server, address));
  }

  /** What keeps a door shut costs the door, never the recordings: opening it is tried again until it goes well. */
  async #patiently(door: Server | 'secure', open: () => Promise<void>): Promise<void> {
    const before = this.#shut.get(door);
    try {
      await open();
      this.#shut.delete(door);
    } catch (error) {
      const fault = asBoxError(error, 'box.bug');
      if (fault.code !== before?.code) this.#ports.log('http.door-shut', { err: error });
      this.#shut.set(door, fault);
      if (!this.#over) this.#retries.set(door, setTimeout(() => void this.#patiently(door, open), RETRY_MS).unref());
    }
    if (before !== this.#shut.get(door)) this.#options.shut([...this.#shut.values()]);
  }

  #every(ms: number, run: () => void): void {
    this.#timers.push(setInterval(run, ms).unref());
  }
}

/** Key and certificate with what the box asks of TLS, for every server of it. */
export function tlsOf({ key, certificate }: KeyAndCertificate): Record<string, unknown> {
  // A client that renegotiates makes the box compute for nothing; TLS 1.3 does not know it any more.
  const secureOptions = constants.SSL_OP_NO_RENEGOTIATION;
  return { key, cert: certificate, minVersion: 'TLSv1.2', ciphers: CIPHERS, honorCipherOrder: true, secureOptions };
}

async function listen(server: Server, { host, port }: Address): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new BoxError('http.port-in-use', { host, port }, { cause });
  }
}

/** No new connections, and an end to those on which nothing is going on; open WebSockets say goodbye first. */
async function closeServer(server: Server | undefined): Promise<void> {
  if (!server?.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

/** The first address of this machine that others reach. */
function ownAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
}

function portOf(server: Server | undefined): number {
  return (server?.address() as AddressInfo | null)?.port ?? 0;
}

function hostOf({ host }: Address): string {
  return host.includes(':') ? `[${host}]` : host;
}
