import { decodeFlacBlock, encodeG711, type AudioFormat, type G711Law, type LiveSample } from '../../media/index.ts';
import { MOST_PAYLOAD_BYTES, PacketWriter, type PacketSet } from './packet-set.ts';

/** Of G.711 in one packet: 40 ms, as cameras do. */
const G711_S = 0.04;

/** How G.711 was called in `AudioFormat.source` before it became FLAC; undefined for sound that was none. */
export function g711LawOf({ codec, source, channels }: AudioFormat): G711Law | undefined {
  if (codec !== 'flac' || channels !== 1 || !source.startsWith('G.711')) return undefined;
  return source.includes('A-law') ? 'a' : 'u';
}

/** Whether players can be given this sound: AAC, and mono G.711. */
export function isForPlayers(format: AudioFormat): boolean {
  return format.codec === 'aac' || g711LawOf(format) !== undefined;
}

/** Makes packets of pieces of sound. */
export class AudioPackets {
  readonly #format: AudioFormat;
  readonly #law: G711Law | undefined;
  readonly #payloadType: number;

  constructor(format: AudioFormat, payloadType: number) {
    this.#format = format;
    this.#law = g711LawOf(format);
    this.#payloadType = payloadType;
  }

  pack(samples: readonly LiveSample[]): PacketSet {
    const total = samples.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const writer = new PacketWriter(this.#payloadType, total);
    for (const sample of samples) {
      if (this.#law === undefined) addAac(writer, sample);
      else this.#addG711(writer, sample, this.#law);
    }
    return writer.finish();
  }

  /** Lossless coding gives back the very bytes that the camera sent (RFC 3551 section 4.5.14). */
  #addG711(writer: PacketWriter, { bytes, pts }: LiveSample, law: G711Law): void {
    const codes = encodeG711(law, decodeFlacBlock(bytes));
    const step = Math.round(this.#format.sampleRate * G711_S);
    for (let from = 0; from < codes.length; from += step) {
      writer.add(pts + from, false, [], codes, from, Math.min(codes.length, from + step));
    }
  }
}

/** One access unit with its header of 13 bits of size and 3 of index; a very large one in fragments (RFC 3640 section 3.3.6). */
function addAac(writer: PacketWriter, { bytes, pts }: LiveSample): void {
  const size = bytes.length << 3;
  const head = [0, 16, (size >> 8) & 0xff, size & 0xff];
  const room = MOST_PAYLOAD_BYTES - head.length;
  for (let from = 0; from < bytes.length; from += room) {
    const to = Math.min(bytes.length, from + room);
    writer.add(pts, to === bytes.length, head, bytes, from, to);
  }
}
