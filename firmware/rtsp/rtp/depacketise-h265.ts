import type { AccessUnitBuilder } from './access-unit.ts';
import type { TrackCounters } from './track-stats.ts';
import { VideoDepacketiser } from './video-depacketiser.ts';

const AGGREGATION = 48;
const FRAGMENTATION = 49;
const PACI = 50;

/** RTP payload of H.265 (RFC 7798). */
export class H265Depacketiser extends VideoDepacketiser {
  /** Of decoding order numbers, which packets have if sprop-max-don-diff is above zero. */
  readonly #orderBytes: 0 | 2;

  constructor(units: AccessUnitBuilder, counters: TrackCounters, options: { decodingOrderNumbers: boolean }) {
    super('h265', units, counters);
    this.#orderBytes = options.decodingOrderNumbers ? 2 : 0;
  }

  protected override payload(buffer: Buffer, start: number, end: number): void {
    if (end - start < 3) return;
    const type = (buffer[start]! >> 1) & 0x3f;
    if (type === FRAGMENTATION) {
      this.#fragment(buffer, start, end);
      return;
    }
    this.interrupt();
    if (type === AGGREGATION) this.#aggregate(buffer, start + 2, end);
    else if (type === PACI) this.units.note('rtp.paci');
    else if (this.#orderBytes === 0) this.nals.whole(buffer, start, end);
    else this.#numbered(buffer, start, end);
  }

  /** Section 4.4.1 with a decoding order number behind the header. */
  #numbered(buffer: Buffer, start: number, end: number): void {
    const data = start + 2 + this.#orderBytes;
    if (data >= end) return;
    this.nals.begin(buffer[start]!, buffer[start + 1]!, buffer, data, end);
    this.nals.end();
  }

  /** Section 4.4.2; a length of zero is padding, one that is too large ends with the packet. */
  #aggregate(buffer: Buffer, start: number, end: number): void {
    let at = start + this.#orderBytes;
    while (at + 2 < end) {
      const size = (buffer[at]! << 8) | buffer[at + 1]!;
      if (size === 0) return;
      const to = Math.min(at + 2 + size, end);
      this.nals.whole(buffer, at + 2, to);
      // Before the length of each further unit stands one byte: the difference of its order number.
      at = this.#orderBytes === 0 ? to : to + 1;
    }
  }

  /** Section 4.4.3; only the first fragment has an order number. */
  #fragment(buffer: Buffer, start: number, end: number): void {
    const flags = buffer[start + 2]!;
    const first = (buffer[start]! & 0x81) | ((flags & 0x3f) << 1);
    const data = start + 3 + (flags > 0x7f ? this.#orderBytes : 0);
    this.fragment(flags, first, buffer[start + 1]!, buffer, data, end);
  }
}
