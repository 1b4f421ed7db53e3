import { Authenticator, BoxError, type Credentials, type LoginKey } from '../../base/index.ts';
import { hostPort, HttpClient, sendWithLogin, type Authorize, type HttpAnswer } from '../http/http-client.ts';
import type { OnvifDeps, OnvifTarget } from '../ports.ts';
import { envelope, NAMESPACES, type Addressing } from './envelope.ts';
import { errorOf, isLoginFault } from './fault.ts';
import { readReply, type SoapAnswer, type SoapReply } from './reply.ts';

export interface SoapCall {
  readonly url: URL;
  readonly service: keyof typeof NAMESPACES;
  readonly operation: string;
  /** What stands inside the operation, as XML. */
  readonly content?: string;
  readonly addressing?: Addressing;
  /** Where it is not made of the service and the operation. */
  readonly action?: string;
  /** False for what has to be asked before anything is known of the camera. */
  readonly login?: boolean;
  /** How long the camera may hold the answer back, on top of the usual limit. */
  readonly heldMs?: number;
}

/** Where an answer came from. */
export type AnswerSource = Pick<HttpAnswer, 'url' | 'address' | 'localAddress' | 'certificateSha256'>;

/** These are answered to anybody (ONVIF Core section 5.9.4.2, PRE_AUTH): that they are says nothing of a password. */
const OPEN_TO_ALL = new Set([
  'GetSystemDateAndTime',
  'GetServices',
  'GetServiceCapabilities',
  'GetCapabilities',
  'GetHostname',
  'GetEndpointReference',
  'GetWsdlUrl',
]);

/** Answers up to this size are read without a pause. */
const FREE_BYTES = 32 * 1024;
/** What reading a larger one has cost, some ten times over: no camera gets more than about a tenth of the thread that all share. */
const REST_MS_PER_BYTE = 0.004;

interface Sent {
  readonly status: number;
  readonly reply: SoapReply;
  /** The web server refused the login itself. */
  readonly refusedByServer: boolean;
}

/**
 * SOAP calls to one camera. Asks for the camera's time before the first login, since a token that is some seconds off is
 * refused; logs in as the camera wants it; and after a refusal sends no password again before the guard allows it.
 */
export class SoapClient {
  /** Camera minus box; set by whoever asks the camera for its time. */
  offsetMs = 0;
  /** The last answer's way back. */
  source: AnswerSource | undefined;
  readonly #http: HttpClient;
  #restMs = 0;
  readonly #deps: OnvifDeps;
  readonly #credentials: Credentials | undefined;
  readonly #login: Authenticator | undefined;
  /** Whether the password may be sent readable. Not any more once the camera has taken it otherwise: who asks for it then is another one. */
  #mayRead: boolean;
  /** Whether a token is sent along; the login of the web server is added whenever that asks for one. */
  #withToken = true;
  /** Asks for the time anew; gives whether the offset changed so much that another try makes sense. */
  readonly #refreshClock: (signal: AbortSignal) => Promise<boolean>;

  constructor(
    deps: OnvifDeps,
    { credentials, readablePassword = true }: OnvifTarget,
    refreshClock: (signal: AbortSignal) => Promise<boolean>,
  ) {
    this.#deps = deps;
    this.#credentials = credentials;
    this.#mayRead = readablePassword;
    this.#login = credentials && new Authenticator(credentials, { allowBasic: readablePassword });
    this.#http = new HttpClient(deps);
    this.#refreshClock = refreshClock;
  }

  get http(): HttpClient {
    return this.#http;
  }

  /**
   * @throws BoxError onvif.unauthorized, onvif.forbidden, onvif.not-supported, onvif.refused and onvif.busy (the camera's own
   * faults), onvif.bad-answer, onvif.unreachable, onvif.timeout, onvif.hostile-xml, onvif.answer-too-large
   */
  async call(call: SoapCall, signal: AbortSignal): Promise<SoapAnswer> {
    const credentials = call.login === false ? undefined : this.#credentials;
    if (!credentials) return judge(await this.#send(call, undefined, signal), call);
    const key = await this.#admitted(call.url, credentials, signal);
    let decided = false;
    try {
      const sent = await this.#sendLoggedIn(call, credentials, signal);
      decided = true;
      if (isRefused(sent)) throw this.#refused(call, key);
      if (OPEN_TO_ALL.has(call.operation)) this.#deps.guard.undecided(key);
      else {
        this.#deps.guard.accepted(key);
        if (this.#login?.scheme !== 'basic') this.#readNoMore();
      }
      return judge(sent, call);
    } finally {
      if (!decided) this.#deps.guard.undecided(key);
    }
  }

  /**
   * Gets a picture or another file of the camera. The login never stands in the address.
   * @throws BoxError as `call`
   */
  async fetch(url: URL, maxBytes: number, signal: AbortSignal): Promise<HttpAnswer> {
    const credentials = this.#credentials;
    const key = credentials && (await this.#admitted(url, credentials, signal));
    const login = credentials && new Authenticator(credentials, { allowBasic: this.#mayRead });
    const timeoutMs = this.#http.limits.answerMs;
    const send = (authorize: Authorize): Promise<HttpAnswer> =>
      this.#http.send({ method: 'GET', url, maxBytes, timeoutMs, ...authorization(authorize()) }, signal);
    let decided = false;
    try {
      const { answer, refused } = await sendWithLogin(send, { method: 'GET', url }, login);
      decided = refused || login?.scheme !== undefined;
      if (key !== undefined && refused) throw this.#refused({ url, operation: 'GET' }, key);
      if (key !== undefined && decided) this.#deps.guard.accepted(key);
      if (answer.status === 401) throw new BoxError('onvif.unauthorized', hostPort(url));
      return answer;
    } finally {
      if (!decided && key !== undefined) this.#deps.guard.undecided(key);
    }
  }

  /**
   * At most three times with a password: as a token, and as the web server wants it if that asks; with the time asked anew;
   * without the token.
   */
  async #sendLoggedIn(call: SoapCall, credentials: Credentials, signal: AbortSignal): Promise<Sent> {
    const sent = await this.#send(call, credentials, signal);
    if (!isRefused(sent) || sent.refusedByServer || !this.#withToken) return sent;
    if (await this.#refreshClock(signal)) {
      const again = await this.#send(call, credentials, signal);
      if (!isRefused(again) || again.refusedByServer) return again;
    }
    this.#withToken = false;
    const bare = await this.#send(call, credentials, signal);
    this.#withToken = isRefused(bare);
    return bare;
  }

  async #send(call: SoapCall, credentials: Credentials | undefined, signal: AbortSignal): Promise<Sent> {
    const { url } = call;
    const { maxAnswerBytes: maxBytes, answerMs } = this.#http.limits;
    const timeoutMs = answerMs + (call.heldMs ?? 0);
    const headers = { 'Content-Type': contentType(call) };
    if (this.#restMs > 0) await this.#deps.clock.sleep(this.#restMs, signal);
    const { answer, refused } = await sendWithLogin(
      (authorize) => {
        // A token is good for one request only, so each has its own.
        const body = this.#text(call, credentials);
        const request = { method: 'POST' as const, url, headers, body, maxBytes, timeoutMs };
        return this.#http.send({ ...request, ...authorization(authorize(body)) }, signal);
      },
      { method: 'POST', url },
      credentials && this.#login,
    );
    this.source = answer;
    this.#restMs = Math.max(0, answer.body.length - FREE_BYTES) * REST_MS_PER_BYTE;
    return { status: answer.status, reply: readReply(answer.body), refusedByServer: refused };
  }

  #readNoMore(): void {
    this.#mayRead = false;
    this.#login?.refuseBasic();
  }

  #text(call: SoapCall, credentials: Credentials | undefined): string {
    const { service, operation, content = '', addressing } = call;
    const nowMs = this.#deps.clock.wallUs() / 1000 + this.offsetMs;
    return envelope({
      namespace: NAMESPACES[service],
      body: `<t:${operation}>${content}</t:${operation}>`,
      ...(credentials && this.#withToken && { login: { credentials, nowMs } }),
      ...(addressing && { addressing }),
    });
  }

  /** Waits while somebody else is just finding out whether the login is right. */
  async #admitted(url: URL, credentials: Credentials, signal: AbortSignal): Promise<LoginKey> {
    const { guard, clock } = this.#deps;
    const { host, port } = hostPort(url);
    const key = guard.key(host, port, credentials);
    for (;;) {
      const admission = guard.admit(key);
      if (admission.go) return key;
      if (admission.why === 'refused') throw unauthorized(url, admission.waitMs);
      await clock.sleep(admission.waitMs, signal);
    }
  }

  #refused(call: Pick<SoapCall, 'url' | 'operation'>, key: LoginKey): BoxError {
    const verdict = this.#deps.guard.refused(key);
    if (verdict === 'wrong-password') return unauthorized(call.url, this.#deps.guard.blockedMs(key));
    return new BoxError('onvif.forbidden', { ...hostPort(call.url), operation: call.operation });
  }
}

function isRefused({ status, reply }: Sent): boolean {
  return status === 401 || (reply.kind === 'fault' && isLoginFault(reply));
}

function unauthorized(url: URL, nextTryMs: number): BoxError {
  return new BoxError('onvif.unauthorized', { ...hostPort(url), confirmed: true, nextTryMs });
}

function authorization(header: string | undefined): { authorization?: string } {
  return header === undefined ? {} : { authorization: header };
}

function judge({ status, reply }: Sent, call: SoapCall): SoapAnswer {
  if (reply.kind === 'answer' && status !== 401) return reply;
  throw errorOf(reply, status, { ...hostPort(call.url), operation: call.operation });
}

/** SOAP 1.2 part 2 section 7.1.4: the action stands in the media type. */
function contentType(call: SoapCall): string {
  const action = call.addressing?.action ?? call.action ?? `${NAMESPACES[call.service]}/${call.operation}`;
  return `application/soap+xml; charset=utf-8; action="${action}"`;
}
