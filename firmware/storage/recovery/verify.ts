import { copyFile, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Catalogue } from '../catalogue/catalogue.ts';
import type { SegmentInfo } from '../catalogue/catalogue-types.ts';
import { IDENTITY_FILE } from '../volume/identity-file.ts';
import { NOTHING } from '../volume/identity.ts';
import { listSegments } from '../volume/inventory.ts';
import { JournalReader } from '../journal/journal-reader.ts';
import { JOURNAL_FOLDER, journalFileNumber, type JournalRecord } from '../journal/journal.ts';
import { Findings } from './verify-findings.ts';
import type { VerifyReport } from './verify-findings.ts';
import { INCOMING_FOLDER } from '../volume/incoming.ts';
import { SealBook } from '../jobs/seal.ts';
import { openPlain, verifyFile } from './verify-file.ts';
import { errnoOf } from '../volume/volume-io.ts';

export interface VerifyOptions {
  folder: string;
  /** Expected uuids of the volume and the box, as far as they are known. */
  volume?: string;
  box?: string;
  /** Path of the catalogue, to be compared with the journal. It is only read. */
  catalogue?: string;
  /** Reads all media, not only the indexes. */
  deep?: boolean;
  progress?: (done: { segments: number; of: number }) => void;
  signal: AbortSignal;
}

const PAGE = 500;
/** Segments of one stream may share this much: runs overlap by a picture where a camera's clock was corrected. */
const OVERLAP_US = 1_000_000;

/**
 * Checks what can be proved of the volume of a stopped box, and changes nothing. The journal is read into a catalogue of its
 * own in the temporary folder, and everything else is compared with that. Rejects with the signal's reason, or when the volume
 * or the temporary folder cannot be read at all.
 */
export async function verifyVolume(options: VerifyOptions): Promise<VerifyReport> {
  const folder = await mkdtemp(join(tmpdir(), 'ipvs-verify-'));
  const truth = new Catalogue(join(folder, 'truth.db'));
  try {
    return await new Verification(options, truth, folder).run();
  } finally {
    truth.close();
    await rm(folder, { recursive: true });
  }
}

class Verification {
  readonly #options: VerifyOptions;
  readonly #truth: Catalogue;
  readonly #findings = new Findings();
  readonly #seals = new SealBook();
  readonly #marked = new Set<number>();
  readonly #scratch: string;
  #volume: string;

  constructor(options: VerifyOptions, truth: Catalogue, scratch: string) {
    this.#scratch = scratch;
    this.#options = options;
    this.#truth = truth;
    this.#volume = options.volume ?? '';
  }

  async run(): Promise<VerifyReport> {
    if (await this.#isAway()) {
      this.#findings.add('volume.away', { detail: { folder: this.#options.folder } });
      return this.#findings.report({ segments: 0, bytes: 0 });
    }
    await this.#checkIdentity();
    await this.#readJournal();
    await this.#checkFiles();
    await this.#checkSegments();
    this.#checkOverlaps();
    if (this.#options.catalogue !== undefined) await this.#checkCatalogue(this.#options.catalogue);
    const { segments, bytes } = this.#truth.volumeTotals(this.#volume);
    return this.#findings.report({ segments, bytes });
  }

  /** A disk that is not mounted says nothing, and has lost nothing. */
  async #isAway(): Promise<boolean> {
    return (await namesIn(this.#options.folder)).every((name) => NOTHING.has(name));
  }

  /** S1. */
  async #checkIdentity(): Promise<void> {
    const { folder, volume, box } = this.#options;
    let found: { volume?: unknown; box?: unknown };
    try {
      found = JSON.parse(await readFile(join(folder, IDENTITY_FILE), 'utf8')) as typeof found;
    } catch (error) {
      this.#findings.add('identity.missing', { path: IDENTITY_FILE, detail: { reason: String(error) } });
      return;
    }
    this.#volume ||= String(found.volume);
    for (const [field, wanted] of [
      ['volume', volume],
      ['box', box],
    ] as const) {
      if (wanted === undefined || found[field] === wanted) continue;
      this.#findings.add('identity.other', { detail: { field, expected: wanted, found: found[field] } });
    }
  }

  /** S3: reads the whole journal, and accounts for every sequence. */
  async #readJournal(): Promise<void> {
    const folder = join(this.#options.folder, JOURNAL_FOLDER);
    const reader = new JournalReader(folder);
    const [first] = await reader.validFiles();
    const head = first === undefined ? undefined : await reader.head(first);
    let accounted = head?.lastSequence ?? 0;
    const ahead = new Set<number>();
    for await (const { entries, damage } of reader.read()) {
      this.#options.signal.throwIfAborted();
      if (damage) this.#findings.add(`journal.${damage.kind}`, { detail: { ...damage } });
      for (const entry of entries) {
        this.#note(entry.record);
        if (!this.#truth.apply(this.#volume, entry)) this.#findings.add('journal.lost', { detail: { ...entry.at } });
        if (entry.record.t === 'open' && entry.record.sequence > accounted) ahead.add(entry.record.sequence);
        while (ahead.delete(accounted + 1)) accounted++;
      }
    }
    this.#truth.commit();
    for (const sequence of [...ahead].sort((a, b) => a - b)) {
      for (let missing = accounted + 1; missing < sequence; missing++) {
        this.#findings.add('sequence.unaccounted', { sequence: missing });
      }
      accounted = sequence;
    }
    for (const name of await namesIn(folder)) {
      if (journalFileNumber(name) === undefined) this.#findings.add('journal.leftover', { path: `journal/${name}` });
    }
    for (const name of await namesIn(join(this.#options.folder, INCOMING_FOLDER))) {
      this.#findings.add('incoming.leftover', { path: `${INCOMING_FOLDER}/${name}` });
    }
    if (first === undefined && (await this.#hasSegments())) this.#findings.add('journal.missing');
  }

  /** S2: the chain of seals. S4: what is deleted was marked before. */
  #note(record: JournalRecord): void {
    switch (record.t) {
      case 'seal':
        if (!this.#seals.add(record)) this.#findings.add('seal.chain', { sequence: record.sequence });
        break;
      case 'mark':
        this.#marked.add(record.sequence);
        break;
      case 'unmark':
        this.#marked.delete(record.sequence);
        break;
      case 'delete':
        if (!this.#marked.delete(record.sequence) && this.#isClosed(record.sequence)) {
          this.#findings.add('deletion.unmarked', { sequence: record.sequence });
        }
        break;
      default:
        break;
    }
  }

  #isClosed(sequence: number): boolean {
    return this.#truth.queries.bySequence(this.#volume, sequence - 1, 1)[0]?.sequence === sequence;
  }

  async #hasSegments(): Promise<boolean> {
    for await (const day of listSegments(this.#options.folder)) if (day.segments.length > 0) return true;
    return false;
  }

  /** S4, from the files to the journal. */
  async #checkFiles(): Promise<void> {
    for await (const day of listSegments(this.#options.folder)) {
      this.#options.signal.throwIfAborted();
      for (const path of day.strangers) this.#findings.add('file.stranger', { path });
      const known = new Set(
        this.#truth.queries.known(
          this.#volume,
          day.segments.map(({ sequence }) => sequence),
        ),
      );
      for (const { path, sequence } of day.segments) {
        if (!known.has(sequence)) this.#findings.add('file.unknown', { path, sequence });
      }
    }
    for (const { path, sequence } of this.#truth.queries.open(this.#volume)) {
      this.#findings.add('file.open', { path, sequence });
    }
  }

  /** S2, S4 from the journal to the files, R5. */
  async #checkSegments(): Promise<void> {
    const { folder, deep = false, progress, signal } = this.#options;
    const of = this.#truth.volumeTotals(this.#volume).segments;
    let segments = 0;
    for await (const page of this.#pages(this.#truth)) {
      for (const segment of page) {
        signal.throwIfAborted();
        const { path, sequence } = segment;
        if (segment.suspect) this.#findings.add('segment.suspect', { path, sequence });
        if (segment.marked) await this.#checkMarked(segment);
        else
          await verifyFile(
            segment,
            { deep, sealed: this.#seals.sha256(sequence), open: () => openPlain(join(folder, path)) },
            (code, detail) => this.#findings.add(code, { path, sequence, ...(detail && { detail }) }),
          );
        segments++;
      }
      progress?.({ segments, of });
    }
  }

  async #checkMarked({ path, sequence }: SegmentInfo): Promise<void> {
    let isThere = true;
    try {
      await stat(join(this.#options.folder, path));
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
      isThere = false;
    }
    this.#findings.add('file.marked', { path, sequence, detail: { file: isThere ? 'present' : 'gone' } });
  }

  #checkOverlaps(): void {
    const { queries } = this.#truth;
    for (const { camera, stream } of queries.streams()) {
      let last: SegmentInfo | undefined;
      for (let fromUs = -8e15; ;) {
        const page = queries.segments({ camera, stream, fromUs, toUs: 9e15, limit: PAGE }).filter(({ open }) => !open);
        const fresh = page.filter(({ startUs }) => startUs >= fromUs);
        for (const segment of fresh) {
          if (last && last.endUs - segment.startUs > OVERLAP_US) {
            const { path, sequence } = segment;
            this.#findings.add('segment.overlap', { path, sequence, detail: { with: last.path } });
          }
          if (!last || segment.endUs > last.endUs) last = segment;
        }
        const next = fresh.at(-1);
        if (!next || page.length < PAGE) break;
        fromUs = next.startUs + 1;
      }
    }
  }

  /** The catalogue is level with the journal and says the same. */
  async #checkCatalogue(path: string): Promise<void> {
    // A copy, since opening a catalogue that cannot be used replaces it.
    const copy = join(this.#scratch, 'catalogue.db');
    for (const suffix of ['', '-wal']) await copyIfThere(path + suffix, copy + suffix);
    const catalogue = new Catalogue(copy);
    if (catalogue.fresh) this.#findings.add('catalogue.missing');
    try {
      const has = catalogue.checkpoint(this.#volume);
      const wanted = this.#truth.checkpoint(this.#volume);
      if (catalogue.fresh) return;
      if (has.file !== wanted.file || has.offset !== wanted.offset) {
        this.#findings.add('catalogue.behind', { detail: { has, wanted } });
      } else {
        await this.#comparePages(catalogue);
      }
      for (const { camera, stream } of catalogue.queries.streams()) {
        const days = catalogue.queries.wrongDays(camera, stream);
        if (days.length > 0) this.#findings.add('catalogue.coverage', { detail: { camera, stream, days } });
      }
    } finally {
      catalogue.close();
    }
  }

  async #comparePages(catalogue: Catalogue): Promise<void> {
    const theirs = this.#pages(catalogue);
    const ours = this.#pages(this.#truth);
    for (;;) {
      const [page = [], other = []] = [(await ours.next()).value, (await theirs.next()).value];
      if (page.length === 0 && other.length === 0) return;
      for (let index = 0; index < Math.max(page.length, other.length); index++) {
        const segment = page[index] ?? other[index]!;
        if (sameSegment(page[index], other[index])) continue;
        this.#findings.add('catalogue.differs', { path: segment.path, sequence: segment.sequence });
        return;
      }
    }
  }

  async *#pages(catalogue: Catalogue): AsyncGenerator<SegmentInfo[], undefined> {
    for (let after = 0; ;) {
      const page = catalogue.queries.bySequence(this.#volume, after, PAGE);
      if (page.length > 0) yield page;
      const last = page.at(-1);
      if (!last) return undefined;
      after = last.sequence;
    }
  }
}

/** What stands elsewhere, only the box's own catalogue knows. */
function sameSegment(a: SegmentInfo | undefined, b: SegmentInfo | undefined): boolean {
  const [one, other] = [a, b].map((each) => each && JSON.stringify({ ...each, elsewhere: false }));
  return one === other;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

async function copyIfThere(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}
