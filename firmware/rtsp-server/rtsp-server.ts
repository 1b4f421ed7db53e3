import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer, type TlsOptions } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import type { DigestLogin } from '../accounts/index.ts';
import { asBoxError, BoxError, firstPromise, type Clock, type Part } from '../base/index.ts';
import type { Settings } from '../config/index.ts';
import { isoOf, type Caller, type NamedStream, type RtspPort, type StreamDesk } from '../control/index.ts';
import { LIMITS } from './limits.ts';
import { Player, type PlayerDeps } from './player.ts';
import { StreamPacker } from './rtp/stream-packer.ts';
import { UdpPorts } from './wires.ts';

const CHECK_MS = 1000;
const RETRY_MS = 30_000;

export interface RtspServerPorts {
  readonly streams: Pick<StreamDesk, 'find' | 'check' | 'watch'>;
  readonly clock: Pick<Clock, 'wallUs' | 'monoUs'>;
  settings(): Settings['rtspServer'];
  login(address: string): DigestLogin;
  /** Key and certificate with all that the box asks of TLS, and who is told of new ones. */
  readonly tls: { options(): Promise<TlsOptions>; listen(changed: (options: TlsOptions) => void): () => void };
  /** A port is taken by another program (undefined: none is any more). The box records all the same. */
  blocked(error: BoxError | undefined): void;
  log(event: string, detail: Record<string, unknown>): void;
}

/** What the readers of one stream share. */
interface Shared {
  readonly packer: StreamPacker;
  readonly sound: { known: boolean | undefined };
  readers: number;
}

type Listening = Pick<Settings['rtspServer'], 'enabled' | 'host' | 'port' | 'securePort' | 'udpPort'>;
const NOT: Listening = { enabled: false, host: '', port: 0, securePort: 0, udpPort: 0 };

/** RTSP for players and other recorders: the box's live streams, each fetched from the camera once. */
export class RtspServer implements Part {
  readonly name = 'rtsp-server';
  readonly #ports: RtspServerPorts;
  readonly #players = new Set<Player>();
  readonly #perAddress = new Map<string, number>();
  readonly #perPassword = new Map<string, number>();
  readonly #shared = new Map<string, Shared>();
  #readers = 0;
  #wanted: Listening = NOT;
  #plain: Server | undefined;
  #secure: TlsServer | undefined;
  #udp: UdpPorts | undefined;
  #changing: Promise<void> = Promise.resolve();
  #checks: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #unlisten: (() => void) | undefined;
  #stopping = false;

  constructor(ports: RtspServerPorts) {
    this.#ports = ports;
  }

  /** What control shows of it. */
  readonly port: RtspPort = {
    show: () => ({
      enabled: this.#ports.settings().enabled,
      port: portOf(this.#plain),
      securePort: portOf(this.#secure),
      udpPort: this.#udp?.ports[0] ?? 0,
      readers: [...this.#players].flatMap(({ reading }) => {
        if (!reading?.reader.isPlaying) return [];
        const { reader, caller, address, transport } = reading;
        const { named, sinceUs, sentBytes, droppedPictures } = reader;
        const { camera, stream } = named;
        const since = isoOf(sinceUs);
        return [{ camera, stream, user: caller.name, address, transport, since, sentBytes, droppedPictures }];
      }),
    }),
  };

  /** TCP ports that are listened at. */
  get listening(): number[] {
    return [portOf(this.#plain), portOf(this.#secure)].filter((port) => port > 0);
  }

  readonly start = firstPromise(async () => {
    this.#unlisten = this.#ports.tls.listen((options) => this.#secure?.setSecureContext(options));
    this.#checks = setInterval(() => {
      const nowUs = this.#ports.clock.monoUs();
      for (const player of this.#players) player.check(nowUs);
    }, CHECK_MS);
    await this.apply();
  });

  readonly stop = firstPromise(async () => {
    this.#stopping = true;
    clearInterval(this.#checks);
    this.#unlisten?.();
    await this.#changing;
    await this.#close();
  });

  /** Takes the settings as they are now; whoever reads is not disturbed by those that are not about ports. */
  apply(): Promise<void> {
    this.#changing = this.#changing.then(async () => {
      const { enabled, host, port, securePort, udpPort } = this.#ports.settings();
      const wanted = enabled ? { enabled, host, port, securePort, udpPort } : NOT;
      if (isDeepStrictEqual(wanted, this.#wanted) || this.#stopping) return;
      await this.#close();
      this.#wanted = wanted;
      if (enabled) await this.#open();
      else this.#ports.blocked(undefined);
    });
    return this.#changing;
  }

  /** A port that is taken costs its door and nothing else: all are tried again until they are free. */
  async #open(): Promise<void> {
    const { host, port, securePort, udpPort } = this.#wanted;
    try {
      if (port > 0)
        this.#plain = await listen(
          createServer((socket) => this.#welcome(socket, false)),
          host,
          port,
        );
      if (securePort > 0) {
        const options = { ...(await this.#ports.tls.options()), handshakeTimeout: LIMITS.handshakeMs };
        const server = createTlsServer(options, (socket) => this.#welcome(socket, true));
        server.on('tlsClientError', (_, socket) => socket.destroy());
        this.#secure = (await listen(server, host, securePort)) as TlsServer;
      }
      if (udpPort > 0) {
        this.#udp = new UdpPorts();
        await this.#udp.open(host, udpPort);
      }
      this.#ports.blocked(undefined);
    } catch (error) {
      await this.#close();
      this.#ports.blocked(asBoxError(error, 'rtsp-server.port-in-use'));
      this.#retry = setTimeout(() => {
        this.#changing = this.#changing.then(() => (this.#stopping ? undefined : this.#open()));
      }, RETRY_MS).unref();
    }
  }

  async #close(): Promise<void> {
    clearTimeout(this.#retry);
    for (const player of this.#players) player.end();
    const servers = [this.#plain, this.#secure];
    this.#plain = undefined;
    this.#secure = undefined;
    this.#udp?.close();
    this.#udp = undefined;
    await Promise.all(servers.map((server) => (server ? closed(server) : Promise.resolve())));
  }

  #welcome(socket: Socket, secure: boolean): void {
    const address = socket.remoteAddress ?? '';
    const count = (this.#perAddress.get(address) ?? 0) + 1;
    if (this.#players.size >= LIMITS.connections || count > LIMITS.connectionsPerAddress) {
      socket.destroy();
      return;
    }
    this.#perAddress.set(address, count);
    const { streams, clock } = this.#ports;
    const deps: PlayerDeps = {
      streams,
      clock,
      log: (event, detail) => this.#ports.log(event, detail),
      login: this.#ports.login(address),
      udp: this.#udp,
      enter: (named, caller) => this.#enter(named, caller),
      closed: () => {
        this.#players.delete(player);
        fewer(this.#perAddress, address);
      },
    };
    const player = new Player(socket, secure, deps);
    this.#players.add(player);
    player.start();
  }

  #enter({ camera, stream }: NamedStream, caller: Caller): ReturnType<PlayerDeps['enter']> {
    const own = (this.#perPassword.get(caller.id) ?? 0) + 1;
    const most = this.#ports.settings().maxReaders;
    if (this.#readers >= most || own > LIMITS.readersPerPassword) throw new BoxError('rtsp-server.too-many', { most });
    this.#readers++;
    this.#perPassword.set(caller.id, own);
    const key = `${camera}/${stream}`;
    const shared = this.#shared.get(key) ?? { packer: new StreamPacker(), sound: { known: undefined }, readers: 0 };
    this.#shared.set(key, shared);
    shared.readers++;
    return {
      packer: shared.packer,
      sound: shared.sound,
      leave: () => {
        this.#readers--;
        fewer(this.#perPassword, caller.id);
        if (--shared.readers === 0) shared.packer.forget();
      },
    };
  }
}

function fewer(counts: Map<string, number>, key: string): void {
  const left = (counts.get(key) ?? 1) - 1;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}

async function listen(server: Server, host: string, port: number): Promise<Server> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new BoxError('rtsp-server.port-in-use', { host, port }, { cause });
  }
  return server;
}

async function closed(server: Server): Promise<void> {
  if (!server.listening) return;
  const over = once(server, 'close');
  server.close();
  await over;
}

function portOf(server: Server | undefined): number {
  return (server?.address() as AddressInfo | null)?.port ?? 0;
}
