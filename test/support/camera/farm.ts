/**
 * Simulated RTSP cameras for tests and the demo: real sockets, real-time pace, every picture numbered and accounted for,
 * and every misbehaviour in faults.ts at the turn of a knob.
 */
import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Camera, type CameraOptions } from './camera.ts';
import { makeCertificate } from './certificate.ts';
import { Connection, type Site, countReports } from './connection.ts';
import type { Session } from './session.ts';
import { UdpPorts, UdpWire } from './wire.ts';

export interface FarmOptions {
  /** Default 127.0.0.1. IPv6 without brackets. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  readonly cameras: readonly CameraOptions[];
  /** Pace of everything; 1 = real time. Time stamps run as fast as the pictures do. */
  readonly speed?: number;
  /** Also listen for rtsps, with a certificate made for the occasion (needs openssl). */
  readonly tls?: boolean;
}

const TICK_MS = 100;

export class CameraFarm {
  readonly host: string;
  readonly #cameras = new Map<string, Camera>();
  readonly #servers = new Map<string, Server>();
  readonly #sockets = new Set<Socket>();
  readonly #rebooting = new Set<NodeJS.Timeout>();
  readonly #site: Site;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  private constructor(options: FarmOptions) {
    this.host = options.host ?? '127.0.0.1';
    options.cameras.forEach((camera, index) => {
      this.#cameras.set(camera.path, new Camera(camera, { speed: options.speed ?? 1, index }));
    });
    const udp = new UdpPorts((packet, address, port) => this.#onRtcp(packet, address, port));
    this.#site = { udp, host: this.host, find: (uri) => this.#find(uri) };
  }

  static async start(options: FarmOptions): Promise<CameraFarm> {
    const farm = new CameraFarm(options);
    await farm.#site.udp.open(farm.host);
    await farm.#listen('', options.port ?? 0, createServer());
    if (options.tls) await farm.#listen('tls', 0, createTlsServer(await makeCertificate()));
    for (const { path, ownPort } of options.cameras) if (ownPort) await farm.#listen(path, 0, createServer());
    farm.#timer = setInterval(() => farm.#tick(), TICK_MS);
    return farm;
  }

  /** Closes every port and connection; returns when they are closed. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    clearInterval(this.#timer);
    for (const timer of this.#rebooting) clearTimeout(timer);
    for (const camera of this.#cameras.values()) camera.stop();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all([...this.#servers.values()].map((server) => closed(server)));
    this.#site.udp.close();
  }

  get port(): number {
    return this.#portOf('');
  }

  /** The camera's address, without name and password. */
  url(path: string, options: { tls?: boolean } = {}): string {
    const camera = this.camera(path);
    const port = this.#portOf(options.tls ? 'tls' : camera.options.ownPort ? path : '');
    const query = camera.options.query ? `?${camera.options.query}` : '';
    const host = this.host.includes(':') ? `[${this.host}]` : this.host;
    return `${options.tls ? 'rtsps' : 'rtsp'}://${host}:${port}/${path}${query}`;
  }

  camera(path: string): Camera {
    const camera = this.#cameras.get(path);
    if (!camera) throw new Error(`no such camera: ${path}`);
    return camera;
  }

  get cameras(): Camera[] {
    return [...this.#cameras.values()];
  }

  /** Sessions of all cameras, ended ones too. */
  get sessions(): Session[] {
    return this.cameras.flatMap((camera) => camera.sessions);
  }

  /** The camera goes away for that long: connections are reset, and its own port, if it has one, is closed. */
  async reboot(path: string, forMs: number): Promise<void> {
    const camera = this.camera(path);
    camera.away = true;
    camera.drop('rst');
    const server = this.#servers.get(path);
    const port = server ? this.#portOf(path) : 0;
    if (server) await closed(server);
    const timer = setTimeout(() => {
      this.#rebooting.delete(timer);
      camera.away = false;
      if (server) server.listen(port, this.host);
    }, forMs);
    this.#rebooting.add(timer);
  }

  #portOf(name: string): number {
    const address = this.#servers.get(name)?.address() as AddressInfo | null | undefined;
    const port = address?.port ?? this.#ports.get(name);
    if (port === undefined) throw new Error(`not listening: ${name}`);
    this.#ports.set(name, port);
    return port;
  }

  readonly #ports = new Map<string, number>();

  async #listen(name: string, port: number, server: Server): Promise<void> {
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on(name === 'tls' ? 'secureConnection' : 'connection', (socket: Socket) => {
      new Connection(socket, this.#site).start();
    });
    server.listen(port, this.host);
    await once(server, 'listening');
    this.#servers.set(name, server);
    this.#portOf(name);
  }

  /** rtsp://host/path?query/trackID=1, in all the ways that clients glue these together. */
  #find(uri: string): { camera: Camera; track: number | undefined } | undefined {
    const text = uri.replace(/^[a-z]+:\/\/[^/]*/i, '').replace(/^\/+/, '');
    const track = /\/?trackID=(\d+)\/?$/.exec(text);
    const [path = '', query = ''] = text.slice(0, track?.index ?? text.length).split('?');
    const camera = this.#cameras.get(decodeURIComponent(path.replace(/\/$/, '')));
    if (!camera || query.replace(/\/$/, '') !== (camera.options.query ?? '')) return undefined;
    return { camera, track: track ? Number(track[1]) : undefined };
  }

  #tick(): void {
    const now = performance.now();
    for (const camera of this.#cameras.values()) {
      let ended = false;
      for (const session of camera.sessions) {
        session.tick(now);
        ended ||= session.state === 'ended';
      }
      if (ended) camera.updatePace();
    }
  }

  #onRtcp(packet: Buffer, address: string, port: number): void {
    for (const session of this.sessions) {
      if (session.state === 'ended') continue;
      for (const track of session.tracks.values()) {
        if (!(track.wire instanceof UdpWire) || !track.wire.isFrom(address, port)) continue;
        countReports(packet, track);
        session.sign('rtcp');
      }
    }
  }
}

async function closed(server: Server): Promise<void> {
  if (!server.listening) return;
  const done = once(server, 'close');
  server.close();
  await done;
}
