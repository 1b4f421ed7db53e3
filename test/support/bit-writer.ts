/** Writes parameter sets and headers bit by bit, for tests that need ones no encoder makes. */
export class BitWriter {
  #text = '';

  bits(value: number, count: number): this {
    this.#text += BigInt(value).toString(2).padStart(count, '0');
    return this;
  }

  /** Exp-Golomb code of an unsigned number. */
  ue(...values: number[]): this {
    for (const value of values) {
      const code = (value + 1).toString(2);
      this.#text += '0'.repeat(code.length - 1) + code;
    }
    return this;
  }

  /** Exp-Golomb code of a signed number. */
  se(...values: number[]): this {
    return this.ue(...values.map((value) => (value > 0 ? 2 * value - 1 : -2 * value)));
  }

  /** The bytes, filled up with zero bits. */
  bytes(): Buffer {
    const whole = this.#text.padEnd(Math.ceil(this.#text.length / 8) * 8, '0');
    return Buffer.from(whole.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []);
  }

  /** A NAL unit: header, the bits with their trailing bits, emulation prevention. */
  nal(...header: number[]): Buffer {
    const rbsp = new BitWriter().#append(this.#text).bits(1, 1).bytes();
    return Buffer.concat([Buffer.from(header), escape(rbsp)]);
  }

  #append(text: string): this {
    this.#text += text;
    return this;
  }
}

function escape(rbsp: Buffer): Buffer {
  const out: number[] = [];
  let zeros = 0;
  for (const byte of rbsp) {
    if (zeros >= 2 && byte <= 3) {
      out.push(3);
      zeros = 0;
    }
    out.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Buffer.from(out);
}
