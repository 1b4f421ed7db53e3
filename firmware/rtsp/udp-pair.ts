import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';

import { BoxError } from '../base/index.ts';

export interface UdpSink {
  rtp(bytes: Buffer): void;
  rtcp(bytes: Buffer): void;
}

const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const MAX_TRIES = 30;
/** An RTP packet without payload, for opening firewalls and address translators towards us. */
const EMPTY_RTP = Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
/** A receiver report about nothing (RFC 3550 section 6.4.2). */
const EMPTY_RTCP = Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 0]);

/** Two UDP sockets on an even port and the odd one behind it (RFC 3550 section 11), for one track. */
export class UdpPair {
  readonly #rtp: Socket;
  readonly #rtcp: Socket;
  readonly port: number;
  readonly #accepted = new Set<string>();
  /** The address of the newest packet that was taken, as the socket writes it. */
  #newest = '';
  #rtcpTo: { host: string; port: number } | undefined;
  #closed = false;

  private constructor(rtp: Socket, rtcp: Socket) {
    this.#rtp = rtp;
    this.#rtcp = rtcp;
    this.port = rtp.address().port;
  }

  /** @throws BoxError rtsp.transport-refused when no pair of ports is free */
  static async open(family: 'udp4' | 'udp6'): Promise<UdpPair> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const rtp = await bound(family, 0);
      const { port } = rtp!.address();
      const rtcp = port % 2 === 0 ? await bound(family, port + 1) : undefined;
      if (rtcp) return new UdpPair(rtp!, rtcp);
      rtp!.close();
    }
    throw new BoxError('rtsp.transport-refused', { reason: 'the box has no free pair of UDP ports' });
  }

  /** Takes what comes from these addresses, from any of their ports: cameras do not keep to the ports they announce. */
  listen(addresses: readonly string[], sink: UdpSink): void {
    for (const address of addresses) this.#accepted.add(address);
    this.#rtp.on('message', (bytes, from) => {
      if (!this.#accepts(from)) return;
      this.#rtcpTo ??= { host: from.address, port: from.port + 1 };
      sink.rtp(bytes);
    });
    this.#rtcp.on('message', (bytes, from) => {
      if (this.#accepts(from)) sink.rtcp(bytes);
    });
  }

  /** Sends a small packet each way, and remembers where reports go. */
  punch(host: string, serverPort: readonly [number, number] | undefined): void {
    if (!serverPort) return;
    this.#rtcpTo = { host, port: serverPort[1] };
    this.#send(this.#rtp, EMPTY_RTP, host, serverPort[0]);
    this.#send(this.#rtcp, EMPTY_RTCP, host, serverPort[1]);
  }

  sendRtcp(bytes: Buffer): void {
    if (this.#rtcpTo) this.#send(this.#rtcp, bytes, this.#rtcpTo.host, this.#rtcpTo.port);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#rtp.close();
    this.#rtcp.close();
  }

  /** The hot path: called for every packet, and nearly all are from the address of the one before. */
  #accepts({ address }: RemoteInfo): boolean {
    if (address === this.#newest) return true;
    if (!this.#accepted.has(address.replace(/^::ffff:/i, ''))) return false;
    this.#newest = address;
    return true;
  }

  #send(socket: Socket, bytes: Buffer, host: string, port: number): void {
    if (this.#closed || port < 1 || port > 65535) return;
    // Whether it arrives shows in the media; a camera that refuses it (ICMP) may send all the same.
    socket.send(bytes, port, host, () => undefined);
  }
}

/** Undefined when that port is taken. */
async function bound(family: 'udp4' | 'udp6', port: number): Promise<Socket | undefined> {
  const socket = createSocket({ type: family, recvBufferSize: RECEIVE_BUFFER_BYTES });
  try {
    const listening = once(socket, 'listening');
    socket.bind(port);
    await listening;
  } catch (error) {
    socket.close();
    if (port !== 0) return undefined;
    throw new BoxError('rtsp.transport-refused', { reason: 'the box cannot open a UDP port' }, { cause: error });
  }
  // Sockets report refusals of earlier packets as errors; silence is judged elsewhere.
  socket.on('error', () => undefined);
  return socket;
}
