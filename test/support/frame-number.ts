/**
 * The machine-readable number in the pictures of the test clips: a row of 20 squares along the upper edge, each a
 * twentieth of the width wide and a fortieth high. White, black (to set the threshold), 4 bits of scene, 12 bits of
 * frame number (highest bit first, white = 1), 2 bits of check: the count of ones modulo 4.
 */
import { type Canvas, rgb } from './scenes/canvas.ts';

export interface FrameCode {
  /** Which scene of the clips, 0-15. */
  readonly scene: number;
  /** Frame number inside its clip, from 0. */
  readonly number: number;
}

const CELLS = 20;
const DATA_BITS = 16;
const WHITE = rgb(0xffffff);
const BLACK = rgb(0x000000);

/** Paints the code over the upper edge of a picture. */
export function paintFrameCode(canvas: Canvas, code: FrameCode): void {
  const value = ((code.scene & 15) << 12) | (code.number & 0xfff);
  const bits: number[] = [1, 0];
  for (let bit = DATA_BITS - 1; bit >= 0; bit--) bits.push((value >> bit) & 1);
  const check = onesModulo4(value);
  bits.push(check >> 1, check & 1);
  const width = canvas.width / CELLS;
  bits.forEach((bit, cell) => canvas.rect(cell * width, 0, width, width / 2, bit ? WHITE : BLACK));
}

/**
 * Reads the code from the luma of a decoded picture (one byte a pixel, `width` bytes a row; more planes may follow).
 * Undefined if there is no code or its check is wrong. Works on pictures that were scaled as a whole.
 */
export function readFrameCode(luma: Uint8Array, width: number): FrameCode | undefined {
  const levels = Array.from({ length: CELLS }, (_, cell) => middleLevel(luma, width, cell));
  const threshold = (levels[0]! + levels[1]!) / 2;
  if (levels[0]! - levels[1]! < 60) return undefined;
  const bits = levels.map((level): number => (level > threshold ? 1 : 0));
  const value = bits.slice(2, 2 + DATA_BITS).reduce((sum, bit) => sum * 2 + bit, 0);
  if (onesModulo4(value) !== bits[18]! * 2 + bits[19]!) return undefined;
  return { scene: value >> 12, number: value & 0xfff };
}

/** Mean of the inner half of a square, where the neighbours' compression noise does not reach. */
function middleLevel(luma: Uint8Array, width: number, cell: number): number {
  const size = width / CELLS;
  const left = Math.round((cell + 0.25) * size);
  const right = Math.round((cell + 0.75) * size);
  const top = Math.round(size * 0.125);
  const bottom = Math.max(top + 1, Math.round(size * 0.375));
  let sum = 0;
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += luma[y * width + x] ?? 0;
  return sum / ((bottom - top) * (right - left));
}

function onesModulo4(value: number): number {
  let ones = 0;
  for (let rest = value; rest; rest >>= 1) ones += rest & 1;
  return ones & 3;
}
