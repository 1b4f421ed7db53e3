import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { BoxError, type Clock, type ErrorCode } from '../base/index.ts';
import type { RtspPasswordRecord } from './account-book.ts';
import type { AuditPort } from './audit-port.ts';
import type { Caller } from './caller.ts';
import { guessesOf } from './guesses.ts';
import { DIGEST_ALGORITHMS, RTSP_REALM, type DigestAlgorithm, type RtspPasswords } from './rtsp-passwords.ts';
import type { Tries } from './tries.ts';

/** How long one challenge may be answered; then the client gets another one and does not notice. */
const NONCE_US = 5 * 60 * 1_000_000;
const NAMES = { sha256: 'SHA-256', md5: 'MD5' } as const;
const PARAMETER = /\s*([a-z]+)\s*=\s*(?:"((?:[^"\\]|\\.){0,1000})"|([^\s",]{1,200}))\s*(?:,|$)/giy;

export interface DigestParts {
  readonly passwords: RtspPasswords;
  readonly tries: Tries;
  readonly audit: AuditPort;
  readonly clock: Pick<Clock, 'wallUs' | 'monoUs'>;
}

/** What a request says of itself beside its Authorization header. */
export interface DigestRequest {
  readonly method: string;
  /** Whether the address that was hashed is one of the thing that is asked for. */
  readonly isAbout: (uri: string) => boolean;
}

/**
 * Digest authentication (RFC 7616, and RFC 2069 for clients that know no more) on one connection. Challenges belong to their
 * connection and end: an answer that somebody has read on the wire opens nothing elsewhere or later. Where the client counts its
 * answers, none is taken twice.
 */
export class DigestLogin {
  readonly #parts: DigestParts;
  readonly #address: string;
  #nonce = '';
  #madeUs = -Infinity;
  #lastCount = 0;
  #noted = false;

  constructor(parts: DigestParts, address: string) {
    this.#parts = parts;
    this.#address = address;
  }

  /** Values of WWW-Authenticate, the best first; many clients take the last one. `stale`: the answer was right but for its age. */
  challenges(stale: boolean): string[] {
    this.#renew();
    return DIGEST_ALGORITHMS.map(
      (algorithm) =>
        `Digest realm="${RTSP_REALM}", nonce="${this.#nonce}", qop="auth", algorithm=${NAMES[algorithm]}` +
        (stale ? ', stale=TRUE' : ''),
    );
  }

  /**
   * Whoever has answered the challenge of this connection. Throws accounts.refused (alike for an unknown name and a wrong
   * answer), accounts.stale-challenge, accounts.too-many-tries.
   */
  admit(authorization: string, request: DigestRequest): Caller {
    const { passwords } = this.#parts;
    const given = parametersOf(authorization);
    const user = given.get('username') ?? '';
    const found = passwords.find(user);
    try {
      this.#check(given, request, found, user);
    } catch (error) {
      if (error instanceof BoxError && error.code !== 'accounts.stale-challenge') this.#note(found, error.code);
      throw error;
    }
    const caller = passwords.callerOf(found!, this.#address);
    if (!this.#noted) this.#note(found, 'ok');
    this.#noted = true;
    return caller;
  }

  #check(
    given: ReadonlyMap<string, string>,
    { method, isAbout }: DigestRequest,
    found: RtspPasswordRecord | undefined,
    user: string,
  ): void {
    const { tries, clock, passwords } = this.#parts;
    const nonce = given.get('nonce') ?? '';
    // An answer to the challenge of another connection is no guess, and tells nothing about the password either.
    if (this.#nonce === '' || nonce !== this.#nonce) throw new BoxError('accounts.stale-challenge');
    const attempt = tries.begin(guessesOf(user).from(this.#address, found ? passwords.networksOf(found.id) : []));
    const uri = given.get('uri') ?? '';
    const right = isRight(given, method, found) && isAbout(uri);
    if (!right) throw new BoxError('accounts.refused');
    attempt.succeeded();
    if (clock.monoUs() - this.#madeUs > NONCE_US) throw new BoxError('accounts.stale-challenge');
    if (!given.has('qop')) return;
    const count = Number.parseInt(given.get('nc') ?? '', 16);
    if (!(count > this.#lastCount)) throw new BoxError('accounts.stale-challenge');
    this.#lastCount = count;
  }

  #renew(): void {
    this.#nonce = randomBytes(16).toString('hex');
    this.#madeUs = this.#parts.clock.monoUs();
    this.#lastCount = 0;
  }

  #note(found: RtspPasswordRecord | undefined, result: 'ok' | ErrorCode): void {
    const { audit, clock } = this.#parts;
    audit.note({
      atUs: clock.wallUs(),
      // Names that nobody has are not written down: people type passwords into the wrong field.
      who: found?.user ?? 'unknown',
      kind: 'token',
      address: this.#address,
      operation: 'rtsp.sign-in',
      ...(found ? { subject: found.id } : {}),
      result,
    });
  }
}

/** In the same time for a name that nobody has. */
function isRight(given: ReadonlyMap<string, string>, method: string, found: RtspPasswordRecord | undefined): boolean {
  const name = (given.get('algorithm') ?? 'MD5').toUpperCase();
  const algorithm = DIGEST_ALGORITHMS.find((each) => NAMES[each] === name);
  if (algorithm === undefined || given.get('realm') !== RTSP_REALM) return false;
  const ha1 = found?.ha1[algorithm] ?? '0'.repeat(algorithm === 'md5' ? 32 : 64);
  const ha2 = hash(algorithm, `${method}:${given.get('uri') ?? ''}`);
  const qop = given.get('qop');
  if (qop !== undefined && qop !== 'auth') return false;
  const counted = qop === undefined ? [] : [given.get('nc') ?? '', given.get('cnonce') ?? '', qop];
  const wanted = Buffer.from(hash(algorithm, [ha1, given.get('nonce') ?? '', ...counted, ha2].join(':')));
  const response = Buffer.from((given.get('response') ?? '').toLowerCase());
  return response.length === wanted.length && timingSafeEqual(response, wanted) && found !== undefined;
}

function hash(algorithm: DigestAlgorithm, text: string): string {
  return createHash(algorithm).update(text).digest('hex');
}

/** Names in lower case; nothing of a header that is not a whole one of Digest. */
function parametersOf(header: string): Map<string, string> {
  const found = new Map<string, string>();
  const [scheme] = /^\s*digest\s+/i.exec(header) ?? [];
  if (scheme === undefined || header.length > 4000) return found;
  PARAMETER.lastIndex = scheme.length;
  for (let next = PARAMETER.exec(header); next; next = PARAMETER.exec(header)) {
    const name = next[1]!.toLowerCase();
    if (!found.has(name)) found.set(name, next[2]?.replaceAll(/\\(.)/g, '$1') ?? next[3] ?? '');
    if (PARAMETER.lastIndex >= header.length) return found;
  }
  return new Map();
}
