import type { FromPainter, ToPainter } from './mpeg1-worker.ts';

/**
 * A stream that is decoded by a script, for browsers that cannot play what the camera sends. Another stream has another one: Chromium
 * paints wrongly on a canvas whose size was changed in a worker.
 */
export class Mpeg1Screen {
  readonly canvas: HTMLCanvasElement = document.createElement('canvas');
  readonly #worker: Worker;
  readonly #taken: (() => void)[] = [];
  #size = { width: 0, height: 0 };

  /** `shown`: a picture is on the canvas. `fault`: the script cannot go on. */
  constructor(on: { readonly shown: (wallUs: number) => void; readonly fault: (words: string) => void }) {
    this.#worker = new Worker(new URL('./mpeg1-worker.ts', import.meta.url), { type: 'module' });
    this.#worker.addEventListener('message', ({ data }: MessageEvent<FromPainter>) => {
      this.#taken.shift()?.();
      if (!data.painted) return;
      this.#size = { width: data.width, height: data.height };
      on.shown(data.wallUs);
    });
    this.#worker.addEventListener('error', (event) => on.fault(event.message));
    const offscreen = this.canvas.transferControlToOffscreen();
    this.#tell({ canvas: offscreen }, [offscreen]);
  }

  /** Of the picture on the canvas. */
  get size(): { readonly width: number; readonly height: number } {
    return this.#size;
  }

  /** One picture; its bytes are gone from here. `taken`: it has been decoded. */
  add(bytes: Uint8Array<ArrayBuffer>, wallUs: number, taken: () => void): void {
    this.#taken.push(taken);
    this.#tell({ bytes, wallUs }, [bytes.buffer]);
  }

  dispose(): void {
    this.#worker.terminate();
    this.canvas.remove();
  }

  #tell(message: ToPainter, transfer: Transferable[]): void {
    this.#worker.postMessage(message, transfer);
  }
}
