import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6, type Socket } from 'node:net';
import { BoxError } from '../base/index.ts';
import { LIMITS } from './limits.ts';
import { FRAME_BYTES, type PacketSet } from './rtp/packet-set.ts';

/** The way of one track to a player. */
export interface TrackWire {
  readonly kind: 'tcp' | 'tls' | 'udp';
  readonly channel: number;
  /** False while the player has enough on its way. */
  readonly isFree: boolean;
  /** `bytes` are those of the set, with this reader's marks. */
  rtp(bytes: Buffer, set: PacketSet): void;
  rtcp(packet: Buffer): void;
  close(): void;
}

/** Within the RTSP connection. */
export class InterleavedWire implements TrackWire {
  readonly kind: 'tcp' | 'tls';
  readonly channel: number;
  readonly #socket: Socket;

  constructor(socket: Socket, channel: number, kind: 'tcp' | 'tls') {
    this.#socket = socket;
    this.channel = channel;
    this.kind = kind;
  }

  get isFree(): boolean {
    return this.#socket.writable && this.#socket.writableLength < LIMITS.backlogBytes;
  }

  rtp(bytes: Buffer): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  rtcp(packet: Buffer): void {
    const head = Buffer.from([0x24, this.channel + 1, packet.length >> 8, packet.length & 0xff]);
    if (this.#socket.writable) this.#socket.write(Buffer.concat([head, packet]));
  }

  close(): void {}
}

/** The two UDP ports that all players share. */
export class UdpPorts {
  readonly #sockets: UdpSocket[] = [];
  /** Whom packets from an address and port come from. */
  readonly #heard = new Map<string, () => void>();
  #unsentBytes = 0;
  readonly #waiting = new Set<() => void>();

  /** Rejects with rtsp-server.port-in-use. */
  async open(host: string, port: number): Promise<void> {
    for (const one of [port, port + 1]) {
      const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', sendBufferSize: 1 << 20 });
      this.#sockets.push(socket);
      socket.on('message', (_, from) => this.#heard.get(`${from.address} ${from.port}`)?.());
      try {
        socket.bind(one, host);
        await once(socket, 'listening');
      } catch (cause) {
        throw new BoxError('rtsp-server.port-in-use', { host, port: one }, { cause });
      }
      // A player that is gone answers with refusals, which are none of the box's.
      socket.on('error', () => undefined);
    }
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
    this.#sockets.length = 0;
  }

  get ports(): readonly [number, number] {
    return [this.#sockets[0]!.address().port, this.#sockets[1]!.address().port];
  }

  get isFree(): boolean {
    return this.#unsentBytes < LIMITS.backlogBytes;
  }

  /** `heard`: something has come from the player; `room`: there is room again. */
  listen(address: string, port: number, heard: () => void, room: () => void): () => void {
    const keys = [port, port + 1].map((each) => `${address} ${each}`);
    for (const key of keys) this.#heard.set(key, heard);
    this.#waiting.add(room);
    return () => {
      for (const key of keys) if (this.#heard.get(key) === heard) this.#heard.delete(key);
      this.#waiting.delete(room);
    };
  }

  send(which: 0 | 1, bytes: Buffer, port: number, address: string): void {
    const socket = this.#sockets[which];
    if (!socket) return;
    this.#unsentBytes += bytes.length;
    socket.send(bytes, port, address, () => {
      const before = this.isFree;
      this.#unsentBytes -= bytes.length;
      if (!before && this.isFree) for (const room of this.#waiting) room();
    });
  }
}

/** As datagrams, to the address that the RTSP connection comes from. */
export class DatagramWire implements TrackWire {
  readonly kind = 'udp';
  readonly channel = 0;
  readonly #ports: UdpPorts;
  readonly #address: string;
  readonly #port: number;
  readonly #leave: () => void;

  constructor(ports: UdpPorts, address: string, port: number, events: { heard: () => void; room: () => void }) {
    this.#ports = ports;
    this.#address = address;
    this.#port = port;
    this.#leave = ports.listen(address, port, events.heard, events.room);
  }

  get isFree(): boolean {
    return this.#ports.isFree;
  }

  rtp(bytes: Buffer, { places }: PacketSet): void {
    for (const { at, end } of places) {
      this.#ports.send(0, bytes.subarray(at + FRAME_BYTES, end), this.#port, this.#address);
    }
  }

  rtcp(packet: Buffer): void {
    this.#ports.send(1, packet, this.#port + 1, this.#address);
  }

  close(): void {
    this.#leave();
  }
}
