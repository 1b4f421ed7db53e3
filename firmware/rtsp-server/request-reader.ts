import { BoxError } from '../base/index.ts';
import { parseHead, type RtspRequest } from '../rtsp/index.ts';
import { LIMITS } from './limits.ts';

export interface RequestSink {
  request(request: RtspRequest): void;
  /** An interleaved packet of the player, which is RTCP if it is anything. */
  packet(channel: number): void;
}

const DOLLAR = 0x24;
const CR = 13;
const LF = 10;
const FRAME_BYTES = 4;
const HEAD_END = '\r\n\r\n';

/** Reads what a player sends: requests, and packets between them (RFC 2326 section 10.12). What is neither ends the connection. */
export class RequestReader {
  readonly #sink: RequestSink;
  #rest: Buffer = Buffer.alloc(0);
  #skip = 0;

  constructor(sink: RequestSink) {
    this.#sink = sink;
  }

  /** @throws BoxError rtsp.protocol */
  push(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let used = 1;
    while (used > 0 && this.#rest.length > 0) {
      used = this.#unit();
      this.#rest = this.#rest.subarray(used);
    }
    // A view would hold the whole portion that it came with.
    this.#rest = Buffer.from(this.#rest);
  }

  /** How many bytes have been used up; none: more are needed. */
  #unit(): number {
    const rest = this.#rest;
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, rest.length);
      this.#skip -= skipped;
      return skipped;
    }
    if (rest[0] === CR || rest[0] === LF) return 1;
    return rest[0] === DOLLAR ? this.#packet(rest) : this.#request(rest);
  }

  #packet(rest: Buffer): number {
    if (rest.length < FRAME_BYTES) return 0;
    const length = rest.readUInt16BE(2);
    if (length > LIMITS.bodyBytes) throw new BoxError('rtsp.protocol', { reason: 'a packet is too large' });
    this.#skip = length;
    this.#sink.packet(rest[1]!);
    return FRAME_BYTES;
  }

  #request(rest: Buffer): number {
    const end = rest.indexOf(HEAD_END, 0, 'latin1');
    if (end > LIMITS.headBytes || (end < 0 && rest.length > LIMITS.headBytes)) {
      throw new BoxError('rtsp.protocol', { reason: 'a request has no end' });
    }
    // A line that cannot be one of a request need not be waited for.
    if (end < 0) {
      if (!/^[A-Z_]{0,20}(?: |$)/.test(rest.toString('latin1', 0, 24).slice(0, rest.length))) throw notRtsp();
      return 0;
    }
    const message = parseHead(rest.toString('utf8', 0, end));
    if (message?.kind !== 'request') throw notRtsp();
    const length = message.headers.get('content-length') ?? '0';
    if (!/^\d{1,5}$/.test(length) || Number(length) > LIMITS.bodyBytes) {
      throw new BoxError('rtsp.protocol', { reason: 'a request is too large' });
    }
    this.#skip = Number(length);
    this.#sink.request(message);
    return end + HEAD_END.length;
  }
}

function notRtsp(): BoxError {
  return new BoxError('rtsp.protocol', { reason: 'this is no request' });
}
