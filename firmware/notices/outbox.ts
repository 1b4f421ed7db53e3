import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { asBoxError, type BoxError } from '../base/index.ts';
import { replaceFile } from '../config/index.ts';
import type { Told } from './folding.ts';
import type { Delivery, Notice, NoticeItem } from './notice.ts';

const FILE = 'notices.json';
const MAX_NOTICES = 200;
const MAX_BYTES = 512 * 1024;

/** What stands beside the notices, and is written down with them. */
export interface Beside {
  readonly told: readonly Told[];
  /** Moments that no notice has told of yet. */
  readonly moments: readonly NoticeItem[];
}

interface Document extends Beside {
  readonly version: 1;
  /** Notices that were dropped before they were delivered, ever. */
  readonly dropped: number;
  readonly notices: readonly Notice[];
}

/**
 * Notices on their way and the last ones that arrived, in one small file that is replaced as a whole (README.md). At most
 * MAX_NOTICES and MAX_BYTES; beyond that the oldest goes, delivered ones first, and what was dropped undelivered is counted.
 */
export class Outbox {
  readonly #path: string;
  readonly #beside: () => Beside;
  #notices: Notice[];
  #dropped: number;
  /** On the disk; the others must not be sent yet. */
  readonly #kept: Set<string>;
  #writing: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  /** What the file holds; `fault` if it could not be used and was moved aside. */
  static async open(dataFolder: string): Promise<{ document: Document; fault: BoxError | undefined }> {
    const path = join(dataFolder, FILE);
    try {
      return { document: documentOf(JSON.parse(await readFile(path, 'utf8'))), fault: undefined };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { document: EMPTY, fault: undefined };
      const fault = asBoxError(error, 'notices.not-kept');
      await rename(path, `${path}.broken`).catch(nothing);
      return { document: EMPTY, fault };
    }
  }

  /** `beside` is asked whenever the file is written. */
  constructor(dataFolder: string, document: Document, beside: () => Beside) {
    this.#path = join(dataFolder, FILE);
    this.#beside = beside;
    this.#notices = [...document.notices];
    this.#dropped = document.dropped;
    this.#kept = new Set(document.notices.map(({ id }) => id));
  }

  /** The oldest first. */
  get notices(): readonly Notice[] {
    return this.#notices;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** Those on the disk that wait for a channel, the oldest first. */
  waiting(channel: string): Notice[] {
    return this.#notices.filter(
      (notice) =>
        this.#kept.has(notice.id) &&
        notice.deliveries.some((each) => each.channel === channel && each.state === 'waiting'),
    );
  }

  /** Resolves when the notice is on the disk. Rejects with what the file system says; the notice stands in memory then. */
  async add(notice: Notice): Promise<void> {
    this.#notices.push(notice);
    this.#bound();
    try {
      await this.save();
    } finally {
      // A box that cannot write still tells people so, as long as it has power.
      this.#kept.add(notice.id);
    }
  }

  /** Changes one delivery in memory. */
  update(id: string, channel: string, change: Partial<Delivery>): void {
    this.#notices = this.#notices.map((notice) => {
      if (notice.id !== id) return notice;
      const deliveries = notice.deliveries.map((each) => (each.channel === channel ? { ...each, ...change } : each));
      return { ...notice, deliveries };
    });
  }

  /** Resolves when all that stood in memory at the call is on the disk. Writes run one at a time and wait for each other. */
  save(): Promise<void> {
    if (!this.#writing) return this.#begin();
    return (this.#next ??= this.#writing.then(nothing, nothing).then(() => this.#begin()));
  }

  #begin(): Promise<void> {
    this.#next = undefined;
    const document: Document = {
      version: 1,
      dropped: this.#dropped,
      ...this.#beside(),
      notices: this.#notices,
    };
    const writing = replaceFile(this.#path, `${JSON.stringify(document)}\n`).finally(() => {
      if (this.#writing === writing) this.#writing = undefined;
    });
    this.#writing = writing;
    return writing;
  }

  #bound(): void {
    const sizes = new Map(this.#notices.map((notice) => [notice.id, JSON.stringify(notice).length]));
    let bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    while (this.#notices.length > MAX_NOTICES || (bytes > MAX_BYTES && this.#notices.length > 1)) {
      const settled = this.#notices.findIndex((notice) => !isWaiting(notice));
      const [gone] = this.#notices.splice(Math.max(0, settled), 1);
      if (settled < 0) this.#dropped++;
      bytes -= sizes.get(gone!.id)!;
      this.#kept.delete(gone!.id);
    }
  }
}

const EMPTY: Document = { version: 1, dropped: 0, told: [], moments: [], notices: [] };

function isWaiting({ deliveries }: Notice): boolean {
  return deliveries.some(({ state }) => state === 'waiting');
}

/** Throws for anything that this firmware has not written. */
function documentOf(value: unknown): Document {
  const { version, dropped, told, moments, notices } = Object(value) as Partial<Document>;
  const lists = [told, moments, notices].every((list) => Array.isArray(list));
  if (version !== 1 || !lists || !Number.isInteger(dropped)) throw new TypeError('the file holds no notices');
  return value as Document;
}

function nothing(): void {}
