import type { AuditNote, BoxEvent } from './line.ts';

export interface RefusalsOptions {
  readonly wallUs: () => number;
  readonly note: (note: AuditNote) => void;
  readonly event: (event: BoxEvent) => void;
}

/** What was counted is told after this long, and everything begins anew. */
const FOLD_MS = 10 * 60_000;
/** Lines of one kind that are written one by one. */
const ONE_BY_ONE = 5;
/** Lines of one network, and of all, that are. */
const OF_NETWORK = 50;
const OF_ALL = 500;
const SUBJECTS = 5;

/** Refusals of one kind that are not lines of their own. */
interface Folded {
  readonly last: AuditNote;
  readonly times: number;
  readonly sinceUs: number;
  readonly subjects: readonly string[];
}

/**
 * What was refused or went wrong, again and again: the first few times are lines of the log, the rest becomes one line with a count.
 * Otherwise whoever may do nothing could still push everything out of the log by asking. What was done is never folded.
 */
export class Refusals {
  readonly #options: RefusalsOptions;
  readonly #kinds = new Map<string, { lines: number; folded?: Folded }>();
  readonly #networks = new Map<string, number>();
  readonly #others = new Map<string, { times: number; sinceUs: number }>();
  #lines = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RefusalsOptions) {
    this.#options = options;
  }

  /** Passes it on, or counts it. */
  take(note: AuditNote): void {
    if (note.result === 'ok') {
      this.#options.note(note);
      return;
    }
    this.#timer ??= setTimeout(() => this.tell(), FOLD_MS).unref();
    const network = networkOf(note.address);
    const key = JSON.stringify([note.kind, note.who, network, note.operation, note.result]);
    const known = this.#kinds.get(key);
    const ofNetwork = this.#networks.get(network) ?? 0;
    const isFull = ofNetwork >= OF_NETWORK || this.#lines >= OF_ALL;
    if (!isFull && (known?.lines ?? 0) < ONE_BY_ONE) {
      this.#kinds.set(key, { ...known, lines: (known?.lines ?? 0) + 1 });
      this.#networks.set(network, ofNetwork + 1);
      this.#lines++;
      this.#options.note(note);
    } else if (known) {
      this.#kinds.set(key, { ...known, folded: folded(known.folded, note) });
    } else {
      // Names, operations and addresses that are made up as they go must not fill the memory either.
      const of = this.#lines < OF_ALL || this.#others.has(network) ? network : 'many';
      const { times, sinceUs } = this.#others.get(of) ?? { times: 0, sinceUs: note.atUs };
      this.#others.set(of, { times: times + 1, sinceUs });
    }
  }

  /** Writes down what was counted, and begins anew. */
  tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { note, event, wallUs } = this.#options;
    const atUs = wallUs();
    for (const { folded: found } of this.#kinds.values()) {
      if (!found) continue;
      const { subject, detail: _, ...last } = found.last;
      const since = new Date(found.sinceUs / 1000).toISOString();
      const about = subject === undefined || found.subjects.length !== 1 ? {} : { subject };
      const subjects = found.subjects.length > 1 ? { subjects: found.subjects } : {};
      note({ ...last, ...about, detail: { times: found.times, since, ...subjects } });
    }
    for (const [from, { times, sinceUs }] of this.#others) {
      const detail = { from, times, since: new Date(sinceUs / 1000).toISOString() };
      event({ atUs, event: 'audit.refusals', severity: 'warning', subject: 'box', detail });
    }
    this.#kinds.clear();
    this.#networks.clear();
    this.#others.clear();
    this.#lines = 0;
  }
}

function folded(before: Folded | undefined, note: AuditNote): Folded {
  const subjects = before?.subjects ?? [];
  const { subject } = note;
  const isNew = subject !== undefined && !subjects.includes(subject) && subjects.length < SUBJECTS;
  return {
    last: note,
    times: (before?.times ?? 0) + 1,
    sinceUs: before?.sinceUs ?? note.atUs,
    subjects: isNew ? [...subjects, subject] : subjects,
  };
}

/** An address of IPv4, the /64 of one of IPv6: there, one client has as many addresses as it likes. */
function networkOf(address: string): string {
  return address.includes(':') ? address.split(':').slice(0, 4).join(':') : address;
}
