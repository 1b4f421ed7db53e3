/** The lengths that the SDP gives for the AU header section (RFC 3640 section 3.2.1). */
export interface AuHeaderLengths {
  readonly sizeBits: number;
  readonly indexBits: number;
  readonly indexDeltaBits: number;
}

/** From format parameters with lower-case keys; what is missing or senseless is as in AAC-hbr, or AAC-lbr if the mode says so. */
export function auHeaderLengths(fmtp: ReadonlyMap<string, string>): AuHeaderLengths {
  const low = /lbr/i.test(fmtp.get('mode') ?? '');
  return {
    sizeBits: bits(fmtp.get('sizelength'), low ? 6 : 13, 1),
    indexBits: bits(fmtp.get('indexlength'), low ? 2 : 3, 0),
    indexDeltaBits: bits(fmtp.get('indexdeltalength'), low ? 2 : 3, 0),
  };
}

function bits(text: string | undefined, fallback: number, least: number): number {
  const value = /^\d{1,2}$/.test(text ?? '') ? Number(text) : fallback;
  return value >= least && value <= 24 ? value : fallback;
}

const MOST_UNITS = 64;

/**
 * Reads the AU header section of a packet (section 3.2.1). Afterwards `count` sizes stand in `sizes`, and the units begin at
 * `dataStart`. The indexes are not looked at: cameras do not interleave, and some count wrongly. One object serves all packets.
 */
export class AuHeaders {
  readonly sizes = new Int32Array(MOST_UNITS);
  count = 0;
  dataStart = 0;
  readonly #lengths: AuHeaderLengths;

  constructor(lengths: AuHeaderLengths) {
    this.#lengths = lengths;
  }

  /** False if the section does not fit into the packet. */
  read(buffer: Buffer, start: number, end: number): boolean {
    if (end - start < 2) return false;
    const sectionBits = (buffer[start]! << 8) | buffer[start + 1]!;
    this.dataStart = start + 2 + ((sectionBits + 7) >> 3);
    this.count = 0;
    if (sectionBits === 0 || this.dataStart > end) return false;
    const { sizeBits, indexBits, indexDeltaBits } = this.#lengths;
    let at = (start + 2) * 8;
    const stop = at + sectionBits;
    while (at + sizeBits <= stop && this.count < MOST_UNITS) {
      this.sizes[this.count] = readBits(buffer, at, sizeBits);
      at += sizeBits + (this.count === 0 ? indexBits : indexDeltaBits);
      this.count++;
    }
    return this.count > 0;
  }
}

function readBits(buffer: Buffer, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at++) value = (value << 1) | ((buffer[at >> 3]! >> (7 - (at & 7))) & 1);
  return value;
}
