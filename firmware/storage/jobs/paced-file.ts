import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { BoxError } from '../../base/index.ts';
import type { RandomReader } from '../../media/index.ts';
import type { Pace } from './job-pace.ts';
import { withDeadline } from '../volume/volume-io.ts';

const CHUNK_BYTES = 1024 * 1024;
/** Read at a time where all of a file is looked at: waking up for a read costs as much as hashing a quarter of a megabyte. */
const READ_AHEAD_BYTES = 2 * CHUNK_BYTES;
/** What is done at a time while others wait: a millisecond of hashing, or few on a processor that has no instructions for it. */
const PIECE_BYTES = 256 * 1024;

/**
 * A disk that may be dying, used by one job: one operation at a time, each with a deadline. An operation that does not return holds
 * its thread until the disk answers, so nothing further is begun meanwhile and nobody waits for it.
 */
export class PatientDisk {
  readonly #pace: Pace;
  readonly #deadlineMs: number;
  #stuck: Promise<void> | undefined;

  constructor(pace: Pace, deadlineMs: number) {
    this.#pace = pace;
    this.#deadlineMs = deadlineMs;
  }

  /**
   * Rejects with the operation's error, storage.hung, or the reason of the pace's signal, for which a disk that does not answer is
   * not waited for.
   */
  async run<T>(bytes: number, work: () => Promise<T>, context: Record<string, unknown>): Promise<T> {
    if (this.#stuck) throw new BoxError('storage.hung', context);
    return this.#pace.step(bytes, async () => {
      const { signal } = this.#pace;
      const running = work();
      try {
        return await withDeadline(unlessAborted(running, signal), this.#deadlineMs, context);
      } catch (error) {
        const isHung = error instanceof BoxError && error.code === 'storage.hung';
        if (isHung || signal.aborted) this.#wait(running);
        throw error;
      }
    });
  }

  /** Resolves when the disk can be asked again. Rejects with storage.hung if it is still stuck after that time. */
  async answers(patienceMs: number): Promise<void> {
    if (this.#stuck) await withDeadline(this.#stuck, patienceMs, {});
  }

  /** Does something that nobody waits for as soon as the disk answers: closing what was left open. */
  later(work: () => Promise<unknown>): void {
    // Whatever comes of it, there is nobody left to tell.
    void (this.#stuck ?? Promise.resolve()).then(work).catch(() => undefined);
  }

  #wait(running: Promise<unknown>): void {
    const over = (): void => {
      if (this.#stuck === stuck) this.#stuck = undefined;
    };
    const stuck: Promise<void> = running.then(over, over);
    this.#stuck = stuck;
  }
}

/** A file on such a disk. */
export class PacedFile implements RandomReader {
  readonly path: string;
  readonly size: number;
  readonly #handle: FileHandle;
  readonly #disk: PatientDisk;

  private constructor(path: string, size: number, handle: FileHandle, disk: PatientDisk) {
    this.path = path;
    this.size = size;
    this.#handle = handle;
    this.#disk = disk;
  }

  /** Rejects with the file system's error, or storage.hung. */
  static async open(path: string, disk: PatientDisk): Promise<PacedFile> {
    const handle = await openOn(disk, path, 'r');
    try {
      const { size } = await disk.run(0, () => handle.stat(), { path });
      return new PacedFile(path, size, handle, disk);
    } catch (error) {
      disk.later(() => handle.close());
      throw error;
    }
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.size - offset)));
    for (let filled = 0; filled < bytes.length;) {
      const want = Math.min(CHUNK_BYTES, bytes.length - filled);
      const at = { path: this.path, offset: offset + filled };
      const { bytesRead } = await this.#disk.run(want, () => this.#handle.read(bytes, filled, want, at.offset), at);
      if (bytesRead === 0) return bytes.subarray(0, filled);
      filled += bytesRead;
    }
    return bytes;
  }

  /** All of the file in pieces, in order. */
  async *chunks(): AsyncGenerator<Buffer> {
    for (let offset = 0; offset < this.size; offset += CHUNK_BYTES) yield await this.read(offset, CHUNK_BYTES);
  }

  /** Hands over all of the file in small pieces, in order. A piece is valid until `take` returns; what it does counts as work. */
  async eachPiece(take: (piece: Uint8Array) => void): Promise<void> {
    const chunk = Buffer.allocUnsafeSlow(Math.min(READ_AHEAD_BYTES, this.size));
    for (let offset = 0; offset < this.size;) {
      const at = { path: this.path, offset };
      const bytes = await this.#disk.run(
        chunk.length,
        async () => {
          const { bytesRead } = await this.#handle.read(chunk, 0, chunk.length, offset);
          for (let from = 0; from < bytesRead; from += PIECE_BYTES) {
            if (from > 0) await setImmediate();
            take(chunk.subarray(from, Math.min(from + PIECE_BYTES, bytesRead)));
          }
          return bytesRead;
        },
        at,
      );
      if (bytes === 0) return;
      offset += bytes;
    }
  }

  close(): void {
    this.#disk.later(() => this.#handle.close());
  }
}

/**
 * SHA-256 of a whole file, hexadecimal, a piece at a time with a rest after each: whatever else its thread has to do waits for a
 * millisecond at most. Rejects like `PacedFile`.
 */
export async function fileSha256(path: string, disk: PatientDisk): Promise<string> {
  const file = await PacedFile.open(path, disk);
  try {
    const hash = createHash('sha256');
    await file.eachPiece((piece) => hash.update(piece));
    return hash.digest('hex');
  } finally {
    file.close();
  }
}

/** Opens a file for as long as the job wants it: one that comes too late is closed again. Rejects like `PatientDisk`. */
export async function openOn(disk: PatientDisk, path: string, flags: 'r' | 'w', mode?: number): Promise<FileHandle> {
  let late = false;
  try {
    return await disk.run(
      0,
      async () => {
        const handle = await open(path, flags, mode);
        if (late) await handle.close();
        return handle;
      },
      { path },
    );
  } catch (error) {
    late = true;
    throw error;
  }
}

/** Rejects with the reason as soon as the signal says so; the work goes on then. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const end = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}
