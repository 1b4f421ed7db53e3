/** A player of the box's streams for tests: answers challenges as RFC 7616 says, and puts pictures together again by itself. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { readOrdinal } from './camera/ordinal-sei.ts';
import { RawRtspClient, type RawPacket, type RawResponse } from './raw-rtsp-client.ts';

export interface RtspLogin {
  readonly user: string;
  readonly password: string;
}

export interface DigestOptions {
  readonly algorithm?: 'MD5' | 'SHA-256';
  /** Counted answers, or as RFC 2069 has them. */
  readonly qop?: boolean;
  readonly count?: number;
}

/** The Authorization header for a challenge. */
export function digestAnswer(
  challenge: string,
  login: RtspLogin,
  method: string,
  uri: string,
  { algorithm = 'MD5', qop = false, count = 1 }: DigestOptions = {},
): string {
  const value = (name: string): string => new RegExp(`${name}="?([^",]+)`).exec(challenge)?.[1] ?? '';
  const hash = (text: string): string =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const { user, password } = login;
  const realm = value('realm');
  const nonce = value('nonce');
  const nc = count.toString(16).padStart(8, '0');
  const cnonce = randomBytes(8).toString('hex');
  const ha1 = hash(`${user}:${realm}:${password}`);
  const ha2 = hash(`${method}:${uri}`);
  const response = hash(qop ? `${ha1}:${nonce}:${nc}:${cnonce}:auth:${ha2}` : `${ha1}:${nonce}:${ha2}`);
  const counted = qop ? `, qop=auth, nc=${nc}, cnonce="${cnonce}"` : '';
  return `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", algorithm=${algorithm}, response="${response}"${counted}`;
}

/** One picture as it came over the network: its NAL units without parameter sets. */
export interface PlayedPicture {
  readonly ordinal: number | undefined;
  readonly timestamp: number;
  readonly units: readonly Buffer[];
}

/** Pictures of H.264 packets (RFC 6184: single units and FU-A), complete ones only. */
export function picturesOfH264(packets: readonly RawPacket[]): PlayedPicture[] {
  const pictures: PlayedPicture[] = [];
  let units: Buffer[] = [];
  let pieces: Buffer[] | undefined;
  for (const { bytes, marker, timestamp } of packets) {
    const payload = bytes.subarray(12);
    const type = payload[0]! & 31;
    if (type !== 28) units.push(payload);
    else {
      const isStart = (payload[1]! & 0x80) !== 0;
      if (isStart) pieces = [Buffer.from([(payload[0]! & 0xe0) | (payload[1]! & 31)])];
      pieces?.push(payload.subarray(2));
      if (pieces && (payload[1]! & 0x40) !== 0) {
        units.push(Buffer.concat(pieces));
        pieces = undefined;
      }
    }
    if (!marker) continue;
    const own = units.filter((unit) => ![7, 8, 9].includes(unit[0]! & 31));
    const mark = own.find((unit) => readOrdinal(unit) !== undefined);
    pictures.push({ ordinal: mark && readOrdinal(mark), timestamp, units: own });
    units = [];
  }
  return pictures;
}

export class RtspPlayer {
  readonly client: RawRtspClient;
  readonly url: string;
  readonly #login: RtspLogin | undefined;
  readonly #digest: DigestOptions;
  #challenge: string | undefined;
  #count = 0;

  private constructor(client: RawRtspClient, url: string, login: RtspLogin | undefined, digest: DigestOptions) {
    this.client = client;
    this.url = url;
    this.#login = login;
    this.#digest = digest;
  }

  static async open(url: string, login?: RtspLogin, digest: DigestOptions = {}): Promise<RtspPlayer> {
    return new RtspPlayer(await RawRtspClient.open(url), url, login, digest);
  }

  /** Asks, and answers a challenge once. */
  async ask(method: string, uri = this.url, headers: Record<string, string> = {}): Promise<RawResponse> {
    const first = await this.client.ask(method, uri, { ...headers, ...this.#authorization(method, uri) });
    if (first.status !== 401 || !this.#login) return first;
    // The client keeps the last header of a name, which is that of MD5; the nonce is the same for both.
    this.#challenge = first.headers.get('www-authenticate')!;
    this.#count = 0;
    return this.client.ask(method, uri, { ...headers, ...this.#authorization(method, uri) });
  }

  /** DESCRIBE, SETUP of the tracks and PLAY; the answers of all. */
  async play(tracks: readonly number[] = [0]): Promise<RawResponse[]> {
    const answers = [await this.ask('DESCRIBE')];
    let session = '';
    for (const track of tracks) {
      const transport = `RTP/AVP/TCP;unicast;interleaved=${track * 2}-${track * 2 + 1}`;
      const headers = { Transport: transport, ...(session === '' ? {} : { Session: session }) };
      const answer = await this.ask('SETUP', `${this.url}/trackID=${track}`, headers);
      session = answer.headers.get('session')?.split(';')[0] ?? '';
      answers.push(answer);
    }
    answers.push(await this.ask('PLAY', `${this.url}/`, { Session: session }));
    return answers;
  }

  close(): void {
    this.client.close();
  }

  #authorization(method: string, uri: string): Record<string, string> {
    if (this.#challenge === undefined || !this.#login) return {};
    const options = { ...this.#digest, count: ++this.#count };
    return { Authorization: digestAnswer(this.#challenge, this.#login, method, uri, options) };
  }
}

/** An even port that nobody has, as a rule with the next one. */
export async function freePorts(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const closed = once(server, 'close');
  server.close();
  await closed;
  // The kernel gives odd ones to those who ask for any.
  return port - (port % 2);
}
