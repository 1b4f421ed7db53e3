/**
 * Copies a NAL unit's payload without its emulation prevention bytes (ITU-T H.264 7.4.1.1, H.265 7.4.2.1).
 * Reads from `start` on, at most until `end`, and stops at `limitBytes` of output.
 */
export function unescapeRbsp(nal: Uint8Array, start: number, end: number, limitBytes: number): Uint8Array {
  const out = new Uint8Array(Math.max(0, Math.min(end - start, limitBytes)));
  let zeros = 0;
  let length = 0;
  for (let at = start; at < end && length < out.length; at++) {
    const byte = nal[at]!;
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out[length++] = byte;
  }
  return out.subarray(0, length);
}

/** The first `bits` bits as text. */
export function leadingBits(rbsp: Uint8Array, bits: number): string {
  const bytes = Buffer.from(rbsp.subarray(0, (bits + 7) >> 3));
  if (bits % 8 !== 0) bytes[bytes.length - 1]! &= 0xff << (8 - (bits % 8));
  return `${bits}:${bytes.toString('hex')}`;
}

/** Bytes of the unit up to and with rbsp_trailing_bits, if these stand at the bit position; else undefined. */
export function bytesToTrailingBits(
  nal: Uint8Array,
  header: number,
  rbsp: Uint8Array,
  position: number,
): number | undefined {
  const last = rbsp[position >> 3];
  const stop = 0x80 >> (position & 7);
  if (last === undefined || (last & (stop * 2 - 1)) !== stop) return undefined;
  return header + escapedBytes(nal, header, (position >> 3) + 1);
}

/** Bytes from `start` on that hold the first `rbspBytes` bytes of payload, emulation prevention bytes included. */
function escapedBytes(nal: Uint8Array, start: number, rbspBytes: number): number {
  let zeros = 0;
  let at = start;
  for (let left = rbspBytes; left > 0 && at < nal.length; at++) {
    const byte = nal[at]!;
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    left--;
  }
  return at - start;
}

/**
 * Reads bits, most significant first. Never throws: reading behind the end gives zeros and sets `failed`, which stays set,
 * so a parser checks once at the end instead of after each field.
 */
export class BitReader {
  readonly #bytes: Uint8Array;
  readonly #endBit: number;
  #at = 0;
  #failed = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#endBit = bytes.length * 8;
  }

  get failed(): boolean {
    return this.#failed;
  }

  /** Bits read so far. */
  get position(): number {
    return this.#at;
  }

  get left(): number {
    return this.#endBit - this.#at;
  }

  /** Marks what has been read as senseless; used where a value breaks the standard's range. */
  fail(): void {
    this.#failed = true;
    this.#at = this.#endBit;
  }

  flag(): boolean {
    return this.bits(1) === 1;
  }

  /** The next 0 to 32 bits as an unsigned number. */
  bits(count: number): number {
    if (count > this.#endBit - this.#at) {
      this.fail();
      return 0;
    }
    let value = 0;
    let wanted = count;
    while (wanted > 0) {
      const room = 8 - (this.#at & 7);
      const taken = Math.min(room, wanted);
      const part = (this.#bytes[this.#at >> 3]! >> (room - taken)) & ((1 << taken) - 1);
      value = value * (1 << taken) + part;
      this.#at += taken;
      wanted -= taken;
    }
    return value;
  }

  skip(count: number): void {
    if (count > this.#endBit - this.#at) this.fail();
    else this.#at += count;
  }

  /** ue(v), ITU-T H.264 9.1: 0 to 2^32 - 2. */
  ue(): number {
    let zeros = 0;
    while (!this.#failed && this.bits(1) === 0) {
      if (++zeros > 31) this.fail();
    }
    return this.#failed ? 0 : 2 ** zeros - 1 + this.bits(zeros);
  }

  /** ue(v) that must not exceed `max`; a larger value fails the reader and reads as 0. */
  ueUpTo(max: number): number {
    const value = this.ue();
    if (value <= max) return value;
    this.fail();
    return 0;
  }

  /** se(v), ITU-T H.264 9.1.1. */
  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : 0 - code / 2;
  }
}
