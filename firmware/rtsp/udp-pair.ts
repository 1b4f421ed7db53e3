import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';

import { BoxError } from '../base/index.ts';
import { ByteRate, readNow, type ReadBeat, type Sleeper } from './read-beat.ts';

/** Bytes [0, length) of a buffer, borrowed during the call. */
export interface UdpSink {
  rtp(buffer: Buffer, length: number): void;
  rtcp(buffer: Buffer, length: number): void;
  /** What had come has been handed on. */
  portionRead(): void;
}

/** What Node does not document of a socket: its descriptor, and how to have it watched by the event loop or not. */
interface SocketHandle {
  readonly fd: number;
  recvStart(): number;
  recvStop(): number;
}

const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const MAX_TRIES = 30;
/** So many packets from one address and port, and none from another: this is where the camera sends from. */
const SETTLED_PACKETS = 64;
/** A camera that sends from elsewhere all at once is heard again after this silence. */
const UNSETTLE_MS = 1000;
/** The kernel counts a packet with its own administration: about twice its bytes. */
const KERNEL_SHARE = 2;
const PORTION_MS = 40;
/** That many are read in one go; more is a flood, and others have their turn. */
const MAX_PACKETS = 4096;
/** An RTP packet without payload, for opening firewalls and address translators towards us. */
const EMPTY_RTP = Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
/** A receiver report about nothing (RFC 3550 section 6.4.2). */
const EMPTY_RTCP = Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 0]);

/**
 * Two UDP sockets on an even port and the odd one behind it (RFC 3550 section 11), for one track.
 *
 * Packets come one by one until it is clear where the camera sends from. Then the media socket is connected to that address and port,
 * so that the kernel keeps everybody else out, and read at the beats (ReadBeat) straight from its descriptor: the event loop takes
 * three times as long for a packet.
 */
export class UdpPair implements Sleeper {
  readonly #rtp: Socket;
  readonly #rtcp: Socket;
  readonly port: number;
  readonly #accepted = new Set<string>();
  /** The address of the newest packet that was taken, as the socket writes it. */
  #newest = '';
  #rtcpTo: { host: string; port: number } | undefined;
  #closed = false;
  #sink: UdpSink | undefined;
  #beat: ReadBeat | undefined;
  #pace: 'live' | 'nap' = 'nap';
  readonly #rate = new ByteRate();
  #largestFrameBytes = 0;
  #roomBytes = 0;
  /** Where packets came from of late, and how many in a row. */
  #source = { address: '', port: 0 };
  #inARow = 0;
  #portionMs = 0;
  /** The descriptor that is read at the beats; undefined while packets come one by one. */
  #fd: number | undefined;
  #newestMs = 0;
  dueMs = 0;

  private constructor(rtp: Socket, rtcp: Socket) {
    this.#rtp = rtp;
    this.#rtcp = rtcp;
    this.port = rtp.address().port;
  }

  /** @throws BoxError rtsp.transport-refused when no pair of ports is free */
  static async open(family: 'udp4' | 'udp6'): Promise<UdpPair> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const probe = await bound(family, 0);
      const port = probe!.address().port & ~1;
      probe!.close();
      // By number: a port that the kernel has chosen is gone when the socket parts from where it was connected to.
      const rtp = await bound(family, port);
      const rtcp = rtp && (await bound(family, port + 1));
      if (rtcp) return new UdpPair(rtp, rtcp);
      rtp?.close();
    }
    throw new BoxError('rtsp.transport-refused', { reason: 'the box has no free pair of UDP ports' });
  }

  /** Takes what comes from these addresses, from any of their ports: cameras do not keep to the ports they announce. */
  listen(addresses: readonly string[], sink: UdpSink, beat: ReadBeat): void {
    for (const address of addresses) this.#accepted.add(address);
    this.#sink = sink;
    this.#beat = beat;
    this.#roomBytes = this.#rtp.getRecvBufferSize() / KERNEL_SHARE;
    this.#rtp.on('message', (bytes, from) => this.#single(bytes, from, sink));
    this.#rtcp.on('message', (bytes, from) => {
      if (this.#accepts(from)) sink.rtcp(bytes, bytes.length);
    });
  }

  /** See ReadBeat. */
  setPace(pace: 'live' | 'nap'): void {
    if (pace === this.#pace || this.#closed) return;
    if (pace === 'live') this.#beat?.countLive(1);
    if (this.#pace === 'live') this.#beat?.countLive(-1);
    this.#pace = pace;
    if (this.#fd !== undefined) this.#beat?.hurry(this);
  }

  noteFrameBytes(bytes: number): void {
    if (bytes > this.#largestFrameBytes) this.#largestFrameBytes = bytes;
  }

  /** Reads what has come, and sleeps again. */
  wake(): void {
    const [fd, beat, sink] = [this.#fd, this.#beat, this.#sink];
    if (fd === undefined || !beat || !sink) return;
    const { buffer } = beat;
    const before = this.#newestMs;
    for (let packets = 0; packets < MAX_PACKETS; packets++) {
      // A port that the camera does not listen on is its own business (ICMP); silence is judged elsewhere.
      const bytes = readNow(fd, buffer, () => undefined);
      if (bytes === undefined) break;
      this.#newestMs = performance.now();
      this.#rate.add(bytes);
      sink.rtp(buffer, bytes);
      if (this.#fd === undefined) return;
    }
    if (this.#newestMs !== before) sink.portionRead();
    else if (performance.now() - before > UNSETTLE_MS) return this.#unsettle();
    this.#sleep();
  }

  destroy(): void {
    this.close();
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
    this.setPace('nap');
    this.#closed = true;
    this.#fd = undefined;
    this.#beat?.forget(this);
    this.#rtp.close();
    this.#rtcp.close();
  }

  #single(bytes: Buffer, from: RemoteInfo, sink: UdpSink): void {
    if (!this.#accepts(from)) return;
    this.#rtcpTo ??= { host: from.address, port: from.port + 1 };
    sink.rtp(bytes, bytes.length);
    const nowMs = performance.now();
    if (nowMs - this.#portionMs > PORTION_MS) {
      this.#portionMs = nowMs;
      sink.portionRead();
    }
    this.#settle(from);
  }

  #settle({ address, port }: RemoteInfo): void {
    const isSame = port === this.#source.port && address === this.#source.address;
    this.#inARow = isSame ? this.#inARow + 1 : 0;
    if (!isSame) this.#source = { address, port };
    if (this.#inARow !== SETTLED_PACKETS || !handleOf(this.#rtp)) return;
    this.#rtp.connect(port, address, (error?: Error) => {
      if (this.#closed || error) return;
      const handle = handleOf(this.#rtp);
      if (!handle) return;
      handle.recvStop();
      this.#fd = handle.fd;
      this.#newestMs = performance.now();
      this.#rate.begin();
      this.wake();
    });
  }

  #unsettle(): void {
    this.#fd = undefined;
    this.#inARow = 0;
    this.#rtp.disconnect();
    handleOf(this.#rtp)?.recvStart();
  }

  #sleep(): void {
    const bytesPerMs = this.#rate.perMs();
    const load = { pace: this.#pace, bytesPerMs, burstBytes: this.#largestFrameBytes, roomBytes: this.#roomBytes };
    this.#beat?.sleep(this, load);
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

/** Undefined where Node keeps it elsewhere, or has none: packets go on coming one by one. */
function handleOf(socket: Socket): SocketHandle | undefined {
  const place = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'state symbol');
  if (!place) return undefined;
  const { handle } = (socket as unknown as Record<symbol, { handle?: Partial<SocketHandle> | null }>)[place] ?? {};
  if (!handle?.recvStart || !handle.recvStop || handle.fd === undefined || handle.fd < 0) return undefined;
  return handle as SocketHandle;
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
