import { constants } from 'node:fs';
import { access, mkdir, statfs } from 'node:fs/promises';
import { BoxError, type Clock } from '../../base/index.ts';
import { syncFiles, type FileToSync } from './file-syncer.ts';
import type { VolumeFolder } from './identity.ts';
import type { JournalEntry, JournalEvent } from '../journal/journal.ts';
import type { JournalStart } from '../journal/journal-writer.ts';
import type { SegmentEnd, SegmentFile, SegmentHost } from './segment-file.ts';
import { feederAvailable, SyncFeeder } from './sync-feeder.ts';
import { diskError } from './volume-io.ts';
import { VolumeJournal, type JournalHost } from './volume-journal.ts';
import { Latency } from './volume-latency.ts';
import { Receiver, type ReceiverHost } from './volume-receiver.ts';
import { Remover, type RemoverHost } from './volume-remover.ts';
import type { VolumeListener, VolumeSettings } from './volume-settings.ts';
import { VolumeStatus, type VolumeState } from './volume-state.ts';
import { SyncSchedule, type Load } from './volume-sync.ts';
import { WriteLane, WriteQueue } from './write-queue.ts';

/** What the recorder takes of the recovery point before data reaches the volume: fragment, nap and tick. */
const BEFORE_VOLUME_MS = 1500;
const LEAST_WAIT_MS = 250;
const TICK_MS = 1000;
/** After a pause of the whole thread nothing can be said about the disk: whatever it has answered was not heard. */
const STALL_MS = 2500;
/** A small disk takes recordings again with this share of it free. */
const RESUME_SHARE = 0.05;
/** More date folders than this many streams need at a time are from the past. */
const KNOWN_FOLDERS = 2000;

export interface CoreDeps {
  readonly folder: VolumeFolder;
  readonly journal: JournalStart;
  readonly clock: Clock;
  readonly listener: VolumeListener;
  readonly settings: VolumeSettings;
}

/** The works of one volume: what its segments, its journal and its remover share. */
export class VolumeCore implements SegmentHost, JournalHost, RemoverHost, ReceiverHost {
  readonly folder: VolumeFolder;
  readonly clock: Clock;
  readonly queue: WriteQueue;
  readonly status: VolumeStatus;
  readonly journal: VolumeJournal;
  readonly remover: Remover;
  readonly receiver = new Receiver(this);
  readonly schedule: SyncSchedule;
  readonly segments = new Map<number, SegmentFile>();
  readonly writes = new Latency();
  writtenBytes = 0;
  space: { totalBytes: number; freeBytes: number } | undefined;
  readonly #settings: VolumeSettings;
  readonly #listener: VolumeListener;
  readonly #feeder: SyncFeeder;
  readonly #checkLane = new WriteLane('check');
  readonly #folders = new Set<string>();
  #syncMode: 'volume' | 'file';
  #dirtyFiles = new Set<FileToSync>();
  #entries: JournalEntry[] = [];
  #entriesInSync = 0;
  #ticker: NodeJS.Timeout | undefined;
  #checkedUs = 0;
  #tickedUs = Infinity;
  #checking = false;
  #closed: BoxError | undefined;
  #left: SegmentFile[] = [];
  #isLetGo = false;

  constructor(deps: CoreDeps) {
    this.folder = deps.folder;
    this.clock = deps.clock;
    this.#listener = deps.listener;
    this.#settings = deps.settings;
    const { queueMaxBytes, hungAfterMs, syncMode, recoveryPointMs, minSyncIntervalMs } = deps.settings;
    this.status = new VolumeStatus((state, error) => this.#changed(state, error));
    this.queue = new WriteQueue(
      { maxBytes: queueMaxBytes, hungAfterMs, clock: this.clock },
      { hung: () => this.#judgeHung(), idle: () => this.#idle() },
    );
    this.#feeder = new SyncFeeder(this.folder.fd);
    this.#syncMode = syncMode;
    const latestMs = Math.max(LEAST_WAIT_MS, recoveryPointMs - BEFORE_VOLUME_MS);
    this.schedule = new SyncSchedule(
      { latestMs, minIntervalMs: minSyncIntervalMs },
      this.clock,
      { sync: () => this.#sync() },
      { synced: (bytes) => this.#synced(bytes), failed: (error) => this.report(error) },
    );
    this.journal = new VolumeJournal(deps.journal, this);
    this.remover = new Remover(this, deps.settings.removePauseMs);
  }

  get syncMode(): 'volume' | 'file' {
    return this.#syncMode;
  }

  /** Looks at the folder and begins to look regularly. Rejects with what is wrong at the first look. */
  async start(): Promise<void> {
    if (this.#syncMode === 'volume' && !(await feederAvailable())) this.#syncMode = 'file';
    await this.#look();
    if (this.status.error) throw this.status.error;
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    this.#ticker.unref();
  }

  stopChecks(): void {
    clearInterval(this.#ticker);
  }

  /**
   * Nothing begins any more; the child that syncs has `deadlineMs` to end. Descriptors are closed as soon as no operation works
   * with one of them, which on a disk that hangs is later than this promise.
   */
  async close(deadlineMs: number): Promise<void> {
    this.#closed = new BoxError('storage.closed', { folder: this.folder.folder });
    this.schedule.stop(this.#closed);
    this.#left = [...this.segments.values()];
    const lanes = this.#left.map((file) => file.lane);
    this.queue.close(
      [...lanes, this.journal.lane, this.remover.lane, this.receiver.lane, this.#checkLane],
      this.#closed,
    );
    await this.#feeder.stop(deadlineMs);
    if (this.queue.running === 0) await this.#letGo();
  }

  record(event: JournalEvent): Promise<BoxError | undefined> {
    return this.journal.record(event);
  }

  accepted(bytes: number): Load {
    return this.schedule.accepted(bytes);
  }

  /** Of a segment (with the time its write took) or of the journal (with the records that the lines hold). */
  written(load: Load, file: FileToSync, detail: number | readonly JournalEntry[]): void {
    this.#dirtyFiles.add(file);
    if (typeof detail === 'number') {
      this.writtenBytes += load.bytes;
      this.writes.observe(detail);
    } else {
      this.#entries.push(...detail);
    }
    this.schedule.written(load);
  }

  dropped(load: Load): void {
    this.schedule.dropped(load);
  }

  report(error: BoxError): void {
    this.status.report(error);
  }

  synced(): Promise<void> {
    return this.schedule.wait({ now: true });
  }

  async makeFolder(relative: string): Promise<void> {
    if (this.#folders.has(relative)) return;
    await mkdir(this.folder.path(relative), { recursive: true, mode: 0o750 });
    if (this.#folders.size >= KNOWN_FOLDERS) this.#folders.clear();
    this.#folders.add(relative);
  }

  forgetFolder(relative: string): void {
    this.#folders.delete(relative);
  }

  opened(file: SegmentFile): void {
    this.#listener.opened?.(file.record);
  }

  ended(file: SegmentFile, end: SegmentEnd, reason: string): void {
    this.segments.delete(file.sequence);
    this.#listener.ended?.(file.record, end, file.writtenBytes, reason);
  }

  deleted(sequence: number): void {
    this.#listener.deleted?.(sequence);
  }

  async #sync(): Promise<void> {
    const files = this.#dirtyFiles;
    this.#dirtyFiles = new Set();
    this.#entriesInSync = this.#entries.length;
    if (this.#syncMode === 'volume' && (await this.#syncVolume())) return;
    await syncFiles(this.queue, files);
  }

  /** False if no sync ran, twice: the feeder is of no use here, and every file is synced by itself from now on. */
  async #syncVolume(): Promise<boolean> {
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        await this.#feeder.sync();
        return true;
      } catch (error) {
        if (this.#closed) throw this.#closed;
        // A feeder that died has reported no error of the disk. What it may have kept to itself, each segment's own sync tells.
        if (!(error instanceof BoxError) || error.code !== 'storage.no-sync') throw error;
      }
    }
    this.#syncMode = 'file';
    return false;
  }

  #synced(bytes: number): void {
    this.#judgeHung();
    const entries = this.#entries.splice(0, this.#entriesInSync);
    if (entries.length > 0) this.#listener.journal?.(entries);
    this.#listener.synced?.(bytes);
  }

  #changed(state: VolumeState, error: BoxError | undefined): void {
    if (error && (state === 'doubted' || state === 'gone')) {
      this.schedule.stop(error);
      for (const file of this.segments.values()) file.fail(error);
    }
    this.#listener.state?.(state, error);
  }

  #idle(): void {
    this.schedule.idle();
    if (this.#closed) void this.#letGo();
  }

  /** Closes every descriptor that is left. */
  async #letGo(): Promise<void> {
    if (this.#isLetGo) return;
    this.#isLetGo = true;
    const files = [...this.#left.map((file) => file.letGo()), this.journal.letGo(), this.folder.close()];
    for (const result of await Promise.allSettled(files)) {
      if (result.status === 'rejected') this.report(diskError(result.reason, { folder: this.folder.folder }));
    }
  }

  #judgeHung(): void {
    this.status.setHung(this.queue.hung || this.schedule.runningMs > this.#settings.hungAfterMs);
  }

  #tick(): void {
    const stalled = this.clock.monoUs() - this.#tickedUs > STALL_MS * 1000;
    this.#tickedUs = this.clock.monoUs();
    if (stalled) return;
    this.queue.checkDeadlines();
    this.#judgeHung();
    if (this.#checking || this.clock.monoUs() - this.#checkedUs < this.#settings.checkMs * 1000) return;
    this.#checking = true;
    this.#look()
      .catch((error: unknown) => this.report(diskError(error, { folder: this.folder.folder })))
      .finally(() => {
        this.#checking = false;
      });
  }

  /** Is the disk still there, how full is it, and has a fault passed? */
  async #look(): Promise<void> {
    this.#checkedUs = this.clock.monoUs();
    const { passing } = this.status;
    await this.queue.run(this.#checkLane, async () => {
      await this.folder
        .check()
        .catch((error: unknown) => this.report(diskError(error, { folder: this.folder.folder })));
      const { blocks, bavail, bsize } = await statfs(this.folder.root);
      this.space = { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
      if (passing === 'read-only') await access(this.folder.root, constants.W_OK);
    });
    if (!passing || (passing === 'full' && !this.#hasRoom(this.space!))) return;
    this.status.cleared(passing);
    this.journal.retry();
  }

  #hasRoom({ totalBytes, freeBytes }: { totalBytes: number; freeBytes: number }): boolean {
    return freeBytes >= Math.min(this.#settings.resumeFreeBytes, totalBytes * RESUME_SHARE);
  }
}
