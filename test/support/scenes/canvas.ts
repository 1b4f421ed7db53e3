/** A picture as raw planar YUV 4:2:0, with just enough drawing for the test clips. */

/** Luma, blue and red difference of one colour, video range. */
export type Colour = readonly [y: number, u: number, v: number];

/** Video-range YUV (BT.601) of an RGB colour written 0xRRGGBB. */
export function rgb(value: number): Colour {
  const r = (value >> 16) & 255;
  const g = (value >> 8) & 255;
  const b = value & 255;
  return [
    Math.round(16 + 0.257 * r + 0.504 * g + 0.098 * b),
    Math.round(128 - 0.148 * r - 0.291 * g + 0.439 * b),
    Math.round(128 + 0.439 * r - 0.368 * g - 0.071 * b),
  ];
}

export class Canvas {
  readonly width: number;
  readonly height: number;
  /** Y plane, then U, then V: what ffmpeg reads as rawvideo yuv420p. */
  readonly bytes: Buffer;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.bytes = Buffer.alloc((width * height * 3) / 2);
  }

  copyFrom(other: Canvas): void {
    other.bytes.copy(this.bytes);
  }

  /** Fills a rectangle; what lies outside the picture is cut off. Chroma has half the resolution. */
  rect(x: number, y: number, width: number, height: number, colour: Colour): void {
    const left = Math.max(0, Math.round(x));
    const right = Math.min(this.width, Math.round(x + width));
    const top = Math.max(0, Math.round(y));
    const bottom = Math.min(this.height, Math.round(y + height));
    if (left >= right) return;
    for (let row = top; row < bottom; row++) {
      this.bytes.fill(colour[0], row * this.width + left, row * this.width + right);
    }
    const chroma = this.width * this.height;
    const half = this.width / 2;
    const quarter = chroma / 4;
    for (let row = top >> 1; row < bottom >> 1; row++) {
      const from = chroma + row * half + (left >> 1);
      const to = chroma + row * half + (right >> 1);
      this.bytes.fill(colour[1], from, to);
      this.bytes.fill(colour[2], from + quarter, to + quarter);
    }
  }

  /** A vertical run from one colour to another. */
  gradient(top: number, bottom: number, from: Colour, to: Colour): void {
    for (let y = Math.floor(top); y < bottom; y += 2) {
      const share = (y - top) / (bottom - top);
      const mix = from.map((value, index) => Math.round(value + (to[index]! - value) * share));
      this.rect(0, y, this.width, 2, mix as unknown as Colour);
    }
  }

  /** Writes digits, capital letters and `:.-` from a 5 x 7 dot font; `dot` is the size of a dot in pixels. */
  text(x: number, y: number, dot: number, words: string, colour: Colour): void {
    let left = x;
    for (const letter of words) {
      const rows = FONT[letter];
      rows?.forEach((bits, row) => {
        for (let column = 0; column < 5; column++) {
          if (bits & (16 >> column)) this.rect(left + column * dot, y + row * dot, dot, dot, colour);
        }
      });
      left += 6 * dot;
    }
  }
}

const FONT: Record<string, readonly number[]> = {
  '0': [14, 17, 19, 21, 25, 17, 14],
  '1': [4, 12, 4, 4, 4, 4, 14],
  '2': [14, 17, 1, 6, 8, 16, 31],
  '3': [30, 1, 1, 14, 1, 1, 30],
  '4': [2, 6, 10, 18, 31, 2, 2],
  '5': [31, 16, 30, 1, 1, 17, 14],
  '6': [6, 8, 16, 30, 17, 17, 14],
  '7': [31, 1, 2, 4, 8, 8, 8],
  '8': [14, 17, 17, 14, 17, 17, 14],
  '9': [14, 17, 17, 15, 1, 2, 12],
  ':': [0, 4, 4, 0, 4, 4, 0],
  '.': [0, 0, 0, 0, 0, 12, 12],
  '-': [0, 0, 0, 14, 0, 0, 0],
  A: [14, 17, 17, 31, 17, 17, 17],
  B: [30, 17, 17, 30, 17, 17, 30],
  C: [14, 17, 16, 16, 16, 17, 14],
  D: [30, 17, 17, 17, 17, 17, 30],
  E: [31, 16, 16, 30, 16, 16, 31],
  F: [31, 16, 16, 30, 16, 16, 16],
  G: [14, 17, 16, 23, 17, 17, 15],
  H: [17, 17, 17, 31, 17, 17, 17],
  I: [14, 4, 4, 4, 4, 4, 14],
  K: [17, 18, 20, 24, 20, 18, 17],
  L: [16, 16, 16, 16, 16, 16, 31],
  M: [17, 27, 21, 21, 17, 17, 17],
  N: [17, 25, 21, 19, 17, 17, 17],
  O: [14, 17, 17, 17, 17, 17, 14],
  P: [30, 17, 17, 30, 16, 16, 16],
  R: [30, 17, 17, 30, 20, 18, 17],
  S: [15, 16, 16, 14, 1, 1, 30],
  T: [31, 4, 4, 4, 4, 4, 4],
  U: [17, 17, 17, 17, 17, 17, 14],
  W: [17, 17, 17, 21, 21, 27, 17],
  X: [17, 10, 4, 4, 4, 10, 17],
  Y: [17, 10, 4, 4, 4, 4, 4],
};
