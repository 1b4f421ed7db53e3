import { BoxError } from '../../base/index.ts';
import type { VideoFormat } from '../frame.ts';

const AVC_FIXED_BYTES = 5;
const HEVC_FIXED_BYTES = 22;

/**
 * The parameter sets in a decoder configuration record (ISO/IEC 14496-15 sections 5.3.3 and 8.3.3), each without start code or
 * length, in the order in which a decoder wants them. @throws BoxError mp4.damaged
 */
export function parameterSetsOf({ codec, config }: Pick<VideoFormat, 'codec' | 'config'>): Buffer[] {
  const bytes = Buffer.from(config.buffer, config.byteOffset, config.byteLength);
  const reader = new SetReader(bytes, codec === 'h264' ? AVC_FIXED_BYTES : HEVC_FIXED_BYTES);
  if (codec === 'h264') {
    reader.sets(reader.u8() & 0x1f);
    reader.sets(reader.u8());
    return reader.found;
  }
  for (let arrays = reader.u8(); arrays > 0; arrays--) {
    reader.u8();
    reader.sets(reader.u16());
  }
  return reader.found;
}

class SetReader {
  readonly found: Buffer[] = [];
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  u8(): number {
    return this.#take(1)[0]!;
  }

  u16(): number {
    return this.#take(2).readUInt16BE(0);
  }

  sets(count: number): void {
    for (let left = count; left > 0; left--) this.found.push(this.#take(this.u16()));
  }

  #take(length: number): Buffer {
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    if (taken.length < length) throw new BoxError('mp4.damaged', { what: 'decoder configuration' });
    this.#at += length;
    return taken;
  }
}
