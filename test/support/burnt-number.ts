/** The number that is burnt into a picture on a page (frame-number.ts), read from within the browser. */
import type { Page } from 'playwright-core';

// Runs in the page; given as text because the test's own types know no browser.
const NUMBER = `(selector) => {
  const shown = document.querySelector(selector);
  const width = shown?.videoWidth ?? shown?.naturalWidth ?? shown?.width ?? 0;
  const height = shown?.videoHeight ?? shown?.naturalHeight ?? shown?.height ?? 0;
  if (width < 20 || height === 0) return -1;
  const canvas = document.createElement('canvas');
  canvas.width = 320;
  canvas.height = Math.round((320 * height) / width);
  const context = canvas.getContext('2d');
  context.drawImage(shown, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, 320, 8);
  const level = (cell) => {
    let sum = 0;
    for (let y = 2; y < 6; y++) for (let x = 4; x < 12; x++) sum += data[(y * 320 + cell * 16 + x) * 4 + 1];
    return sum / 32;
  };
  const levels = Array.from({ length: 20 }, (_, cell) => level(cell));
  if (levels[0] - levels[1] < 60) return -1;
  const bits = levels.map((each) => (each > (levels[0] + levels[1]) / 2 ? 1 : 0));
  const value = bits.slice(2, 18).reduce((sum, bit) => sum * 2 + bit, 0);
  const ones = bits.slice(2, 18).reduce((sum, bit) => sum + bit, 0);
  return (ones & 3) === bits[18] * 2 + bits[19] ? value & 0xfff : -1;
}`;

/** Of the first video, canvas or image that the selector finds; -1 while there is none to be read. */
export async function burntNumber(page: Page, selector: string): Promise<number> {
  return page.evaluate(`(${NUMBER})(${JSON.stringify(selector)})`);
}
