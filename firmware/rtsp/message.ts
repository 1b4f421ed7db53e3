/** Limits of one message: a camera that exceeds them is not spoken to any longer. */
export const MAX_HEAD_BYTES = 64 * 1024;
export const MAX_BODY_BYTES = 1024 * 1024;
const MAX_HEADERS = 200;

/** Header lines in the order in which they came. Names are case-free (RFC 2326 section 4.2). */
class Headers {
  readonly #lines: { readonly name: string; readonly value: string }[] = [];

  add(name: string, value: string): void {
    this.#lines.push({ name: name.toLowerCase(), value });
  }

  /** The first value of that name. */
  get(name: string): string | undefined {
    const wanted = name.toLowerCase();
    return this.#lines.find((line) => line.name === wanted)?.value;
  }

  /** Every value of that name, for headers that cameras repeat (WWW-Authenticate, Public). */
  all(name: string): string[] {
    const wanted = name.toLowerCase();
    return this.#lines.filter((line) => line.name === wanted).map((line) => line.value);
  }

  get count(): number {
    return this.#lines.length;
  }
}

export interface RtspResponse {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** A request that the camera sends to us. */
export interface RtspRequest {
  readonly kind: 'request';
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: Buffer;
}

export type RtspMessage = RtspResponse | RtspRequest;

export const EMPTY_BODY = Buffer.alloc(0);

/**
 * Reads the start line and the headers of a message (RFC 2326 sections 4, 6 and 7), without its body.
 * Tolerates lines that end with LF only, blanks round names, values and the start line, folded lines, lines without a colon
 * and a missing reason. Returns undefined when the start line is neither a request nor a response.
 */
export function parseHead(text: string): RtspMessage | undefined {
  const lines = text.split(/\r?\n|\r/);
  const start = lines[0]?.trim() ?? '';
  const headers = parseHeaders(lines);
  const response = /^RTSP\/\d+(?:\.\d+)?\s+(\d{3})(?:\s+(.*))?$/i.exec(start);
  if (response) {
    return {
      kind: 'response',
      status: Number(response[1]),
      reason: response[2] ?? '',
      headers,
      body: EMPTY_BODY,
    };
  }
  const request = /^([A-Z_]{3,20})\s+(\S+)(?:\s+RTSP\/\d+(?:\.\d+)?)?$/.exec(start);
  if (request) return { kind: 'request', method: request[1]!, url: request[2]!, headers, body: EMPTY_BODY };
  return undefined;
}

function parseHeaders(lines: readonly string[]): Headers {
  const headers = new Headers();
  let name = '';
  let value = '';
  const keep = (): void => {
    if (name !== '' && headers.count < MAX_HEADERS) headers.add(name, value);
  };
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i]!;
    if (name !== '' && /^[ \t]+\S/.test(line)) {
      value += ` ${line.trim()}`;
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    keep();
    name = line.slice(0, colon).trim();
    value = line.slice(colon + 1).trim();
  }
  keep();
  return headers;
}

/** A whole number in a header value, or undefined: "7", " 7 ", "7;x". */
export function headerNumber(value: string | undefined): number | undefined {
  const digits = value === undefined ? null : /^\s*(\d{1,15})/.exec(value);
  return digits ? Number(digits[1]) : undefined;
}

/** The methods of Public (or Allow) headers, in upper case. */
export function parsePublic(values: readonly string[]): Set<string> {
  const methods = new Set<string>();
  for (const value of values) {
    for (const word of value.split(/[\s,;]+/)) if (word !== '') methods.add(word.toUpperCase());
  }
  return methods;
}

export type HeaderList = readonly (readonly [name: string, value: string])[];

export function serializeRequest(method: string, url: string, headers: HeaderList): Buffer {
  return serialize(`${method} ${url} RTSP/1.0`, headers);
}

export function serializeResponse(status: number, reason: string, headers: HeaderList): Buffer {
  return serialize(`RTSP/1.0 ${status} ${reason}`, headers);
}

/** Line breaks inside a value would let a camera's reply write our next header, so they become blanks. */
function serialize(startLine: string, headers: HeaderList): Buffer {
  const lines = [startLine, ...headers.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.from(`${lines.map((line) => line.replace(/[\r\n\0]+/g, ' ')).join('\r\n')}\r\n\r\n`, 'utf8');
}
