/** A picture as packets of an MPEG transport stream (ISO/IEC 13818-1 section 2.4.3). */
export interface TsPicture {
  /** Whole packets; tables that came before the picture are in front of it. */
  readonly bytes: Buffer<ArrayBuffer>;
  /** 90 kHz. */
  readonly pts: number;
  /** Can be decoded by itself. */
  readonly key: boolean;
}

const PACKET = 188;
const SYNC = 0x47;
const PAYLOAD_START = 0x40;
const ADAPTATION = 0x20;
const PAYLOAD = 0x10;
const RANDOM_ACCESS = 0x40;
const VIDEO_STREAM = 0xe0;
/** A picture of more bytes is none. */
const MOST_BYTES = 4 << 20;

/**
 * Cuts the transport stream of an encoder into pictures, each handed on as soon as its last packet is there: where its announced
 * length ends, where a packet is stuffed, or at the latest where the next one begins.
 */
export class TsPictures {
  readonly #send: (picture: TsPicture) => void;
  #rest: Buffer = Buffer.alloc(0);
  #packets: Buffer[] = [];
  #bytes = 0;
  #current: { pid: number; pts: number; key: boolean; missing: number | undefined } | undefined;

  constructor(send: (picture: TsPicture) => void) {
    this.#send = send;
  }

  /** @returns false if this is no transport stream; nothing more is understood then. */
  push(chunk: Buffer): boolean {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = 0;
    for (; at + PACKET <= bytes.length; at += PACKET) {
      if (bytes[at] !== SYNC || this.#bytes > MOST_BYTES) return false;
      this.#packet(bytes.subarray(at, at + PACKET));
    }
    this.#rest = bytes.subarray(at);
    return true;
  }

  #packet(packet: Buffer): void {
    const pid = packet.readUInt16BE(1) & 0x1fff;
    const control = packet[3]!;
    const stuffing = (control & ADAPTATION) !== 0 ? 1 + packet[4]! : 0;
    const payload = (control & PAYLOAD) === 0 ? Buffer.alloc(0) : packet.subarray(4 + stuffing);
    const starts = (packet[1]! & PAYLOAD_START) !== 0;
    const header = starts ? readHeader(payload) : undefined;
    if (header) {
      this.#emit();
      const key = stuffing > 1 && (packet[5]! & RANDOM_ACCESS) !== 0;
      this.#current = { pid, pts: header.pts, key, missing: header.missing };
    }
    this.#packets.push(packet);
    this.#bytes += PACKET;
    const current = this.#current;
    if (current?.pid !== pid) return;
    if (current.missing !== undefined && !header) current.missing -= payload.length;
    const isWhole = current.missing !== undefined && current.missing <= 0;
    if (isWhole || (!starts && stuffing > 0)) this.#emit();
  }

  #emit(): void {
    const current = this.#current;
    if (!current) return;
    this.#current = undefined;
    const bytes = Buffer.concat(this.#packets);
    this.#packets = [];
    this.#bytes = 0;
    this.#send({ bytes, pts: current.pts, key: current.key });
  }
}

/** The beginning of a picture (section 2.4.3.6); `missing`: bytes that are still to come, where the header tells. */
function readHeader(payload: Buffer): { pts: number; missing: number | undefined } | undefined {
  if (payload.length < 14 || payload.readUIntBE(0, 3) !== 1 || payload[3] !== VIDEO_STREAM) return undefined;
  if ((payload[7]! & 0x80) === 0) return undefined;
  const length = payload.readUInt16BE(4);
  const high = (payload[9]! >> 1) & 7;
  const pts = high * 2 ** 30 + (payload.readUInt16BE(10) >> 1) * 2 ** 15 + (payload.readUInt16BE(12) >> 1);
  return { pts, missing: length === 0 ? undefined : length + 6 - payload.length };
}
