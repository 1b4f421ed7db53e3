import { createPrivateKey, generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { asBoxError, BoxError } from '../base/index.ts';
import { replaceFile } from '../config/index.ts';
import { selfSignedCertificate } from './self-signed.ts';

const DAY_MS = 86_400_000;
/** What clients accept of a certificate that somebody trusts by hand: 825 days is the limit of Apple's. */
const LIFE_MS = 800 * DAY_MS;
const RENEW_BEFORE_MS = 60 * DAY_MS;
/** No box is older. One whose clock has not been set yet makes a certificate that is good all the same once it is. */
const EARLIEST_MS = Date.UTC(2026, 0, 1);
const MAX_CHAIN = 10;
const MADE_BY_BOX = '# made by the box; renewed by itself\n';
const GIVEN = '# given by the owner of the box\n';
const CERTIFICATES = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const KEY = /-----BEGIN (?:EC |RSA )?PRIVATE KEY-----[\s\S]+?-----END (?:EC |RSA )?PRIVATE KEY-----/;

export interface KeyAndCertificate {
  /** PEM. Handed to the TLS server of this process and to nobody else. */
  readonly key: string;
  /** PEM, the box's own first. */
  readonly certificate: string;
}

export interface CertificateReport {
  readonly madeByBox: boolean;
  readonly subject: string;
  readonly issuer: string;
  readonly names: string[];
  readonly validFrom: string;
  readonly validTo: string;
  /** SHA-256 in hexadecimal with colons, as browsers show it. */
  readonly fingerprint: string;
  readonly pem: string;
}

export interface CertificateOptions {
  readonly folder: string;
  readonly boxName: () => string;
  /** Host names and addresses besides those that the box finds by itself. */
  readonly moreNames?: () => readonly string[];
  readonly nowMs?: () => number;
}

/**
 * Key and certificate of the box: one file `tls.pem` of the data folder, mode 0600, replaced as a whole, so a crash leaves the
 * old pair or the new one. What the box made itself is renewed with the same key; what was given to it is left alone.
 */
export class BoxCertificate {
  readonly #options: CertificateOptions;
  readonly #path: string;
  readonly #listeners = new Set<(pair: KeyAndCertificate) => void>();
  #pair: KeyAndCertificate | undefined;
  #madeByBox = true;

  constructor(options: CertificateOptions) {
    this.#options = options;
    this.#path = join(options.folder, 'tls.pem');
  }

  /** What there is, made or renewed where needed. Rejects with http.certificate-unusable or config.not-written. */
  async open(): Promise<KeyAndCertificate> {
    const text = await readText(this.#path);
    if (text !== undefined) this.#take(text);
    await this.renew();
    return this.#pair!;
  }

  /** Makes a new certificate if there is none, or the box's own ends soon or lacks a name. Returns whether it did. */
  async renew(): Promise<boolean> {
    const names = this.#names();
    if (this.#pair && !(this.#madeByBox && this.#wantsRenewal(names))) return false;
    const key = this.#pair ? createPrivateKey(this.#pair.key) : newKey();
    await this.#make(key, names);
    return true;
  }

  /** Puts a certificate of somebody else's in force. Rejects with http.certificate-refused, and nothing has changed then. */
  async replace(given: KeyAndCertificate): Promise<CertificateReport> {
    const pair = checked(given, this.#now());
    await this.#write(GIVEN, pair);
    this.#madeByBox = false;
    return this.show();
  }

  /** Back to a certificate of the box's own, with a new key. */
  async makeOwn(): Promise<CertificateReport> {
    await this.#make(newKey(), this.#names());
    return this.show();
  }

  /** Throws http.certificate-unusable where there is none that could be read. */
  show(): CertificateReport {
    if (!this.#pair) throw new BoxError('http.certificate-unusable', { file: this.#path });
    const { certificate } = this.#pair;
    const parsed = new X509Certificate(certificate);
    return {
      madeByBox: this.#madeByBox,
      subject: parsed.subject.replaceAll('\n', ', '),
      issuer: parsed.issuer.replaceAll('\n', ', '),
      names: namesOf(parsed),
      validFrom: parsed.validFromDate.toISOString(),
      validTo: parsed.validToDate.toISOString(),
      fingerprint: parsed.fingerprint256,
      pem: certificate,
    };
  }

  /** Told of each change. Returns the way to stop. */
  listen(listener: (pair: KeyAndCertificate) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #now(): number {
    return (this.#options.nowMs ?? Date.now)();
  }

  #names(): string[] {
    const host = hostname().toLowerCase();
    const own = /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/.test(host) ? [host, `${host.split('.', 1)[0]}.local`] : [];
    const addresses = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .filter(({ address, internal }) => !internal && !address.startsWith('fe80:'))
      .map(({ address }) => address);
    const more = this.#options.moreNames?.() ?? [];
    return [...new Set([...more, ...own, 'localhost', '127.0.0.1', '::1', ...addresses])].slice(0, 50);
  }

  #wantsRenewal(names: readonly string[]): boolean {
    const parsed = new X509Certificate(this.#pair!.certificate);
    const covered = new Set(namesOf(parsed));
    const endsSoon = parsed.validToDate.getTime() - this.#now() < RENEW_BEFORE_MS;
    return endsSoon || names.some((name) => !covered.has(name));
  }

  async #make(key: KeyObject, names: readonly string[]): Promise<void> {
    const now = Math.max(this.#now(), EARLIEST_MS + DAY_MS);
    const certificate = selfSignedCertificate({
      key,
      commonName: this.#options.boxName(),
      names,
      notBefore: new Date(now - DAY_MS),
      notAfter: new Date(now - DAY_MS + LIFE_MS),
    });
    await this.#write(MADE_BY_BOX, { key: key.export({ type: 'pkcs8', format: 'pem' }), certificate });
    this.#madeByBox = true;
  }

  async #write(origin: string, pair: KeyAndCertificate): Promise<void> {
    try {
      await replaceFile(this.#path, `${origin}${pair.key.trim()}\n${pair.certificate.trim()}\n`);
    } catch (error) {
      throw asBoxError(error, 'config.not-written');
    }
    this.#pair = pair;
    for (const listener of this.#listeners) listener(pair);
  }

  #take(content: string): void {
    const [key] = KEY.exec(content) ?? [];
    const certificate = content.match(CERTIFICATES)?.join('\n');
    try {
      if (key === undefined || certificate === undefined) throw new TypeError('it holds no key or no certificate');
      createSecureContext({ key, cert: certificate });
      this.#pair = { key, certificate };
    } catch (cause) {
      throw new BoxError('http.certificate-unusable', { file: this.#path }, { cause });
    }
    this.#madeByBox = content.startsWith(MADE_BY_BOX);
  }
}

function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

/** Host names and addresses that it is good for, addresses in their usual short form. */
function namesOf(certificate: X509Certificate): string[] {
  return (certificate.subjectAltName ?? '')
    .split(', ')
    .map((entry) => /^(?:DNS|IP Address):(.+)$/.exec(entry)?.[1])
    .filter((name) => name !== undefined)
    .map((name) => (name.includes(':') ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name));
}

/** The pair as it will be kept. Throws http.certificate-refused with the reason. */
function checked({ key, certificate }: KeyAndCertificate, nowMs: number): KeyAndCertificate {
  const refuse = (reason: string, cause?: unknown): BoxError =>
    new BoxError('http.certificate-refused', { reason }, cause === undefined ? {} : { cause });
  const chain = certificate.match(CERTIFICATES) ?? [];
  if (chain.length === 0 || chain.length > MAX_CHAIN) throw refuse(`1 to ${MAX_CHAIN} certificates in PEM are needed`);
  let own, parsedKey;
  try {
    own = chain.map((each) => new X509Certificate(each))[0]!;
    parsedKey = createPrivateKey(key);
    createSecureContext({ key, cert: chain.join('\n') });
  } catch (cause) {
    throw refuse('certificate or key cannot be read, or they do not belong together', cause);
  }
  if (!own.checkPrivateKey(parsedKey)) throw refuse('the key is not that of the first certificate');
  if (own.validToDate.getTime() < nowMs) throw refuse('the certificate has ended');
  const { modulusLength } = parsedKey.asymmetricKeyDetails ?? {};
  if (modulusLength !== undefined && modulusLength < 2048) throw refuse('the RSA key is shorter than 2048 bits');
  return { key: parsedKey.export({ type: 'pkcs8', format: 'pem' }), certificate: chain.join('\n') };
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new BoxError('http.certificate-unusable', { file: path }, { cause: error });
  }
}
