import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BoxError } from '../base/index.ts';

/** A small JPEG: what a window needs to tell positions from each other. */
const MOST_BYTES = 32 * 1024;
const MOST_OF_CAMERA = 300;

/**
 * What the presets of cameras look like: `<folder>/<camera>/<digest of the token>.jpg`. Cameras keep positions but no pictures of them, so the
 * window that keeps a preset, or goes to it, gives what it shows then. Losing them costs nothing but looks.
 */
export class PresetPictures {
  readonly #folder: string;
  #serial = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Undefined if there is none. */
  async get(camera: string, preset: string): Promise<Buffer | undefined> {
    return readFile(this.#fileOf(camera, preset)).catch(() => undefined);
  }

  /** Rejects with ptz.bad-picture. */
  async set(camera: string, preset: string, jpeg: Buffer): Promise<void> {
    const isJpeg = jpeg.subarray(0, 3).equals(START) && jpeg.subarray(-2).equals(END);
    if (!isJpeg || jpeg.length > MOST_BYTES) throw new BoxError('ptz.bad-picture', { bytes: jpeg.length });
    const file = this.#fileOf(camera, preset);
    const folder = join(file, '..');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const there = await readdir(folder);
    if (there.length >= MOST_OF_CAMERA && !there.includes(nameOf(preset))) {
      throw new BoxError('ptz.bad-picture', { pictures: there.length });
    }
    const temporary = `${file}.${this.#serial++}.tmp`;
    await writeFile(temporary, jpeg, { mode: 0o600 });
    await rename(temporary, file);
  }

  async remove(camera: string, preset: string): Promise<void> {
    await rm(this.#fileOf(camera, preset), { force: true });
  }

  /** Those of cameras that are not there any more go. */
  async keepOnly(cameras: ReadonlySet<string>): Promise<void> {
    for (const camera of await readdir(this.#folder).catch(() => [])) {
      if (!cameras.has(camera)) await rm(join(this.#folder, camera), { recursive: true, force: true });
    }
  }

  #fileOf(camera: string, preset: string): string {
    return join(this.#folder, camera, nameOf(preset));
  }
}

const START = Buffer.from('ffd8ff', 'hex');
const END = Buffer.from('ffd9', 'hex');

/** Tokens are the camera's own words, and no path is made of them. */
function nameOf(preset: string): string {
  return `${createHash('sha256').update(preset).digest('hex').slice(0, 32)}.jpg`;
}
