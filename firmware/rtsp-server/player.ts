import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { asBoxError, BoxError, type Clock, type ErrorCode } from '../base/index.ts';
import type { Caller, NamedStream, StreamDesk } from '../control/index.ts';
import type { DigestLogin } from '../accounts/index.ts';
import type { LiveView } from '../live/index.ts';
import { serializeResponse, type RtspRequest } from '../rtsp/index.ts';
import { isAbout, targetOf, type Target } from './address.ts';
import { LIMITS } from './limits.ts';
import { StreamReader, type ReaderDeps } from './reader.ts';
import { reasonOf, replyTo, type Reply } from './reply.ts';
import { RequestReader } from './request-reader.ts';
import { describe, SDP_MIME } from './sdp.ts';
import { wantedTransport } from './transport.ts';
import { DatagramWire, InterleavedWire, type TrackWire, type UdpPorts } from './wires.ts';

const METHODS = [
  'OPTIONS',
  'DESCRIBE',
  'SETUP',
  'PLAY',
  'PAUSE',
  'GET_PARAMETER',
  'SET_PARAMETER',
  'TEARDOWN',
] as const;
type Method = (typeof METHODS)[number];
/** Those that begin something, each with a login of its own. The others are about the session, which belongs to this connection. */
const WITH_LOGIN: readonly Method[] = ['DESCRIBE', 'SETUP', 'PLAY', 'PAUSE'];

export interface PlayerDeps {
  readonly streams: Pick<StreamDesk, 'find' | 'check' | 'watch'>;
  readonly login: DigestLogin;
  readonly clock: Pick<Clock, 'wallUs' | 'monoUs'>;
  readonly udp: UdpPorts | undefined;
  /** A place among the readers, and what all readers of the stream share; throws rtsp-server.too-many. Given back by `leave`. */
  enter(named: NamedStream, caller: Caller): Pick<ReaderDeps, 'packer' | 'sound'> & { leave(): void };
  closed(): void;
  log(event: string, detail: Record<string, unknown>): void;
}

interface Reading {
  readonly reader: StreamReader;
  readonly view: LiveView;
  readonly leave: () => void;
}

/** One connection of a player: what it asks, and the one stream that it reads. */
export class Player {
  readonly #socket: Socket;
  readonly #secure: boolean;
  readonly #deps: PlayerDeps;
  readonly #address: string;
  readonly #requests: RequestReader;
  /** Answers go out in the order of the requests. */
  #answered: Promise<void> = Promise.resolve();
  #waiting = 0;
  #window = { sinceUs: 0, count: 0 };
  #caller: Caller | undefined;
  #reading: Reading | undefined;
  #session = '';
  readonly #beganUs: number;
  #lifeUs: number;
  /** What has left for the network, and when that was last more than before. */
  #taken = 0;
  #takenUs: number;
  #over = false;

  constructor(socket: Socket, secure: boolean, deps: PlayerDeps) {
    this.#socket = socket;
    this.#secure = secure;
    this.#deps = deps;
    this.#address = plainAddress(socket.remoteAddress ?? '');
    this.#requests = new RequestReader({ request: (request) => this.#take(request), packet: () => this.#sign() });
    this.#beganUs = deps.clock.monoUs();
    this.#lifeUs = this.#beganUs;
    this.#takenUs = this.#beganUs;
  }

  start(): void {
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (bytes: Buffer) => {
      try {
        this.#requests.push(bytes);
      } catch (error) {
        this.#deps.log('rtsp-server.not-understood', {
          address: this.#address,
          code: asBoxError(error, 'box.bug').code,
        });
        this.end();
      }
    });
    this.#socket.on('drain', () => this.#reading?.view.pump());
    this.#socket.on('error', () => this.end());
    this.#socket.on('close', () => this.end());
  }

  /** What it reads, for lists. */
  get reading():
    { reader: StreamReader; caller: Caller; address: string; transport: 'tcp' | 'tls' | 'udp' } | undefined {
    if (!this.#reading || !this.#caller) return undefined;
    const { reader } = this.#reading;
    const transport = reader.setUps[0]?.wire.kind ?? (this.#secure ? 'tls' : 'tcp');
    return { reader, caller: this.#caller, address: this.#address, transport };
  }

  /** Every second: whether it may go on. */
  check(nowUs: number): void {
    const caller = this.#caller;
    if (!caller) {
      if (nowUs - this.#beganUs > LIMITS.strangerMs * 1000) this.end();
      return;
    }
    const wire = this.#reading?.reader.setUps[0]?.wire;
    const isPlaying = this.#reading?.reader.isPlaying === true;
    // Who takes pictures over the connection is there; of datagrams one cannot know.
    const isSeen = isPlaying && wire?.kind !== 'udp';
    const { writableLength, bytesWritten } = this.#socket;
    if (writableLength === 0 || bytesWritten - writableLength !== this.#taken) this.#takenUs = nowUs;
    this.#taken = bytesWritten - writableLength;
    const isStuck = nowUs - this.#takenUs > LIMITS.stuckMs * 1000;
    const isSilent = nowUs - this.#lifeUs > LIMITS.sessionS * 1e6 + LIMITS.sessionGraceMs * 1000;
    if (isStuck || (isSilent && !isSeen)) this.end();
    else if (this.#reading) this.#checkRight(caller, this.#reading.reader.named.camera);
    else if (!caller.signedIn) this.end();
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopReading();
    this.#socket.end();
    // What a player does not take is not waited for.
    this.#socket.destroySoon();
    this.#deps.closed();
  }

  #checkRight(caller: Caller, camera: string): void {
    try {
      this.#deps.streams.check(caller, camera);
    } catch (error) {
      this.#deps.log('rtsp-server.ended', { address: this.#address, camera, code: asBoxError(error, 'box.bug').code });
      this.end();
    }
  }

  #sign(): void {
    this.#lifeUs = this.#deps.clock.monoUs();
  }

  #take(request: RtspRequest): void {
    this.#sign();
    if (this.#over) return;
    if (this.#lifeUs - this.#window.sinceUs > LIMITS.requestWindowMs * 1000) {
      this.#window = { sinceUs: this.#lifeUs, count: 0 };
    }
    if (++this.#waiting > LIMITS.waitingRequests || ++this.#window.count > LIMITS.requestsPerWindow) {
      this.#deps.log('rtsp-server.too-much', { address: this.#address });
      this.end();
      return;
    }
    this.#answered = this.#answered.then(() => this.#answer(request));
  }

  async #answer(request: RtspRequest): Promise<void> {
    this.#waiting--;
    if (this.#over) return;
    let reply: Reply;
    try {
      reply = await this.#replyTo(request);
    } catch (error) {
      const { code, kind } = asBoxError(error, 'box.bug');
      if (kind === 'bug') this.#deps.log('rtsp-server.bug', { err: error });
      reply = replyTo(error);
      if (reply.status === 401) reply = { status: 401, headers: this.#challenges(code) };
    }
    this.#write(request, reply);
    if (request.method === 'PLAY' && reply.status === 200) this.#reading?.reader.play();
    if (request.method === 'TEARDOWN' && reply.status === 200) this.#stopReading();
  }

  #challenges(code: ErrorCode): [string, string][] {
    const stale = code === 'accounts.stale-challenge';
    return this.#deps.login.challenges(stale).map((challenge) => ['WWW-Authenticate', challenge]);
  }

  #write(request: RtspRequest, { status, headers = [], body = '' }: Reply): void {
    if (this.#over || !this.#socket.writable) return;
    const bytes = Buffer.from(body);
    const all: [string, string][] = [
      ['CSeq', (request.headers.get('cseq') ?? '').slice(0, 20)],
      ...headers.map(([name, value]): [string, string] => [name, value]),
      ...(bytes.length > 0 ? ([['Content-Length', String(bytes.length)]] as [string, string][]) : []),
    ];
    this.#socket.write(Buffer.concat([serializeResponse(status, reasonOf(status), all), bytes]));
  }

  async #replyTo(request: RtspRequest): Promise<Reply> {
    const { headers, url } = request;
    if (!/^\d{1,18}$/.test(headers.get('cseq') ?? '')) return { status: 400 };
    const method = METHODS.find((each) => each === request.method);
    if (!method) return { status: 501, headers: [['Public', METHODS.join(', ')]] };
    const wanted = headers.get('require') ?? headers.get('proxy-require');
    if (wanted !== undefined) return { status: 551, headers: [['Unsupported', wanted.slice(0, 200)]] };
    if (method === 'OPTIONS') return { status: 200, headers: [['Public', METHODS.join(', ')]] };
    const target = targetOf(url);
    if (WITH_LOGIN.includes(method)) this.#identify(request, method, target);
    const session = headers.get('session')?.split(';', 1)[0]?.trim();
    if (session !== undefined && session !== this.#session) return { status: 454 };
    switch (method) {
      case 'DESCRIBE':
        return this.#describe(target);
      case 'SETUP':
        return this.#setUp(target, headers.get('transport') ?? '');
      case 'PLAY':
        return this.#play(target);
      case 'PAUSE':
        if (session === undefined) return { status: 454 };
        this.#reading?.reader.pause();
        return { status: 200, headers: [['Session', this.#session]] };
      default:
        return { status: 200, headers: session === undefined ? [] : [['Session', session]] };
    }
  }

  /** Throws what a login may be refused with. */
  #identify({ headers }: RtspRequest, method: Method, target: Target | undefined): void {
    const authorization = headers.get('authorization');
    if (authorization === undefined) throw new BoxError('control.not-signed-in');
    const about = { method, isAbout: (uri: string) => target === undefined || isAbout(uri, target) };
    const caller = this.#deps.login.admit(authorization, about);
    if (this.#caller && this.#caller.id !== caller.id) this.#stopReading();
    this.#caller = caller;
  }

  async #describe(target: Target | undefined): Promise<Reply> {
    const reader = this.#readerOf(target);
    const tracks = await reader.tracks();
    const { camera, stream, title } = reader.named;
    const base = `${target!.origin}/${camera}/${stream}/`;
    return {
      status: 200,
      headers: [
        ['Content-Base', base],
        ['Content-Type', SDP_MIME],
      ],
      body: describe(title, tracks, Math.floor(reader.sinceUs)),
    };
  }

  async #setUp(target: Target | undefined, header: string): Promise<Reply> {
    const wanted = wantedTransport(header, { udp: this.#deps.udp !== undefined && !this.#secure });
    if (!wanted) return { status: 461 };
    const reader = this.#readerOf(target);
    if (reader.isPlaying) return { status: 455 };
    await reader.tracks();
    const taken = reader.setUps.map(({ wire }) => wire.channel);
    const wire =
      wanted.kind === 'udp'
        ? new DatagramWire(this.#deps.udp!, this.#address, wanted.port, {
            heard: () => this.#sign(),
            room: () => this.#reading?.view.pump(),
          })
        : this.#interleaved(wanted.channel ?? (target?.track ?? 0) * 2, taken);
    const numbers = wire && reader.setUp(target?.track ?? 0, wire);
    if (!wire || !numbers) {
      wire?.close();
      return { status: wire ? 404 : 461 };
    }
    if (this.#session === '') this.#session = randomBytes(8).toString('hex');
    const ssrc = numbers.ssrc.toString(16).padStart(8, '0').toUpperCase();
    const how =
      wanted.kind === 'udp'
        ? `RTP/AVP;unicast;client_port=${wanted.port}-${wanted.port + 1};server_port=${this.#deps.udp!.ports.join('-')}`
        : `RTP/AVP/TCP;unicast;interleaved=${wire.channel}-${wire.channel + 1}`;
    return {
      status: 200,
      headers: [
        ['Transport', `${how};ssrc=${ssrc}`],
        ['Session', `${this.#session};timeout=${LIMITS.sessionS}`],
      ],
    };
  }

  #interleaved(channel: number, taken: readonly number[]): TrackWire | undefined {
    if (taken.includes(channel)) return undefined;
    return new InterleavedWire(this.#socket, channel, this.#secure ? 'tls' : 'tcp');
  }

  #play(target: Target | undefined): Reply {
    const reader = this.#reading?.reader;
    if (!reader || this.#session === '') return { status: 454 };
    const setUps = reader.setUps;
    if (setUps.length === 0) return { status: 455 };
    const { camera, stream } = reader.named;
    const base = `${target?.origin ?? ''}/${camera}/${stream}`;
    const info = setUps.map(({ track, sequence }) => `url=${base}/trackID=${track};seq=${sequence}`);
    return {
      status: 200,
      headers: [
        ['Session', this.#session],
        ['Range', 'npt=0.000-'],
        ['RTP-Info', info.join(',')],
      ],
    };
  }

  /** The stream that is being read, or the beginning of another one. */
  #readerOf(target: Target | undefined): StreamReader {
    const { streams, clock } = this.#deps;
    const caller = this.#caller!;
    if (!target) throw new BoxError('control.no-such-camera', { camera: '' });
    const named = streams.find(caller, target.camera, target.stream);
    const { reader: now } = this.#reading ?? {};
    if (now && now.named.camera === named.camera && now.named.stream === named.stream) return now;
    this.#stopReading();
    const place = this.#deps.enter(named, caller);
    const { packer, sound } = place;
    const reader = new StreamReader(named, { packer, sound, clock, ended: (error) => this.#ended(reader, error) });
    this.#reading = { reader, view: streams.watch(caller, named, reader), leave: () => place.leave() };
    return reader;
  }

  /** The stream is not there any more: a player that asks again hears why. */
  #ended(reader: StreamReader, error: unknown): void {
    const { code, kind } = asBoxError(error, 'box.bug');
    this.#deps.log(kind === 'bug' ? 'rtsp-server.bug' : 'rtsp-server.ended', {
      address: this.#address,
      code,
      err: error,
    });
    if (this.#reading?.reader !== reader) return;
    const wasPlaying = reader.isPlaying;
    this.#stopReading();
    if (wasPlaying) this.end();
  }

  #stopReading(): void {
    const reading = this.#reading;
    if (!reading) return;
    this.#reading = undefined;
    this.#session = '';
    reading.reader.end();
    reading.view.end();
    reading.leave();
  }
}

/** An IPv4 address as such, also where a socket for both kinds took the connection. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
