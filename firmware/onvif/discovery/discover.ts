import { createSocket, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { BoxError } from '../../base/index.ts';
import type { OnvifDeps } from '../ports.ts';
import type { FoundDevice } from '../types.ts';
import { FoundDevices } from './merge.ts';
import { deviceFrom, makeProbes, readProbeAnswer } from './probe.ts';
import { addressesOfRange } from './ranges.ts';

const GROUP = '239.255.255.250';
const PORT = 3702;
/** Cameras lose packets too, and some answer a second probe only: when each round goes out, in parts of the whole time. */
const ROUNDS = [0, 0.15, 0.4];
const DEFAULT_MS = 4_000;
/** One switch port must not be flooded: directed probes per 20 ms. */
const BURST = 8;
const BURST_MS = 20;
const MAX_DEVICES = 2000;
/** What a flood of answers may cost: further ones are not read. */
const MAX_ANSWERS = 20_000;
/** One host answers each probe once or twice for each of its devices; one that says more is not let in the way of the others. */
const MAX_ANSWERS_EACH = 1000;
const MAX_BYTES_EACH = 512 * 1024;
const MAX_DEVICES_EACH = 64;

export interface DiscoveryOptions {
  /** How long answers are waited for; 4 s if absent. */
  readonly durationMs?: number;
  /** Names of interfaces of the box; all but loopback if absent. */
  readonly interfaces?: readonly string[];
  /** Addresses that are asked one by one, as "192.168.5.0/24" or "10.0.0.5-10.0.0.20": networks that no multicast reaches. */
  readonly ranges?: readonly string[];
  /** Told at once of every device, and again when more becomes known of it. */
  readonly onFound?: (device: FoundDevice) => void;
  readonly signal?: AbortSignal;
}

export interface Discovered {
  readonly devices: readonly FoundDevice[];
  /** Interfaces that were asked, by name. */
  readonly interfaces: readonly string[];
  /** Interfaces on which nothing could be sent, and addresses that the guard refused. */
  readonly refused: readonly string[];
  /** Answers that were thrown away: no WS-Discovery, or made to harm. */
  readonly unreadable: number;
}

type DiscoveryDeps = Pick<OnvifDeps, 'clock' | 'connectGuard'>;

/**
 * Searches for cameras by WS-Discovery, on every interface and in the given ranges. Needs no password and sends none. Ends
 * after its time or with the signal, then with what was found until there.
 * @throws BoxError onvif.bad-range
 */
export async function discover(options: DiscoveryOptions, deps: DiscoveryDeps): Promise<Discovered> {
  const targets = (options.ranges ?? []).flatMap((range) => addressesOfRange(range));
  const search = new Search(options, deps);
  try {
    await search.run(targets);
  } finally {
    search.close();
  }
  return search.outcome;
}

class Search {
  readonly #options: DiscoveryOptions;
  readonly #deps: DiscoveryDeps;
  readonly #found = new FoundDevices();
  readonly #sockets: { socket: Socket; name: string | undefined }[] = [];
  readonly #refused: string[] = [];
  readonly #senders = new Map<string, { answers: number; bytes: number; devices: number }>();
  #answers = 0;
  #unreadable = 0;

  constructor(options: DiscoveryOptions, deps: DiscoveryDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  get outcome(): Discovered {
    return {
      devices: this.#found.all,
      interfaces: this.#sockets.flatMap(({ name }) => (name === undefined ? [] : [name])),
      refused: this.#refused,
      unreadable: this.#unreadable,
    };
  }

  async run(targets: readonly string[]): Promise<void> {
    const durationMs = this.#options.durationMs ?? DEFAULT_MS;
    const end = AbortSignal.timeout(Math.ceil(durationMs));
    const signal = this.#options.signal ? AbortSignal.any([this.#options.signal, end]) : end;
    await this.#openAll(targets.length > 0);
    try {
      let sentAt = 0;
      for (const part of ROUNDS) {
        await this.#deps.clock.sleep((part - sentAt) * durationMs, signal);
        sentAt = part;
        this.#multicast();
        // Directed probes take their own time; a second round of them only if there is some left.
        if (part !== ROUNDS[1]) await this.#ask(targets, signal);
      }
      await this.#deps.clock.sleep(durationMs, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  close(): void {
    for (const { socket } of this.#sockets) socket.close();
  }

  async #openAll(needsPlain: boolean): Promise<void> {
    const wanted = this.#options.interfaces;
    const interfaces = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) => {
      if (wanted ? !wanted.includes(name) : addresses.some(({ internal }) => internal)) return [];
      return addresses.filter(({ family }) => family === 'IPv4').map(({ address }) => ({ name, address }));
    });
    for (const { name, address } of interfaces) {
      const socket = await bound(address).catch(() => undefined);
      if (!socket) {
        this.#refused.push(name);
        continue;
      }
      socket.setMulticastTTL(1);
      socket.setMulticastInterface(address);
      this.#listen(socket, name, address);
    }
    if (needsPlain) this.#listen(await bound('0.0.0.0'), undefined, undefined);
  }

  #listen(socket: Socket, name: string | undefined, own: string | undefined): void {
    this.#sockets.push({ socket, name });
    socket.on('message', (bytes, { address }) => this.#answer(bytes, address, name));
    // An interface that goes down, or a host that refuses: others go on.
    socket.on('error', () => void (own !== undefined && this.#refused.push(own)));
  }

  #multicast(): void {
    for (const { socket, name } of this.#sockets) {
      if (name === undefined) continue;
      for (const { text } of makeProbes()) socket.send(text, PORT, GROUP, (error) => this.#failed(error, name));
    }
  }

  #failed(error: Error | null, name: string): void {
    if (error && !this.#refused.includes(name)) this.#refused.push(name);
  }

  async #ask(targets: readonly string[], signal: AbortSignal): Promise<void> {
    const plain = this.#sockets.find(({ name }) => name === undefined)?.socket;
    if (!plain) return;
    for (const [index, address] of targets.entries()) {
      if (index % BURST === BURST - 1) await this.#deps.clock.sleep(BURST_MS, signal);
      if (!(await this.#mayAsk(address))) continue;
      for (const { text } of makeProbes()) plain.send(text, PORT, address, () => undefined);
    }
  }

  async #mayAsk(address: string): Promise<boolean> {
    try {
      await this.#deps.connectGuard({ host: address, port: PORT, address, family: 4, why: 'connect' });
      return true;
    } catch (error) {
      if (!(error instanceof BoxError)) throw error;
      if (!this.#refused.includes(address)) this.#refused.push(address);
      return false;
    }
  }

  #answer(bytes: Buffer, sender: string, name: string | undefined): void {
    const from = this.#senders.get(sender) ?? { answers: 0, bytes: 0, devices: 0 };
    from.bytes += bytes.length;
    if (++from.answers > MAX_ANSWERS_EACH || from.bytes > MAX_BYTES_EACH || ++this.#answers > MAX_ANSWERS) return;
    this.#senders.set(sender, from);
    let matches;
    try {
      matches = readProbeAnswer(bytes)?.matches;
    } catch {
      matches = undefined;
    }
    if (!matches) {
      this.#unreadable++;
      return;
    }
    for (const match of matches) {
      const device = deviceFrom(match, sender, name);
      if (!device) continue;
      const before = this.#found.all.length;
      const news = this.#found.add(device, before < MAX_DEVICES && from.devices < MAX_DEVICES_EACH);
      from.devices += this.#found.all.length - before;
      if (news) this.#options.onFound?.(news);
    }
  }
}

async function bound(address: string): Promise<Socket> {
  // All cameras of a large site answer at once.
  const socket = createSocket({ type: 'udp4', reuseAddr: true, recvBufferSize: 1024 * 1024 });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('error', reject);
  socket.bind({ port: 0, address }, resolve);
  try {
    await promise;
  } catch (error) {
    socket.close();
    throw error;
  }
  socket.removeListener('error', reject);
  return socket;
}
