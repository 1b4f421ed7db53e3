/** CRC-8 of a frame's header: x^8 + x^2 + x + 1, start 0 (RFC 9639 section 9.1.8). */
const CRC8 = Uint8Array.from({ length: 256 }, (_, byte) => crcOf(byte, 0x07, 8));
/** CRC-16 of a whole frame: x^16 + x^15 + x^2 + 1, start 0 (RFC 9639 section 9.3). */
const CRC16 = Uint16Array.from({ length: 256 }, (_, byte) => crcOf(byte, 0x8005, 16));

function crcOf(byte: number, polynomial: number, width: number): number {
  const top = 1 << (width - 1);
  let rest = byte << (width - 8);
  for (let bit = 0; bit < 8; bit++) rest = (rest & top) !== 0 ? (rest << 1) ^ polynomial : rest << 1;
  return rest & ((1 << width) - 1);
}

/**
 * Writes bits, most significant first, into memory of its own that is used again for each frame. The owner makes the memory
 * large enough; a write behind its end throws a RangeError.
 */
export class FlacWriter {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Bits not yet stored, from the top; the lower `#room` bits are zero. */
  #word = 0;
  #room = 32;
  #at = 0;

  constructor(capacityBytes: number) {
    const whole = (capacityBytes + 11) & ~3;
    this.#bytes = new Uint8Array(whole);
    this.#view = new DataView(this.#bytes.buffer);
  }

  reset(): void {
    this.#word = 0;
    this.#room = 32;
    this.#at = 0;
  }

  /** The lowest `count` (1 to 31) bits of `value`, which may be negative. */
  bits(value: number, count: number): void {
    const low = value & ((1 << count) - 1);
    if (count < this.#room) {
      this.#room -= count;
      this.#word |= low << this.#room;
      return;
    }
    const over = count - this.#room;
    this.#store(this.#word | (low >>> over));
    this.#room = 32 - over;
    this.#word = over === 0 ? 0 : low << this.#room;
  }

  /** Rice codes with parameter `rice` (0 to 14) of values already folded to be positive (section 9.2.7.2). */
  riceCodes(values: Uint32Array, from: number, to: number, rice: number): void {
    const view = this.#view;
    const stop = 1 << rice;
    const mask = stop - 1;
    const lowBits = rice + 1;
    let word = this.#word;
    let room = this.#room;
    let at = this.#at;
    for (let index = from; index < to; index++) {
      const value = values[index]!;
      let zeros = value >>> rice;
      while (zeros >= room) {
        view.setInt32(at, word);
        at += 4;
        zeros -= room;
        word = 0;
        room = 32;
      }
      room -= zeros;
      const low = stop | (value & mask);
      if (lowBits < room) {
        room -= lowBits;
        word |= low << room;
      } else {
        const over = lowBits - room;
        view.setInt32(at, word | (low >>> over));
        at += 4;
        room = 32 - over;
        word = over === 0 ? 0 : low << room;
      }
    }
    this.#word = word;
    this.#room = room;
    this.#at = at;
  }

  /** Ends the header, which must be whole bytes, with its CRC-8. */
  headerChecksum(): void {
    const length = this.#flush();
    let crc = 0;
    for (let at = 0; at < length; at++) crc = CRC8[crc ^ this.#bytes[at]!]!;
    this.bits(crc, 8);
  }

  /** Fills up the last byte, adds the CRC-16, and gives the frame as a view that is valid until the next reset. */
  finish(): Uint8Array {
    const partial = this.#room % 8;
    if (partial > 0) this.bits(0, partial);
    const length = this.#flush();
    let crc = 0;
    for (let at = 0; at < length; at++) crc = ((crc << 8) & 0xffff) ^ CRC16[(crc >> 8) ^ this.#bytes[at]!]!;
    this.bits(crc, 16);
    return this.#bytes.subarray(0, this.#flush());
  }

  #store(word: number): void {
    this.#view.setInt32(this.#at, word);
    this.#at += 4;
  }

  /** Makes the bytes written so far readable; gives their number. */
  #flush(): number {
    this.#view.setInt32(this.#at, this.#word);
    return this.#at + ((32 - this.#room) >> 3);
  }
}
