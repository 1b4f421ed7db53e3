/** Who may ask: WS-Security tokens and the digest of the web server, as cameras do it. */
import { createHash, randomBytes } from 'node:crypto';
import { attribute, find, textAt } from '../../../firmware/onvif/xml/element.ts';
import type { SoapRequest } from './request.ts';

export interface Login {
  readonly user: string;
  readonly password: string;
  /** `either` (default): a right token or a right digest; the others want exactly that. */
  readonly way?: 'either' | 'token' | 'http' | 'both';
  /** Tokens older or newer than this are refused; 5 s. */
  readonly toleranceMs?: number;
}

type Verdict = 'right' | 'wrong' | 'absent';

const TOLERANCE_MS = 5_000;

export class Doorman {
  /** Wrong names, passwords and tokens. */
  wrong = 0;
  /** Requests that came with a login, right or wrong. */
  logins = 0;
  login: Login | undefined;
  /** Passwords that came so that anybody on the way could read them. */
  readonly readable: string[] = [];
  readonly #nonces = new Set<string>();
  readonly #used = new Set<string>();

  constructor(login: Login | undefined) {
    this.login = login;
  }

  /** Undefined if it may pass; else how it is sent away. */
  check(request: SoapRequest, method: string, header: string | undefined, nowMs: number): 401 | 'fault' | undefined {
    const { login } = this;
    if (header !== undefined || find(request.header, 'UsernameToken')) this.logins++;
    if (!login) return undefined;
    const token = this.#token(request, login, nowMs);
    const http = this.#digest(method, header, login);
    const way = login.way ?? 'either';
    if (token === 'wrong' || http === 'wrong') this.wrong++;
    const passes = {
      either: token === 'right' || http === 'right',
      token: token === 'right',
      http: http === 'right',
      both: token === 'right' && http === 'right',
    }[way];
    if (passes) return undefined;
    const isServersTurn =
      way === 'http' || (way === 'both' && http !== 'right') || (way === 'either' && token === 'absent');
    return isServersTurn ? 401 : 'fault';
  }

  /** For what is not SOAP. */
  checkPlain(method: string, header: string | undefined): boolean {
    if (header !== undefined) this.logins++;
    if (!this.login) return true;
    const verdict = this.#digest(method, header, this.login);
    if (verdict === 'wrong') this.wrong++;
    return verdict === 'right';
  }

  /** As a device does that wants to read passwords: nothing else will do, and any will. */
  reads(header: string | undefined): boolean {
    const text = /^basic\s+(\S+)$/i.exec(header ?? '')?.[1];
    if (text !== undefined) this.readable.push(Buffer.from(text, 'base64').toString());
    return text !== undefined;
  }

  challenge(): string {
    const nonce = randomBytes(12).toString('hex');
    this.#nonces.add(nonce);
    return `Digest realm="Simulated ONVIF", qop="auth", nonce="${nonce}"`;
  }

  #token(request: SoapRequest, login: Login, nowMs: number): Verdict {
    const token = find(request.header, 'UsernameToken');
    if (!token) return 'absent';
    const nonce = Buffer.from(textAt(token, 'Nonce') ?? '', 'base64');
    const created = textAt(token, 'Created') ?? '';
    const isDigest = attribute(find(token, 'Password'), 'Type')?.endsWith('#PasswordDigest') ?? false;
    const digest = createHash('sha1').update(nonce).update(created).update(login.password).digest('base64');
    const isFresh = Math.abs(Date.parse(created) - nowMs) <= (login.toleranceMs ?? TOLERANCE_MS);
    const key = `${nonce.toString('hex')} ${created}`;
    const isReplay = this.#used.has(key);
    this.#used.add(key);
    const isWellFormed = nonce.length <= 20 && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(created) && isDigest;
    const isRight = textAt(token, 'Username') === login.user && textAt(token, 'Password') === digest;
    return isWellFormed && isRight && isFresh && !isReplay ? 'right' : 'wrong';
  }

  #digest(method: string, header: string | undefined, login: Login): Verdict {
    const fields = /^digest\s+(.*)$/is.exec(header ?? '')?.[1];
    if (fields === undefined) return 'absent';
    const value = (name: string): string =>
      new RegExp(`(?:^|[\\s,])${name}=(?:"([^"]*)"|([^\\s,]*))`, 'i')
        .exec(fields)
        ?.slice(1)
        .find((each) => each) ?? '';
    const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
    const secret = md5(`${login.user}:${value('realm')}:${login.password}`);
    const target = md5(`${method}:${value('uri')}`);
    const expected = md5(`${secret}:${value('nonce')}:${value('nc')}:${value('cnonce')}:${value('qop')}:${target}`);
    const isRight = value('username') === login.user && value('response') === expected;
    return isRight && this.#nonces.has(value('nonce')) ? 'right' : 'wrong';
  }
}
