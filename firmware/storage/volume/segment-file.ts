import { close, constants, fdatasync, open } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { BoxError, type Clock } from '../../base/index.ts';
import type { FileToSync } from './file-syncer.ts';
import type { VolumeFolder } from './identity.ts';
import type { CloseRecord, JournalEvent, OpenRecord } from '../journal/journal.ts';
import { diskError, errnoOf, writeFully } from './volume-io.ts';
import type { Load } from './volume-sync.ts';
import { WriteLane, type WriteQueue } from './write-queue.ts';

const openFd = promisify(open);
const closeFd = promisify(close);
const syncFd = promisify(fdatasync);

/** What recording knows about a segment when it ends; `bytes` is taken from the file. */
export type SegmentSummary = Omit<CloseRecord, 't' | 'sequence' | 'suspect' | 'bytes'>;

export interface SegmentTail {
  /** The index of the whole file, appended. */
  readonly moov: Buffer;
  /** Written in place afterwards: makes an ordinary MP4 of the file. */
  readonly patch: { readonly offset: number; readonly bytes: Buffer };
}

/**
 * How a segment's file ended. `closed`: complete and synced. `discarded`: nothing was in it, the file is gone. `abandoned`:
 * left as it is, playable up to its last whole fragment, and still open in the journal, so that recovery repairs it.
 * `suspect`: like abandoned, because of an error of the disk.
 */
export type SegmentEnd = 'closed' | 'discarded' | 'abandoned' | 'suspect';

/** What a segment's file needs of its volume. */
export interface SegmentHost {
  readonly folder: VolumeFolder;
  readonly queue: WriteQueue;
  readonly clock: Pick<Clock, 'monoUs'>;
  /** The numbers of the volume's syncs. */
  readonly schedule: { readonly nextSync: number; readonly lastSync: number };
  makeFolder(relative: string): Promise<void>;
  /** The folder was not there although it had been made. */
  forgetFolder(relative: string): void;
  record(event: JournalEvent): Promise<BoxError | undefined>;
  accepted(bytes: number): Load;
  written(load: Load, file: FileToSync, tookMs: number): void;
  dropped(load: Load): void;
  report(error: BoxError): void;
  opened(file: SegmentFile): void;
  ended(file: SegmentFile, end: SegmentEnd, reason: string): void;
}

/**
 * One growing file of a volume. Calls return at once; the volume's queue keeps their order. After the first error nothing more
 * is written to the file, so that what is whole in it stays whole.
 */
export class SegmentFile implements FileToSync {
  readonly lane: WriteLane;
  readonly record: OpenRecord;
  readonly #host: SegmentHost;
  #fd: number | undefined;
  #size = 0;
  #stableSize = 0;
  #coveredBy = 0;
  #refused = false;
  #error: BoxError | undefined;
  /** The volume has ended the file; its writer may not know yet. */
  #cutOff: BoxError | undefined;
  #ending: Promise<void> | undefined;
  #isOver = false;

  constructor(record: OpenRecord, host: SegmentHost) {
    this.record = record;
    this.#host = host;
    this.lane = new WriteLane(record.path);
  }

  get sequence(): number {
    return this.record.sequence;
  }

  /** Relative to the volume. */
  get path(): string {
    return this.record.path;
  }

  get fd(): number | undefined {
    return this.#fd;
  }

  /** Bytes accepted so far: where the next append goes. */
  get size(): number {
    return this.#size;
  }

  /** Bytes that the system has taken. */
  get writtenBytes(): number {
    return this.#stableSize;
  }

  /** Number of the volume's sync that makes all of `writtenBytes` stable. */
  get coveredBy(): number {
    return this.#coveredBy;
  }

  /** Number of the volume's last sync that ended well. */
  get lastSync(): number {
    return this.#host.schedule.lastSync;
  }

  /** Creates the file, then its journal record; appends wait for both (S4). Called once, by the volume. */
  open(): void {
    const { queue } = this.#host;
    queue
      .run(this.lane, () => this.#create())
      .then(() => this.#host.record(this.record))
      .then((error) => {
        if (error) this.fail(error);
        if (this.#error) return;
        this.#host.opened(this);
        queue.release(this.lane);
      })
      .catch((error: unknown) => this.fail(diskError(error, { path: this.path })));
  }

  /**
   * Hands over the next bytes. The chunks must stay as they are until `done` is called, which happens exactly once: without an
   * error when the system has them. False: the queue of the volume is full; `done` is not called, and the file takes no further
   * bytes (there would be a hole in its media), it can only be finished or abandoned.
   */
  append(chunks: readonly Uint8Array[], done: (error?: BoxError) => void): boolean {
    const error = this.#error ?? this.#cutOff;
    if (error) {
      queueMicrotask(() => done(error));
      return true;
    }
    if (this.#ending) throw new BoxError('box.bug', { reason: 'append to a segment that has ended', path: this.path });
    let bytes = 0;
    for (const chunk of chunks) bytes += chunk.length;
    if (this.#refused || !this.#host.queue.admits(bytes)) {
      this.#refused = true;
      return false;
    }
    const position = this.#size;
    this.#size += bytes;
    this.#write(chunks, bytes, position, (failure) => {
      if (!failure) this.#stableSize = position + bytes;
      done(failure);
    });
    return true;
  }

  /**
   * Completes the file: index, sync, patch, sync, journal, close. Each segment's own descriptor is synced here, because a sync
   * of the volume may miss an error that someone else has been told before (S7). Rejects with the disk's error; the file is
   * suspect then. The tail is that of the bytes that were accepted, also after a refused append.
   */
  finish(tail: SegmentTail, summary: SegmentSummary): Promise<void> {
    return (this.#ending ??= this.#finish(tail, summary));
  }

  /** Ends the file as it is, for recovery to repair; removes it if nothing was ever appended. `reason` goes into the log. */
  abandon(reason: string): Promise<void> {
    return (this.#ending ??= this.#leave(reason));
  }

  /** The volume ends: as `abandon`, and whoever still appends is told so. */
  cutOff(error: BoxError): Promise<void> {
    this.#cutOff = error;
    return this.abandon('stopped');
  }

  /** The disk or the volume failed: what waits is given up, the descriptor is closed, the file is suspect. */
  fail(error: BoxError): void {
    if (this.#error || this.#isOver) return;
    this.#error = error;
    const { queue } = this.#host;
    queue.drop(this.lane, error);
    queue.release(this.lane);
    queue
      .run(this.lane, () => this.#close())
      .catch((cause: unknown) => this.#host.report(diskError(cause, { path: this.path })))
      .finally(() => this.#end('suspect', error.code));
    this.#host.report(error);
  }

  /** Closes the descriptor without the queue, which has been closed and has nothing running. */
  async letGo(): Promise<void> {
    await this.#close();
  }

  async #create(): Promise<void> {
    const { folder, queue } = this.#host;
    queue.hold(this.lane);
    await folder.check();
    const parent = dirname(this.path);
    await this.#host.makeFolder(parent);
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
    this.#fd = await openFd(folder.path(this.path), flags, 0o640).catch(async (error: unknown) => {
      if (errnoOf(error) !== 'ENOENT') throw error;
      // The deletion of the last file before this one took the folder with it.
      this.#host.forgetFolder(parent);
      await this.#host.makeFolder(parent);
      return openFd(folder.path(this.path), flags, 0o640);
    });
  }

  #write(chunks: readonly Uint8Array[], bytes: number, position: number, done: (error?: BoxError) => void): void {
    const host = this.#host;
    const load = host.accepted(bytes);
    let tookMs = 0;
    host.queue.add(
      this.lane,
      bytes,
      (ended) => {
        const fromUs = host.clock.monoUs();
        if (this.#fd === undefined) {
          queueMicrotask(() => ended(new BoxError('storage.closed', { path: this.path })));
          return;
        }
        writeFully(this.#fd, chunks, position, (error) => {
          tookMs = (host.clock.monoUs() - fromUs) / 1000;
          ended(error);
        });
      },
      (cause) => {
        if (!cause) {
          this.#coveredBy = host.schedule.nextSync;
          host.written(load, this, tookMs);
          done();
          return;
        }
        host.dropped(load);
        const error = this.#error ?? diskError(cause, { path: this.path });
        this.fail(error);
        done(error);
      },
    );
  }

  async #finish(tail: SegmentTail, summary: SegmentSummary): Promise<void> {
    try {
      if (this.#error) throw this.#error;
      const position = this.#size;
      this.#size += tail.moov.length;
      await this.#writeAt([tail.moov], position);
      await this.#sync();
      await this.#writeAt([tail.patch.bytes], tail.patch.offset);
      await this.#sync();
    } catch (cause) {
      const error = this.#error ?? diskError(cause, { path: this.path });
      this.fail(error);
      throw error;
    }
    // A journal that cannot be written now keeps the line for later, and the volume knows of it; the file is complete.
    await this.#host.record({ t: 'close', sequence: this.sequence, ...summary, bytes: this.#size });
    await this.#host.queue.run(this.lane, () => this.#close());
    this.#end('closed', 'finished');
  }

  async #leave(reason: string): Promise<void> {
    try {
      if (this.#error) {
        await this.#host.queue.run(this.lane, async () => {});
        return;
      }
      if (this.#size === 0) {
        await this.#discard();
        return;
      }
      await this.#sync();
      await this.#host.queue.run(this.lane, () => this.#close());
      this.#end('abandoned', reason);
    } catch (cause) {
      this.fail(this.#error ?? diskError(cause, { path: this.path }));
    }
  }

  /** Removes a file that never held anything. */
  async #discard(): Promise<void> {
    const { folder, queue } = this.#host;
    await queue.run(this.lane, async () => {
      await this.#close();
      await unlink(folder.path(this.path));
    });
    await this.#host.record({ t: 'delete', sequence: this.sequence });
    this.#end('discarded', 'empty');
  }

  #writeAt(chunks: readonly Uint8Array[], position: number): Promise<void> {
    let bytes = 0;
    for (const chunk of chunks) bytes += chunk.length;
    return new Promise((resolve, reject) => {
      this.#write(chunks, bytes, position, (error) => (error ? reject(error) : resolve()));
    });
  }

  async #sync(): Promise<void> {
    await this.#host.queue.run(this.lane, async () => {
      try {
        if (this.#fd !== undefined) await syncFd(this.#fd);
      } catch (cause) {
        throw new BoxError('storage.sync-failed', { path: this.path, errno: errnoOf(cause) }, { cause });
      }
    });
  }

  async #close(): Promise<void> {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd !== undefined) await closeFd(fd);
  }

  #end(end: SegmentEnd, reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#host.ended(this, end, reason);
  }
}
