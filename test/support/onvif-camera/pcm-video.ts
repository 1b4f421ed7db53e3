/**
 * H.264 made while it runs, without an encoder: blocks that changed are written as they are (I_PCM, ITU-T H.264 section
 * 7.3.5), all others are taken over from the picture before (P_Skip). Large while it moves, next to nothing while it rests.
 */
import type { AccessUnit, VideoClip } from '../camera/clip.ts';
import { BitWriter } from '../bit-writer.ts';
import type { Canvas } from '../scenes/canvas.ts';

const BLOCK = 16;
const I_PCM = 25;
const I_PCM_IN_P = 30;
const FRAME_NUMBERS = 16;

export interface PcmVideoOptions {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Pictures from key frame to key frame. */
  readonly gop: number;
  /** Draws the picture of this moment. */
  readonly draw: () => Canvas;
}

export class PcmVideo {
  /** What stays the same; its pictures are only there to say which ones are key frames. */
  readonly clip: VideoClip;
  readonly #options: PcmVideoOptions;
  readonly #columns: number;
  readonly #rows: number;
  #before: Buffer | undefined;
  #frameNumber = 0;
  #keys = 0;

  constructor(options: PcmVideoOptions) {
    this.#options = options;
    const { width, height, fps, gop } = options;
    this.#columns = width / BLOCK;
    this.#rows = height / BLOCK;
    const sets = [sequenceSet(this.#columns, this.#rows), pictureSet()];
    const units = Array.from({ length: gop }, (_, index): AccessUnit => {
      return { sets: index === 0 ? sets : [], slices: [], key: index === 0, reorder: 0 };
    });
    this.clip = { name: 'live', codec: 'h264', width, height, fps, units, sets };
  }

  /** The next picture; `index` is its place in the group of pictures. */
  unit(index: number): AccessUnit {
    const { bytes } = this.#options.draw();
    const isKey = index === 0 || this.#before === undefined;
    const slice = isKey ? this.#keySlice(bytes) : this.#changeSlice(bytes, this.#before!);
    this.#before = Buffer.from(bytes);
    return { sets: isKey ? this.clip.sets : [], slices: [slice], key: isKey, reorder: 0 };
  }

  #keySlice(picture: Buffer): Buffer {
    this.#frameNumber = 1;
    const head = new BitWriter()
      .ue(0, 7, 0)
      .bits(0, 4)
      .ue(this.#keys++ & 1)
      .bits(0, 2)
      .se(0)
      .ue(1);
    const slice = new SliceWriter(head);
    for (let block = 0; block < this.#columns * this.#rows; block++) slice.pcm(I_PCM, this.#blockOf(picture, block));
    return slice.nal(0x65);
  }

  #changeSlice(picture: Buffer, before: Buffer): Buffer {
    const head = new BitWriter().ue(0, 5, 0).bits(this.#frameNumber, 4).bits(0, 3).se(0).ue(1);
    this.#frameNumber = (this.#frameNumber + 1) % FRAME_NUMBERS;
    const slice = new SliceWriter(head);
    let skipped = 0;
    for (let block = 0; block < this.#columns * this.#rows; block++) {
      const now = this.#blockOf(picture, block);
      if (now.equals(this.#blockOf(before, block))) {
        skipped++;
        continue;
      }
      slice.skip(skipped);
      slice.pcm(I_PCM_IN_P, now);
      skipped = 0;
    }
    if (skipped > 0) slice.skip(skipped);
    return slice.nal(0x41);
  }

  /** Luma and both chromas of one block, 384 bytes. */
  #blockOf(picture: Buffer, block: number): Buffer {
    const { width, height } = this.#options;
    const [column, row] = [block % this.#columns, Math.floor(block / this.#columns)];
    const out = Buffer.allocUnsafe(384);
    for (let line = 0; line < BLOCK; line++) {
      const from = (row * BLOCK + line) * width + column * BLOCK;
      picture.copy(out, line * BLOCK, from, from + BLOCK);
    }
    const half = width / 2;
    for (let plane = 0; plane < 2; plane++) {
      const start = width * height + plane * ((width * height) / 4);
      for (let line = 0; line < 8; line++) {
        const from = start + (row * 8 + line) * half + column * 8;
        picture.copy(out, 256 + plane * 64 + line * 8, from, from + 8);
      }
    }
    return out;
  }
}

/** Bits between blocks of whole bytes. */
class SliceWriter {
  readonly #parts: Buffer[] = [];
  #bits: BitWriter;

  constructor(head: BitWriter) {
    this.#bits = head;
  }

  skip(count: number): void {
    this.#bits.ue(count);
  }

  pcm(type: number, samples: Buffer): void {
    this.#parts.push(this.#bits.ue(type).bytes(), samples);
    this.#bits = new BitWriter();
  }

  nal(header: number): Buffer {
    const end = this.#bits.bits(1, 1).bytes();
    return Buffer.concat([Buffer.from([header]), ...[...this.#parts, end].map(withoutStartCodes)]);
  }
}

/** Samples are of video range, so runs of zeros stand in the bits between them only. */
function withoutStartCodes(bytes: Buffer): Buffer {
  if (!bytes.includes('\0\0', 'latin1')) return bytes;
  const out: number[] = [];
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte <= 3) {
      out.push(3);
      zeros = 0;
    }
    out.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Buffer.from(out);
}

/** Baseline, level 3.1, one reference picture, output in decoding order. */
function sequenceSet(columns: number, rows: number): Buffer {
  const set = new BitWriter().bits(66, 8).bits(0xc0, 8).bits(31, 8);
  set
    .ue(0, 0, 2, 1)
    .bits(0, 1)
    .ue(columns - 1, rows - 1);
  return set.bits(0b1100, 4).nal(0x67);
}

/** CAVLC, and a deblocking filter that slices may switch off. */
function pictureSet(): Buffer {
  return new BitWriter().ue(0, 0).bits(0, 2).ue(0, 0, 0).bits(0, 3).se(0, 0, 0).bits(0b100, 3).nal(0x68);
}
