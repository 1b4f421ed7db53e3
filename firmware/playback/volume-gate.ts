import { open, type FileHandle } from 'node:fs/promises';
import { asBoxError, BoxError } from '../base/index.ts';
import type { RandomReader } from '../media/index.ts';

/** Operations on one disk at a time: one that hangs takes so many threads of the pool and no more. */
const AT_A_TIME = 2;
const PATIENCE_MS = 5000;

/** The way to the files of one volume: few at a time, and nobody waits for ever for a disk that hangs. */
export class VolumeGate {
  readonly #volume: string;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(volume: string) {
    this.#volume = volume;
  }

  /** Rejects with playback.unreadable. */
  open(file: string): Promise<FileHandle> {
    return this.#run(() => open(file, 'r'));
  }

  /** Fills the buffer from `at` on; the answer is how many bytes came. Rejects with playback.unreadable. */
  async read(handle: FileHandle, into: Buffer, at: number, length: number, offset: number): Promise<number> {
    const { bytesRead } = await this.#run(() => handle.read(into, at, length, offset));
    return bytesRead;
  }

  /** The file as it is now. Rejects with playback.unreadable. */
  async reader(handle: FileHandle): Promise<RandomReader> {
    const { size } = await this.#run(() => handle.stat());
    return {
      size,
      read: async (offset, length) => {
        const buffer = Buffer.allocUnsafe(length);
        return buffer.subarray(0, await this.read(handle, buffer, 0, length, offset));
      },
    };
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new BoxError('playback.unreadable', { volume: this.#volume, waitedMs: PATIENCE_MS })),
      PATIENCE_MS,
    );
    try {
      return await Promise.race([this.#inTurn(work), late.promise]);
    } catch (error) {
      throw asBoxError(error, 'playback.unreadable');
    } finally {
      clearTimeout(timer);
    }
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < AT_A_TIME) this.#running++;
    else await new Promise<void>((go) => this.#waiting.push(go));
    try {
      return await work();
    } finally {
      // Whoever waits takes the place over.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
