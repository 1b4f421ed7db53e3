import { BoxError } from '../../base/index.ts';

export interface HttpHead {
  readonly status: number;
  /** Names in lower case; headers that repeat stand several times. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

const MAX_HEAD_BYTES = 64 * 1024;
const MAX_CHUNK_LINE = 4096;
const CRLF = Buffer.from('\r\n');

/**
 * Reads one HTTP/1.x answer as web servers of cameras write it: line ends without CR, lengths that are missing or wrong,
 * "chunked" said over a body that is not. Where the end cannot be told, the end of the connection is the end of the body.
 */
export class ResponseReader {
  head: HttpHead | undefined;
  /** True when the answer is whole before the connection ends. */
  done = false;
  readonly #maxBytes: number;
  readonly #parts: Buffer[] = [];
  #pending: Buffer = Buffer.alloc(0);
  #bytes = 0;
  #left: number | undefined;
  #chunked = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get body(): Buffer {
    return Buffer.concat(this.#parts);
  }

  /** @throws BoxError onvif.bad-answer, if it is no HTTP; onvif.answer-too-large */
  push(portion: Buffer): void {
    if (this.done) return;
    if (this.head && !this.#chunked) return this.#take(portion);
    this.#pending = this.#pending.length === 0 ? portion : Buffer.concat([this.#pending, portion]);
    if (!this.head && !this.#readHead()) return;
    if (this.#chunked) return this.#readChunks();
    const rest = this.#pending;
    this.#pending = Buffer.alloc(0);
    this.#take(rest);
  }

  header(name: string): string | undefined {
    return this.head?.headers.find(([each]) => each === name)?.[1];
  }

  /** A body of "100 Continue" and its like has no end of its own: the real answer follows. */
  #readHead(): boolean {
    for (;;) {
      const text = this.#pending.toString('latin1', 0, MAX_HEAD_BYTES);
      const end = /\r?\n\r?\n/.exec(text);
      if (!end) {
        if (this.#pending.length >= MAX_HEAD_BYTES) throw bad('its headers have no end');
        return false;
      }
      this.#pending = this.#pending.subarray(end.index + end[0].length);
      const head = parseHead(text.slice(0, end.index));
      if (head.status >= 100 && head.status < 200) continue;
      this.head = head;
      this.#begin();
      return true;
    }
  }

  #begin(): void {
    const status = this.head?.status ?? 0;
    if (status === 204 || status === 304) this.done = true;
    this.#chunked = /\bchunked\b/i.test(this.header('transfer-encoding') ?? '');
    const length = /^\s*(\d{1,15})\s*$/.exec(this.header('content-length') ?? '')?.[1];
    if (!this.#chunked && length !== undefined) this.#left = Number(length);
    if (this.#left === 0) this.done = true;
  }

  #take(bytes: Buffer): void {
    if (this.done) return;
    const taken = this.#left === undefined ? bytes : bytes.subarray(0, this.#left);
    if (taken.length > 0) this.#parts.push(taken);
    this.#bytes += taken.length;
    if (this.#bytes > this.#maxBytes) throw new BoxError('onvif.answer-too-large', { limit: this.#maxBytes });
    if (this.#left === undefined) return;
    this.#left -= taken.length;
    if (this.#left === 0) this.done = true;
  }

  #readChunks(): void {
    while (!this.done) {
      const end = this.#pending.indexOf(0x0a);
      if (end < 0 && this.#pending.length < MAX_CHUNK_LINE) return;
      const line = this.#pending.toString('latin1', 0, Math.max(0, end)).trim();
      if (line === '' && end >= 0) {
        // The line end behind the chunk before.
        this.#pending = this.#pending.subarray(end + 1);
        continue;
      }
      const size = /^([0-9a-f]{1,7})\s*(?:;.*)?$/i.exec(line)?.[1];
      if (size === undefined) return this.#giveUpChunks();
      const length = Number.parseInt(size, 16);
      if (length === 0) {
        this.done = true;
        return;
      }
      const from = end + 1;
      if (this.#pending.length < from + length) {
        if (this.#bytes + this.#pending.length > this.#maxBytes + MAX_CHUNK_LINE) this.#tooLarge();
        return;
      }
      this.#take(this.#pending.subarray(from, from + length));
      const behind = from + length;
      const isCrlf = this.#pending.subarray(behind, behind + 2).equals(CRLF);
      this.#pending = this.#pending.subarray(isCrlf ? behind + 2 : behind);
    }
  }

  /** What should have been the length of a chunk is none: what follows is body up to the end of the connection. */
  #giveUpChunks(): void {
    this.#chunked = false;
    const rest = this.#pending;
    this.#pending = Buffer.alloc(0);
    this.#take(rest);
  }

  /** The connection ended: what was begun of a chunk is kept. */
  end(): void {
    if (!this.#chunked || this.done) return;
    const line = this.#pending.indexOf(0x0a);
    if (line >= 0) this.#giveUpAfter(line + 1);
  }

  #giveUpAfter(offset: number): void {
    this.#pending = this.#pending.subarray(offset);
    this.#giveUpChunks();
  }

  #tooLarge(): never {
    throw new BoxError('onvif.answer-too-large', { limit: this.#maxBytes });
  }
}

function parseHead(text: string): HttpHead {
  const [first = '', ...lines] = text.split(/\r?\n/);
  const status = /^\s*HTTP\/\d(?:\.\d)?\s+(\d{3})\b/i.exec(first)?.[1];
  if (status === undefined) throw bad('it is no HTTP');
  const headers = lines.flatMap((line): [string, string][] => {
    const colon = line.indexOf(':');
    return colon <= 0 ? [] : [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]];
  });
  return { status: Number(status), headers: headers.slice(0, 200) };
}

function bad(reason: string): BoxError {
  return new BoxError('onvif.bad-answer', { reason });
}
