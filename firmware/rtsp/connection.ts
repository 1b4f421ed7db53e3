import { asBoxError, BoxError, type Clock, type ErrorCode } from '../base/index.ts';
import {
  headerNumber,
  serializeRequest,
  serializeResponse,
  type HeaderList,
  type RtspMessage,
  type RtspRequest,
  type RtspResponse,
} from './message.ts';
import { certificateOf, DirectCarrier, type Carrier } from './carrier.ts';
import { HttpTunnel, type TunnelOptions } from './http-tunnel.ts';
import type { BeatTarget, Pace, ReadBeat } from './read-beat.ts';
import { WireReader } from './wire-reader.ts';

/** `tunnel`: through the web server of the camera. */
export interface ConnectionTarget extends BeatTarget {
  readonly tunnel?: TunnelOptions;
}

export interface ConnectionSink {
  /** One interleaved packet, borrowed during the call. */
  packet(channel: number, buffer: Buffer, start: number, end: number): void;
  /** A portion of bytes has been read and handed on. */
  portionRead(): void;
  /** Called once, when the connection is over for a reason of its own; not after `destroy`. */
  failed(error: BoxError): void;
}

interface Pending {
  readonly method: string;
  readonly resolve: (response: RtspResponse) => void;
  readonly reject: (error: BoxError) => void;
  readonly timer: NodeJS.Timeout;
}

/** After this silence a session description without a usable length counts as complete. */
const BODY_QUIET_MS = 600;
/** What may wait for a camera that does not read, before reports are left out. */
const MAX_UNSENT_BYTES = 64 * 1024;
const USER_AGENT = 'IPVS';
const TOO_LATE = 64;

/** One RTSP connection: requests and their answers, interleaved packets, and the camera's own requests. */
export class RtspConnection {
  readonly #target: ConnectionTarget;
  readonly #clock: Clock;
  readonly #sink: ConnectionSink;
  readonly #reader: WireReader;
  readonly #carrier: Carrier;
  readonly #pending = new Map<number, Pending>();
  #cseq = 0;
  #quiet: NodeJS.Timeout | undefined;
  #over = false;
  /** Clock.monoUs of the portion being read. */
  arrivalUs = 0;

  /** Begins to connect; `opened` tells when that is done. */
  constructor(target: ConnectionTarget, deps: { beat: ReadBeat; clock: Clock; sink: ConnectionSink }) {
    this.#target = target;
    this.#clock = deps.clock;
    this.#sink = deps.sink;
    this.#reader = new WireReader({
      packet: (channel, buffer, start, end) => deps.sink.packet(channel, buffer, start, end),
      message: (message) => this.#onMessage(message),
    });
    const carried = {
      beat: deps.beat,
      events: {
        take: (buffer: Buffer, start: number, end: number) => this.#onBytes(buffer, start, end),
        failed: (error: Error) => this.#fail(this.#networkError(error)),
        ended: () => this.#fail(this.#error('rtsp.closed')),
      },
      fault: (code: ErrorCode, more?: Record<string, unknown>) => this.#error(code, more),
    };
    this.#carrier = target.tunnel ? new HttpTunnel(target, target.tunnel, carried) : new DirectCarrier(target, carried);
  }

  /** @throws BoxError rtsp.refused, rtsp.unreachable, rtsp.timeout, rtsp.tls; through HTTP also those of HttpTunnel */
  async opened(limitMs: number): Promise<void> {
    try {
      await this.#carrier.opened(limitMs);
    } catch (error) {
      throw this.#networkError(error as Error);
    }
  }

  /** SHA-256 of the certificate that the camera has shown, hexadecimal with colons; undefined without TLS. */
  get certificate(): string | undefined {
    return certificateOf(this.#carrier.socket);
  }

  /** The camera's address as the network knows it, without the mapping prefix of IPv6 sockets. */
  get remoteAddress(): string {
    return (this.#carrier.socket.remoteAddress ?? '').replace(/^::ffff:/i, '');
  }

  get localFamily(): 'udp4' | 'udp6' {
    return this.remoteAddress.includes(':') ? 'udp6' : 'udp4';
  }

  /** Bytes that were neither packet nor message, and how often that happened. */
  get junk(): { bytes: number; resyncs: number } {
    return { bytes: this.#reader.junkBytes, resyncs: this.#reader.resyncs };
  }

  addChannel(channel: number): void {
    this.#reader.addChannel(channel);
  }

  /** See BeatSocket.setPace. */
  setPace(pace: Pace): void {
    this.#carrier.setPace(pace);
  }

  noteFrameBytes(bytes: number): void {
    this.#carrier.noteFrameBytes(bytes);
  }

  /**
   * Sends a request and waits for its answer, whatever its status.
   * @throws BoxError rtsp.timeout, or the reason for which the connection ended
   */
  async request(method: string, url: string, headers: HeaderList, limitMs: number): Promise<RtspResponse> {
    if (this.#over) throw this.#error('rtsp.closed', { step: method });
    const cseq = ++this.#cseq;
    const { promise, resolve, reject } = Promise.withResolvers<RtspResponse>();
    const timer = setTimeout(() => {
      this.#pending.delete(cseq);
      reject(this.#error('rtsp.timeout', { step: method }));
    }, limitMs);
    this.#pending.set(cseq, { method, resolve, reject, timer });
    const all: HeaderList = [['CSeq', String(cseq)], ['User-Agent', USER_AGENT], ...headers];
    this.#reader.expectsDescription = method === 'DESCRIBE';
    this.#carrier.write(serializeRequest(method, url, all));
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      if (method === 'DESCRIBE') this.#reader.expectsDescription = false;
    }
  }

  /** Sends one interleaved packet; left out while the camera does not read what was sent before. */
  sendPacket(channel: number, bytes: Buffer): void {
    if (this.#over || this.#carrier.unsentBytes > MAX_UNSENT_BYTES) return;
    const header = Buffer.from([0x24, channel, bytes.length >>> 8, bytes.length & 0xff]);
    this.#carrier.write(Buffer.concat([header, bytes]));
  }

  /** Ends the connection without a further word to the sink. */
  destroy(): void {
    this.#close(this.#error('rtsp.closed'));
  }

  #onBytes(buffer: Buffer, start: number, end: number): void {
    if (this.#over) return;
    this.arrivalUs = this.#clock.monoUs();
    try {
      this.#reader.push(buffer, start, end);
      this.#sink.portionRead();
    } catch (error) {
      this.#fail(asBoxError(error, 'box.bug'));
      return;
    }
    if (!this.#reader.inBody || !this.#reader.expectsDescription) return;
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#reader.endBody(), BODY_QUIET_MS);
  }

  #onMessage(message: RtspMessage): void {
    if (message.kind === 'request') this.#answer(message);
    else this.#takePending(message.headers.get('cseq'))?.resolve(message);
  }

  /**
   * The request that an answer belongs to. Where CSeq is missing or was never sent, the answer is for the oldest request;
   * the number of a request that nobody waits for any more means a late answer, which is dropped.
   */
  #takePending(cseqText: string | undefined): Pending | undefined {
    const cseq = headerNumber(cseqText);
    let key = cseq;
    if (cseq === undefined || !this.#pending.has(cseq)) {
      const late = cseq !== undefined && cseq <= this.#cseq && cseq > this.#cseq - TOO_LATE;
      key = late ? undefined : this.#pending.keys().next().value;
    }
    if (key === undefined) return undefined;
    const pending = this.#pending.get(key);
    this.#pending.delete(key);
    return pending;
  }

  /** Answers a request of the camera (RFC 2326 section 10); some want to end or move the session in this way. */
  #answer(request: RtspRequest): void {
    const cseq = request.headers.get('cseq');
    const headers: [string, string][] = cseq === undefined ? [] : [['CSeq', cseq]];
    const session = request.headers.get('session');
    if (session !== undefined) headers.push(['Session', session]);
    const reply = (status: number, reason: string): void => {
      this.#carrier.write(serializeResponse(status, reason, headers));
    };
    if (request.method === 'OPTIONS') {
      headers.push(['Public', 'OPTIONS']);
      reply(200, 'OK');
    } else if (request.method === 'REDIRECT' || request.method === 'TEARDOWN') {
      reply(200, 'OK');
      this.#fail(this.#error('rtsp.closed', { reason: `the camera sent ${request.method}` }));
    } else if (/^(GET_PARAMETER|SET_PARAMETER|ANNOUNCE|DESCRIBE|SETUP|PLAY|PAUSE|RECORD)$/.test(request.method)) {
      reply(405, 'Method Not Allowed');
    } else {
      reply(501, 'Not Implemented');
    }
  }

  #fail(error: BoxError): void {
    if (this.#over) return;
    this.#close(error);
    this.#sink.failed(error);
  }

  #close(error: BoxError): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#quiet);
    this.#reader.stop();
    this.#carrier.destroy();
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
  }

  #error(code: ErrorCode, more: Record<string, unknown> = {}): BoxError {
    return new BoxError(code, { host: this.#target.host, port: this.#target.port, ...more });
  }

  #networkError(error: Error): BoxError {
    if (error instanceof BoxError) return error;
    const { code } = error as NodeJS.ErrnoException;
    return new BoxError(
      networkCode(code, this.#target.tls !== undefined),
      { host: this.#target.host, port: this.#target.port, errno: code },
      { cause: error },
    );
  }
}

function networkCode(errno: string | undefined, secure: boolean): ErrorCode {
  switch (errno) {
    case 'ECONNREFUSED':
      return 'rtsp.refused';
    case 'ETIMEDOUT':
      return 'rtsp.timeout';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NODATA':
    case 'EADDRNOTAVAIL':
      return 'rtsp.unreachable';
    case 'ECONNRESET':
    case 'ECONNABORTED':
    case 'EPIPE':
      return 'rtsp.closed';
    default:
      return secure ? 'rtsp.tls' : 'rtsp.closed';
  }
}
