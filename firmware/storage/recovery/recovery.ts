import { realpath, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { asBoxError, BoxError, firstPromise } from '../../base/index.ts';
import type { AttachReport, SegmentInfo } from '../catalogue/catalogue-types.ts';
import { listSegments } from '../volume/inventory.ts';
import type { CloseRecord, JournalEvent, OpenRecord } from '../journal/journal.ts';
import { inventoryMark, markForInventory } from './quick-start.ts';
import type { QuickStart } from './quick-start.ts';
import type { SegmentPlace } from '../volume/segment-place.ts';
import { mendSegment } from './segment-mending.ts';
import type { MendedSegment } from './segment-mending.ts';
import { errnoOf } from '../volume/volume-io.ts';

/** What recovery needs of the volume it works for; the volume is in use meanwhile. */
export interface RecoveryVolume {
  readonly folder: string;
  /** Appends to the journal; resolves when the line is written, rejects with the disk's error. */
  record(event: JournalEvent): Promise<void>;
  /** Deletes a segment: mark, file, journal. A missing file is no error. */
  remove(sequence: number, path: string): Promise<void>;
}

/** What recovery asks of the catalogue. */
export interface RecoveryCatalogue {
  /** When the catalogue is level with the journal. */
  attached: Promise<AttachReport>;
  known(sequences: number[]): Promise<number[]>;
  bySequence(afterSequence: number, limit: number): Promise<SegmentInfo[]>;
}

export interface RecoveryReport {
  /** Torn by the crash and made whole again. */
  repaired: number;
  /** Complete already; only the journal did not know. */
  adopted: number;
  /** Removed, as no whole fragment was in them. */
  removed: number;
  /** In the journal, but the file is gone. */
  missing: number;
  /** Files that could not be understood; they are left as they are. */
  failed: { path: string; error: BoxError }[];
}

type Fate = 'repaired' | 'adopted' | 'removed' | 'missing' | 'failed';

const CONCURRENCY = 2;
const PAGE = 1000;

/**
 * Brings a volume back in order after a crash, while new segments are being recorded on it already. It touches only segments
 * that `quickStart` found, which are all older than the first new one. Every step may be repeated: a crash in the middle of
 * recovery is like the crash before it.
 */
export class Recovery {
  readonly #volume: RecoveryVolume;
  readonly #catalogue: RecoveryCatalogue;
  readonly #quick: QuickStart;
  readonly #signal: AbortSignal;
  readonly #report: RecoveryReport = { repaired: 0, adopted: 0, removed: 0, missing: 0, failed: [] };
  readonly #endUs: Map<string, number>;
  readonly #runOnce = firstPromise(() => this.#run());
  readonly #repairOnce = firstPromise(() => this.#repair());

  /** Aborting ends it between two segments. */
  constructor(quick: QuickStart, volume: RecoveryVolume, catalogue: RecoveryCatalogue, signal: AbortSignal) {
    this.#quick = quick;
    this.#volume = volume;
    this.#catalogue = catalogue;
    this.#signal = signal;
    this.#endUs = new Map(quick.tail.endUs);
  }

  /** Resolves when everything is in order. Rejects with the disk's error or the signal's reason; it may be run anew then. */
  run(): Promise<RecoveryReport> {
    return this.#runOnce();
  }

  /**
   * The last recorded instant of a stream before this start, as far as this volume's newest journal file and the torn segments
   * tell. Waits for the torn segments only; the caller's gap record may come late, its time does not change.
   */
  async lastEndUs(camera: string, stream: string): Promise<number | undefined> {
    await this.#repairOnce();
    return this.#endUs.get(`${camera}/${stream}`);
  }

  /**
   * Mends a segment of this process that the disk or an overload cut off, once the disk is fit again. Its file must be closed.
   * `suspect`: the disk reported an error while it was written. Rejects with the disk's error; may be repeated then.
   */
  async mend(record: OpenRecord, suspect: boolean): Promise<void> {
    await this.#settle(record, record, suspect);
  }

  async #run(): Promise<RecoveryReport> {
    await this.#repairOnce();
    const { lost } = await this.#catalogue.attached;
    if (lost && !this.#quick.needsInventory) await markForInventory(this.#volume.folder);
    if (lost || this.#quick.needsInventory) await this.#takeInventory();
    else await this.#adoptUnknown(this.#quick.candidates);
    return this.#report;
  }

  async #repair(): Promise<void> {
    const torn: (() => Promise<void>)[] = [];
    for (const record of this.#quick.tail.open) torn.push(() => this.#settle(record, record));
    for (const place of this.#quick.orphans) torn.push(() => this.#settle(place, undefined));
    await this.#eachOf(torn);
  }

  async #adoptUnknown(places: readonly SegmentPlace[]): Promise<void> {
    for (let from = 0; from < places.length; from += PAGE) {
      const page = places.slice(from, from + PAGE);
      const known = new Set(await this.#catalogue.known(page.map(({ sequence }) => sequence)));
      const unknown = page.filter(({ sequence }) => !known.has(sequence));
      await this.#eachOf(unknown.map((place) => () => this.#settle(place, undefined)));
    }
  }

  /** Compares all files with the catalogue in both directions. */
  async #takeInventory(): Promise<void> {
    const { lastSequence } = this.#quick.journal;
    const settled = new Set(this.#quick.tail.open.map(({ path }) => path));
    for (const { path } of this.#quick.orphans) settled.add(path);
    const present = new SequenceSet(lastSequence);
    for await (const day of listSegments(this.#volume.folder)) {
      this.#signal.throwIfAborted();
      const old = day.segments.filter(({ sequence }) => sequence <= lastSequence);
      for (const { sequence } of old) present.add(sequence);
      await this.#adoptUnknown(old.filter(({ path }) => !settled.has(path)));
    }
    await this.#forgetMissing(present);
    await unlink(inventoryMark(this.#volume.folder));
  }

  async #forgetMissing(present: SequenceSet): Promise<void> {
    const { lastSequence } = this.#quick.journal;
    for (let after = 0; after < lastSequence;) {
      const page = await this.#catalogue.bySequence(after, PAGE);
      for (const { sequence } of page) {
        if (sequence > lastSequence || present.has(sequence)) continue;
        await this.#volume.record({ t: 'delete', sequence });
        this.#report.missing++;
      }
      const last = page.at(-1);
      if (!last) return;
      after = last.sequence;
    }
  }

  /** `known` is the journal's open record of the segment, if it has one. */
  async #settle(
    place: { path: string; sequence: number },
    known: OpenRecord | undefined,
    suspect = false,
  ): Promise<void> {
    this.#signal.throwIfAborted();
    const fate = await this.#mend(place, known, suspect);
    if (fate !== 'failed') this.#report[fate]++;
  }

  async #mend(
    { path, sequence }: { path: string; sequence: number },
    known: OpenRecord | undefined,
    suspect: boolean,
  ): Promise<Fate> {
    let mended: MendedSegment;
    try {
      await checkInside(this.#volume.folder, path);
      mended = await mendSegment(join(this.#volume.folder, path), { sequence });
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') {
        await this.#volume.record({ t: 'delete', sequence });
        return 'missing';
      }
      // Something is in the file that is not understood: somebody may still get footage out of it, so it is left alone.
      this.#report.failed.push({ path, error: asBoxError(error, 'storage.corrupt') });
      return 'failed';
    }
    if (mended.fate === 'empty') {
      await this.#volume.remove(sequence, path);
      return 'removed';
    }
    if (!known) await this.#volume.record({ t: 'open', sequence, path, ...mended.open });
    const close: CloseRecord = {
      t: 'close',
      sequence,
      ...mended.close,
      ...((suspect || known?.origin?.suspect) && { suspect: true as const }),
    };
    await this.#volume.record(close);
    this.#noteEnd(known ?? mended.open, close.endUs);
    return mended.fate === 'repaired' ? 'repaired' : 'adopted';
  }

  #noteEnd({ camera, stream }: { camera: string; stream: string }, endUs: number): void {
    const key = `${camera}/${stream}`;
    this.#endUs.set(key, Math.max(endUs, this.#endUs.get(key) ?? endUs));
  }

  /** A few at a time, so that a start with many torn segments does not crowd out the recording. */
  async #eachOf(jobs: readonly (() => Promise<void>)[]): Promise<void> {
    const rest = jobs[Symbol.iterator]();
    const lane = async (): Promise<void> => {
      for (const job of rest) await job();
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, lane));
  }
}

/** A set of sequences in one bit each. */
class SequenceSet {
  readonly #bits: Uint8Array;

  constructor(last: number) {
    this.#bits = new Uint8Array((last >>> 3) + 1);
  }

  add(sequence: number): void {
    this.#bits[sequence >>> 3]! |= 1 << (sequence & 7);
  }

  has(sequence: number): boolean {
    return (this.#bits[sequence >>> 3]! & (1 << (sequence & 7))) !== 0;
  }
}

/** A disk that comes from elsewhere must not make the box write through a link. Rejects with storage.corrupt, or ENOENT. */
async function checkInside(folder: string, path: string): Promise<void> {
  const [root, file] = await Promise.all([realpath(folder), realpath(join(folder, path))]);
  if (file !== join(root, path)) throw new BoxError('storage.corrupt', { path, reason: 'a link leads elsewhere' });
}
