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

const DEFAULT_NAP_MS = 250;
const MIN_NAP_MS = 10;
const DEFAULT_BUFFER_BYTES = 512 * 1024;
/** What Linux allows a TCP receive buffer to grow to unless somebody changed it; used when it cannot be read. */
const DEFAULT_RECEIVE_LIMIT_BYTES = 6 * 1024 * 1024;
const KEEP_ALIVE_DELAY_MS = 15_000;
/** Weight of the newest beat in the average bit rate. */
const RATE_WEIGHT = 0.1;

/**
 * Reads many sockets in few large portions: all of them share one buffer, and while nobody watches they sleep and are read
 * together at every beat, each until it is drained. What arrives in between waits in the kernel, so the nap of a socket is
 * shortened when bit rate x nap plus the largest picture would fill half of what the kernel holds for it.
 *
 * TLS sockets share the buffer but do not nap: a record holds 16 kB at most, and a pause after each would starve them.
 */
export class ReadBeat implements Part {
  readonly name = 'read-beat';
  readonly #napMs: number;
  readonly #buffer: Buffer;
  #receiveLimitBytes: number;
  readonly #napping = new Set<BeatSocket>();
  #timer: NodeJS.Timeout | undefined;
  #timerDueMs = 0;

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
    for (const socket of this.#napping) socket.destroy();
    this.#napping.clear();
  }

  /** Begins to connect. The socket reads freely until it is allowed to nap. */
  connect(target: BeatTarget, take: TakeBytes): BeatSocket {
    return new BeatSocket(target, take, {
      buffer: this.#buffer,
      napMs: (bytesPerMs, largestFrameBytes) => this.#napFor(bytesPerMs, largestFrameBytes),
      sleep: (socket) => {
        this.#napping.add(socket);
        this.#schedule(socket.dueMs);
      },
      forget: (socket) => this.#napping.delete(socket),
    });
  }

  /** Halves the usual nap until what arrives meanwhile fits; so different naps still fall on common beats. */
  #napFor(bytesPerMs: number, largestFrameBytes: number): number {
    const room = (this.#receiveLimitBytes || DEFAULT_RECEIVE_LIMIT_BYTES) / 2;
    let napMs = this.#napMs;
    while (napMs > MIN_NAP_MS && bytesPerMs * napMs + largestFrameBytes > room) napMs /= 2;
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

interface Beat {
  readonly buffer: Buffer;
  napMs(bytesPerMs: number, largestFrameBytes: number): number;
  sleep(socket: BeatSocket): void;
  forget(socket: BeatSocket): void;
}

/** One connection of a ReadBeat. */
export class BeatSocket {
  /** For writing, addresses and events; never read from it directly. */
  readonly socket: net.Socket;
  readonly #beat: Beat;
  readonly #take: TakeBytes;
  readonly #mayNap: boolean;
  #awake = true;
  #beatStartMs = 0;
  #beatBytes = 0;
  #bytesPerMs = 0;
  /** Largest access unit seen, which arrives in one burst. Told by the one who knows frames. */
  largestFrameBytes = 0;
  /** When the present nap ends, in milliseconds of performance.now(). */
  dueMs = 0;

  constructor(target: BeatTarget, take: TakeBytes, beat: Beat) {
    this.#beat = beat;
    this.#take = take;
    this.#mayNap = target.tls === undefined;
    const onread = { buffer: beat.buffer, callback: (bytes: number): boolean => this.#onRead(bytes) };
    this.socket = openSocket(target, onread);
    this.socket.once('close', () => beat.forget(this));
  }

  /** True: bytes are taken as they come, for handshakes and while somebody watches. False: at each beat. */
  setAwake(awake: boolean): void {
    if (awake === this.#awake || !this.#mayNap) return;
    this.#awake = awake;
    this.#beatStartMs = performance.now();
    this.#beatBytes = 0;
    if (!awake) return;
    this.#beat.forget(this);
    this.wake();
  }

  /** Ends the present nap. */
  wake(): void {
    if (!this.socket.destroyed) this.socket.resume();
  }

  destroy(): void {
    this.#beat.forget(this);
    this.socket.destroy();
  }

  /** True = go on reading now; false = the socket sleeps until it is resumed. */
  #onRead(bytes: number): boolean {
    const { buffer } = this.#beat;
    this.#beatBytes += bytes;
    this.#take(buffer, 0, bytes);
    if (this.#awake || bytes === buffer.length || this.socket.destroyed) return true;
    this.#fallAsleep();
    return false;
  }

  #fallAsleep(): void {
    const nowMs = performance.now();
    const spanMs = nowMs - this.#beatStartMs;
    if (spanMs > 1) {
      const rate = this.#beatBytes / spanMs;
      this.#bytesPerMs += (rate - this.#bytesPerMs) * (rate > this.#bytesPerMs ? 0.5 : RATE_WEIGHT);
      this.#beatStartMs = nowMs;
      this.#beatBytes = 0;
    }
    const napMs = this.#beat.napMs(this.#bytesPerMs, this.largestFrameBytes);
    // Whole multiples of the nap, so that all sockets are read together.
    this.dueMs = (Math.floor(nowMs / napMs) + 1) * napMs;
    this.#beat.sleep(this);
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
