/** One RTSP connection: requests in, answers and interleaved media out. */
import { TLSSocket } from 'node:tls';
import type { Socket } from 'node:net';
import type { Camera, SeenRequest } from './camera.ts';
import { baseHeader, writeSdp } from './description.ts';
import type { Method, OddAnswer } from './faults.ts';
import { NO_FAULTS } from './faults.ts';
import { type Request, RequestReader, type Response, writeResponse } from './message.ts';
import { Session } from './session.ts';
import { Track } from './track.ts';
import { chooseTransport, grantedChannel, transportAnswer } from './transport-header.ts';
import { TcpWire, type UdpPorts, UdpWire } from './wire.ts';

/** What a connection needs of its farm. */
export interface Site {
  readonly udp: UdpPorts;
  readonly host: string;
  /** The camera an address names, and the track in it, if any. */
  find(uri: string): { camera: Camera; track: number | undefined } | undefined;
}

type Handler = (request: Request, camera: Camera, track: number | undefined) => Response;

const KEEP_ALIVES = ['OPTIONS', 'GET_PARAMETER', 'SET_PARAMETER'];
let connectionCount = 0;

export class Connection {
  readonly number = ++connectionCount;
  readonly #socket: Socket;
  readonly #site: Site;
  readonly #reader = new RequestReader();
  #camera: Camera | undefined;
  #session: Session | undefined;
  #described = false;
  #dripping: Buffer[] = [];
  #endless: NodeJS.Timeout | undefined;
  readonly #tracksByChannel = new Map<number, Track>();

  constructor(socket: Socket, site: Site) {
    this.#socket = socket;
    this.#site = site;
  }

  start(): void {
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (bytes: Buffer) =>
      this.#reader.push(bytes, {
        request: (request) => this.#handle(request),
        interleaved: (channel, packet) => this.#interleaved(channel, packet),
      }),
    );
    // A client that goes away in mid-sentence is its own business; 'close' follows.
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => this.#closed());
  }

  get backlogBytes(): number {
    return this.#socket.writableLength + this.#dripping.reduce((sum, bytes) => sum + bytes.length, 0);
  }

  write(bytes: Buffer): void {
    const faults = this.#camera?.faults.now ?? NO_FAULTS;
    if (faults.silent || this.#socket.destroyed) return;
    if (!faults.dripBytes && this.#dripping.length === 0) {
      this.#socket.write(bytes);
      return;
    }
    this.#dripping.push(bytes);
    if (this.#dripping.length === 1) this.#drip(0);
  }

  #drip(at: number): void {
    const bytes = this.#dripping[0];
    if (!bytes || this.#socket.destroyed) return;
    this.#socket.write(bytes.subarray(at, at + 1));
    const isLast = at + 1 >= bytes.length;
    if (isLast) this.#dripping.shift();
    setImmediate(() => this.#drip(isLast ? 0 : at + 1));
  }

  destroy(how: 'fin' | 'rst'): void {
    if (how === 'fin') this.#socket.destroySoon();
    // What is encrypted cannot be reset from here.
    else if (this.#socket instanceof TLSSocket) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  #closed(): void {
    clearInterval(this.#endless);
    this.#session?.end('client-closed');
    this.#camera?.updatePace();
  }

  #interleaved(channel: number, packet: Buffer): void {
    const track = this.#tracksByChannel.get(channel);
    if (!track || !this.#session) return;
    countReports(packet, track);
    this.#session.sign('rtcp');
  }

  #handle(request: Request): void {
    const place = request.uri === '*' ? undefined : this.#site.find(request.uri);
    const camera = place?.camera ?? this.#camera;
    if (!camera) {
      this.#socket.write(writeResponse({ status: 404 }, request.headers.get('cseq') ?? '0', request.method, NO_FAULTS));
      return;
    }
    this.#camera = camera;
    if (camera.away) {
      this.destroy('rst');
      return;
    }
    const seen: SeenRequest = { ...request, atMs: Date.now(), connection: this.number, status: 0 };
    camera.note(seen);
    if (camera.faults.now.silent) return;
    const before = this.#session;
    const odd = this.#oddAnswer(request, camera);
    if (odd === 'silence') {
      before?.sign('rtsp', request.method);
      return;
    }
    if (odd === 'close') {
      this.destroy('fin');
      return;
    }
    const response = typeof odd === 'number' ? this.#refuse(odd, camera) : this.#answer(request, camera, place?.track);
    seen.status = response.status;
    (before ?? this.#session)?.sign('rtsp', request.method);
    this.#send(request, camera, response, odd === 'wrong-cseq');
    if (request.method === 'PLAY' && response.status === 200) this.#session?.play();
    camera.updatePace();
  }

  #oddAnswer(request: Request, camera: Camera): OddAnswer | undefined {
    const faults = camera.faults.now;
    if (this.#session && KEEP_ALIVES.includes(request.method) && faults.keepAliveAnswer !== undefined) {
      return faults.keepAliveAnswer;
    }
    return faults.answers[request.method as Method];
  }

  #refuse(status: number, camera: Camera): Response {
    return status === 401 ? { status, headers: camera.gate.refusal() } : { status };
  }

  #answer(request: Request, camera: Camera, track: number | undefined): Response {
    if (camera.faults.now.needsUserAgent && !request.headers.has('user-agent')) return this.#refuse(401, camera);
    const challenges = request.method === 'OPTIONS' ? undefined : camera.gate.check(request);
    if (challenges) return { status: 401, headers: challenges };
    const handler = this.#handlers[request.method];
    return handler ? handler(request, camera, track) : { status: 501 };
  }

  #send(request: Request, camera: Camera, response: Response, wrongCseq: boolean): void {
    const faults = camera.faults.now;
    if (faults.endlessHeader) {
      this.#writeEndlessly();
      return;
    }
    const cseq = request.headers.get('cseq') ?? '0';
    this.write(
      Buffer.from(writeResponse(response, wrongCseq ? String(Number(cseq) + 7) : cseq, request.method, faults)),
    );
  }

  #writeEndlessly(): void {
    this.write(Buffer.from('RTSP/1.0 200 OK\r\n'));
    const line = Buffer.from(`X-Endless: ${'a'.repeat(4000)}\r\n`);
    this.#endless ??= setInterval(() => this.backlogBytes < 1 << 20 && this.write(line), 1);
  }

  readonly #handlers: Record<string, Handler | undefined> = {
    OPTIONS: (_request, camera) => {
      const methods = camera.faults.now.publicMethods;
      return { status: 200, headers: methods ? [['Public', methods.join(', ')]] : [] };
    },
    DESCRIBE: (request, camera) => this.#describe(request, camera),
    SETUP: (request, camera, track) => this.#setup(request, camera, track),
    PLAY: (request, camera) => this.#play(request, camera),
    PAUSE: () => {
      this.#session?.pause();
      return this.#inSession();
    },
    GET_PARAMETER: () => this.#inSession(),
    SET_PARAMETER: () => this.#inSession(),
    TEARDOWN: () => {
      const response = this.#inSession();
      this.#session?.end('teardown');
      this.#session = undefined;
      return response;
    },
  };

  #inSession(): Response {
    return this.#session ? { status: 200, headers: [['Session', this.#session.id]] } : { status: 454 };
  }

  /** The address as the client named it, without track, without a slash at the end. */
  #base(request: Request): string {
    return request.uri.replace(/\/?(trackID=\d+)?\/?$/, '').replace(/\/\/[^/@]*@/, '//');
  }

  #describe(request: Request, camera: Camera): Response {
    const faults = camera.faults.now;
    if (faults.redirectTo) return { status: 302, headers: [['Location', faults.redirectTo]] };
    this.#described = true;
    const base = this.#base(request);
    const header = baseHeader(base, faults);
    return {
      status: 200,
      headers: [...(header ? [header] : []), ['Content-Type', 'application/sdp']],
      body: writeSdp(camera.media, base, this.#site.host, faults),
    };
  }

  #setup(request: Request, camera: Camera, trackIndex: number | undefined): Response {
    const faults = camera.faults.now;
    const index = trackIndex ?? 0;
    const media = camera.media[index];
    if (!media || (faults.strictControl && request.uri !== `${this.#base(request)}/trackID=${index}`))
      return { status: 404 };
    if (faults.needsDescribe && !this.#described) return { status: 455 };
    const isFull = !this.#session && camera.liveSessions.length >= (camera.options.maxSessions ?? Infinity);
    if (isFull) return this.#refuse(faults.fullStatus, camera);
    const wanted = chooseTransport(request.headers.get('transport') ?? '', index, faults);
    if (!wanted) return { status: 461 };
    this.#session ??= this.#newSession(camera);
    const session = this.#session;
    const wire =
      wanted.kind === 'tcp'
        ? new TcpWire(this, grantedChannel(wanted.channel, faults))
        : this.#udpWire(camera, wanted.rtpPort);
    const track = new Track(index, media, wire, faults);
    session.tracks.set(index, track);
    if (wanted.kind === 'tcp') this.#tracksByChannel.set(grantedChannel(wanted.channel, faults) + 1, track);
    const timeout = faults.hideTimeout ? '' : `;timeout=${camera.options.sessionTimeoutS ?? 60}`;
    const id = faults.sessionId === 'changing' ? `${session.id}${index}` : session.id;
    return {
      status: 200,
      headers: [
        ['Session', `${id}${timeout}`],
        ['Transport', transportAnswer(wanted, this.#site.udp.rtpPort, track.ssrc, faults)],
      ],
    };
  }

  #newSession(camera: Camera): Session {
    const { sessionTimeoutS: timeoutS = 60, join = 'key' } = camera.options;
    const session = new Session(camera.path, this, camera.faults, { timeoutS, join });
    camera.addSession(session);
    return session;
  }

  #udpWire(camera: Camera, port: number): UdpWire {
    const address = this.#socket.remoteAddress?.replace('::ffff:', '') ?? '127.0.0.1';
    const { faults } = camera;
    return new UdpWire(this.#site.udp, address, port, () => {
      if (faults.now.udpMute) return 'mute';
      return faults.now.udpOtherPort ? 'stray' : 'normal';
    });
  }

  #play(request: Request, camera: Camera): Response {
    const session = this.#session;
    if (!session || session.tracks.size === 0) return { status: session ? 455 : 454 };
    const faults = camera.faults.now;
    const base = this.#base(request);
    if (faults.playUrl === 'base' && request.uri !== `${base}/`) return { status: 404 };
    if (faults.playUrl === 'plain' && request.uri !== base) return { status: 404 };
    if (faults.refuseRange && request.headers.has('range')) return { status: 457 };
    const infos: string[] = [];
    for (const track of session.tracks.values()) {
      const ticks = camera.firstTicks(track.media.clockRate);
      if (faults.firstTimestamp !== undefined) track.rebase(ticks, faults.firstTimestamp);
      const url = faults.rtpInfo === 'foreign' ? 'rtsp://192.0.2.9/elsewhere' : `${base}/trackID=${track.index}`;
      const sequence = faults.rtpInfo === 'zero' ? 0 : track.nextSequence;
      const time = faults.rtpInfo === 'negative' ? '-1234' : String(track.timestampOf(ticks));
      infos.push(`url=${url};seq=${sequence};rtptime=${time}`);
    }
    const headers: [string, string][] = [
      ['Session', session.id],
      ['Range', 'npt=now-'],
    ];
    if (faults.rtpInfo !== 'none') headers.push(['RTP-Info', infos.join(',')]);
    return { status: 200, headers };
  }
}

/** Counts the receiver reports in a compound packet (RFC 3550 6.1). */
export function countReports(packet: Buffer, track: Track): void {
  for (let at = 0; at + 4 <= packet.length; at += 4 + packet.readUInt16BE(at + 2) * 4) {
    if (packet[at + 1] === 201) track.receiverReports++;
  }
}
