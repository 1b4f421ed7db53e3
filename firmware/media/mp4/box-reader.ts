import { BoxError } from '../../base/index.ts';
import { HEADER_BYTES } from './boxes.ts';

/** Where a box lies in a buffer: `body` is behind its header, `end` behind its last byte. */
export interface Span {
  readonly type: string;
  readonly start: number;
  readonly body: number;
  readonly end: number;
}

/** Bytes of a file by position; a short answer means the end of the file. */
export interface RandomReader {
  readonly size: number;
  read(offset: number, length: number): Promise<Buffer>;
}

/**
 * The boxes between two places of a buffer, each with a size that fits.
 * @throws BoxError mp4.damaged where one does not.
 */
export function* boxesIn(bytes: Buffer, from: number, to: number): Generator<Span> {
  let at = from;
  while (at < to) {
    if (to - at < HEADER_BYTES) throw damagedBox(at);
    const size = bytes.readUInt32BE(at);
    if (size < HEADER_BYTES || size > to - at) throw damagedBox(at);
    yield { type: typeAt(bytes, at), start: at, body: at + HEADER_BYTES, end: at + size };
    at += size;
  }
}

/** The first child of this type, if there is one. */
export function findChild(bytes: Buffer, parent: Span, type: string): Span | undefined {
  for (const span of boxesIn(bytes, parent.body, parent.end)) if (span.type === type) return span;
  return undefined;
}

/** The first child along a path of types. @throws BoxError mp4.damaged if one is missing. */
export function childOf(bytes: Buffer, parent: Span, ...path: string[]): Span {
  let span = parent;
  for (const type of path) {
    const child = findChild(bytes, span, type);
    if (!child) throw new BoxError('mp4.damaged', { what: `${span.type} without ${type}` });
    span = child;
  }
  return span;
}

/** Big-endian fields of one box, read in order and never past its end. */
export class FieldReader {
  readonly #bytes: Buffer;
  readonly #span: Span;
  #at: number;

  constructor(bytes: Buffer, span: Span) {
    this.#bytes = bytes;
    this.#span = span;
    this.#at = span.body;
  }

  /** The first field of a full box; its flags are skipped. */
  version(): number {
    return this.u32() >>> 24;
  }

  u32(): number {
    return this.#bytes.readUInt32BE(this.#step(4));
  }

  i32(): number {
    return this.#bytes.readInt32BE(this.#step(4));
  }

  /** @throws BoxError mp4.damaged above 2^53, which no real size or time reaches. */
  u64(): number {
    const value = this.u32() * 2 ** 32 + this.u32();
    if (!Number.isSafeInteger(value)) throw damagedBox(this.#span.start, this.#span.type);
    return value;
  }

  /** @throws BoxError mp4.damaged if fewer bytes are left. */
  expect(bytes: number): void {
    if (bytes > this.#span.end - this.#at) throw damagedBox(this.#span.start, this.#span.type);
  }

  skip(bytes: number): void {
    this.#step(bytes);
  }

  /** A count of rows of at least `rowBytes` each, all of which must be there. */
  rows(rowBytes: number): number {
    const count = this.u32();
    this.expect(count * rowBytes);
    return count;
  }

  #step(bytes: number): number {
    this.expect(bytes);
    const at = this.#at;
    this.#at += bytes;
    return at;
  }
}

export function typeAt(bytes: Buffer, start: number): string {
  return bytes.toString('latin1', start + 4, start + 8);
}

function damagedBox(at: number, type?: string): BoxError {
  return new BoxError('mp4.damaged', type === undefined ? { at } : { at, what: type });
}
