import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { BoxError } from '../base/index.ts';
import { anonymous, type Caller } from '../control/index.ts';
import type { AccountsPort } from './ports.ts';

/** The prefix binds it to this host, to HTTPS and to the whole site (RFC 6265bis section 4.1.3.2). */
export const COOKIE = '__Host-ipvs';
export const CSRF_HEADER = 'x-csrf-token';
const MAX_SECRET = 500;

/** Who a request comes from, found out once. */
export interface Identity {
  readonly caller: Caller;
  /** By the cookie, which a browser sends by itself; only then can somebody else's page have made the request. */
  readonly byCookie: boolean;
  /** Of the session. */
  readonly secret?: string;
}

/**
 * The caller behind a request: a bearer token if there is one, else the session of the cookie. A token that is not good makes the
 * request anonymous, even with a good cookie beside it. Addresses count as the kernel gives them; what headers claim counts nothing.
 */
export function identify(
  accounts: AccountsPort,
  request: { headers: IncomingHttpHeaders; cookies: Readonly<Record<string, string | undefined>>; address: string },
): Identity {
  const { headers, cookies, address } = request;
  if (headers.authorization !== undefined) {
    const token = /^Bearer ([\w.~+/=-]{1,500})$/i.exec(headers.authorization)?.[1];
    const caller = token === undefined ? undefined : accounts.token(token, address);
    return { caller: caller ?? anonymous(address), byCookie: false };
  }
  const secret = cookies[COOKIE];
  if (secret === undefined || secret.length > MAX_SECRET) return { caller: anonymous(address), byCookie: false };
  const caller = isScreenToken(secret) ? accounts.token(secret, address) : accounts.session(secret, address);
  return caller ? { caller, byCookie: true, secret } : { caller: anonymous(address), byCookie: false };
}

/** A screen on a wall has a token where people have a session: nobody is there to sign in again. */
export function isScreenToken(secret: string): boolean {
  return secret.startsWith('ipvs_');
}

/** What a page of the box must send with every change: known only to who can read the box's answers. */
export function csrfTokenOf(secret: string): string {
  return createHash('sha256').update(`csrf\0${secret}`).digest('base64url');
}

/**
 * Refuses requests that another site's page made a browser send. With a cookie, a request must say that it comes from the box
 * itself and carry the token; without one, it must only not come from elsewhere. Throws http.foreign-origin.
 */
export function checkOrigin(identity: Identity, headers: IncomingHttpHeaders, needsToken: boolean): void {
  const from = originOf(headers);
  if (from === 'foreign' || (identity.byCookie && from === 'unsaid')) throw new BoxError('http.foreign-origin');
  if (!needsToken || identity.secret === undefined) return;
  const given = Buffer.from(String(headers[CSRF_HEADER] ?? ''));
  const wanted = Buffer.from(csrfTokenOf(identity.secret));
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    throw new BoxError('http.foreign-origin', { missing: CSRF_HEADER });
  }
}

function originOf(headers: IncomingHttpHeaders): 'same' | 'foreign' | 'unsaid' {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'foreign';
  const { origin } = headers;
  if (origin === undefined) return site === 'same-origin' ? 'same' : 'unsaid';
  if (!URL.canParse(origin) || new URL(origin).host !== headers.host?.toLowerCase()) return 'foreign';
  return 'same';
}
