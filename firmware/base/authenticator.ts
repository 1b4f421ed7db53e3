import { createHash, randomBytes } from 'node:crypto';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** One offer of a WWW-Authenticate header. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  /** Names in lower case, values as sent, without quotes. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Names of the parameters whose value stood in quotes. */
  readonly quoted: ReadonlySet<string>;
}

/** What a 401 means: it can be answered, it confirms that the credentials are wrong, or nothing in it is understood. */
export type ChallengeVerdict = 'answer' | 'refused' | 'unsupported';

const MAX_CHALLENGES = 16;
const ELEMENT = /^([A-Za-z0-9!#$%&'*+.^_`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^\s,"]*))|(?=[\s,]|$))/;

/** Reads every challenge of every WWW-Authenticate header (RFC 7235 section 4.1): headers may repeat and hold several each. */
export function parseChallenges(values: readonly string[]): Challenge[] {
  return values.flatMap(parseOneHeader).slice(0, MAX_CHALLENGES);
}

function parseOneHeader(value: string): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string>; quoted: Set<string> }[] = [];
  let rest = value;
  while ((rest = rest.replace(/^[\s,]+/, '')) !== '') {
    const element = ELEMENT.exec(rest);
    if (!element) {
      // Something no header should hold: go on behind the next comma.
      const comma = rest.indexOf(',');
      if (comma < 0) break;
      rest = rest.slice(comma);
      continue;
    }
    rest = rest.slice(element[0].length);
    const name = element[1]!.toLowerCase();
    const text = element[2] ?? element[3];
    if (text === undefined) {
      challenges.push({ scheme: name, parameters: new Map(), quoted: new Set() });
      continue;
    }
    const current = challenges.at(-1);
    if (!current || current.parameters.has(name)) continue;
    current.parameters.set(name, text);
    if (element[2] !== undefined) current.quoted.add(name);
  }
  return challenges;
}

interface Algorithm {
  readonly hash: 'md5' | 'sha256';
  readonly session: boolean;
}

/** Undefined for what is not supported; a missing algorithm means MD5 (RFC 7616 section 3.3). */
function algorithmOf(challenge: Challenge): Algorithm | undefined {
  const name = (challenge.parameters.get('algorithm') ?? 'MD5').trim().toLowerCase();
  const session = name.endsWith('-sess');
  const base = session ? name.slice(0, -5) : name;
  if (base === '' || base === 'md5') return { hash: 'md5', session };
  if (base === 'sha-256' || base === 'sha256') return { hash: 'sha256', session };
  return undefined;
}

function strength(challenge: Challenge, allowBasic: boolean): number {
  if (challenge.scheme === 'basic') return allowBasic ? 1 : 0;
  if (challenge.scheme !== 'digest' || !challenge.parameters.has('nonce')) return 0;
  const algorithm = algorithmOf(challenge);
  if (!algorithm) return 0;
  return algorithm.hash === 'sha256' ? 3 : 2;
}

/** The strongest offer that can be answered: SHA-256, then MD5, then Basic. */
export function chooseChallenge(challenges: readonly Challenge[], allowBasic = true): Challenge | undefined {
  let best: Challenge | undefined;
  let bestStrength = 0;
  for (const challenge of challenges) {
    const value = strength(challenge, allowBasic);
    if (value > bestStrength) {
      best = challenge;
      bestStrength = value;
    }
  }
  return best;
}

/** Answers the challenges of one connection (RFC 7616, RFC 7617). Texts are hashed and sent as UTF-8. */
export class Authenticator {
  readonly #credentials: Credentials;
  #allowBasic: boolean;
  readonly #makeCnonce: () => string;
  #challenge: Challenge | undefined;
  #count = 0;
  #sessionKey: { nonce: string; cnonce: string } | undefined;

  /** `allowBasic` is false where the password must not travel readable, as after a redirect to another host. */
  constructor(credentials: Credentials, options: { allowBasic?: boolean; makeCnonce?: () => string } = {}) {
    this.#credentials = credentials;
    this.#allowBasic = options.allowBasic ?? true;
    this.#makeCnonce = options.makeCnonce ?? (() => randomBytes(8).toString('hex'));
  }

  /** From now on the password never travels readable. */
  refuseBasic(): void {
    this.#allowBasic = false;
  }

  /** The scheme in use: "digest", "basic", or undefined before the first challenge. */
  get scheme(): string | undefined {
    return this.#challenge?.scheme;
  }

  /**
   * Takes the WWW-Authenticate headers of a 401. `answered` says whether the refused request already carried an answer;
   * then only a fresh nonce (or "stale") deserves another one.
   */
  challenge(values: readonly string[], answered: boolean): ChallengeVerdict {
    const previous = this.#challenge;
    const chosen = chooseChallenge(parseChallenges(values), this.#allowBasic);
    if (!chosen) return answered ? 'refused' : 'unsupported';
    this.#challenge = chosen;
    const nonce = chosen.parameters.get('nonce');
    const fresh =
      previous === undefined ||
      previous.scheme !== chosen.scheme ||
      (chosen.scheme === 'digest' && nonce !== previous.parameters.get('nonce')) ||
      chosen.parameters.get('stale')?.trim().toLowerCase() === 'true';
    if (nonce !== previous?.parameters.get('nonce')) this.#count = 0;
    return answered && !fresh ? 'refused' : 'answer';
  }

  /** The Authorization header for a request, or undefined before the first challenge. `uri` is the text of the request line. */
  header(method: string, uri: string, body = ''): string | undefined {
    if (!this.#challenge) return undefined;
    return this.#challenge.scheme === 'basic' ? this.#basic() : this.#digest(this.#challenge, method, uri, body);
  }

  #basic(): string {
    const { user, password } = this.#credentials;
    return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
  }

  #digest(challenge: Challenge, method: string, uri: string, body: string): string {
    const { parameters, quoted } = challenge;
    const { user, password } = this.#credentials;
    const { hash, session } = algorithmOf(challenge) ?? { hash: 'md5', session: false };
    const digest = (text: string): string => createHash(hash).update(text, 'utf8').digest('hex');
    const realm = parameters.get('realm') ?? '';
    const nonce = parameters.get('nonce') ?? '';
    const qop = chooseQop(parameters.get('qop'));
    const { cnonce, key } = this.#clientNonce(nonce, session);
    const count = (++this.#count).toString(16).padStart(8, '0');

    let secret = digest(`${user}:${realm}:${password}`);
    if (session) secret = digest(`${secret}:${nonce}:${key}`);
    const request = digest(qop === 'auth-int' ? `${method}:${uri}:${digest(body)}` : `${method}:${uri}`);
    const middle = qop ? `${nonce}:${count}:${cnonce}:${qop}` : nonce;
    const response = digest(`${secret}:${middle}:${request}`);

    const fields = [
      `username="${user.replaceAll(/["\\]/g, '\\$&')}"`,
      `realm="${realm}"`,
      `nonce="${nonce}"`,
      `uri="${uri}"`,
      `response="${response}"`,
    ];
    const algorithm = parameters.get('algorithm');
    if (algorithm) fields.push(quoted.has('algorithm') ? `algorithm="${algorithm}"` : `algorithm=${algorithm}`);
    if (qop) fields.push(`qop=${qop}`, `nc=${count}`);
    if (qop || session) fields.push(`cnonce="${session && !qop ? key : cnonce}"`);
    const opaque = parameters.get('opaque');
    if (opaque !== undefined) fields.push(`opaque="${opaque}"`);
    return `Digest ${fields.join(', ')}`;
  }

  /** The "-sess" algorithms bind their key to the client nonce of the first answer to a nonce. */
  #clientNonce(nonce: string, session: boolean): { cnonce: string; key: string } {
    if (!session) {
      const cnonce = this.#makeCnonce();
      return { cnonce, key: cnonce };
    }
    if (this.#sessionKey?.nonce !== nonce) this.#sessionKey = { nonce, cnonce: this.#makeCnonce() };
    return { cnonce: this.#sessionKey.cnonce, key: this.#sessionKey.cnonce };
  }
}

/** "auth" out of a list; "auth-int" only if alone; undefined if not asked. */
function chooseQop(list: string | undefined): 'auth' | 'auth-int' | undefined {
  const words = (list ?? '').toLowerCase().split(/[\s,]+/);
  if (words.includes('auth')) return 'auth';
  return words.includes('auth-int') ? 'auth-int' : undefined;
}
