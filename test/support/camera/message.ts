/** The camera's side of the RTSP byte stream (RFC 2326): requests and answers in, interleaved frames skipped or handed on. */
import type { Faults } from './faults.ts';

export interface Request {
  readonly method: string;
  readonly uri: string;
  /** Names in lower case; the last of several counts. */
  readonly headers: ReadonlyMap<string, string>;
}

export interface Incoming {
  request(request: Request): void;
  interleaved(channel: number, packet: Buffer): void;
}

/** Cuts what a client sends into requests and interleaved packets. Answers to our own requests are dropped. */
export class RequestReader {
  #rest: Buffer = Buffer.alloc(0);

  push(bytes: Buffer, incoming: Incoming): void {
    this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes;
    for (;;) {
      const used = this.#rest[0] === 0x24 ? this.#frame(incoming) : this.#message(incoming);
      if (used === 0) return;
      this.#rest = this.#rest.subarray(used);
    }
  }

  #frame(incoming: Incoming): number {
    if (this.#rest.length < 4) return 0;
    const end = 4 + this.#rest.readUInt16BE(2);
    if (this.#rest.length < end) return 0;
    incoming.interleaved(this.#rest[1]!, this.#rest.subarray(4, end));
    return end;
  }

  #message(incoming: Incoming): number {
    const end = this.#rest.indexOf('\r\n\r\n');
    if (end < 0) return 0;
    const [line = '', ...lines] = this.#rest.toString('utf8', 0, end).split('\r\n');
    const headers = new Map<string, string>();
    for (const text of lines) {
      const colon = text.indexOf(':');
      if (colon > 0) headers.set(text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim());
    }
    const total = end + 4 + Number(headers.get('content-length') ?? 0);
    if (this.#rest.length < total) return 0;
    const [method = '', uri = ''] = line.trim().split(' ');
    if (!method.startsWith('RTSP/')) incoming.request({ method, uri, headers });
    return total;
  }
}

const REASONS: Record<number, string> = {
  200: 'OK',
  302: 'Moved Temporarily',
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  453: 'Not Enough Bandwidth',
  454: 'Session Not Found',
  455: 'Method Not Valid in This State',
  457: 'Invalid Range',
  461: 'Unsupported Transport',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  551: 'Option Not Supported',
};

export interface Response {
  readonly status: number;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
}

export function writeResponse(response: Response, cseq: string, method: string, faults: Readonly<Faults>): string {
  const { status, headers = [], body = '' } = response;
  const lines = [`RTSP/1.0 ${status} ${REASONS[status] ?? 'Odd'}`, `CSeq: ${cseq}`, 'Server: SimulatedCamera/1.0'];
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  if (body) lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  const text = lines.join('\r\n') + '\r\n\r\n' + body;
  return faults.editResponse ? faults.editResponse(text, method) : text;
}
