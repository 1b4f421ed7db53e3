import { access, rmdir, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BoxError } from '../../base/index.ts';
import type { VolumeFolder } from './identity.ts';
import type { JournalEvent } from '../journal/journal.ts';
import { parseSegmentPath } from './segment-place.ts';
import { diskError, errnoOf } from './volume-io.ts';
import { WriteLane, type WriteQueue } from './write-queue.ts';

/** Deletions that are decided together share one sync. */
const BATCH = 32;

export interface RemoverHost {
  readonly folder: VolumeFolder;
  readonly queue: WriteQueue;
  record(event: JournalEvent): Promise<BoxError | undefined>;
  /** Resolves when what is written now is stable. */
  synced(): Promise<void>;
  forgetFolder(relative: string): void;
  report(error: BoxError): void;
  deleted(sequence: number): void;
}

interface Job {
  /** `keep` takes a mark back. */
  readonly what: 'remove' | 'keep';
  readonly sequence: number;
  readonly path: string;
  readonly resolve: () => void;
  readonly reject: (error: BoxError) => void;
}

/**
 * Deletes segments in the order of S4: mark, file, journal. The mark is stable before the file goes, so that a crash at any
 * point leaves either a marked segment, whose deletion is simply repeated, or a deleted one; never a closed segment whose file
 * is missing. Removing a large file can take a disk long: one at a time, with a pause.
 */
export class Remover {
  readonly #host: RemoverHost;
  readonly #pauseMs: number;
  readonly #lane = new WriteLane('remove');
  readonly #jobs: Job[] = [];
  /** Locked although marked: their files stay. */
  readonly #kept = new Set<number>();
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(host: RemoverHost, pauseMs: number) {
    this.#host = host;
    this.#pauseMs = pauseMs;
  }

  get lane(): WriteLane {
    return this.#lane;
  }

  /** Resolves when the segment's file is gone and the journal says so. A file that is gone already is no error. */
  remove(sequence: number, path: string): Promise<void> {
    this.#kept.delete(sequence);
    return this.#add('remove', sequence, path);
  }

  /**
   * Takes back the mark of a segment whose file is still there, whoever is about to remove it. Where the file is gone, the deletion is
   * carried on. Resolves when the journal says so.
   */
  keep(sequence: number, path: string): Promise<void> {
    this.#kept.add(sequence);
    return this.#add('keep', sequence, path);
  }

  #add(what: Job['what'], sequence: number, path: string): Promise<void> {
    if (parseSegmentPath(path)?.sequence !== sequence) {
      return Promise.reject(new BoxError('box.bug', { reason: 'not the path of a segment', path }));
    }
    if (this.#stop.signal.aborted) return Promise.reject(new BoxError('storage.closed', { path }));
    return new Promise((resolve, reject) => {
      this.#jobs.push({ what, sequence, path, resolve, reject });
      this.#running ??= this.#work();
    });
  }

  /** What has not begun is refused; resolves when what has begun is over. */
  async stop(): Promise<void> {
    this.#stop.abort();
    for (const job of this.#jobs.splice(0)) job.reject(new BoxError('storage.closed', { path: job.path }));
    await this.#running;
  }

  async #work(): Promise<void> {
    while (this.#jobs.length > 0) {
      const batch = this.#jobs.splice(0, BATCH);
      try {
        await this.#mark(batch);
        for (const job of batch) await (job.what === 'keep' ? this.#keepOne(job) : this.#removeOne(job));
      } catch (cause) {
        // The marks that stand in the journal are carried out when the volume is started again.
        const error = diskError(cause, { folder: this.#host.folder.folder });
        for (const job of batch) job.reject(error);
      }
    }
    this.#running = undefined;
  }

  async #mark(batch: readonly Job[]): Promise<void> {
    const marks = batch
      .filter(({ what }) => what === 'remove')
      .map(({ sequence }) => this.#host.record({ t: 'mark', sequence }));
    if (marks.length === 0) return;
    const errors = await Promise.all(marks);
    const error = errors.find((each) => each !== undefined);
    // A full disk has no room for the mark; deleting is the way out, and the line follows when there is room.
    if (error && error.code !== 'storage.full') throw error;
    if (!error) await this.#host.synced();
  }

  async #removeOne(job: Job): Promise<void> {
    if (this.#stop.signal.aborted) {
      job.reject(new BoxError('storage.closed', { path: job.path }));
      return;
    }
    const { folder, queue } = this.#host;
    try {
      await queue.run(this.#lane, async () => {
        await folder.check();
        if (this.#kept.has(job.sequence)) throw new BoxError('locks.keeps', { path: job.path });
        await unlink(folder.path(job.path)).catch(ignore('ENOENT'));
        await this.#removeFolder(dirname(job.path));
      });
    } catch (cause) {
      const error = diskError(cause, { path: job.path });
      if (error.code !== 'locks.keeps') this.#host.report(error);
      job.reject(error);
      return;
    }
    await this.#host.record({ t: 'delete', sequence: job.sequence });
    this.#host.deleted(job.sequence);
    job.resolve();
    if (this.#pauseMs > 0)
      await delay(this.#pauseMs, undefined, { signal: this.#stop.signal }).catch(ignore('ABORT_ERR'));
  }

  async #keepOne({ sequence, path, resolve, reject }: Job): Promise<void> {
    // Unlocked meanwhile, and asked to be removed.
    if (!this.#kept.delete(sequence)) {
      resolve();
      return;
    }
    const { folder, queue } = this.#host;
    try {
      let isThere = true;
      await queue.run(this.#lane, async () => {
        await folder.check();
        isThere = await access(folder.path(path)).then(yes, no('ENOENT'));
      });
      const error = await this.#host.record({ t: isThere ? 'unmark' : 'delete', sequence });
      if (error) throw error;
      if (!isThere) this.#host.deleted(sequence);
      resolve();
    } catch (cause) {
      reject(diskError(cause, { path }));
    }
  }

  /** The folder of a date goes with its last file. */
  async #removeFolder(relative: string): Promise<void> {
    this.#host.forgetFolder(relative);
    await rmdir(this.#host.folder.path(relative)).catch(ignore('ENOTEMPTY', 'EEXIST', 'ENOENT'));
  }
}

function yes(): boolean {
  return true;
}

function no(...names: string[]): (error: unknown) => boolean {
  return (error) => {
    ignore(...names)(error);
    return false;
  };
}

function ignore(...names: string[]): (error: unknown) => void {
  return (error) => {
    if (!names.includes(errnoOf(error) ?? '')) throw error;
  };
}
