import type { AccessUnitBuilder } from './access-unit.ts';
import type { TrackCounters } from './track-stats.ts';
import { VideoDepacketiser } from './video-depacketiser.ts';

const STAP_A = 24;
const STAP_B = 25;
const MTAP_16 = 26;
const MTAP_24 = 27;
const FU_A = 28;
const FU_B = 29;

/** RTP payload of H.264 (RFC 6184). All packet types but MTAP are read, whatever packetization mode was announced. */
export class H264Depacketiser extends VideoDepacketiser {
  constructor(units: AccessUnitBuilder, counters: TrackCounters) {
    super('h264', units, counters);
  }

  protected override payload(buffer: Buffer, start: number, end: number): void {
    const indicator = buffer[start]!;
    const type = indicator & 0x1f;
    if (type === FU_A || type === FU_B) {
      if (end - start < 2) return;
      // Section 5.8; the reserved bit is ignored. Only the first fragment of an FU-B has a decoding order number.
      const flags = buffer[start + 1]!;
      const data = start + (type === FU_B && flags > 0x7f ? 4 : 2);
      this.fragment(flags, (indicator & 0xe0) | (flags & 0x1f), -1, buffer, data, end);
      return;
    }
    this.interrupt();
    if (type === STAP_A) this.#aggregate(buffer, start + 1, end);
    else if (type === STAP_B) this.#aggregate(buffer, start + 3, end);
    else if (type === MTAP_16 || type === MTAP_24) this.units.note('rtp.interleaved-mode');
    else this.nals.whole(buffer, start, end);
  }

  /** Section 5.7.1; a length of zero is padding, one that is too large ends with the packet. */
  #aggregate(buffer: Buffer, start: number, end: number): void {
    let at = start;
    while (at + 2 < end) {
      const size = (buffer[at]! << 8) | buffer[at + 1]!;
      if (size === 0) return;
      const to = Math.min(at + 2 + size, end);
      this.nals.whole(buffer, at + 2, to);
      at = to;
    }
  }
}
