import { readSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import tls from 'node:tls';

import { firstPromise, lookupOf, type HostAddress, type Part } from '../base/index.ts';

/** Takes bytes [start, end) of the buffer that all sockets share; nothing may keep a reference to them. */
export type TakeBytes = (buffer: Buffer, start: number, end: number) => void;

export interface BeatTarget {
  readonly host: string;
  readonly port: number;
  /** Where the host is; no name server is asked again. */
  readonly addresses: readonly HostAddress[];
  /** TLS from the first byte (rtsps). `verify` false accepts any certificate. */
  readonly tls?: { readonly verify: boolean };
}

/**
 * How a socket is read: as bytes come (handshakes), in beats that nobody who looks at the pictures notices, or in beats as long as
 * the kernel's buffer allows.
 */
export type Pace = 'free' | 'live' | 'nap';

const DEFAULT_NAP_MS = 250;
/** At most that much later a viewer sees a picture, half of it on average. Waking for each packet would cost twice as much. */
const LIVE_NAP_MS = 40;
/** Sockets that are read in short beats; with more, the beats are twice as long. */
const FEW_LIVE = 8;
const MIN_NAP_MS = 10;
const DEFAULT_BUFFER_BYTES = 512 * 1024;
/** What Linux allows a TCP receive buffer to grow to unless somebody changed it; used when it cannot be read. */
const DEFAULT_RECEIVE_LIMIT_BYTES = 6 * 1024 * 1024;
const KEEP_ALIVE_DELAY_MS = 15_000;
/** Full buffers that are taken from one socket before others have their turn. */
const MAX_PORTIONS = 16;
/** Weight of the newest beat in the average bit rate. */
const RATE_WEIGHT = 0.1;

/**
 * Reads many sockets in few large portions: all of them share one buffer, and while nobody watches they sleep and are read
 * together at every beat, each until it is drained. What arrives in between waits in the kernel, so the nap of a socket is
 * shortened when bit rate x nap plus the largest picture would fill half of what the kernel holds for it. While somebody watches the
 * nap is short.
 *
 * TLS sockets share the buffer but do not nap: a record holds 16 kB at most, and a pause after each would starve them.
 */
export class ReadBeat implements Part {
  readonly name = 'read-beat';
  readonly #napMs: number;
  readonly #buffer: Buffer;
  #receiveLimitBytes: number;
  readonly #napping = new Set<Sleeper>();
  #timer: NodeJS.Timeout | undefined;
  #timerDueMs = 0;
  #live = 0;

  constructor(options: { napMs?: number; bufferBytes?: number; receiveLimitBytes?: number } = {}) {
    this.#napMs = options.napMs ?? DEFAULT_NAP_MS;
    this.#buffer = Buffer.allocUnsafeSlow(options.bufferBytes ?? DEFAULT_BUFFER_BYTES);
    this.#receiveLimitBytes = options.receiveLimitBytes ?? 0;
  }

  readonly #startOnce = firstPromise(async () => {
    if (this.#receiveLimitBytes === 0) this.#receiveLimitBytes = await readReceiveLimit();
  });

  start(): Promise<void> {
    return this.#startOnce();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const each of this.#napping) each.destroy();
    this.#napping.clear();
  }

  /** Begins to connect. The socket reads freely until it is allowed to nap. */
  connect(target: BeatTarget, take: TakeBytes): BeatSocket {
    return new BeatSocket(target, take, this);
  }

  /** What all sockets are read into; nothing may keep a reference to it. */
  get buffer(): Buffer {
    return this.#buffer;
  }

  /**
   * Puts one who has just read to sleep, until it is woken by the beat that comes before what the kernel holds for it is half
   * full. `roomBytes`: what it holds; by default that of a TCP socket.
   */
  sleep(sleeper: Sleeper, load: { pace: Pace; bytesPerMs: number; burstBytes: number; roomBytes?: number }): void {
    const napMs = this.#napFor(load.pace, load.bytesPerMs, load.burstBytes, load.roomBytes);
    // Whole multiples of the nap, so that all sockets are read together.
    sleeper.dueMs = (Math.floor(performance.now() / napMs) + 1) * napMs;
    this.#napping.add(sleeper);
    this.#schedule(sleeper.dueMs);
  }

  /** Wakes one soon, though not in the midst of what is being read now: all share one buffer. */
  hurry(sleeper: Sleeper): void {
    sleeper.dueMs = 0;
    this.#napping.add(sleeper);
    this.#schedule(0);
  }

  forget(sleeper: Sleeper): void {
    this.#napping.delete(sleeper);
  }

  /** One more, or one less, of those that are read in short beats. */
  countLive(change: 1 | -1): void {
    this.#live += change;
  }

  /** Halves the usual nap until what arrives meanwhile fits; so different naps still fall on common beats. */
  #napFor(pace: Pace, bytesPerMs: number, burstBytes: number, roomBytes?: number): number {
    const room = (roomBytes ?? (this.#receiveLimitBytes || DEFAULT_RECEIVE_LIMIT_BYTES)) / 2;
    const liveMs = this.#live > FEW_LIVE ? LIVE_NAP_MS * 2 : LIVE_NAP_MS;
    let napMs = pace === 'live' ? Math.min(this.#napMs, liveMs) : this.#napMs;
    while (napMs > MIN_NAP_MS && bytesPerMs * napMs + burstBytes > room) napMs /= 2;
    return napMs;
  }

  #schedule(dueMs: number): void {
    if (this.#timer && this.#timerDueMs <= dueMs) return;
    clearTimeout(this.#timer);
    this.#timerDueMs = dueMs;
    this.#timer = setTimeout(() => this.#beat(), Math.max(0, Math.ceil(dueMs - performance.now())));
  }

  #beat(): void {
    this.#timer = undefined;
    const nowMs = performance.now();
    let nextMs = Infinity;
    for (const socket of this.#napping) {
      if (socket.dueMs <= nowMs + 1) {
        this.#napping.delete(socket);
        socket.wake();
      } else {
        nextMs = Math.min(nextMs, socket.dueMs);
      }
    }
    if (nextMs < Infinity) this.#schedule(nextMs);
  }
}

/** One that is read at the beats. */
export interface Sleeper {
  /** When the present nap ends, in milliseconds of performance.now(). */
  dueMs: number;
  wake(): void;
  destroy(): void;
}

/** One connection of a ReadBeat. */
export class BeatSocket implements Sleeper {
  /** For writing, addresses and events; never read from it directly. */
  readonly socket: net.Socket;
  readonly #beat: ReadBeat;
  readonly #take: TakeBytes;
  readonly #mayNap: boolean;
  #pace: Pace = 'free';
  readonly #rate = new ByteRate();
  /** Largest access unit seen, which arrives in one burst. Told by the one who knows frames. */
  largestFrameBytes = 0;
  /** When the present nap ends, in milliseconds of performance.now(). */
  dueMs = 0;

  constructor(target: BeatTarget, take: TakeBytes, beat: ReadBeat) {
    this.#beat = beat;
    this.#take = take;
    this.#mayNap = target.tls === undefined;
    const onread = { buffer: beat.buffer, callback: (bytes: number): boolean => this.#onRead(bytes) };
    this.socket = openSocket(target, onread);
    this.socket.once('close', () => {
      beat.forget(this);
      this.setPace('free');
    });
  }

  /** A socket reads freely until it is told otherwise. */
  setPace(pace: Pace): void {
    if (pace === this.#pace || !this.#mayNap) return;
    if (pace === 'live') this.#beat.countLive(1);
    if (this.#pace === 'live') this.#beat.countLive(-1);
    this.#pace = pace;
    this.#rate.begin();
    if (pace === 'nap') return;
    if (pace === 'live') return this.#beat.hurry(this);
    this.#beat.forget(this);
    this.#leaveToNode();
  }

  /**
   * Reads what has come, and sleeps again. Straight from the descriptor, which costs less than having the event loop watch the
   * socket for a moment; that the connection is over is left to Node.
   */
  wake(): void {
    const fd = descriptorOf(this.socket);
    if (fd === undefined || !this.#readAll(fd)) this.#leaveToNode();
  }

  destroy(): void {
    this.#beat.forget(this);
    this.socket.destroy();
  }

  /** True = go on reading now; false = the socket sleeps until it is resumed. */
  #onRead(bytes: number): boolean {
    this.#handOn(bytes);
    if (this.#pace === 'free' || bytes === this.#beat.buffer.length || this.socket.destroyed) return true;
    this.#fallAsleep();
    return false;
  }

  /** False when Node has to go on: at the end of the connection, or when bytes are to be taken as they come. */
  #readAll(fd: number): boolean {
    const { buffer } = this.#beat;
    for (let portions = 0; portions < MAX_PORTIONS; portions++) {
      const bytes = readNow(fd, buffer, (error) => this.socket.destroy(error));
      if (bytes === 0) return false;
      if (bytes !== undefined) this.#handOn(bytes);
      if (this.socket.destroyed) return true;
      if (this.#pace === 'free') return false;
      if (bytes !== buffer.length) break;
    }
    this.#fallAsleep();
    return true;
  }

  #handOn(bytes: number): void {
    this.#rate.add(bytes);
    this.#take(this.#beat.buffer, 0, bytes);
  }

  #leaveToNode(): void {
    if (!this.socket.destroyed) this.socket.resume();
  }

  #fallAsleep(): void {
    const bytesPerMs = this.#rate.perMs();
    this.#beat.sleep(this, { pace: this.#pace, bytesPerMs, burstBytes: this.largestFrameBytes });
  }
}

/** Bytes per millisecond, quick to rise and slow to fall. */
export class ByteRate {
  #sinceMs = 0;
  #bytes = 0;
  #perMs = 0;

  begin(): void {
    this.#sinceMs = performance.now();
    this.#bytes = 0;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  perMs(): number {
    const nowMs = performance.now();
    const spanMs = nowMs - this.#sinceMs;
    if (spanMs <= 1) return this.#perMs;
    const rate = this.#bytes / spanMs;
    this.#perMs += (rate - this.#perMs) * (rate > this.#perMs ? 0.5 : RATE_WEIGHT);
    this.#sinceMs = nowMs;
    this.#bytes = 0;
    return this.#perMs;
  }
}

/**
 * The descriptor of a socket that Node does not read just now. Undefined where Node does not tell it (it is not documented) or the
 * socket is not connected; then it is read by way of the event loop.
 */
function descriptorOf(socket: net.Socket): number | undefined {
  const { _handle: handle } = socket as net.Socket & { _handle?: { fd?: number; reading?: boolean } | null };
  const fd = handle?.fd;
  return fd !== undefined && fd >= 0 && handle?.reading === false ? fd : undefined;
}

/** Bytes that were read; 0 at the end of a connection, undefined when nothing has come. */
export function readNow(fd: number, buffer: Buffer, failed: (error: Error) => void): number | undefined {
  // Nobody reads where the error was made, and finding that out costs more than the reading.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return readSync(fd, buffer, 0, buffer.length, null);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') failed(error as Error);
    return undefined;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** A TCP or TLS connection as cameras need it; `onread` reads it without Node's own buffers. */
export function openSocket(target: BeatTarget, onread?: net.OnReadOpts): net.Socket {
  const { host, port, addresses } = target;
  const address = { host, port, lookup: lookupOf(addresses), noDelay: true, ...(onread && { onread }) };
  const socket = target.tls
    ? tls.connect({
        ...address,
        rejectUnauthorized: target.tls.verify,
        minVersion: target.tls.verify ? 'TLSv1.2' : 'TLSv1',
        ...(net.isIP(target.host) === 0 && { servername: target.host }),
        // Cameras carry old ciphers; who switched verification off has accepted worse.
        ...(!target.tls.verify && { ciphers: 'DEFAULT@SECLEVEL=0' }),
      })
    : net.connect(address);
  socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
  return socket;
}

/** The largest receive buffer that the kernel gives a TCP socket, in bytes (tcp(7), tcp_rmem). */
async function readReceiveLimit(): Promise<number> {
  try {
    const limit = Number((await readFile('/proc/sys/net/ipv4/tcp_rmem', 'utf8')).trim().split(/\s+/)[2]);
    return limit > 0 ? limit : DEFAULT_RECEIVE_LIMIT_BYTES;
  } catch {
    // Not Linux, or hidden by a sandbox: the usual value serves.
    return DEFAULT_RECEIVE_LIMIT_BYTES;
  }
}
