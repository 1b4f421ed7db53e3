/** In front of each packet: `$`, channel, length (RFC 2326 section 10.12), then the RTP header (RFC 3550 section 5.1). */
export const FRAME_BYTES = 4;
const RTP_HEADER_BYTES = 12;
/** RTP header and payload: with the headers of IP, UDP and some tunnels it still fits into one Ethernet frame. */
const MOST_PACKET_BYTES = 1412;
export const MOST_PAYLOAD_BYTES = MOST_PACKET_BYTES - RTP_HEADER_BYTES;

const DOLLAR = 0x24;
const VERSION_2 = 0x80;
const MARKER = 0x80;

/** Where a packet lies in its set, from its `$` on, and its time in ticks of the track. */
interface Place {
  readonly at: number;
  readonly end: number;
  readonly ticks: number;
}

/** What one reader puts into the headers of one track. */
export interface TrackMarks {
  readonly channel: number;
  readonly ssrc: number;
  /** Of the first packet. */
  readonly sequence: number;
  /** Time stamp of a time in ticks. */
  readonly timestamp: (ticks: number) => number;
}

/** The packets of a picture or of some sound, made once and copied for each reader. */
export interface PacketSet {
  readonly places: readonly Place[];
  readonly payloadBytes: number;
  /** With what is this reader's own, ready for an RTSP connection. */
  markedFor(marks: TrackMarks): Buffer;
}

/** Fills packets one behind another. */
export class PacketWriter {
  readonly #payloadType: number;
  readonly #places: Place[] = [];
  #bytes: Buffer;
  #length = 0;
  #payloadBytes = 0;

  /** `expectedBytes`: of the payloads; it grows where that was too little. */
  constructor(payloadType: number, expectedBytes: number) {
    this.#payloadType = payloadType;
    const headers = Math.ceil(expectedBytes / MOST_PAYLOAD_BYTES + 4) * (FRAME_BYTES + RTP_HEADER_BYTES + 4);
    this.#bytes = Buffer.allocUnsafe(expectedBytes + headers);
  }

  /** One packet; `head` stands before the payload. */
  add(ticks: number, marker: boolean, head: readonly number[], payload: Uint8Array, from: number, to: number): void {
    const size = RTP_HEADER_BYTES + head.length + to - from;
    const at = this.#length;
    this.#reserve(at + FRAME_BYTES + size);
    const bytes = this.#bytes;
    bytes[at] = DOLLAR;
    bytes[at + 1] = 0;
    bytes.writeUInt16BE(size, at + 2);
    bytes[at + 4] = VERSION_2;
    bytes[at + 5] = this.#payloadType | (marker ? MARKER : 0);
    let next = at + FRAME_BYTES + RTP_HEADER_BYTES;
    for (const byte of head) bytes[next++] = byte;
    bytes.set(payload.subarray(from, to), next);
    this.#length = next + to - from;
    this.#payloadBytes += head.length + to - from;
    this.#places.push({ at, end: this.#length, ticks });
  }

  finish(): PacketSet {
    const bytes = this.#bytes.subarray(0, this.#length);
    const places = this.#places;
    return { places, payloadBytes: this.#payloadBytes, markedFor: (marks) => marked(bytes, places, marks) };
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(bytes, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

function marked(bytes: Buffer, places: readonly Place[], marks: TrackMarks): Buffer {
  const own = Buffer.allocUnsafe(bytes.length);
  bytes.copy(own);
  let sequence = marks.sequence;
  for (const { at, ticks } of places) {
    own[at + 1] = marks.channel;
    own.writeUInt16BE(sequence & 0xffff, at + 6);
    own.writeUInt32BE(marks.timestamp(ticks), at + 8);
    own.writeUInt32BE(marks.ssrc, at + 12);
    sequence++;
  }
  return own;
}
