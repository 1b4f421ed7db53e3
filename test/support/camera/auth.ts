/** Who may watch: Basic (RFC 7617) and Digest (RFC 2617, RFC 7616) as cameras do it, well or badly. */
import { createHash, randomBytes } from 'node:crypto';
import type { Request } from './message.ts';

export type Scheme = 'basic' | 'md5' | 'sha-256';

export interface AuthOptions {
  readonly user: string;
  readonly password: string;
  /** Challenges in this order, each in its own header. Default: md5. */
  readonly schemes?: readonly Scheme[];
  readonly realm?: string;
  /** Absent: as old as RFC 2069. */
  readonly qop?: 'auth' | 'auth,auth-int';
  /** Refuses answers without qop although it was offered; most cameras let them pass. */
  readonly strictQop?: boolean;
  readonly opaque?: string;
  /** A nonce is refused as stale after this long, in the middle of a session too. */
  readonly nonceLifeMs?: number;
  /** Each nonce is good for one request. */
  readonly nonceOnce?: boolean;
  /** Whether an expired nonce is answered with stale=true. Default true. */
  readonly tellStale?: boolean;
  /** After so many wrong passwords everything is refused for `lockMs`, the right one too. */
  readonly lockAfter?: number;
  readonly lockMs?: number;
}

type Verdict = 'right' | 'wrong' | 'stale' | 'absent';

const NONCES_KEPT = 1000;

/** The lock on one camera's door. */
export class Gate {
  /** Requests with a wrong name or password, and requests refused for want of one or for an old nonce. */
  wrongPasswords = 0;
  challenges = 0;
  #options: AuthOptions | undefined;
  #nonces = new Map<string, { bornMs: number; uses: number; lastCount: number }>();
  #lockedUntilMs = 0;

  constructor(options: AuthOptions | undefined) {
    this.#options = options;
  }

  /** Changes the password (or removes it) while sessions run. */
  change(options: AuthOptions | undefined): void {
    this.#options = options;
    this.#nonces.clear();
  }

  get locked(): boolean {
    return Date.now() < this.#lockedUntilMs;
  }

  /** Undefined if the request may pass, else the WWW-Authenticate headers of a 401. */
  check(request: Request): (readonly [string, string])[] | undefined {
    const options = this.#options;
    if (!options) return undefined;
    const verdict = this.#judge(request, options);
    if (verdict === 'right' && !this.locked) return undefined;
    if (verdict === 'wrong') {
      this.wrongPasswords++;
      const isOver = options.lockAfter !== undefined && this.wrongPasswords >= options.lockAfter;
      if (isOver) this.#lockedUntilMs = Date.now() + (options.lockMs ?? 1_800_000);
    } else this.challenges++;
    return this.#challenges(options, verdict === 'stale');
  }

  /** The headers of a 401 that has nothing to do with the password. */
  refusal(): (readonly [string, string])[] {
    return this.#challenges(this.#options ?? { user: '', password: '' }, false);
  }

  #challenges(options: AuthOptions, stale: boolean): (readonly [string, string])[] {
    const realm = options.realm ?? 'Simulated Camera';
    const nonce = randomBytes(16).toString('hex');
    // Only the newest are remembered: a client that asks again and again must not fill the memory.
    for (const old of this.#nonces.keys()) if (this.#nonces.size >= NONCES_KEPT) this.#nonces.delete(old);
    this.#nonces.set(nonce, { bornMs: Date.now(), uses: 0, lastCount: 0 });
    return (options.schemes ?? ['md5']).map((scheme) => {
      if (scheme === 'basic') return ['WWW-Authenticate', `Basic realm="${realm}"`];
      let value = `Digest realm="${realm}", nonce="${nonce}"`;
      if (options.qop) value += `, qop="${options.qop}"`;
      if (options.opaque) value += `, opaque="${options.opaque}"`;
      if (scheme === 'sha-256') value += ', algorithm=SHA-256';
      if (stale && options.tellStale !== false) value += ', stale=true';
      return ['WWW-Authenticate', value];
    });
  }

  #judge(request: Request, options: AuthOptions): Verdict {
    const header = request.headers.get('authorization');
    if (!header) return 'absent';
    const schemes = options.schemes ?? ['md5'];
    if (/^basic /i.test(header)) {
      const expected = Buffer.from(`${options.user}:${options.password}`).toString('base64');
      return schemes.includes('basic') && header.slice(6).trim() === expected ? 'right' : 'wrong';
    }
    return this.#judgeDigest(request, parseDigest(header), options);
  }

  #judgeDigest(request: Request, fields: ReadonlyMap<string, string>, options: AuthOptions): Verdict {
    const field = (name: string) => fields.get(name) ?? '';
    const scheme: Scheme = field('algorithm').toUpperCase() === 'SHA-256' ? 'sha-256' : 'md5';
    if (!(options.schemes ?? ['md5']).includes(scheme)) return 'wrong';
    const nonce = this.#nonces.get(field('nonce'));
    if (!nonce) return 'stale';
    const hash = (text: string) =>
      createHash(scheme === 'md5' ? 'md5' : 'sha256')
        .update(text, 'utf8')
        .digest('hex');
    const realm = options.realm ?? 'Simulated Camera';
    const secret = hash(`${options.user}:${realm}:${options.password}`);
    const what = hash(`${request.method}:${field('uri')}`);
    const middle = field('qop')
      ? `${field('nonce')}:${field('nc')}:${field('cnonce')}:${field('qop')}`
      : field('nonce');
    const proven = hash(`${secret}:${middle}:${what}`) === field('response') && field('username') === options.user;
    const qopOk = field('qop')
      ? options.qop !== undefined && field('qop') === 'auth'
      : !(options.qop && options.strictQop);
    const formOk = field('uri') === request.uri && qopOk;
    if (!proven || !formOk) return 'wrong';
    if (options.opaque && field('opaque') !== options.opaque) return 'wrong';
    const expired = options.nonceLifeMs !== undefined && Date.now() - nonce.bornMs > options.nonceLifeMs;
    const count = Number.parseInt(field('nc') || '0', 16);
    const replayed = field('qop') !== '' && count <= nonce.lastCount;
    if (expired || replayed || (options.nonceOnce && nonce.uses > 0)) return 'stale';
    nonce.uses++;
    nonce.lastCount = count;
    return 'right';
  }
}

/** `Digest a="b", c=d` as a map, names in lower case. */
function parseDigest(header: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const match of header.replace(/^digest\s+/i, '').matchAll(/([a-z]+)\s*=\s*(?:"([^"]*)"|([^,\s]*))/gi)) {
    fields.set(match[1]!.toLowerCase(), match[2] ?? match[3] ?? '');
  }
  return fields;
}
