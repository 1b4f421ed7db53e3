/** A bare RTSP client for tests of the simulated camera: sends what it is told, keeps all that comes, judges nothing. */
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';

export interface RawResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** One interleaved packet, with the RTP fields a test looks at (meaningless for RTCP). */
export interface RawPacket {
  readonly channel: number;
  readonly bytes: Buffer;
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

export class RawRtspClient {
  readonly socket: Socket;
  readonly packets: RawPacket[] = [];
  /** Requests of the camera, by their first line. */
  readonly requests: string[] = [];
  /** Bytes that were neither a message nor a frame. */
  junkBytes = 0;
  closed = false;
  readonly #responses: RawResponse[] = [];
  readonly #waiting = new Set<() => void>();
  #rest: Buffer = Buffer.alloc(0);
  #cseq = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
  }

  static async open(url: string): Promise<RawRtspClient> {
    const { hostname, port } = new URL(url);
    const client = new RawRtspClient(connect(Number(port), hostname));
    client.socket.on('data', (bytes: Buffer) => client.#take(bytes));
    client.socket.on('error', () => {});
    client.socket.on('close', () => {
      client.closed = true;
      client.#wake();
    });
    await once(client.socket, 'connect');
    return client;
  }

  send(method: string, uri: string, headers: Record<string, string> = {}): void {
    const lines = [`${method} ${uri} RTSP/1.0`, `CSeq: ${++this.#cseq}`];
    for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
    this.socket.write(lines.join('\r\n') + '\r\n\r\n');
  }

  /** Sends a request and waits for the next response. */
  async ask(method: string, uri: string, headers: Record<string, string> = {}): Promise<RawResponse> {
    this.send(method, uri, headers);
    await this.until(() => this.#responses.length > 0);
    return this.#responses.shift()!;
  }

  /** SETUP of the tracks on channels 0-1, 2-3 ..., and PLAY. Returns the answers. */
  async play(url: string, tracks: readonly number[] = [0]): Promise<RawResponse[]> {
    const answers: RawResponse[] = [];
    for (const track of tracks) {
      const transport = `RTP/AVP/TCP;unicast;interleaved=${track * 2}-${track * 2 + 1}`;
      answers.push(await this.ask('SETUP', `${url}/trackID=${track}`, { Transport: transport }));
    }
    answers.push(await this.ask('PLAY', `${url}/`));
    return answers;
  }

  /** Waits until the condition holds; looks whenever something has come. An error if the connection ends first. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.closed) throw new Error('the camera closed the connection');
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  async untilClosed(): Promise<void> {
    while (!this.closed) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  /** RTP packets of a channel. */
  rtp(channel = 0): RawPacket[] {
    return this.packets.filter((packet) => packet.channel === channel);
  }

  close(): void {
    this.socket.destroy();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #take(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const used = this.#rest[0] === 0x24 ? this.#frame() : this.#message();
      if (used === 0) break;
      this.#rest = this.#rest.subarray(used);
    }
    this.#wake();
  }

  #frame(): number {
    if (this.#rest.length < 4) return 0;
    const end = 4 + this.#rest.readUInt16BE(2);
    if (this.#rest.length < end) return 0;
    const bytes = Buffer.from(this.#rest.subarray(4, end));
    this.packets.push({
      channel: this.#rest[1]!,
      bytes,
      payloadType: bytes[1]! & 127,
      marker: bytes[1]! > 127,
      sequence: bytes.readUInt16BE(2),
      timestamp: bytes.readUInt32BE(4),
      ssrc: bytes.length >= 12 ? bytes.readUInt32BE(8) : 0,
    });
    return end;
  }

  #message(): number {
    if (this.#rest.length === 0) return 0;
    // A word, and what follows words in first lines: a letter alone may be junk as well.
    const isText = /^[A-Z_]{1,20}$|^[A-Z_]{3,20}[ /]/.test(this.#rest.toString('latin1', 0, 21));
    const end = this.#rest.indexOf('\r\n\r\n');
    if (!isText) {
      this.junkBytes++;
      return 1;
    }
    if (end < 0) return 0;
    const [first = '', ...lines] = this.#rest.toString('latin1', 0, end).split('\r\n');
    const headers = new Map<string, string>();
    for (const line of lines) {
      const [name = '', ...value] = line.split(':');
      headers.set(name.toLowerCase(), value.join(':').trim());
    }
    const total = end + 4 + Number(headers.get('content-length') ?? 0);
    if (this.#rest.length < total) return 0;
    const body = this.#rest.toString('utf8', end + 4, total);
    const status = /^RTSP\/1\.0 (\d+)/.exec(first);
    if (status) this.#responses.push({ status: Number(status[1]), headers, body });
    else this.requests.push(first);
    return total;
  }
}
