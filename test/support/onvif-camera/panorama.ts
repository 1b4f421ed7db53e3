/** What the simulated camera sees: a street all around it, and in the picture the place at which it looks, also for machines. */
import { paintFrameCode, readFrameCode } from '../frame-number.ts';
import { Canvas, rgb } from '../scenes/canvas.ts';
import type { Place } from './head.ts';

export const PANORAMA = { width: 320, height: 192 } as const;

/** How finely the code tells the place: pan and tilt in 64 steps, zoom in 16. */
const FIELD_STEPS = 63;
const ZOOM_STEPS = 15;
const HOUSES = [0xb5644a, 0x6f8fb0, 0xc9a15a, 0x5f7d54, 0x8a6da8, 0xb0b0a8, 0x9a523b, 0x47707a, 0xc27c8e];
const WHITE = rgb(0xffffff);
const GLASS = rgb(0x9fc4d8);

/** From the middle of the picture to its edges, in the numbers of a place. */
export function halfView(zoom: number): { readonly pan: number; readonly tilt: number } {
  const scale = 1 + 3 * zoom;
  return { pan: 1 / (1.4 * scale), tilt: 1 / scale };
}

export function drawPanorama(place: Place): Canvas {
  const { width, height } = PANORAMA;
  const canvas = new Canvas(width, height);
  const half = halfView(place.zoom);
  const x = (world: number): number => width * (0.5 + (world - place.pan) / half.pan / 2);
  const y = (world: number): number => height * (0.5 + (place.tilt - world) / half.tilt / 2);
  canvas.rect(0, 0, width, height, rgb(0x9fbfe0));
  canvas.rect(0, y(-0.3), width, height, rgb(0x6c6a66));
  HOUSES.forEach((paint, index) => {
    const left = -1.2 + index * 0.27;
    const roof = 0.25 + ((index * 7) % 5) * 0.08;
    canvas.rect(x(left), y(roof), x(left + 0.2) - x(left), y(-0.3) - y(roof), rgb(paint));
    for (let window = 0; window < 3; window++) {
      const pane = left + 0.025 + window * 0.06;
      canvas.rect(x(pane), y(roof - 0.08), x(pane + 0.035) - x(pane), y(roof - 0.2) - y(roof - 0.08), GLASS);
    }
  });
  const words = `P${degrees(place.pan, 180)} T${degrees(place.tilt, 90)} ${(1 + 3 * place.zoom).toFixed(1)}`;
  canvas.text(8, height - 20, 2, words, WHITE);
  paintFrameCode(canvas, codeOf(place));
  return canvas;
}

function degrees(value: number, half: number): string {
  return String(Math.round(value * half));
}

function codeOf({ pan, tilt, zoom }: Place): { scene: number; number: number } {
  const step = (value: number): number => Math.round(((value + 1) / 2) * FIELD_STEPS);
  return { scene: Math.round(zoom * ZOOM_STEPS), number: (step(pan) << 6) | step(tilt) };
}

/** The place out of the luma of a decoded picture, as exact as the code; undefined if there is none. */
export function placeInPicture(luma: Uint8Array, width: number): Place | undefined {
  const code = readFrameCode(luma, width);
  if (!code) return undefined;
  const value = (step: number): number => (step / FIELD_STEPS) * 2 - 1;
  return { pan: value(code.number >> 6), tilt: value(code.number & 63), zoom: code.scene / ZOOM_STEPS };
}
