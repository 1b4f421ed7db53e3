import { BoxError, type Credentials } from '../base/index.ts';

/** The address of a camera's stream, taken apart. */
export interface CameraUrl {
  readonly secure: boolean;
  /** Name or address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Through the web server of the camera (rtsph, rtspsh). */
  readonly tunnelled: boolean;
  /** The URL for request lines: as given, without credentials. */
  readonly requestUrl: string;
  /** What stood before an "@", percent-decoded. */
  readonly credentials?: Credentials;
}

const SCHEME = /^(rtsps?h?):\/\//i;
/** Where each scheme knocks if no port is named. */
const PORTS: Readonly<Record<string, number>> = { rtsps: 322, rtsph: 80, rtspsh: 443 };
const RTSP_PORT = 554;
const HOST_PORT = /^(?:\[([0-9a-f:.%a-z]+)\]|([^\s:@[\]/?]+))(?::(\d{1,5}))?$/i;

/**
 * Takes the URL of a stream apart (RFC 2326 section 3.2). Passwords with unencoded "@", ":", "#", "%" or "/" are understood
 * as far as the text is not ambiguous. Beside rtsp and rtsps: rtsph and rtspsh, which go through HTTP and HTTPS.
 * @throws BoxError rtsp.bad-url
 */
export function parseCameraUrl(text: string): CameraUrl {
  const trimmed = text.trim();
  const scheme = SCHEME.exec(trimmed);
  if (!scheme)
    throw new BoxError('rtsp.bad-url', { reason: 'it does not begin with rtsp://, rtsps://, rtsph:// or rtspsh://' });
  const { authority, rest } = splitAuthority(trimmed.slice(scheme[0].length));
  const at = authority.lastIndexOf('@');
  const match = HOST_PORT.exec(authority.slice(at + 1));
  const name = scheme[1]!.toLowerCase();
  const secure = name.startsWith('rtsps');
  const port = match?.[3] === undefined ? (PORTS[name] ?? RTSP_PORT) : Number(match[3]);
  if (!match || port < 1 || port > 65535) throw new BoxError('rtsp.bad-url', { reason: 'it names no host and port' });
  const credentials = at < 0 ? undefined : parseUserInfo(authority.slice(0, at));
  return {
    secure,
    tunnelled: name.endsWith('h'),
    host: (match[1] ?? match[2])!,
    port,
    requestUrl: `${secure ? 'rtsps' : 'rtsp'}://${authority.slice(at + 1)}${rest}`.replaceAll(/\s/g, '%20'),
    ...(credentials && { credentials }),
  };
}

function splitAuthority(text: string): { authority: string; rest: string } {
  const end = text.search(/[/?]/);
  if (end < 0) return { authority: text, rest: '' };
  const authority = text.slice(0, end);
  // "admin:pa/ss@host/path": what looks like the port is none, so the slash belongs to the password.
  const at = text.lastIndexOf('@');
  if (at > end && !authority.includes('@') && !HOST_PORT.test(authority)) {
    const rest = text.slice(at + 1);
    const slash = rest.search(/[/?]/);
    return slash < 0
      ? { authority: text, rest: '' }
      : { authority: text.slice(0, at + 1 + slash), rest: rest.slice(slash) };
  }
  return { authority, rest: text.slice(end) };
}

function parseUserInfo(text: string): Credentials {
  const colon = text.indexOf(':');
  if (colon < 0) return { user: percentDecode(text), password: '' };
  return { user: percentDecode(text.slice(0, colon)), password: percentDecode(text.slice(colon + 1)) };
}

/** A "%" that begins no valid sequence stands for itself. */
function percentDecode(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) => {
    const bytes = Buffer.from(run.replaceAll('%', ''), 'hex');
    const decoded = bytes.toString('utf8');
    return decoded.includes('\uFFFD') ? run : decoded;
  });
}

export interface BaseUrlSources {
  readonly requestUrl: string;
  readonly contentBase?: string | undefined;
  readonly contentLocation?: string | undefined;
}

/** The base of relative control URLs (RFC 2326 appendix C.1.1): Content-Base, Content-Location, the request's URL. */
export function baseUrl(sources: BaseUrlSources): string {
  const { requestUrl, contentBase, contentLocation } = sources;
  return repairBase(contentBase, requestUrl) ?? repairBase(contentLocation, requestUrl) ?? requestUrl;
}

/** Undefined when nothing usable is there. */
function repairBase(raw: string | undefined, requestUrl: string): string | undefined {
  let text = (raw ?? '').trim().replaceAll(/^["'<]+|["'>]+$/g, '');
  if (text === '' || /[\s\p{Cc}]/u.test(text)) return undefined;
  // "rtsp://rtsp://host/": the scheme twice.
  while (/^rtsps?:\/\/rtsps?:\/\//i.test(text)) text = text.replace(/^rtsps?:\/\//i, '');
  if (/^\/(?!\/)/.test(text)) return /^rtsps?:\/\/[^/?]+/i.exec(requestUrl)?.[0] + text;
  if (text.startsWith('//')) text = `rtsp:${text}`;
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) text = `rtsp://${text}`;
  const parts = /^(rtsps?:\/\/)([^/?]*)(.*)$/i.exec(text);
  if (!parts) return undefined;
  const authority = bracketMapped(parts[2]!.slice(parts[2]!.lastIndexOf('@') + 1));
  const broken = /%(?![0-9a-f]{2})/i.test(parts[3]!) && !requestUrl.includes('%');
  return HOST_PORT.test(authority) && !broken ? parts[1]! + authority + parts[3]! : undefined;
}

/** "::ffff:192.0.2.1:554" is an IPv4-mapped IPv6 address that lacks its brackets. */
function bracketMapped(authority: string): string {
  const mapped = /^(::ffff:\d+\.\d+\.\d+\.\d+)(:\d+)?$/i.exec(authority);
  return mapped ? `[${mapped[1]}]${mapped[2] ?? ''}` : authority;
}

/**
 * The URL of a track or of the whole session. Cameras expect concatenation, not RFC 3986 resolution: absolute as is; "*" or
 * none is the base; "?query" is glued on; all else goes behind the base and one slash, even behind a query.
 */
export function controlUrl(base: string, control: string | undefined): string {
  const text = (control ?? '').trim();
  if (text === '' || text === '*') return base;
  if (/^rtsps?:\/\//i.test(text)) return withoutUserInfo(text);
  if (text.startsWith('?')) return base + text;
  return `${base.replace(/\/$/, '')}/${text.replace(/^\//, '')}`;
}

/** Some cameras echo the user name and password in the URLs that they announce. */
function withoutUserInfo(url: string): string {
  return url.replace(/^(rtsps?:\/\/)[^/?]*@/i, '$1');
}
