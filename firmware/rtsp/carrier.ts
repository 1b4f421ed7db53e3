import type net from 'node:net';
import { TLSSocket } from 'node:tls';
import type { BoxError, ErrorCode } from '../base/index.ts';
import type { BeatSocket, BeatTarget, Pace, ReadBeat, TakeBytes } from './read-beat.ts';

/** Makes an error that names the camera. */
export type Fault = (code: ErrorCode, more?: Record<string, unknown>) => BoxError;

/** Told by a carrier; each of the two at most once that counts. */
export interface CarrierEvents {
  readonly take: TakeBytes;
  /** As the network, or an HTTP server, gives it. */
  readonly failed: (error: Error) => void;
  readonly ended: () => void;
}

/** What brings the bytes of an RTSP connection to the camera and back. */
export interface Carrier {
  /** Resolves when RTSP may begin. Rejects with an error of the network, or a BoxError. */
  opened(limitMs: number): Promise<void>;
  write(bytes: Buffer): void;
  readonly unsentBytes: number;
  /** What is read from: for its addresses and its certificate. */
  readonly socket: net.Socket;
  /** See BeatSocket. */
  setPace(pace: Pace): void;
  noteFrameBytes(bytes: number): void;
  destroy(): void;
}

/** One TCP or TLS connection, as RTSP is meant. */
export class DirectCarrier implements Carrier {
  readonly #target: BeatTarget;
  readonly #fault: Fault;
  readonly #beat: BeatSocket;

  /** Begins to connect. */
  constructor(target: BeatTarget, deps: { beat: ReadBeat; events: CarrierEvents; fault: Fault }) {
    this.#target = target;
    this.#fault = deps.fault;
    this.#beat = deps.beat.connect(target, deps.events.take);
    watchSocket(this.#beat.socket, deps.events);
  }

  opened(limitMs: number): Promise<void> {
    return connected(this.#beat.socket, this.#target.tls !== undefined, limitMs, this.#fault);
  }

  write(bytes: Buffer): void {
    this.#beat.socket.write(bytes);
  }

  get unsentBytes(): number {
    return this.#beat.socket.writableLength;
  }

  get socket(): net.Socket {
    return this.#beat.socket;
  }

  setPace(pace: Pace): void {
    this.#beat.setPace(pace);
  }

  noteFrameBytes(bytes: number): void {
    if (bytes > this.#beat.largestFrameBytes) this.#beat.largestFrameBytes = bytes;
  }

  destroy(): void {
    this.#beat.destroy();
  }
}

/** SHA-256 of the certificate that the other side has shown, hexadecimal with colons; undefined without TLS. */
export function certificateOf(socket: net.Socket): string | undefined {
  return socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.fingerprint256 : undefined;
}

export function watchSocket(socket: net.Socket, events: Omit<CarrierEvents, 'take'>): void {
  socket.on('error', events.failed).once('end', events.ended).once('close', events.ended);
}

/** Waits until a socket is connected. Rejects with the error of the network, or rtsp.timeout, rtsp.closed. */
export async function connected(socket: net.Socket, secure: boolean, limitMs: number, fault: Fault): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(fault('rtsp.timeout', { step: 'connect' })), limitMs);
  const closed = (): void => reject(fault('rtsp.closed', { step: 'connect' }));
  socket
    .once(secure ? 'secureConnect' : 'connect', resolve)
    .once('error', reject)
    .once('close', closed);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    socket.off('error', reject).off('close', closed);
  }
}
