import { signal } from '@preact/signals';
import { ask } from '../box/client.ts';
import { canPlay } from './track.ts';

/** A recorded picture in small. */
export interface Thumbnail {
  readonly atMs: number;
  readonly canvas: HTMLCanvasElement;
}

const WIDTH = 240;
const MOST_KEPT = 80;
/** The pointer has to rest so long: whoever only passes asks for nothing. */
const REST_MS = 80;
const PATIENCE_MS = 5000;

/**
 * Small pictures of recordings, one at a time. The box sends one key frame as it lies on its disk, and the browser decodes it: that
 * needs no process on the box and no second copy on a disk, and what was seen is kept here.
 */
export class Thumbnails {
  /** Of the place that was asked for last; undefined until it is there. */
  readonly shown = signal<Thumbnail | undefined>(undefined);
  readonly #kept = new Map<string, Thumbnail>();
  /** Cameras whose recordings this browser cannot decode. */
  readonly #unplayable = new Set<string>();
  #wanted = '';
  #busy = false;
  #rest: ReturnType<typeof setTimeout> | undefined;

  /** `slotMs`: instants nearer than this have the same picture. */
  want(camera: string, atMs: number, slotMs: number): void {
    const slot = Math.floor(atMs / slotMs);
    const key = `${camera} ${slotMs} ${slot}`;
    if (key === this.#wanted) return;
    this.#wanted = key;
    clearTimeout(this.#rest);
    this.shown.value = this.#kept.get(key);
    if (this.shown.value || this.#unplayable.has(camera)) return;
    this.#rest = setTimeout(() => void this.#fetch(key, camera, (slot + 0.5) * slotMs), REST_MS);
  }

  none(): void {
    clearTimeout(this.#rest);
    this.#wanted = '';
    this.shown.value = undefined;
  }

  async #fetch(key: string, camera: string, atMs: number): Promise<void> {
    if (this.#busy) {
      // Only what is still wanted then is worth it.
      this.#rest = setTimeout(() => void this.#fetch(key, camera, atMs), REST_MS);
      return;
    }
    this.#busy = true;
    try {
      const thumbnail = await fetchThumbnail(camera, atMs);
      if (!thumbnail) {
        this.#unplayable.add(camera);
        return;
      }
      keep(this.#kept, key, thumbnail);
      if (this.#wanted === key) this.shown.value = thumbnail;
    } catch (error) {
      // There is none: nothing is recorded there, or its disk is away, which the timeline says by itself.
      console.debug('thumbnail', error);
    } finally {
      this.#busy = false;
    }
  }
}

/** Of lists, by camera and instant; `undefined` where this browser has nothing to show. */
const listed = new Map<string, Thumbnail | undefined>();
let turn: Promise<unknown> = Promise.resolve();

/**
 * A small picture for a line of a list, one after another and kept while the window is open. `isWanted` is asked when its turn has
 * come: whoever has scrolled on asks for nothing. Undefined if there is none or this browser cannot decode it.
 */
export function listedThumbnail(camera: string, atMs: number, isWanted: () => boolean): Promise<Thumbnail | undefined> {
  const key = `${camera} ${atMs}`;
  const mine = turn.then(async () => {
    if (listed.has(key) || !isWanted()) return listed.get(key);
    try {
      keep(listed, key, await fetchThumbnail(camera, atMs));
    } catch (error) {
      // Nothing is recorded there any more, its disk is away, or it may not be played back: the line says the rest.
      console.debug('thumbnail', error);
      return undefined;
    }
    return listed.get(key);
  });
  turn = mine;
  return mine;
}

function keep<T>(kept: Map<string, T>, key: string, thumbnail: T): void {
  kept.set(key, thumbnail);
  for (const oldest of kept.keys()) if (kept.size > MOST_KEPT) kept.delete(oldest);
}

/** Undefined if this browser cannot decode the camera's recordings. Rejects if there is nothing. */
async function fetchThumbnail(camera: string, atMs: number): Promise<Thumbnail | undefined> {
  const picture = await ask('footage.picture', { camera, at: new Date(atMs).toISOString() });
  if (!canPlay(picture.mime)) return undefined;
  const canvas = await decode(Uint8Array.from(atob(picture.data), (each) => each.charCodeAt(0)));
  return { atMs: Date.parse(picture.at), canvas };
}

/** The one picture of a film, in small. */
async function decode(film: Uint8Array<ArrayBuffer>): Promise<HTMLCanvasElement> {
  const url = URL.createObjectURL(new Blob([film], { type: 'video/mp4' }));
  const video = document.createElement('video');
  try {
    video.muted = true;
    video.preload = 'auto';
    const ready = Promise.withResolvers<void>();
    video.addEventListener('loadeddata', () => ready.resolve());
    video.addEventListener('error', () => ready.reject(new Error(video.error?.message ?? 'not decoded')));
    const timer = setTimeout(() => ready.reject(new Error('not decoded in time')), PATIENCE_MS);
    video.src = url;
    await ready.promise.finally(() => clearTimeout(timer));
    const canvas = document.createElement('canvas');
    canvas.width = WIDTH;
    canvas.height = Math.max(1, Math.round((WIDTH * video.videoHeight) / Math.max(1, video.videoWidth)));
    canvas.getContext('2d')!.drawImage(video, 0, 0, canvas.width, canvas.height);
    return canvas;
  } finally {
    video.removeAttribute('src');
    URL.revokeObjectURL(url);
  }
}
