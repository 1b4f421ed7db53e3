import { encodeRecord, JOURNAL_FILE_BYTES } from './journal.ts';
import type { HeadRecord, JournalEntry, JournalEvent, JournalPosition, JournalRecord, OpenRecord } from './journal.ts';

/** Where the lines go: the volume's write queue. Calls return at once; the queue keeps their order. */
export interface JournalSink {
  /** Creates the file of that number (it must not exist); all later lines go there, and the earlier file is only synced and closed. */
  begin(file: number): void;
  append(line: Buffer): void;
}

/** What the journal said when the volume was started (JournalReader.readTail gives it). */
export interface JournalStart {
  lastFile: number;
  lastSequence: number;
  open: readonly OpenRecord[];
}

/**
 * Turns events into lines and decides about files: a new one at the first event after each start, so that nothing is ever
 * appended behind a torn line and a place in a file means one thing for ever, and again past the size limit.
 *
 * The entries that `append` returns belong to the catalogue, but only once their lines are synced: it must never know more
 * than the journal.
 */
export class JournalWriter {
  readonly #sink: JournalSink;
  readonly #wallUs: () => number;
  readonly #fileBytes: number;
  readonly #open = new Map<number, OpenRecord>();
  #file: number;
  #offset = 0;
  #begun = false;
  #lastSequence: number;

  constructor(start: JournalStart, sink: JournalSink, options: { wallUs: () => number; fileBytes?: number }) {
    this.#sink = sink;
    this.#wallUs = options.wallUs;
    this.#fileBytes = options.fileBytes ?? JOURNAL_FILE_BYTES;
    this.#file = start.lastFile;
    this.#lastSequence = start.lastSequence;
    for (const record of start.open) this.#open.set(record.sequence, record);
  }

  /** Where the next line goes, if no new file has to be begun for it. */
  get position(): JournalPosition {
    return { file: this.#file, offset: this.#offset };
  }

  /** The event's entry, behind a head's if a new file was begun for it. */
  append(event: JournalEvent): JournalEntry[] {
    const entries: JournalEntry[] = [];
    if (!this.#begun || this.#offset >= this.#fileBytes) entries.push(this.#beginFile());
    entries.push(this.#write(event));
    this.#follow(event);
    return entries;
  }

  #beginFile(): JournalEntry {
    this.#file++;
    this.#offset = 0;
    this.#begun = true;
    this.#sink.begin(this.#file);
    const open = [...this.#open.values()];
    const head: HeadRecord = { t: 'head', lastSequence: this.#lastSequence, open, begunUs: this.#wallUs() };
    return this.#write(head);
  }

  #write(record: JournalRecord): JournalEntry {
    const line = encodeRecord(record);
    const at = this.position;
    this.#sink.append(line);
    this.#offset += line.length;
    return { record, at, endOffset: this.#offset };
  }

  #follow(event: JournalEvent): void {
    if (event.t === 'open') {
      this.#open.set(event.sequence, event);
      this.#lastSequence = Math.max(this.#lastSequence, event.sequence);
    } else if (event.t === 'close' || event.t === 'delete') {
      this.#open.delete(event.sequence);
    }
  }
}
