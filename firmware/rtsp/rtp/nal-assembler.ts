import {
  findStartCode,
  isKey,
  isSlice,
  nalHeaderBytes,
  nalType,
  type ArenaWriter,
  type VideoCodec,
} from '../../media/index.ts';

/** What becomes of assembled NAL units. */
export interface NalSink {
  /**
   * A slice begins; its bytes go to the arena if the answer is true. `head` holds the first `headBytes` bytes of the unit for
   * slices of key pictures, else nothing.
   */
  beginSlice(first: boolean, key: boolean, head: Buffer, headBytes: number): boolean;
  /** The slice is whole in the arena, behind its length. */
  endSlice(): void;
  /** The slice was cut off or lost a part; nothing of it is left in the arena. */
  dropSlice(): void;
  /** A whole unit that is no slice; the bytes are only lent. */
  sideUnit(type: number, bytes: Buffer, length: number): void;
  /** Start codes were found inside payloads, or a unit was too large. */
  note(code: string): void;
}

type State = 'idle' | 'fresh' | 'slice' | 'side' | 'skip';

/** Cameras that send start codes inside payloads do so at the start of pictures. */
const SCANNED_HEAD_BYTES = 256;
const HEAD_BYTES = 48;
const MOST_SIDE_BYTES = 256 * 1024;
const MOST_NAL_BYTES = 16 * 1024 * 1024;
const FIRST_SIDE_BYTES = 1024;
const NO_BYTES = Buffer.alloc(0);

/**
 * Puts NAL units together from fragments. Slices go straight to the arena, each behind its 4-byte length; other units are
 * small and are collected aside. Start codes inside payloads (Annex B in RTP, also split between fragments) cut a unit in two.
 *
 * Looking at every byte costs as much as copying it, so it is done only while the camera is new (`watchful`), for units that are
 * no slices, for the first bytes of slices, and for good once a start code was seen.
 */
export class NalAssembler {
  /** Look at all bytes. */
  watchful = true;
  readonly #codec: VideoCodec;
  readonly #headerBytes: number;
  readonly #arena: ArenaWriter;
  readonly #sink: NalSink;
  readonly #head = Buffer.alloc(HEAD_BYTES);
  readonly #mark = { length: 0 };
  #state: State = 'idle';
  #type = 0;
  #annexB = false;
  /** Bytes of the unit so far, and zeros at its end. */
  #length = 0;
  #zeros = 0;
  #side = Buffer.alloc(FIRST_SIDE_BYTES);

  constructor(codec: VideoCodec, arena: ArenaWriter, sink: NalSink) {
    this.#codec = codec;
    this.#headerBytes = nalHeaderBytes(codec);
    this.#arena = arena;
    this.#sink = sink;
  }

  /** A unit has begun and not ended. */
  get busy(): boolean {
    return this.#state !== 'idle';
  }

  /** True once start codes were found in payloads. */
  get annexB(): boolean {
    return this.#annexB;
  }

  /** A unit that lies whole in the buffer, header included. */
  whole(buffer: Buffer, start: number, end: number): void {
    this.abort();
    this.#begin();
    this.append(buffer, start, end);
    this.end();
  }

  /** Begins a unit whose header was rebuilt: one byte for H.264 (`second` is then -1), two for H.265. */
  begin(first: number, second: number, buffer: Buffer, start: number, end: number): void {
    this.abort();
    this.#begin();
    this.#open(first, second, buffer, start, end);
    this.#putByte(first);
    if (second >= 0) this.#putByte(second);
    this.append(buffer, start, end);
  }

  append(buffer: Buffer, start: number, end: number): void {
    if (this.#state === 'idle' || start >= end) return;
    if (this.watchful || this.#annexB) this.#scan(buffer, start, end, end);
    else if (this.#state === 'slice' && this.#length >= SCANNED_HEAD_BYTES) this.#put(buffer, start, end);
    else this.#scan(buffer, start, end, this.#scanEnd(buffer[start]!, start, end));
  }

  /** The unit is whole. */
  end(): void {
    // A NAL unit never ends with zero (H.264 7.4.1), but something must be left of a senseless one.
    this.#finish(Math.max(0, Math.min(this.#zeros, this.#length - this.#headerBytes - 1)));
  }

  /** Drops the unit in the making, if there is one. */
  abort(): void {
    if (this.#state === 'slice') {
      this.#arena.rewind(this.#mark);
      this.#sink.dropSlice();
    }
    this.#state = 'idle';
  }

  /** How far a unit is looked through when no start codes are expected. */
  #scanEnd(first: number, start: number, end: number): number {
    const slice =
      this.#state === 'slice' || (this.#state === 'fresh' && isSlice(this.#codec, nalType(this.#codec, first)));
    return slice ? Math.min(end, start + SCANNED_HEAD_BYTES) : end;
  }

  #begin(): void {
    this.#state = 'fresh';
    this.#length = 0;
    this.#zeros = 0;
  }

  /** Cuts at start codes; those that begin before `limit` are found. */
  #scan(buffer: Buffer, start: number, end: number, limit: number): void {
    let at = start + this.#codeOverBorder(buffer, start, end);
    if (at > start) this.#cut();
    for (;;) {
      const code = findStartCode(buffer, at, Math.min(limit + 2, end));
      if (code < 0) break;
      this.#put(buffer, at, code);
      this.#cut();
      at = code + 3;
    }
    this.#put(buffer, at, end);
  }

  /** Bytes of this fragment that complete a start code begun in the one before. */
  #codeOverBorder(buffer: Buffer, start: number, end: number): number {
    if (this.#zeros === 0 || start >= end) return 0;
    if (this.#zeros >= 2 && buffer[start] === 1) return 1;
    return buffer[start] === 0 && start + 1 < end && buffer[start + 1] === 1 ? 2 : 0;
  }

  /** A start code: the unit before it ends, another begins. */
  #cut(): void {
    if (!this.#annexB && this.#length > 0) {
      this.#annexB = true;
      this.#sink.note('rtp.annexb');
    }
    this.#finish(this.#zeros);
    this.#begin();
  }

  #put(buffer: Buffer, start: number, end: number): void {
    if (start >= end) return;
    if (this.#state === 'fresh') {
      const first = buffer[start]!;
      const second = this.#headerBytes === 1 ? -1 : start + 1 < end ? buffer[start + 1]! : 1;
      this.#open(first, second, buffer, start + this.#headerBytes, end);
    }
    const size = end - start;
    if (this.#state === 'slice') {
      this.#arena.append(buffer, start, end);
      if (this.#length > MOST_NAL_BYTES) this.#tooLarge();
    } else if (this.#state === 'side') {
      this.#putAside(buffer, start, end);
    }
    this.#length += size;
    if (buffer[end - 1] !== 0) this.#zeros = 0;
    else this.#countZeros(buffer, start, end);
  }

  #countZeros(buffer: Buffer, start: number, end: number): void {
    let at = end;
    while (at > start && buffer[at - 1] === 0) at--;
    this.#zeros = at === start ? this.#zeros + end - start : end - at;
  }

  #putByte(value: number): void {
    if (this.#state === 'slice') this.#arena.appendByte(value);
    else if (this.#state === 'side') this.#side[this.#length] = value;
    this.#length++;
    this.#zeros = value === 0 ? this.#zeros + 1 : 0;
  }

  #putAside(buffer: Buffer, start: number, end: number): void {
    const needed = this.#length + end - start;
    if (needed > MOST_SIDE_BYTES) {
      this.#tooLarge();
      return;
    }
    if (needed > this.#side.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#side.length * 2));
      this.#side.copy(larger, 0, 0, this.#length);
      this.#side = larger;
    }
    buffer.copy(this.#side, this.#length, start, end);
  }

  #tooLarge(): void {
    this.#sink.note('rtp.nal-too-large');
    this.abort();
    this.#state = 'skip';
  }

  /** The header is known, `start` to `end` is what follows it in this fragment. */
  #open(first: number, second: number, buffer: Buffer, start: number, end: number): void {
    const codec = this.#codec;
    this.#type = nalType(codec, first);
    // A temporal id of "minus one" is forbidden (H.265 7.4.2.2): these are the zeros of a start code.
    const senseless = second >= 0 && (second & 7) === 0;
    if (senseless || (this.#type === 0 && codec === 'h264')) {
      this.#state = 'skip';
    } else if (isSlice(codec, this.#type)) {
      this.#openSlice(first, second, buffer, start, end);
    } else {
      this.#state = 'side';
    }
  }

  #openSlice(first: number, second: number, buffer: Buffer, start: number, end: number): void {
    const key = isKey(this.#codec, this.#type);
    let headBytes = 0;
    if (key) {
      this.#head[headBytes++] = first;
      if (second >= 0) this.#head[headBytes++] = second;
      headBytes += buffer.copy(this.#head, headBytes, Math.min(start, end), end);
    }
    const isFirst = start < end && buffer[start]! > 0x7f;
    if (!this.#sink.beginSlice(isFirst, key, key ? this.#head : NO_BYTES, headBytes)) {
      this.#state = 'skip';
      return;
    }
    this.#state = 'slice';
    this.#mark.length = this.#arena.length;
    for (let count = 0; count < 4; count++) this.#arena.appendByte(0);
  }

  /** Ends the unit without its last `surplus` bytes. */
  #finish(surplus: number): void {
    const state = this.#state;
    this.#state = 'idle';
    const length = this.#length - surplus;
    if (state === 'side') {
      if (length > this.#headerBytes) this.#sink.sideUnit(this.#type, this.#side, length);
    } else if (state === 'slice') {
      const start = this.#mark.length;
      if (length <= this.#headerBytes) {
        this.#arena.rewind(this.#mark);
        return;
      }
      if (surplus > 0) {
        this.#mark.length = this.#arena.length - surplus;
        this.#arena.rewind(this.#mark);
        this.#mark.length = start;
      }
      this.#arena.patchU32(this.#mark, length);
      this.#sink.endSlice();
    }
  }
}
