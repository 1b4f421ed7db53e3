import { BoxError } from '../base/index.ts';
import {
  EMPTY_BODY,
  headerNumber,
  MAX_BODY_BYTES,
  MAX_HEAD_BYTES,
  parseHead,
  type RtspMessage,
  type RtspResponse,
} from './message.ts';

export interface WireSink {
  /** One whole interleaved packet, bytes [start, end) of a buffer that is only borrowed during the call. */
  packet(channel: number, buffer: Buffer, start: number, end: number): void;
  message(message: RtspMessage): void;
}

const DOLLAR = 0x24;
const FRAME_HEADER_BYTES = 4;
const LF = 10;
const CR = 13;
/** Junk in one run after which re-synchronising is given up. */
const MAX_JUNK_RUN_BYTES = 512 * 1024;
/** What is taken over at a time while the end of a message's head is sought. */
const HEAD_STEP_BYTES = 2048;
const CARRY_STEP_BYTES = 2048;
const MAX_REQUEST_LINE_BYTES = 2048;
/** A carry above this is not kept for later. */
const MAX_IDLE_CARRY_BYTES = 70 * 1024;
const RESPONSE_START = Buffer.from('RTSP/', 'latin1');

interface PendingBody {
  readonly message: RtspMessage;
  /** Bytes of the body, or undefined when no length was given and it ends where nothing more comes. */
  readonly length: number | undefined;
}

/**
 * Reads the byte stream of an RTSP connection (RFC 2326 section 10.12): interleaved packets and messages in any order, cut
 * anywhere. Packets that lie whole in the given slice are handed on in place; only what is cut off at its end is copied into
 * a carry of the connection's own. Junk is skipped up to the next plausible beginning, and counted.
 */
export class WireReader {
  readonly #sink: WireSink;
  /** Channels that have been asked for or answered: 1 = known. */
  readonly #known = new Uint8Array(256);
  #carry: Buffer = EMPTY_BODY;
  #carried = 0;
  /** Bytes from the beginning of the carry without which parsing it again makes no sense. */
  #need = 0;
  /** Up to where the carry holds no end of a head. */
  #scanned = 0;
  #body: PendingBody | undefined;
  #synced = true;
  #junkRun = 0;
  #stopped = false;

  /** True while the answer to a DESCRIBE is awaited: then a body is expected even where no length announces it. */
  expectsDescription = false;
  /** Bytes skipped since the beginning, and how often the beginning of a unit had to be searched. */
  junkBytes = 0;
  resyncs = 0;

  constructor(sink: WireSink) {
    this.#sink = sink;
  }

  /** Names a channel as ours: frames on it are believed more easily after junk. */
  addChannel(channel: number): void {
    this.#known[channel & 0xff] = 1;
  }

  /** Nothing is handed on any more, not even the rest of the slice in hand. */
  stop(): void {
    this.#stopped = true;
    this.#carried = 0;
    this.#carry = EMPTY_BODY;
  }

  /** True when a message's head is complete and its body is not. */
  get inBody(): boolean {
    return this.#body !== undefined;
  }

  /**
   * Takes bytes [start, end) of a buffer that may be reused after the call.
   * @throws BoxError rtsp.protocol when a message is too large or nothing but junk comes
   */
  push(buffer: Buffer, start: number, end: number): void {
    let at = start;
    while (this.#carried > 0 && at < end && !this.#stopped) at = this.#fillCarry(buffer, at, end);
    if (at >= end || this.#stopped) return;
    const used = this.#parse(buffer, at, end);
    if (used < end && !this.#stopped) this.#keep(buffer, used, end);
  }

  /** Ends a body that has no announced end, or lacks bytes of it: nothing more is expected to come. */
  endBody(): void {
    if (!this.#body) return;
    const body = Buffer.from(this.#carry.subarray(0, this.#carried));
    this.#dropCarry();
    this.#finishMessage(body);
  }

  /** Moves bytes behind the carried ones and parses them there; returns up to where the slice is used up. */
  #fillCarry(buffer: Buffer, at: number, end: number): number {
    const before = this.#carried;
    const wanted = this.#need > before ? this.#need - before : HEAD_STEP_BYTES;
    const count = Math.min(wanted, end - at);
    this.#reserve(before + count);
    buffer.copy(this.#carry, before, at, at + count);
    this.#carried = before + count;
    if (this.#carried < this.#need) return at + count;
    const used = this.#parse(this.#carry, 0, this.#carried);
    if (this.#stopped) return end;
    if (used >= before) {
      this.#dropCarry();
      return at + (used - before);
    }
    if (used > 0) {
      this.#carry.copyWithin(0, used, this.#carried);
      this.#carried -= used;
    }
    return at + count;
  }

  /** Hands on what is whole in [start, end) and returns where the first unit that is not whole begins. */
  #parse(buffer: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && !this.#stopped) {
      const next = this.#body ? this.#parseBody(buffer, at, end) : this.#parseUnit(buffer, at, end);
      if (next === at) break;
      at = next;
    }
    return at;
  }

  /** One unit; the same position means that more bytes are needed (`#need` says how many). */
  #parseUnit(buffer: Buffer, at: number, end: number): number {
    const first = buffer[at]!;
    if (first === DOLLAR) {
      // The byte behind the header tells whether it is one.
      if (end - at <= FRAME_HEADER_BYTES) return this.#wait(at, FRAME_HEADER_BYTES + 1);
      const length = (buffer[at + 2]! << 8) | buffer[at + 3]!;
      const next = at + FRAME_HEADER_BYTES + length;
      if (!this.#believable(buffer, at, length)) return this.#skipJunk(buffer, at, end);
      if (next > end) return this.#wait(at, next - at);
      this.#inStep();
      if (length > 0) this.#sink.packet(buffer[at + 1]!, buffer, at + FRAME_HEADER_BYTES, next);
      return next;
    }
    if (first === CR || first === LF) return at + 1;
    return this.#parseMessage(buffer, at, end);
  }

  /** RTP and RTCP packets say version 2 in their first two bits. */
  #believable(buffer: Buffer, at: number, length: number): boolean {
    if (length === 0) return this.#synced || this.#known[buffer[at + 1]!] === 1;
    const version2 = (buffer[at + FRAME_HEADER_BYTES]! & 0xc0) === 0x80;
    if (this.#synced) return version2 || this.#known[buffer[at + 1]!] === 1;
    return version2 && this.#known[buffer[at + 1]!] === 1 && length >= 8;
  }

  /** Remembers how much of the unit at `at` must be there before it is worth looking at it again; 0 if that is not known. */
  #wait(at: number, need: number): number {
    this.#need = need;
    return at;
  }

  #parseMessage(buffer: Buffer, at: number, end: number): number {
    const promise = startOfMessage(buffer, at, end);
    if (promise === 'no') return this.#skipJunk(buffer, at, end);
    if (promise === 'perhaps') return this.#wait(at, 0);
    const headEnd = endOfHead(buffer, this.#unscanned(buffer, at), end);
    if (headEnd < 0 ? end - at > MAX_HEAD_BYTES : headEnd - at > MAX_HEAD_BYTES) {
      throw new BoxError('rtsp.protocol', { reason: 'a message has no end' });
    }
    if (headEnd < 0) {
      this.#scanned = Math.max(0, end - at - 3);
      return this.#wait(at, 0);
    }
    this.#scanned = 0;
    const message = parseHead(buffer.toString('utf8', at, headEnd).trimEnd());
    if (!message) return this.#skipJunk(buffer, at, end);
    this.#inStep();
    const length = this.#bodyLength(message);
    if (length === 0) this.#sink.message(message);
    else this.#body = { message, length };
    return headEnd;
  }

  /** Where to go on looking: the beginning of the carry may have been looked at before. */
  #unscanned(buffer: Buffer, at: number): number {
    return buffer === this.#carry && at === 0 ? this.#scanned : at;
  }

  #bodyLength(message: RtspMessage): number | undefined {
    const value = message.headers.get('content-length');
    const length = headerNumber(value);
    if (length === undefined) {
      return message.kind === 'response' && message.status === 200 && this.expectsDescription ? undefined : 0;
    }
    if (length > MAX_BODY_BYTES) throw new BoxError('rtsp.protocol', { reason: 'a message is too large' });
    return length;
  }

  #parseBody(buffer: Buffer, at: number, end: number): number {
    const { length } = this.#body!;
    if (length === undefined) return this.#parseOpenBody(buffer, at, end);
    if (end - at < length) return this.#wait(at, length);
    let bodyEnd = at + length;
    if (this.expectsDescription) bodyEnd = endOfUnderstatedBody(buffer, at, bodyEnd, end);
    this.#finishMessage(Buffer.from(buffer.subarray(at, bodyEnd)));
    return bodyEnd;
  }

  /** A body without a length lasts until a frame or another message begins on a line of its own. */
  #parseOpenBody(buffer: Buffer, at: number, end: number): number {
    let line = this.#unscanned(buffer, at);
    while (line < end) {
      if (buffer[line] === DOLLAR || startsResponse(buffer, line, end)) {
        this.#finishMessage(Buffer.from(buffer.subarray(at, line)));
        return line;
      }
      const lineEnd = buffer.indexOf(LF, line);
      if (lineEnd < 0 || lineEnd >= end) break;
      line = lineEnd + 1;
    }
    if (end - at > MAX_BODY_BYTES) throw new BoxError('rtsp.protocol', { reason: 'a message is too large' });
    this.#scanned = line - at;
    return this.#wait(at, 0);
  }

  #finishMessage(body: Buffer): void {
    const { message } = this.#body!;
    this.#body = undefined;
    this.#scanned = 0;
    this.#sink.message(
      message.kind === 'response' ? ({ ...message, body } satisfies RtspResponse) : { ...message, body },
    );
  }

  #inStep(): void {
    this.#synced = true;
    this.#junkRun = 0;
  }

  /** Skips to the next byte that may begin a unit; one that turns out not to is skipped in turn. */
  #skipJunk(buffer: Buffer, at: number, end: number): number {
    if (this.#synced) this.resyncs++;
    this.#synced = false;
    this.#scanned = 0;
    let next = at + 1;
    while (next < end && buffer[next] !== DOLLAR && startOfMessage(buffer, next, end) === 'no') next++;
    this.junkBytes += next - at;
    this.#junkRun += next - at;
    if (this.#junkRun > MAX_JUNK_RUN_BYTES) throw new BoxError('rtsp.protocol', { reason: 'nothing but junk comes' });
    return next;
  }

  #keep(buffer: Buffer, from: number, end: number): void {
    const count = end - from;
    this.#reserve(Math.max(count, Math.min(this.#need, MAX_BODY_BYTES)));
    buffer.copy(this.#carry, 0, from, end);
    this.#carried = count;
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#carry.length) return;
    const grown = this.#carried > 0 ? this.#carry.length * 2 : 0;
    const larger = Buffer.allocUnsafeSlow(Math.max(Math.ceil(bytes / CARRY_STEP_BYTES) * CARRY_STEP_BYTES, grown));
    this.#carry.copy(larger, 0, 0, this.#carried);
    this.#carry = larger;
  }

  #dropCarry(): void {
    this.#carried = 0;
    this.#need = 0;
    this.#scanned = 0;
    if (this.#carry.length > MAX_IDLE_CARRY_BYTES) this.#carry = EMPTY_BODY;
  }
}

/** Whether "RTSP/" begins here, as far as the bytes go. */
function startsResponse(buffer: Buffer, at: number, end: number): boolean {
  if (buffer[at] !== RESPONSE_START[0]) return false;
  const count = Math.min(RESPONSE_START.length, end - at);
  return buffer.compare(RESPONSE_START, 0, count, at, at + count) === 0;
}

/** Whether a response ("RTSP/") or a request (a method of capitals, a blank, a URL, "RTSP/1.0") may begin here. */
function startOfMessage(buffer: Buffer, at: number, end: number): 'yes' | 'no' | 'perhaps' {
  if (startsResponse(buffer, at, end)) return end - at >= RESPONSE_START.length ? 'yes' : 'perhaps';
  for (let i = at; i < end && i < at + 21; i++) {
    const byte = buffer[i]!;
    if (byte === 0x20) return i - at >= 3 ? requestLine(buffer, at, end) : 'no';
    if ((byte < 0x41 || byte > 0x5a) && byte !== 0x5f) return 'no';
  }
  return end - at > 20 ? 'no' : 'perhaps';
}

function requestLine(buffer: Buffer, at: number, end: number): 'yes' | 'no' | 'perhaps' {
  const limit = Math.min(end, at + MAX_REQUEST_LINE_BYTES);
  let lineEnd = at;
  while (lineEnd < limit && buffer[lineEnd] !== LF) lineEnd++;
  if (lineEnd === limit) return limit < end ? 'no' : 'perhaps';
  return /\sRTSP\/\d/.test(buffer.toString('latin1', at, lineEnd)) ? 'yes' : 'no';
}

/** Behind the empty line that ends a head, with any mixture of line ends; -1 if there is none. */
function endOfHead(buffer: Buffer, from: number, end: number): number {
  for (let lf = buffer.indexOf(LF, from); lf >= 0 && lf < end; lf = buffer.indexOf(LF, lf + 1)) {
    let next = lf + 1;
    if (next < end && buffer[next] === CR) next++;
    if (next < end && buffer[next] === LF) return next + 1;
  }
  return -1;
}

/** Where a session description ends whose length is given too small: what follows it at once is neither frame nor message. */
function endOfUnderstatedBody(buffer: Buffer, start: number, announced: number, end: number): number {
  const text = buffer[start] === 0x76 && buffer[start + 1] === 0x3d;
  let at = announced;
  if (!text || at >= end || buffer[at] === CR || buffer[at] === LF) return announced;
  while (at < end && buffer[at] !== DOLLAR && !startsResponse(buffer, at, end)) at++;
  return at;
}
