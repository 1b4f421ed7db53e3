/** Where packets leave: interleaved in the RTSP connection, or from a pair of UDP ports. */
import { type Socket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import { FRAMING } from './packetise.ts';

export interface Wire {
  readonly transport: 'tcp' | 'udp';
  /** Sends the packets of `blob` that begin at `starts`, in that order; `whole` if they are all of it. */
  rtp(blob: Buffer, starts: readonly number[], whole: boolean): void;
  rtcp(packet: Buffer, onRtpChannel: boolean): void;
  /** Bytes that the client has not fetched yet. */
  readonly backlogBytes: number;
}

/** What a wire needs of a connection. */
export interface ByteSink {
  write(bytes: Buffer): void;
  readonly backlogBytes: number;
}

/** Length of the packet whose framing ends at `start`. */
function packetLength(blob: Buffer, start: number): number {
  return blob.readUInt16BE(start - 2);
}

export class TcpWire implements Wire {
  readonly transport = 'tcp';
  readonly #sink: ByteSink;
  readonly #channel: number;

  constructor(sink: ByteSink, channel: number) {
    this.#sink = sink;
    this.#channel = channel;
  }

  get backlogBytes(): number {
    return this.#sink.backlogBytes;
  }

  rtp(blob: Buffer, starts: readonly number[], whole: boolean): void {
    for (const start of starts) blob[start - 3] = this.#channel;
    if (whole) this.#sink.write(blob);
    else
      for (const start of starts) this.#sink.write(blob.subarray(start - FRAMING, start + packetLength(blob, start)));
  }

  rtcp(packet: Buffer, onRtpChannel: boolean): void {
    const channel = this.#channel + (onRtpChannel ? 0 : 1);
    const head = Buffer.from([0x24, channel, packet.length >> 8, packet.length & 255]);
    this.#sink.write(Buffer.concat([head, packet]));
  }
}

/** An even UDP port and the next one, shared by all UDP sessions of a farm. */
export class UdpPorts {
  readonly #onRtcp: (packet: Buffer, address: string, port: number) => void;
  #sockets: Socket[] = [];
  rtpPort = 0;

  constructor(onRtcp: (packet: Buffer, address: string, port: number) => void) {
    this.#onRtcp = onRtcp;
  }

  async open(host: string): Promise<void> {
    const family = host.includes(':') ? 'udp6' : 'udp4';
    for (let attempt = 0; attempt < 50; attempt++) {
      const rtp = createSocket(family);
      await bind(rtp, 0, host);
      const port = rtp.address().port;
      const rtcp = createSocket(family);
      if (port % 2 === 0 && (await bind(rtcp, port + 1, host))) {
        const stray = createSocket(family);
        await bind(stray, 0, host);
        this.rtpPort = port;
        this.#sockets = [rtp, rtcp, stray];
        // A client that has gone makes sending fail; UDP does not care.
        for (const socket of this.#sockets) socket.on('error', () => {});
        rtcp.on('message', (packet, from) => this.#onRtcp(packet, from.address, from.port));
        return;
      }
      rtp.close();
      rtcp.close();
    }
    throw new Error('no free pair of UDP ports');
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
    this.#sockets = [];
  }

  send(which: 'rtp' | 'rtcp' | 'stray', packet: Buffer, port: number, address: string): void {
    this.#sockets[which === 'rtp' ? 0 : which === 'rtcp' ? 1 : 2]?.send(packet, port, address, () => {});
  }
}

async function bind(socket: Socket, port: number, host: string): Promise<boolean> {
  const outcome = Promise.race([once(socket, 'listening').then(() => true), once(socket, 'error').then(() => false)]);
  socket.bind(port, host);
  return outcome.catch(() => false);
}

export class UdpWire implements Wire {
  readonly transport = 'udp';
  readonly backlogBytes = 0;
  readonly #ports: UdpPorts;
  readonly #address: string;
  readonly #port: number;
  readonly #mode: () => 'normal' | 'stray' | 'mute';

  constructor(ports: UdpPorts, address: string, port: number, mode: () => 'normal' | 'stray' | 'mute') {
    this.#ports = ports;
    this.#address = address;
    this.#port = port;
    this.#mode = mode;
  }

  /** Whether a receiver report from there belongs to this wire. */
  isFrom(address: string, port: number): boolean {
    return address === this.#address && port === this.#port + 1;
  }

  rtp(blob: Buffer, starts: readonly number[]): void {
    const mode = this.#mode();
    if (mode === 'mute') return;
    const socket = mode === 'stray' ? 'stray' : 'rtp';
    for (const start of starts) {
      this.#ports.send(socket, blob.subarray(start, start + packetLength(blob, start)), this.#port, this.#address);
    }
  }

  rtcp(packet: Buffer, onRtpChannel: boolean): void {
    if (this.#mode() === 'mute') return;
    if (onRtpChannel) this.#ports.send('rtp', packet, this.#port, this.#address);
    else this.#ports.send('rtcp', packet, this.#port + 1, this.#address);
  }
}
