import { parameterSetsOf, type LiveSample, type VideoFormat } from '../../media/index.ts';
import { MOST_PAYLOAD_BYTES, PacketWriter, type PacketSet } from './packet-set.ts';

const LENGTH_BYTES = 4;
/** Fragmentation units: FU-A of H.264 (RFC 6184 section 5.8), FU of H.265 (RFC 7798 section 4.4.3). */
const FU_A = 28;
const FU_H265 = 49;
const FU_START = 0x80;
const FU_END = 0x40;

/** Makes packets of the pictures of one track, packetization mode 1 of H.264: single NAL units, and fragments of large ones. */
export class VideoPackets {
  readonly #codec: VideoFormat['codec'];
  readonly #sets: readonly Buffer[];
  readonly #payloadType: number;

  constructor(format: VideoFormat, payloadType: number) {
    this.#codec = format.codec;
    this.#sets = parameterSetsOf(format);
    this.#payloadType = payloadType;
  }

  /** A picture; before a key picture go the parameter sets, so that one can begin anywhere and a change of them is heard of. */
  pack({ bytes, key, pts }: LiveSample): PacketSet {
    const units = [...(key ? this.#sets : []), ...unitsOf(bytes)];
    const total = units.reduce((sum, { length }) => sum + length, 0);
    const writer = new PacketWriter(this.#payloadType, total);
    units.forEach((unit, i) => this.#addUnit(writer, unit, pts, i === units.length - 1));
    return writer.finish();
  }

  #addUnit(writer: PacketWriter, unit: Buffer, ticks: number, isLast: boolean): void {
    if (unit.length <= MOST_PAYLOAD_BYTES) {
      writer.add(ticks, isLast, [], unit, 0, unit.length);
      return;
    }
    const { indicator, type } = this.#codec === 'h264' ? fuOfH264(unit) : fuOfH265(unit);
    const room = MOST_PAYLOAD_BYTES - indicator.length - 1;
    for (let from = indicator.length; from < unit.length; from += room) {
      const to = Math.min(unit.length, from + room);
      const flags = (from === indicator.length ? FU_START : 0) | (to === unit.length ? FU_END : 0);
      writer.add(ticks, isLast && to === unit.length, [...indicator, flags | type], unit, from, to);
    }
  }
}

function fuOfH264(unit: Buffer): { indicator: number[]; type: number } {
  const head = unit[0]!;
  return { indicator: [(head & 0xe0) | FU_A], type: head & 0x1f };
}

function fuOfH265(unit: Buffer): { indicator: number[]; type: number } {
  const head = unit[0]!;
  return { indicator: [(head & 0x81) | (FU_H265 << 1), unit[1]!], type: (head >> 1) & 0x3f };
}

/** The NAL units of a sample; what is cut off at its end is left out. */
function unitsOf(sample: Buffer): Buffer[] {
  const units: Buffer[] = [];
  let at = 0;
  while (at + LENGTH_BYTES < sample.length) {
    const from = at + LENGTH_BYTES;
    const to = from + sample.readUInt32BE(at);
    if (to > sample.length) break;
    if (to > from + 1) units.push(sample.subarray(from, to));
    at = to;
  }
  return units;
}
