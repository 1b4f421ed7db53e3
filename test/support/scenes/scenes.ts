/** The places that the simulated cameras look at. Everything moves periodically, so that a clip loops without a seam. */
import { type Canvas, type Colour, rgb } from './canvas.ts';

export interface Scene {
  /** Number in the pictures' code (frame-number.ts). */
  readonly number: number;
  readonly title: string;
  /** What stands still. */
  backdrop(canvas: Canvas): void;
  /** What moves; `phase` runs from 0 to 1 over the clip. */
  actors(canvas: Canvas, phase: number): void;
}

const SKIN = rgb(0xd9a78b);
const DARK = rgb(0x23272e);
const GLASS = rgb(0x9fc4d8);

/** 0 to 1 and back to 0 over a phase from 0 to 1. */
function thereAndBack(phase: number): number {
  const wrapped = phase - Math.floor(phase);
  return wrapped < 0.5 ? wrapped * 2 : 2 - wrapped * 2;
}

/** Somebody on foot; `x` and `foot` in pixels, `size` the height, the legs swing with `step`. */
function person(canvas: Canvas, x: number, foot: number, size: number, coat: Colour, step: number): void {
  const swing = Math.sin(step * Math.PI * 2) * size * 0.12;
  canvas.rect(x - size * 0.1 + swing, foot - size * 0.4, size * 0.09, size * 0.4, DARK);
  canvas.rect(x + size * 0.02 - swing, foot - size * 0.4, size * 0.09, size * 0.4, DARK);
  canvas.rect(x - size * 0.16, foot - size * 0.8, size * 0.32, size * 0.45, coat);
  canvas.rect(x - size * 0.09, foot - size, size * 0.18, size * 0.2, SKIN);
}

function car(canvas: Canvas, x: number, ground: number, length: number, paint: Colour): void {
  canvas.rect(x, ground - length * 0.22, length, length * 0.16, paint);
  canvas.rect(x + length * 0.2, ground - length * 0.36, length * 0.55, length * 0.15, paint);
  canvas.rect(x + length * 0.25, ground - length * 0.33, length * 0.2, length * 0.1, GLASS);
  canvas.rect(x + length * 0.5, ground - length * 0.33, length * 0.2, length * 0.1, GLASS);
  canvas.rect(x + length * 0.12, ground - length * 0.1, length * 0.15, length * 0.1, DARK);
  canvas.rect(x + length * 0.72, ground - length * 0.1, length * 0.15, length * 0.1, DARK);
}

const frontDoor: Scene = {
  number: 1,
  title: 'FRONT DOOR',
  backdrop(canvas) {
    const { width, height } = canvas;
    canvas.gradient(0, height * 0.3, rgb(0x8fb4d9), rgb(0xd5e4ef));
    canvas.rect(0, height * 0.18, width, height * 0.55, rgb(0xb5644a));
    for (let row = 0; row < 11; row++) canvas.rect(0, height * (0.18 + row * 0.05), width, 2, rgb(0x9a523b));
    canvas.gradient(height * 0.73, height, rgb(0x8d8b86), rgb(0x6c6a66));
    canvas.rect(width * 0.42, height * 0.3, width * 0.16, height * 0.43, rgb(0x27473b));
    canvas.rect(width * 0.45, height * 0.34, width * 0.1, height * 0.12, GLASS);
    canvas.rect(width * 0.1, height * 0.33, width * 0.18, height * 0.22, rgb(0xf1ede2));
    canvas.rect(width * 0.115, height * 0.35, width * 0.15, height * 0.18, GLASS);
    canvas.rect(width * 0.72, height * 0.33, width * 0.18, height * 0.22, rgb(0xf1ede2));
    canvas.rect(width * 0.735, height * 0.35, width * 0.15, height * 0.18, GLASS);
  },
  actors(canvas, phase) {
    const { width, height } = canvas;
    const walk = thereAndBack(phase);
    person(canvas, width * (-0.05 + 0.6 * walk), height * 0.88, height * 0.34, rgb(0xc7332e), phase * 20);
    person(canvas, width * (1.05 - 1.1 * phase), height * 0.97, height * 0.4, rgb(0x2d5fa8), phase * 16);
  },
};

const yard: Scene = {
  number: 2,
  title: 'YARD',
  backdrop(canvas) {
    const { width, height } = canvas;
    canvas.gradient(0, height * 0.44, rgb(0x6f8fb0), rgb(0xc9d6dd));
    canvas.rect(0, height * 0.25, width * 0.38, height * 0.27, rgb(0x7b8590));
    for (let door = 0; door < 3; door++) {
      canvas.rect(width * (0.03 + door * 0.115), height * 0.35, width * 0.09, height * 0.17, rgb(0x4c545c));
    }
    canvas.rect(width * 0.38, height * 0.42, width * 0.62, height * 0.1, rgb(0x46603c));
    canvas.gradient(height * 0.52, height, rgb(0x7d7a72), rgb(0x5a5852));
    for (let line = 0; line < 5; line++) {
      canvas.rect(width * (0.45 + line * 0.11), height * 0.55, width * 0.006, height * 0.15, rgb(0xd9d5c4));
    }
    car(canvas, width * 0.47, height * 0.66, width * 0.09, rgb(0x8c1d2b));
    car(canvas, width * 0.8, height * 0.66, width * 0.09, rgb(0x2b2f77));
  },
  actors(canvas, phase) {
    const { width, height } = canvas;
    car(canvas, width * (-0.25 + 1.5 * phase), height * 0.9, width * 0.22, rgb(0xe3e1da));
    person(canvas, width * (0.2 + 0.5 * thereAndBack(phase)), height * 0.75, height * 0.2, rgb(0xf2a51e), phase * 18);
  },
};

const shop: Scene = {
  number: 3,
  title: 'SHOP',
  backdrop(canvas) {
    const { width, height } = canvas;
    canvas.gradient(0, height * 0.55, rgb(0xe9e2d0), rgb(0xd9cfb8));
    canvas.gradient(height * 0.55, height, rgb(0xa88f6d), rgb(0x8a7355));
    const goods = [0xc9403a, 0x3a7fc9, 0x4da05a, 0xe0b83c, 0x7a4fa3, 0xe07f3c].map(rgb);
    for (let shelf = 0; shelf < 3; shelf++) {
      const y = height * (0.16 + shelf * 0.13);
      for (let item = 0; item < 16; item++) {
        const tall = height * (0.05 + ((item * 7 + shelf * 5) % 4) * 0.012);
        const x = width * (0.04 + item * 0.037);
        canvas.rect(x, y + height * 0.1 - tall, width * 0.028, tall, goods[(item + shelf * 2) % goods.length]!);
      }
      canvas.rect(width * 0.03, y + height * 0.1, width * 0.61, height * 0.015, rgb(0x5d4630));
    }
    canvas.rect(width * 0.68, height * 0.55, width * 0.32, height * 0.25, rgb(0x5b3d29));
    canvas.rect(width * 0.78, height * 0.48, width * 0.08, height * 0.07, DARK);
  },
  actors(canvas, phase) {
    const { width, height } = canvas;
    const bow = Math.sin(phase * Math.PI * 8) * 0.01;
    person(canvas, width * (0.9 + bow), height * 0.62, height * 0.4, rgb(0x2f8f6b), 0);
    canvas.rect(width * 0.68, height * 0.55, width * 0.32, height * 0.25, rgb(0x5b3d29));
    person(canvas, width * (0.05 + 0.6 * thereAndBack(phase)), height * 0.95, height * 0.5, rgb(0x8a3f9e), phase * 20);
  },
};

const warehouse: Scene = {
  number: 4,
  title: 'WAREHOUSE',
  backdrop(canvas) {
    const { width, height } = canvas;
    canvas.gradient(0, height * 0.6, rgb(0x3a4654), rgb(0x5a6673));
    canvas.gradient(height * 0.6, height, rgb(0x8e9399), rgb(0x6d7278));
    const boxes = [0xb98b52, 0xa87a42, 0xc79a62].map(rgb);
    for (let rack = 0; rack < 4; rack++) {
      const x = width * (0.03 + rack * 0.25);
      for (let level = 0; level < 3; level++) {
        const y = height * (0.18 + level * 0.15);
        canvas.rect(x + width * 0.015, y, width * 0.08, height * 0.12, boxes[(rack + level) % 3]!);
        canvas.rect(x + width * 0.105, y + height * 0.03, width * 0.07, height * 0.09, boxes[(rack + level + 1) % 3]!);
        canvas.rect(x, y + height * 0.12, width * 0.19, height * 0.02, rgb(0xd8672b));
      }
      canvas.rect(x, height * 0.16, width * 0.01, height * 0.47, rgb(0x2c4f8a));
      canvas.rect(x + width * 0.18, height * 0.16, width * 0.01, height * 0.47, rgb(0x2c4f8a));
    }
  },
  actors(canvas, phase) {
    const { width, height } = canvas;
    const x = width * (-0.2 + 1.4 * phase);
    const fork = height * (0.75 - 0.12 * thereAndBack(phase * 2));
    canvas.rect(x, height * 0.68, width * 0.12, height * 0.14, rgb(0xf0c419));
    canvas.rect(x + width * 0.02, height * 0.5, width * 0.07, height * 0.18, DARK);
    canvas.rect(x + width * 0.13, height * 0.48, width * 0.01, height * 0.36, DARK);
    canvas.rect(x + width * 0.14, fork, width * 0.07, height * 0.015, DARK);
    canvas.rect(x + width * 0.145, fork - height * 0.1, width * 0.06, height * 0.1, rgb(0xb98b52));
    canvas.rect(x + width * 0.01, height * 0.8, width * 0.03, height * 0.06, DARK);
    canvas.rect(x + width * 0.08, height * 0.8, width * 0.03, height * 0.06, DARK);
  },
};

export const SCENES = { 'front-door': frontDoor, yard, shop, warehouse } as const;
