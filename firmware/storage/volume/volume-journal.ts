import { close, constants, fdatasync, open } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { BoxError, syncFolder, type Clock } from '../../base/index.ts';
import type { VolumeFolder } from './identity.ts';
import { JOURNAL_FOLDER, journalFileName, type JournalEntry, type JournalEvent } from '../journal/journal.ts';
import { JournalWriter, type JournalSink, type JournalStart } from '../journal/journal-writer.ts';
import { diskError, writeFully } from './volume-io.ts';
import type { FileToSync } from './file-syncer.ts';
import type { Load } from './volume-sync.ts';
import { WriteLane, type WriteQueue } from './write-queue.ts';

const openFd = promisify(open);
const closeFd = promisify(close);
const syncFd = promisify(fdatasync);

export interface JournalHost {
  readonly folder: VolumeFolder;
  readonly queue: WriteQueue;
  readonly clock: Pick<Clock, 'wallUs'>;
  accepted(bytes: number): Load;
  written(load: Load, file: FileToSync, entries: readonly JournalEntry[]): void;
  /** The disk refused; the lines are kept for `retry`. */
  report(error: BoxError): void;
}

/** Lines of one journal file that are written with one call. */
interface Batch {
  readonly file: number;
  readonly lines: Buffer[];
  readonly entries: JournalEntry[];
  readonly waiters: ((error: BoxError | undefined) => void)[];
  readonly load: Load;
}

/**
 * Puts the journal's lines on the disk, through the volume's queue. Lines that are made while a write is under way go together
 * with the next one. A write that failed is repeated at the same place, so that a torn line is overwritten and never hides the
 * lines behind it.
 */
export class VolumeJournal implements JournalSink, FileToSync {
  readonly lane = new WriteLane(JOURNAL_FOLDER);
  readonly #host: JournalHost;
  readonly #writer: JournalWriter;
  readonly #batches: Batch[] = [];
  #fd: number | undefined;
  #fdFile = 0;
  #file: number;
  #offset = 0;
  #busy = false;
  #over = false;

  constructor(start: JournalStart, host: JournalHost) {
    this.#host = host;
    this.#file = start.lastFile;
    this.#writer = new JournalWriter(start, this, { wallUs: () => host.clock.wallUs() });
  }

  get fd(): number | undefined {
    return this.#fd;
  }

  /** Resolves when the line is written (not yet synced), or with the error that stopped it; the line is kept for later then. */
  record(event: JournalEvent): Promise<BoxError | undefined> {
    if (this.#over) return Promise.resolve(new BoxError('storage.closed', { record: event.t }));
    const entries = this.#writer.append(event);
    const batch = this.#batches.at(-1)!;
    batch.entries.push(...entries);
    return new Promise((resolve) => {
      batch.waiters.push(resolve);
      this.#flush();
    });
  }

  /** JournalSink: called by the writer. */
  begin(file: number): void {
    this.#file = file;
    this.#addBatch();
  }

  /** JournalSink: called by the writer. */
  append(line: Buffer): void {
    const last = this.#batches.at(-1);
    const taken = this.#busy && this.#batches.length === 1;
    const batch = last && !taken && last.file === this.#file ? last : this.#addBatch();
    batch.lines.push(line);
  }

  /** Tries again what the disk refused. The next record does the same. */
  retry(): void {
    this.#flush();
  }

  /** Writes what waits, syncs and closes the file. Rejects with the disk's error; nothing can be recorded afterwards. */
  async close(): Promise<void> {
    this.#over = true;
    const last = this.#batches.at(-1);
    if (last) {
      const error = await new Promise<BoxError | undefined>((resolve) => {
        last.waiters.push(resolve);
        this.#flush();
      });
      if (error) throw error;
    }
    await this.#host.queue.run(this.lane, async () => {
      if (this.#fd === undefined) return;
      const fd = this.#fd;
      this.#fd = undefined;
      await syncAndClose(fd);
    });
  }

  /** Closes the descriptor without the queue, which has been closed and has nothing running. */
  async letGo(): Promise<void> {
    this.#over = true;
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd !== undefined) await closeFd(fd);
  }

  #addBatch(): Batch {
    const batch = { file: this.#file, lines: [], entries: [], waiters: [], load: this.#host.accepted(0) };
    this.#batches.push(batch);
    return batch;
  }

  #flush(): void {
    const batch = this.#batches[0];
    if (!batch || this.#busy) return;
    this.#busy = true;
    let bytes = 0;
    for (const line of batch.lines) bytes += line.length;
    this.#host.queue.add(
      this.lane,
      bytes,
      (done) => {
        if (batch.file === this.#fdFile) writeFully(this.#fd!, batch.lines, this.#offset, done);
        else this.#change(batch.file).then(() => writeFully(this.#fd!, batch.lines, 0, done), done);
      },
      (error) => {
        this.#busy = false;
        if (error) this.#refused(batch, error);
        else this.#wrote(batch, bytes);
      },
    );
  }

  #wrote(batch: Batch, bytes: number): void {
    this.#offset += bytes;
    this.#batches.shift();
    this.#host.written(batch.load, this, batch.entries);
    for (const resolve of batch.waiters) resolve(undefined);
    this.#flush();
  }

  #refused(batch: Batch, cause: Error): void {
    const error = diskError(cause, { file: `${JOURNAL_FOLDER}/${journalFileName(batch.file)}` });
    for (const { waiters } of this.#batches) for (const resolve of waiters.splice(0)) resolve(error);
    this.#host.report(error);
  }

  /** The next file becomes the one that lines go to. */
  async #change(file: number): Promise<void> {
    const { folder } = this.#host;
    const previous = this.#fd;
    this.#fd = undefined;
    if (previous !== undefined) await syncAndClose(previous);
    await folder.check();
    const made = await mkdir(folder.path(JOURNAL_FOLDER), { recursive: true, mode: 0o750 });
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
    this.#fd = await openFd(folder.path(`${JOURNAL_FOLDER}/${journalFileName(file)}`), flags, 0o640);
    this.#fdFile = file;
    this.#offset = 0;
    await syncFolder(folder.path(JOURNAL_FOLDER));
    if (made !== undefined) await syncFolder(folder.root);
  }
}

async function syncAndClose(fd: number): Promise<void> {
  try {
    await syncFd(fd);
  } catch (cause) {
    throw new BoxError('storage.sync-failed', { file: JOURNAL_FOLDER }, { cause });
  } finally {
    await closeFd(fd);
  }
}
