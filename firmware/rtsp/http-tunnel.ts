import { randomBytes } from 'node:crypto';
import type net from 'node:net';
import { Authenticator, type BoxError, type Credentials, type ErrorCode } from '../base/index.ts';
import { certificateOf, connected, watchSocket, type Carrier, type CarrierEvents, type Fault } from './carrier.ts';
import { parseHead, type RtspResponse } from './message.ts';
import { openSocket, type BeatSocket, type BeatTarget, type Pace, type ReadBeat } from './read-beat.ts';

export interface TunnelOptions {
  /** Path and query of the two requests. */
  readonly path: string;
  readonly credentials?: Credentials | undefined;
  readonly allowBasic: boolean;
  /** Certificate that the camera must show before it gets a readable password; empty if any will do. */
  readonly pin: string;
}

/** What the POST says it will send; nobody counts, but none is a reason to refuse it. */
const POST_LENGTH = 32_767;
const MOST_HEAD_BYTES = 16 * 1024;
const CONTENT_TYPE = 'application/x-rtsp-tunnelled';
const HEAD_END = Buffer.from('\r\n\r\n', 'latin1');
/** Without a login, with one, and once more with a fresh nonce. */
const MOST_ROUNDS = 3;

/**
 * RTSP inside HTTP ("Tunnelling RTSP and RTP over HTTP", Apple 1999; ONVIF Streaming Specification 5.1.1.3), for cameras of which only
 * the web port can be reached: what the camera sends is the endless answer to a GET, what we send is the endless body of a POST, in
 * base64. A cookie tells the camera that the two belong together.
 */
export class HttpTunnel implements Carrier {
  readonly #target: BeatTarget;
  readonly #path: string;
  readonly #pin: string;
  readonly #login: Authenticator | undefined;
  readonly #cookie = randomBytes(11).toString('hex');
  readonly #beat: ReadBeat;
  readonly #events: CarrierEvents;
  readonly #fault: Fault;
  #get: BeatSocket;
  #post: net.Socket | undefined;
  /** Undefined once the tunnel is open. */
  #head: AnswerHead | undefined = new AnswerHead();
  #answer = Promise.withResolvers<RtspResponse>();
  #over = false;

  /** Begins to connect. */
  constructor(
    target: BeatTarget,
    options: TunnelOptions,
    deps: { beat: ReadBeat; events: CarrierEvents; fault: Fault },
  ) {
    const { credentials, allowBasic } = options;
    this.#target = target;
    this.#path = options.path;
    this.#pin = options.pin;
    this.#login = credentials && new Authenticator(credentials, { allowBasic });
    this.#beat = deps.beat;
    this.#events = deps.events;
    this.#fault = deps.fault;
    this.#get = this.#connect();
  }

  /** @throws BoxError rtsp.unauthorized, rtsp.transport-refused and others by the status of the GET; errors of the network */
  async opened(limitMs: number): Promise<void> {
    for (let round = 1; ; round++) {
      await connected(this.#get.socket, this.#target.tls !== undefined, limitMs, this.#fault);
      if (this.#pin !== '' && certificateOf(this.#get.socket) !== this.#pin) this.#login?.refuseBasic();
      const authorization = this.#login?.header('GET', this.#path);
      this.#get.socket.write(this.#request('GET', authorization, ['Accept', CONTENT_TYPE]));
      const { status, headers } = await this.#answered(limitMs);
      if (status >= 200 && status < 300) return;
      if (status !== 401) throw this.#fault(codeOfStatus(status), { step: 'GET', status });
      this.#checkLogin(headers.all('www-authenticate'), authorization !== undefined, round);
      this.#reconnect();
    }
  }

  write(bytes: Buffer): void {
    if (this.#over) return;
    this.#post ??= this.#openPost();
    this.#post.write(bytes.toString('base64'), 'latin1');
  }

  get unsentBytes(): number {
    return this.#post?.writableLength ?? 0;
  }

  get socket(): net.Socket {
    return this.#get.socket;
  }

  setPace(pace: Pace): void {
    this.#get.setPace(pace);
  }

  noteFrameBytes(bytes: number): void {
    if (bytes > this.#get.largestFrameBytes) this.#get.largestFrameBytes = bytes;
  }

  destroy(): void {
    this.#over = true;
    this.#get.destroy();
    // What is still to be sent may be the TEARDOWN.
    this.#post?.destroySoon();
    // Nobody may be waiting for it.
    this.#answer.promise.catch(() => undefined);
    this.#answer.reject(this.#fault('rtsp.closed'));
  }

  #connect(): BeatSocket {
    const socket = this.#beat.connect(this.#target, (buffer, start, end) => {
      if (this.#get === socket) this.#onBytes(buffer, start, end);
    });
    // A socket that was given up for another one has nothing more to say.
    watchSocket(socket.socket, {
      failed: (error) => this.#lost(socket, error),
      ended: () => this.#lost(socket, undefined),
    });
    return socket;
  }

  /** Most servers close the connection with their 401, so the next try has one of its own. */
  #reconnect(): void {
    const old = this.#get;
    this.#head = new AnswerHead();
    this.#answer = Promise.withResolvers<RtspResponse>();
    this.#get = this.#connect();
    old.destroy();
  }

  #lost(socket: BeatSocket, error: Error | undefined): void {
    if (this.#over || socket !== this.#get) return;
    this.#answer.promise.catch(() => undefined);
    this.#answer.reject(error ?? this.#fault('rtsp.closed', { step: 'GET' }));
    // While the head of an answer is awaited, whoever waits for it tells.
    if (this.#head !== undefined) return;
    if (error) this.#events.failed(error);
    else this.#events.ended();
  }

  #onBytes(buffer: Buffer, start: number, end: number): void {
    if (this.#head === undefined) {
      this.#events.take(buffer, start, end);
      return;
    }
    const message = this.#head.push(buffer, start, end);
    if (message === 'more') return;
    if (message === 'bad') {
      this.#answer.reject(this.#fault('rtsp.protocol', { step: 'GET' }));
      return;
    }
    const { rest } = this.#head;
    if (message.status >= 200 && message.status < 300) {
      this.#head = undefined;
      this.#answer.resolve(message);
      if (rest.length > 0) this.#events.take(rest, 0, rest.length);
    } else {
      this.#answer.resolve(message);
    }
  }

  async #answered(limitMs: number): Promise<RtspResponse> {
    const { promise, reject } = this.#answer;
    const timer = setTimeout(() => reject(this.#fault('rtsp.timeout', { step: 'GET' })), limitMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  #checkLogin(challenges: readonly string[], answered: boolean, round: number): void {
    if (!this.#login) throw this.#unauthorized(false, 'no user name is set');
    const verdict = this.#login.challenge(challenges, answered);
    if (verdict === 'unsupported') throw this.#unauthorized(false, 'the camera asks for an unknown kind of login');
    if (verdict === 'refused' || round >= MOST_ROUNDS) throw this.#unauthorized(true, undefined);
  }

  #unauthorized(confirmed: boolean, reason: string | undefined): BoxError {
    return this.#fault('rtsp.unauthorized', { step: 'GET', confirmed, reason });
  }

  /** A camera may end a POST when its announced length has come; the next word opens another one. */
  #openPost(): net.Socket {
    const post = openSocket(this.#target);
    const gone = (): void => {
      if (this.#post === post) this.#post = undefined;
    };
    post.on('error', gone).once('close', gone);
    if (this.#pin !== '') {
      // Nothing leaves before it is known that this is the same camera.
      post.cork();
      post.once('secureConnect', () => (certificateOf(post) === this.#pin ? post.uncork() : post.destroy()));
    }
    // No answer is due, but one with an error may come, and must not lie in the way.
    post.resume();
    const authorization = this.#login?.header('POST', this.#path);
    post.write(
      this.#request('POST', authorization, ['Content-Type', CONTENT_TYPE], ['Content-Length', String(POST_LENGTH)]),
    );
    return post;
  }

  #request(method: string, authorization: string | undefined, ...more: [string, string][]): string {
    const { host, port } = this.#target;
    const lines = [
      `${method} ${this.#path} HTTP/1.0`,
      `Host: ${host.includes(':') ? `[${host}]` : host}:${port}`,
      'User-Agent: IPVS',
      `x-sessioncookie: ${this.#cookie}`,
      ...more.map(([name, value]) => `${name}: ${value}`),
      'Pragma: no-cache',
      'Cache-Control: no-cache',
      ...(authorization === undefined ? [] : [`Authorization: ${authorization}`]),
    ];
    return `${lines.map((line) => line.replace(/[\r\n\0]+/g, ' ')).join('\r\n')}\r\n\r\n`;
  }
}

/** Collects the head of an HTTP answer, however it is cut. */
export class AnswerHead {
  #bytes = Buffer.alloc(0);
  /** What came behind the head. */
  rest = Buffer.alloc(0);

  /** The answer without a body once its head is whole; `bad` if it is none. */
  push(buffer: Buffer, start: number, end: number): RtspResponse | 'more' | 'bad' {
    this.#bytes = Buffer.concat([this.#bytes, buffer.subarray(start, end)]);
    const at = this.#bytes.indexOf(HEAD_END);
    // Too long is too long, however it comes in pieces.
    if (at > MOST_HEAD_BYTES) return 'bad';
    if (at < 0) return this.#bytes.length > MOST_HEAD_BYTES + HEAD_END.length ? 'bad' : 'more';
    this.rest = this.#bytes.subarray(at + HEAD_END.length);
    // Heads of HTTP and RTSP differ in nothing but the name of the protocol.
    const message = parseHead(this.#bytes.toString('latin1', 0, at).replace(/^HTTP\//i, 'RTSP/'));
    return message?.kind === 'response' ? message : 'bad';
  }
}

/** What a camera without a tunnel answers differs from one to the next. */
function codeOfStatus(status: number): ErrorCode {
  if (status === 403) return 'rtsp.forbidden';
  if (status === 453 || status === 503) return 'rtsp.too-many-clients';
  if (status >= 300 && status < 400) return 'rtsp.redirected';
  return status >= 500 && status !== 501 ? 'rtsp.camera-error' : 'rtsp.transport-refused';
}
