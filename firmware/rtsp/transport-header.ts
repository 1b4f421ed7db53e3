/** What a camera answered in a Transport header (RFC 2326 section 12.39). */
export interface TransportHeader {
  /** "udp" when the lower transport is left out, as the RFC says, unless interleaved channels are named. */
  readonly lower: 'tcp' | 'udp';
  readonly multicast: boolean;
  /** RTP and RTCP channel on the RTSP connection. */
  readonly interleaved?: readonly [rtp: number, rtcp: number];
  readonly clientPort?: readonly [rtp: number, rtcp: number];
  readonly serverPort?: readonly [rtp: number, rtcp: number];
  /** The address that packets come from, if it is not that of the connection. */
  readonly source?: string;
  readonly destination?: string;
  /** For people only: packets are told by channel and port. */
  readonly ssrc?: number;
}

/**
 * Reads a Transport header. Parameters may stand in any order and case, be quoted, empty or unknown; a single number n of a
 * pair means n and n+1. When several transports are listed the first one counts.
 */
export function parseTransport(value: string): TransportHeader {
  const words = firstSpec(value).split(';');
  const parameters = new Map<string, string>();
  let spec = '';
  for (const word of words) {
    const equals = word.indexOf('=');
    const key = (equals < 0 ? word : word.slice(0, equals)).trim().toLowerCase();
    if (key.startsWith('rtp/') || key.startsWith('raw/')) spec = key;
    else if (key !== '' && !parameters.has(key)) parameters.set(key, equals < 0 ? '' : unquote(word.slice(equals + 1)));
  }
  const interleaved = pair(parameters.get('interleaved'), 255);
  const clientPort = pair(parameters.get('client_port'), 65535);
  const serverPort = pair(parameters.get('server_port'), 65535);
  const source = parameters.get('source');
  const destination = parameters.get('destination');
  const ssrc = parseSsrc(parameters.get('ssrc'));
  return {
    lower: spec.endsWith('/tcp') || interleaved ? 'tcp' : 'udp',
    multicast: parameters.has('multicast') && !parameters.has('unicast'),
    ...(interleaved && { interleaved }),
    ...(clientPort && { clientPort }),
    ...(serverPort && { serverPort }),
    ...(source && { source }),
    ...(destination && { destination }),
    ...(ssrc !== undefined && { ssrc }),
  };
}

/** SSRC as hexadecimal digits, which some pad with blanks or write without leading zeros. */
function parseSsrc(text: string | undefined): number | undefined {
  const digits = text?.replace(/^0x/i, '').replaceAll(/\s/g, '');
  return digits && /^[0-9a-f]{1,8}$/i.test(digits) ? Number.parseInt(digits, 16) : undefined;
}

function firstSpec(value: string): string {
  let quoted = false;
  for (let i = 0; i < value.length; i++) {
    if (value[i] === '"') quoted = !quoted;
    else if (value[i] === ',' && !quoted) return value.slice(0, i);
  }
  return value;
}

function unquote(text: string): string {
  return text
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .trim();
}

function pair(text: string | undefined, max: number): readonly [number, number] | undefined {
  const match = text === undefined ? null : /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?/.exec(text);
  if (!match) return undefined;
  const first = Number(match[1]);
  const second = match[2] === undefined ? first + 1 : Number(match[2]);
  return first <= max && second <= max ? [first, second] : undefined;
}
