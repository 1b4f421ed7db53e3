import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { BoxError, type Authenticator } from '../../base/index.ts';
import { DEFAULT_LIMITS, type OnvifDeps, type OnvifLimits, type Peer } from '../ports.ts';
import { openConnection, type OpenConnection } from './connect.ts';
import { ResponseReader } from './response-reader.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly maxBytes: number;
  /** For the whole exchange, connecting included. */
  readonly timeoutMs: number;
  readonly authorization?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Where it came from, redirects followed. */
  readonly url: URL;
  readonly address: string;
  readonly localAddress: string;
  readonly certificateSha256?: string;
}

const unzip = { gzip: promisify(gunzip), 'x-gzip': promisify(gunzip), deflate: promisify(inflate) };

/** One request per connection to web servers that were made for little more. Every connection passes the guards. */
export class HttpClient {
  readonly #deps: OnvifDeps;
  readonly limits: OnvifLimits;

  constructor(deps: OnvifDeps) {
    this.#deps = deps;
    this.limits = { ...DEFAULT_LIMITS, ...deps.limits };
  }

  /**
   * Sends a request and follows redirects, none of them out of TLS. The login does not travel to another host.
   * @throws BoxError onvif.unreachable, onvif.timeout, onvif.bad-answer, onvif.answer-too-large; what the guards throw
   */
  async send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { host, port } = hostPort(request.url);
    const within = AbortSignal.timeout(Math.ceil(request.timeoutMs));
    const both = AbortSignal.any([signal, within]);
    try {
      return await this.#follow(request, both);
    } catch (error) {
      signal.throwIfAborted();
      if (within.aborted) throw new BoxError('onvif.timeout', { host, port });
      throw error;
    }
  }

  async #follow(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    let current = request;
    let why: Peer['why'] = 'connect';
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#exchange(current, why, signal);
      const location = headerOf(answer, 'location');
      if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) return answer;
      if (redirects >= this.limits.maxRedirects) throw bad('it sends us on too often');
      current = redirected(current, location);
      why = 'redirect';
    }
  }

  async #exchange(request: HttpRequest, why: Peer['why'], signal: AbortSignal): Promise<HttpAnswer> {
    const { url } = request;
    const { host, port } = hostPort(url);
    const to = { secure: url.protocol === 'https:', host, port, why };
    const connection = await openConnection(to, this.#deps, this.limits, signal);
    const reader = new ResponseReader(request.maxBytes);
    try {
      connection.socket.write(requestText(request));
      await readAnswer(connection, reader, signal);
    } finally {
      connection.socket.on('error', () => undefined).destroy();
    }
    return await answerOf(reader, request, connection);
  }
}

/** Gives the Authorization header for a request with this body, if one is asked for. */
export type Authorize = (body?: string) => string | undefined;

export interface LoggedIn {
  readonly answer: HttpAnswer;
  /** A login went out and the web server did not take it. */
  readonly refused: boolean;
}

/**
 * Answers the login that a web server asks for. `login` remembers the challenge, so that the next request answers it unasked.
 * A wrong password is sent once: again only if the challenge that was answered was an old one.
 */
export async function sendWithLogin(
  send: (authorize: Authorize) => Promise<HttpAnswer>,
  request: { method: string; url: URL },
  login: Authenticator | undefined,
): Promise<LoggedIn> {
  let sent = false;
  const authorize: Authorize = (body) => {
    const header = login?.header(request.method, requestTarget(request.url), body);
    sent = header !== undefined;
    return header;
  };
  for (let tries = 0; ; tries++) {
    const answer = await send(authorize);
    if (!login || answer.status !== 401) return { answer, refused: false };
    const offers = headersOf(answer, 'www-authenticate');
    const isStale = offers.some((offer) => /stale\s*=\s*"?true/i.test(offer));
    const verdict = login.challenge(offers, sent);
    const mayAgain = tries === 0 || (tries === 1 && isStale);
    if (verdict !== 'answer' || !mayAgain) return { answer, refused: sent };
  }
}

/** What stands in the request line; a digest is made of the same text. */
function requestTarget(url: URL): string {
  return `${url.pathname}${url.search}`;
}

export function hostPort(url: URL): { host: string; port: number } {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port) };
}

function headersOf(answer: Pick<HttpAnswer, 'headers'>, name: string): string[] {
  return answer.headers.filter(([each]) => each === name).map(([, value]) => value);
}

function headerOf(answer: HttpAnswer, name: string): string | undefined {
  return headersOf(answer, name)[0];
}

function requestText(request: HttpRequest): string {
  const { method, url, body, authorization } = request;
  const headers: Record<string, string> = {
    Host: url.host,
    'User-Agent': 'IPVS-Box',
    Accept: '*/*',
    Connection: 'close',
    ...request.headers,
    ...(authorization !== undefined && { Authorization: authorization }),
    ...(body !== undefined && { 'Content-Length': String(Buffer.byteLength(body)) }),
  };
  // Values that came from a camera (a nonce, a path) must not begin a header of their own.
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value.replaceAll(/[\r\n\0]/g, ' ')}`);
  return `${method} ${requestTarget(url)} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}

async function readAnswer(connection: OpenConnection, reader: ResponseReader, signal: AbortSignal): Promise<void> {
  const { socket } = connection;
  const stop = (): void => void socket.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    for await (const portion of socket) {
      reader.push(portion as Buffer);
      if (reader.done) return;
    }
    reader.end();
  } catch (error) {
    if (error instanceof BoxError) throw error;
    // Some reset the connection behind their last byte instead of closing it.
    reader.end();
    if (isWhole(reader)) return;
    signal.throwIfAborted();
    throw new BoxError('onvif.unreachable', { errno: (error as NodeJS.ErrnoException).code }, { cause: error });
  } finally {
    signal.removeEventListener('abort', stop);
  }
  if (signal.aborted && !isWhole(reader)) signal.throwIfAborted();
}

/** A length that promises more than comes does not spoil an envelope that was closed. */
function isWhole(reader: ResponseReader): boolean {
  return (
    reader.done || (reader.head !== undefined && /<\/[\w.-]*:?Envelope\s*>\s*$/.test(reader.body.toString('latin1')))
  );
}

async function answerOf(reader: ResponseReader, request: HttpRequest, from: OpenConnection): Promise<HttpAnswer> {
  const { head } = reader;
  if (!head) throw bad('the connection was closed without an answer');
  const { address, localAddress, certificateSha256 } = from;
  return {
    status: head.status,
    headers: head.headers,
    body: await unpacked(reader, request.maxBytes),
    url: request.url,
    address,
    localAddress,
    ...(certificateSha256 !== undefined && { certificateSha256 }),
  };
}

async function unpacked(reader: ResponseReader, maxBytes: number): Promise<Buffer> {
  const encoding = reader.header('content-encoding')?.trim().toLowerCase() ?? '';
  if (!Object.hasOwn(unzip, encoding)) return reader.body;
  try {
    return await unzip[encoding as keyof typeof unzip](reader.body, { maxOutputLength: maxBytes });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new BoxError('onvif.answer-too-large', { limit: maxBytes });
    throw bad('it cannot be unpacked');
  }
}

function redirected(request: HttpRequest, location: string): HttpRequest {
  let url: URL;
  try {
    url = new URL(location, request.url);
  } catch {
    throw bad('it sends us to an address that is none');
  }
  const wasSecure = request.url.protocol === 'https:';
  if (url.protocol !== 'https:' && (wasSecure || url.protocol !== 'http:'))
    throw bad('it sends us to another protocol');
  url.username = '';
  url.password = '';
  const { authorization, ...rest } = request;
  const keepsLogin =
    authorization !== undefined && url.host === request.url.host && url.protocol === request.url.protocol;
  return { ...rest, url, ...(keepsLogin && { authorization }) };
}

function bad(reason: string): BoxError {
  return new BoxError('onvif.bad-answer', { reason });
}
