import { join } from 'node:path';
import { asBoxError, BoxError, systemClock } from '../../base/index.ts';
import type { SegmentInfo } from '../catalogue/catalogue-types.ts';
import { openVolumeFolder } from '../volume/identity.ts';
import { listSegments } from '../volume/inventory.ts';
import { Pace } from './job-pace.ts';
import { JournalReader } from '../journal/journal-reader.ts';
import { JOURNAL_FOLDER } from '../journal/journal.ts';
import type { CopyPorts } from './job-ports.ts';
import { beginCheck, type CheckOptions, type CheckState } from './job-states.ts';
import { PacedFile, PatientDisk } from './paced-file.ts';
import { SealBook } from './seal.ts';
import { verifyFile } from '../recovery/verify-file.ts';
import { FINDINGS, type FindingCode } from '../recovery/verify-findings.ts';

const PAGE = 200;
const LISTED = 50;
const PATIENCE_MS = 300_000;

/** Checks a volume while it is used: what was adopted counts at once, by its journal, and is looked at file by file afterwards. */
export class CheckJob {
  readonly #options: CheckOptions;
  readonly #ports: Pick<CopyPorts, 'catalogue'>;
  readonly #disk: PatientDisk;
  readonly #signal: AbortSignal;
  readonly #seals = new SealBook();
  readonly state: CheckState;

  constructor(
    options: CheckOptions,
    ports: Pick<CopyPorts, 'catalogue'>,
    signal: AbortSignal,
    state: CheckState = beginCheck(options),
  ) {
    this.#options = options;
    this.#ports = ports;
    this.#signal = signal;
    const { share, bytesPerSecond, deadlineMs } = options;
    this.#disk = new PatientDisk(new Pace({ share, bytesPerSecond, signal }), deadlineMs);
    this.state = state;
  }

  /** Resolves when it is over, however it ended: `state` says. */
  async run(): Promise<CheckState> {
    const { state } = this;
    try {
      await this.#check();
      state.state = 'done';
    } catch (error) {
      state.state = this.#signal.aborted ? 'stopped' : 'failed';
      if (!this.#signal.aborted) state.error = asBoxError(error, 'storage.io').toJSON();
    }
    state.endedUs = systemClock.wallUs();
    return state;
  }

  async #check(): Promise<void> {
    const { volume, folder, deadlineMs } = this.#options;
    const volumes = await this.#ports.catalogue('volumes', {});
    const totals = volumes.find((each) => each.volume === volume);
    if (!totals) throw new BoxError('catalogue.no-such-volume', { volume });
    this.state.of = totals.segments;
    // Held by a descriptor: a disk that is away, or pulled meanwhile, is no disk whose files are missing.
    const opened = await openVolumeFolder(folder, {
      box: '',
      ofAnyBox: true,
      adoptEmpty: false,
      deadlineMs,
      clock: systemClock,
    });
    try {
      if (opened.identity.volume !== volume) throw new BoxError('storage.not-ours', { folder });
      await this.#checkFiles(opened.root, totals.lastSequence);
    } finally {
      this.#disk.later(() => opened.close());
    }
  }

  async #checkFiles(root: string, lastSequence: number): Promise<void> {
    const { volume, deep } = this.#options;
    if (deep) await this.#readSeals(root);
    for (let afterSequence = 0; ;) {
      const page = await this.#ports.catalogue('bySequence', { volume, afterSequence, limit: PAGE });
      for (const segment of page) await this.#checkSegment(root, segment);
      const last = page.at(-1);
      if (!last || last.sequence >= lastSequence) break;
      afterSequence = last.sequence;
    }
    // What was being recorded at its begin, and what was deleted meanwhile, is not its business.
    this.state.of = this.state.segments;
    await this.#lookForUnknown(root, lastSequence);
  }

  async #readSeals(root: string): Promise<void> {
    const batches = new JournalReader(join(root, JOURNAL_FOLDER)).read();
    for (;;) {
      const { value, done } = await this.#disk.run(0, () => batches.next(), {});
      if (done) return;
      for (const { record } of value.entries) {
        if (record.t === 'seal' && !this.#seals.add(record)) this.#note('seal.chain', JOURNAL_FOLDER);
      }
    }
  }

  async #checkSegment(root: string, segment: SegmentInfo): Promise<void> {
    const { deep, volume } = this.#options;
    const { path, sequence } = segment;
    this.state.segments++;
    if (segment.marked) return;
    await this.#disk.answers(PATIENCE_MS);
    const found: FindingCode[] = [];
    const open = async (): Promise<{ reader: PacedFile; close: () => void }> => {
      const reader = await PacedFile.open(join(root, path), this.#disk);
      return { reader, close: () => reader.close() };
    };
    await verifyFile(segment, { deep, sealed: this.#seals.sha256(sequence), open }, (code) => found.push(code));
    this.#signal.throwIfAborted();
    if (found.length === 0) return;
    // Policy may have deleted it meanwhile.
    const [now] = await this.#ports.catalogue('bySequence', { volume, afterSequence: sequence - 1, limit: 1 });
    if (now?.sequence !== sequence || now.marked) return;
    for (const code of found) this.#note(code, path);
  }

  /** Files that the journal does not know. New ones have higher sequences. */
  async #lookForUnknown(root: string, lastSequence: number): Promise<void> {
    const { volume } = this.#options;
    const days = listSegments(root);
    for (;;) {
      const { value, done } = await this.#disk.run(0, () => days.next(), {});
      if (done) return;
      const old = value.segments.filter(({ sequence }) => sequence <= lastSequence);
      const sequences = old.map(({ sequence }) => sequence);
      const known = new Set(await this.#ports.catalogue('known', { volume, sequences }));
      for (const { path, sequence } of old) if (!known.has(sequence)) this.#note('file.unknown', path);
    }
  }

  #note(code: FindingCode, path: string): void {
    if (FINDINGS[code].severity === 'note') return;
    const { findings, listed } = this.state;
    findings[code] = (findings[code] ?? 0) + 1;
    if (listed.length < LISTED) listed.push({ code, path });
  }
}
