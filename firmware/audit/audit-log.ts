import { mkdir, rm } from 'node:fs/promises';
import { asBoxError, firstPromise, type BoxError, type Clock, type Part } from '../base/index.ts';
import { entryOfEvent, entryOfNote, type AuditNote, type BoxEvent, type Entry } from './line.ts';
import { listFiles, logFile, NO_ANCHOR, readAnchor, writeAnchor, type Anchor, type ChainPlace } from './log-files.ts';
import { LogFileWriter, SyncFailure } from './log-file-writer.ts';
import { LogRetention, type KeepPolicy } from './log-retention.ts';
import { Refusals } from './refusals.ts';
import { repairTail, type LogTail } from './log-tail.ts';

export interface AuditLogOptions {
  /** Of the log alone; made if it is not there. */
  readonly folder: string;
  readonly clock: Pick<Clock, 'wallUs'>;
  readonly policy: () => KeepPolicy;
  /** Told what keeps the log from being written, and with undefined that nothing does any more. */
  readonly failing: (error: BoxError | undefined) => void;
  /** Told at a start that lines of the log were changed or taken away. */
  readonly damaged: (what: Record<string, unknown>) => void;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}

/** Lines that come within this time are synced together. */
const GATHER_MS = 50;
const RETRY_MS = 5000;
const TEND_EVERY_MS = 5 * 60_000;
const STOP_MS = 3000;
/** In one write. */
const MAX_BATCH = 200;
/** What waits for a disk that does not take it: a few megabytes at most. */
const MAX_WAITING = 5000;
const MAX_FILE_BYTES = 8 * 1024 * 1024;
const MIN_FILE_BYTES = 64 * 1024;
/** A file is at most such a share of what may be kept. */
const FILE_SHARE = 16;

/**
 * The log of everything that is asked of the box and that happens to it. Taking a line costs microseconds and never throws;
 * writing happens behind it, one group of lines after another.
 */
export class AuditLog implements Part {
  readonly name = 'audit';
  readonly #options: AuditLogOptions;
  readonly #retention: LogRetention;
  readonly #refusals: Refusals;
  #waiting: Entry[] = [];
  #lost = 0;
  #file: LogFileWriter | undefined;
  /** Where the next file goes on; known once the folder was read. */
  #end: { file: number; last: ChainPlace } | undefined;
  #anchor: Anchor = NO_ANCHOR;
  #work: Promise<boolean> | undefined;
  #gather: NodeJS.Timeout | undefined;
  #tending: NodeJS.Timeout | undefined;
  #tendingIsDue = false;
  #failed = false;
  #stopping = false;

  constructor(options: AuditLogOptions) {
    this.#options = options;
    this.#retention = new LogRetention(options.folder);
    this.#refusals = new Refusals({
      wallUs: () => options.clock.wallUs(),
      note: (note) => this.#take(() => entryOfNote(note)),
      event: (event) => this.event(event),
    });
  }

  /** A log that cannot be opened is tried again later; the box runs on meanwhile. Lines may come before, and without, a start. */
  readonly start = firstPromise(async () => {
    await this.#writeOnce();
    this.#tending = setInterval(() => {
      this.#tendingIsDue = true;
      void this.#writeOnce();
    }, TEND_EVERY_MS);
    this.#tending.unref();
  });

  readonly stop = firstPromise(async () => {
    this.#refusals.tell();
    this.#stopping = true;
    clearTimeout(this.#gather);
    clearInterval(this.#tending);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_MS);
    });
    await Promise.race([this.#finish(), late]);
    clearTimeout(timer);
  });

  /** Writes down what was asked, or counts what was refused once more. Returns at once and never throws. */
  note(note: AuditNote): void {
    this.#refusals.take(note);
  }

  /** Writes down what happened. Returns at once and never throws. */
  event(event: BoxEvent): void {
    this.#take(() => entryOfEvent(event));
  }

  /** Resolves with true when everything that was taken so far is on stable storage, with false if that failed. */
  async flush(): Promise<boolean> {
    clearTimeout(this.#gather);
    this.#gather = undefined;
    // Work that is under way may have taken its lines already.
    await this.#work;
    return this.#writeOnce();
  }

  #take(make: () => Entry): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#lost++;
      return;
    }
    try {
      this.#waiting.push(make());
    } catch (error) {
      // Whoever reports something must not fail because of it; the log says that a line is missing.
      this.#lost++;
      this.#options.log('audit.not-noted', { reason: String(error) });
    }
    if (!this.#stopping) this.#gather ??= setTimeout(() => void this.#writeOnce(), this.#failed ? RETRY_MS : GATHER_MS);
  }

  /** True if nothing waits any more. */
  #writeOnce(): Promise<boolean> {
    this.#work ??= this.#write().finally(() => {
      this.#work = undefined;
      clearTimeout(this.#gather);
      this.#gather = undefined;
      if (this.#waiting.length > 0 && !this.#stopping) {
        this.#gather = setTimeout(() => void this.#writeOnce(), this.#failed ? RETRY_MS : GATHER_MS);
      }
    });
    return this.#work;
  }

  async #write(): Promise<boolean> {
    try {
      await this.#open();
      if (this.#tendingIsDue && this.#file) await this.#tend(this.#file);
      while (this.#waiting.length > 0 || this.#lost > 0) await this.#writeBatch();
      if (this.#failed) this.#options.failing(undefined);
      this.#failed = false;
      return true;
    } catch (error) {
      if (error instanceof SyncFailure && this.#file) await this.#doubt(this.#file);
      if (!this.#failed) this.#options.log('audit.not-written', { reason: String(error) });
      this.#failed = true;
      this.#options.failing(asBoxError(error, 'audit.not-written'));
      return false;
    }
  }

  async #writeBatch(): Promise<void> {
    const file = await this.#current();
    const lost = this.#lost;
    const batch = this.#waiting.slice(0, MAX_BATCH);
    const entries = lost === 0 ? batch : [this.#about('audit.lost', 'error', { lines: lost }), ...batch];
    await file.append(entries);
    this.#waiting.splice(0, batch.length);
    this.#lost -= lost;
  }

  /** The file that lines go to now: another one when it is large or of another day. */
  async #current(): Promise<LogFileWriter> {
    const { folder, clock, policy } = this.#options;
    const nowUs = clock.wallUs();
    const maxBytes = Math.min(MAX_FILE_BYTES, Math.max(MIN_FILE_BYTES, policy().maxBytes / FILE_SHARE));
    const before = this.#file;
    if (before && before.bytes < maxBytes && !before.isOfAnotherDay(nowUs)) return before;
    if (before) {
      await before.finish(nowUs);
      this.#file = undefined;
      this.#end = { file: before.file, last: before.last };
      await this.#retention.finished(before.file, before.toUs);
      await this.#see(before.last);
    }
    const end = this.#end ?? { file: 0, last: NO_ANCHOR.seen };
    this.#file = await LogFileWriter.begin(folder, end.file + 1, end.last, nowUs);
    await this.#drop();
    return this.#file;
  }

  /** Nobody knows what of this file reached the disk after its last sync: the log goes on in another one. */
  async #doubt(file: LogFileWriter): Promise<void> {
    this.#end = { file: file.file, last: file.last };
    this.#file = undefined;
    this.#waiting.unshift(this.#about('audit.sync-failed', 'error', { file: file.file }));
    await file.giveUp().catch((error: unknown) => this.#options.log('audit.not-taken-back', { reason: String(error) }));
  }

  async #open(): Promise<void> {
    if (this.#end || this.#file) return;
    const { folder } = this.#options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    this.#anchor = (await readAnchor(folder)) ?? NO_ANCHOR;
    const tail = await this.#newestTail();
    if (!tail) {
      this.#end = { file: 0, last: this.#lookBack(this.#anchor.dropped) };
      return;
    }
    this.#tell(tail);
    const last = this.#lookBack(tail.last);
    const goesOn = !tail.finished && tail.damagedAt === undefined && last === tail.last;
    await this.#retention.load(goesOn ? tail.file : undefined);
    if (goesOn) this.#file = await LogFileWriter.resume(folder, tail);
    else this.#end = { file: tail.file, last };
  }

  /** Of the newest file with a line in it; files in which a power cut left nothing are removed. */
  async #newestTail(): Promise<LogTail | undefined> {
    const { folder } = this.#options;
    for (const file of (await listFiles(folder)).toReversed()) {
      const tail = await repairTail(folder, file);
      if (tail.lines > 0 || tail.damagedAt !== undefined) return tail;
      if (tail.tornBytes > 0) this.#tell(tail);
      await rm(logFile(folder, file), { force: true });
    }
    return undefined;
  }

  #tell({ file, tornBytes, damagedAt }: LogTail): void {
    if (tornBytes > 0) this.#waiting.unshift(this.#about('audit.repaired', 'warning', { file, bytes: tornBytes }));
    if (damagedAt === undefined) return;
    this.#waiting.unshift(this.#about('audit.damaged', 'error', { file, offset: damagedAt }));
    this.#options.damaged({ file, offset: damagedAt });
  }

  /** The place to go on at. If lines are missing that were on the disk once, their numbers stay missing. */
  #lookBack(last: ChainPlace): ChainPlace {
    const { seen } = this.#anchor;
    if (last.n >= seen.n) return last;
    const missing = { after: last.n, until: seen.n };
    this.#waiting.unshift(this.#about('audit.cut', 'error', missing));
    this.#options.damaged({ missing });
    return { n: seen.n, hash: last.hash };
  }

  /** What is done from time to time: the mark of what was seen, and what is too old. */
  async #tend(file: LogFileWriter): Promise<void> {
    await this.#see(file.last);
    await this.#drop();
    this.#tendingIsDue = false;
  }

  async #see(last: ChainPlace): Promise<void> {
    if (last.n === this.#anchor.seen.n) return;
    this.#anchor = { ...this.#anchor, seen: last };
    await writeAnchor(this.#options.folder, this.#anchor);
  }

  async #drop(): Promise<void> {
    const { folder, clock, policy } = this.#options;
    const due = (await this.#retention.due(policy(), clock.wallUs(), this.#file?.bytes ?? 0)).filter(
      (file) => file !== this.#file?.file,
    );
    const newest = due.at(-1);
    if (newest === undefined) return;
    const dropped = (await this.#retention.lastOf(newest)) ?? this.#anchor.dropped;
    this.#anchor = { ...this.#anchor, dropped };
    await writeAnchor(folder, this.#anchor);
    await this.#retention.remove(due);
    this.#waiting.push(this.#about('audit.dropped', 'info', { files: due.length, until: dropped.n }));
  }

  async #finish(): Promise<void> {
    const untouched = !this.#end && !this.#file && this.#waiting.length === 0 && this.#lost === 0;
    if (untouched) return;
    await this.flush();
    if (!this.#file) return;
    try {
      await this.#see(this.#file.last);
      await this.#file.close();
    } catch (error) {
      this.#options.log('audit.not-closed', { reason: String(error) });
    }
  }

  #about(event: string, severity: 'info' | 'warning' | 'error', detail: Record<string, unknown>): Entry {
    return entryOfEvent({ atUs: this.#options.clock.wallUs(), event, severity, subject: 'box', detail });
  }
}
