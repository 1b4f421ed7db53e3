import { isIP, isIPv4 } from 'node:net';
import { BoxError } from '../base/index.ts';

const DEVICE_PATH = '/onvif/device_service';

/**
 * The device service of what a person or a discovery names: "host", "host:port", or a whole address. User and password in it
 * are taken away.
 * @throws BoxError onvif.bad-address
 */
export function deviceUrl(address: string): URL {
  const text = address.trim();
  const url = parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${bracketed(text)}`);
  if (!url || !/^https?:$/.test(url.protocol)) throw new BoxError('onvif.bad-address');
  if (url.pathname === '/' && url.search === '') url.pathname = DEVICE_PATH;
  return url;
}

/** A bare IPv6 address lacks the brackets that an address with a port needs. */
function bracketed(text: string): string {
  return isIP(text) === 6 ? `[${text}]` : text;
}

/** Without user, password and fragment; undefined if it is none. */
function parse(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.hostname === '') return undefined;
  url.username = '';
  url.password = '';
  url.hash = '';
  return url;
}

/**
 * The addresses of one answer, the best first: that of the sender; then one in the sender's network; then IPv4; then the order
 * in which they were given. Addresses that mean the camera itself (0.0.0.0, loopback) become that of
 * the sender; a sender that none of them names is put behind them, since behind a router only that one answers.
 */
export function orderXaddrs(texts: readonly string[], sender: string): string[] {
  const given = texts
    .flatMap((text) => text.split(/[\s,]+/))
    .flatMap((text) => {
      const url = parse(text);
      return url && /^https?:$/.test(url.protocol) ? [url] : [];
    });
  // An address of the link says nothing without its zone: of use is only what stands behind it, if there is no other.
  const reachable = given.filter((url) => !isLinkWithoutZone(hostOf(url)));
  const urls =
    reachable.length > 0
      ? reachable.map((url) => withRealHost(url, sender))
      : given.map((url) => withHost(url, sender));
  const ranked = urls.map((url, index) => ({ url, rank: rankOf(hostOf(url), sender), index }));
  ranked.sort((a, b) => a.rank - b.rank || a.index - b.index);
  const ordered = ranked.map(({ url }) => url);
  const first = ordered[0];
  if (first && !ordered.some((url) => hostOf(url) === sender)) ordered.push(withHost(first, sender));
  return [...new Set(ordered.map((url) => url.href))].slice(0, 16);
}

function rankOf(host: string, sender: string): number {
  if (host === sender) return 0;
  if (!isIPv4(host)) return isIP(host) === 0 ? 2 : 4;
  if (isIPv4(sender) && host.split('.', 3).join('.') === sender.split('.', 3).join('.')) return 1;
  return host.startsWith('169.254.') ? 5 : 3;
}

function withRealHost(url: URL, sender: string): URL {
  const host = hostOf(url);
  const isNowhere = ['0.0.0.0', '::', '::1', 'localhost'].includes(host) || host.startsWith('127.');
  return isNowhere ? withHost(url, sender) : url;
}

function isLinkWithoutZone(host: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(host) && !host.includes('%');
}

function withHost(url: URL, host: string): URL {
  const copy = new URL(url);
  copy.hostname = bracketed(host.replace(/%.*$/, ''));
  return copy;
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

/**
 * The one rule for every address that a camera announces (services, streams, snapshots, subscriptions): the way on which the
 * camera answered is right, whatever it believes of its own address. Its own host is kept with the port that it names; with
 * another host the host and, for HTTP, the port are replaced by those that answered. The path always stays.
 */
export class AddressRule {
  readonly #answered: URL;
  readonly #aliases: ReadonlySet<string>;

  /** `answered`: the device service as it was reached; `address`: what its host resolved to. */
  constructor(answered: URL, address: string | undefined) {
    this.#answered = answered;
    this.#aliases = new Set([
      hostOf(answered).toLowerCase(),
      ...(address === undefined ? [] : [address.toLowerCase()]),
    ]);
  }

  /** Undefined if the text is no address at all. Blanks, line breaks and doubly escaped "&" are repaired. */
  apply(text: string | undefined): URL | undefined {
    const url = parse(repaired(text ?? ''));
    if (!url) return undefined;
    if (this.#aliases.has(hostOf(url).toLowerCase())) return url;
    const isHttp = /^https?:$/.test(url.protocol);
    const copy = new URL(url);
    copy.hostname = this.#answered.hostname;
    if (!isHttp) return copy;
    copy.protocol = this.#answered.protocol;
    copy.port = this.#answered.port;
    return copy;
  }

  /** As announced, where that is another address than the rule gives. */
  announced(text: string | undefined): URL | undefined {
    const url = parse(repaired(text ?? ''));
    return url && url.href !== this.apply(text)?.href ? url : undefined;
  }
}

function repaired(text: string): string {
  return text
    .trim()
    .replaceAll(/[\r\n\t]+\s*/g, '')
    .replaceAll(' ', '%20')
    .replaceAll('&amp;', '&');
}
