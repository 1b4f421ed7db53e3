import { Authenticator, BoxError, type Credentials, type ErrorCode } from '../base/index.ts';
import type { RtspConnection } from './connection.ts';
import type { HeaderList, RtspResponse } from './message.ts';
import { parseSession } from './session-header.ts';

const DEFAULT_TIMEOUT_S = 60;

/** Requests of one session over one connection, with the login and the session id that they carry. */
export class Dialogue {
  readonly #connection: RtspConnection;
  readonly #login: Authenticator | undefined;
  readonly #where: Record<string, unknown>;
  #sessionId: string | undefined;
  #timeoutS = DEFAULT_TIMEOUT_S;

  /** `where` names the camera in errors. */
  constructor(
    connection: RtspConnection,
    options: { credentials?: Credentials | undefined; allowBasic: boolean; where: Record<string, unknown> },
  ) {
    this.#connection = connection;
    this.#login = options.credentials && new Authenticator(options.credentials, { allowBasic: options.allowBasic });
    this.#where = options.where;
  }

  /** From now on the password never travels readable. */
  refuseBasic(): void {
    this.#login?.refuseBasic();
  }

  get sessionId(): string | undefined {
    return this.#sessionId;
  }

  /** The newest that the camera named. */
  get sessionTimeoutS(): number {
    return this.#timeoutS;
  }

  /** "digest", "basic", or undefined when the camera asked for no login. */
  get loginScheme(): string | undefined {
    return this.#login?.scheme;
  }

  /**
   * Sends a request and answers a challenge once: for the first login, and whenever the camera has changed its nonce.
   * Resolves with any status but 401.
   * @throws BoxError rtsp.unauthorized (context `confirmed`: the login itself was refused), rtsp.timeout, rtsp.closed
   */
  async exchange(method: string, url: string, headers: HeaderList, limitMs: number): Promise<RtspResponse> {
    for (let round = 0; ; round++) {
      const authorization = this.#login?.header(method, url);
      const session = this.#sessionId;
      const all: (readonly [string, string])[] = [...headers];
      if (session !== undefined) all.push(['Session', session]);
      if (authorization !== undefined) all.push(['Authorization', authorization]);
      const response = await this.#connection.request(method, url, all, limitMs);
      if (response.status !== 401) {
        this.#noteSession(method, response);
        return response;
      }
      const challenges = response.headers.all('www-authenticate');
      if (!this.#login) throw this.#unauthorized(method, false, 'no user name is set');
      const verdict = this.#login.challenge(challenges, authorization !== undefined);
      if (verdict === 'unsupported')
        throw this.#unauthorized(method, false, 'the camera asks for an unknown kind of login');
      if (verdict === 'refused' || round > 0) throw this.#unauthorized(method, true, undefined);
    }
  }

  /**
   * An exchange that must succeed.
   * @throws BoxError as `exchange`, and the one that stands for the status
   */
  async demand(method: string, url: string, headers: HeaderList, limitMs: number): Promise<RtspResponse> {
    const response = await this.exchange(method, url, headers, limitMs);
    if (response.status < 200 || response.status > 299) throw this.statusError(method, response.status);
    return response;
  }

  statusError(method: string, status: number): BoxError {
    return new BoxError(codeOfStatus(status), { ...this.#where, step: method, status });
  }

  /** The first id stays, whatever later answers say; only answers that belong to the session are believed. */
  #noteSession(method: string, response: RtspResponse): void {
    const header = response.headers.get('session');
    const session = header === undefined ? undefined : parseSession(header);
    if (!session || response.status > 299 || method === 'OPTIONS' || method === 'DESCRIBE') return;
    this.#sessionId ??= session.id;
    if (session.timeoutGiven) this.#timeoutS = session.timeoutS;
  }

  #unauthorized(method: string, confirmed: boolean, reason: string | undefined): BoxError {
    return new BoxError('rtsp.unauthorized', { ...this.#where, step: method, confirmed, reason });
  }
}

function codeOfStatus(status: number): ErrorCode {
  if (status >= 300 && status < 400) return 'rtsp.redirected';
  switch (status) {
    case 401:
    case 407:
      return 'rtsp.unauthorized';
    case 403:
      return 'rtsp.forbidden';
    case 404:
    case 410:
      return 'rtsp.not-found';
    case 453:
    case 503:
      return 'rtsp.too-many-clients';
    case 461:
      return 'rtsp.transport-refused';
    default:
      return 'rtsp.camera-error';
  }
}
