import type { ErrorCode } from '../base/index.ts';
import type { Problem, ProblemListener, Severity } from '../telemetry/index.ts';
import { byGravity, plainContext, RANK, type NoticeItem } from './notice.ts';

export interface FoldingTimes {
  /** Repeats about one code and subject are told at most once in this time. */
  readonly quietUs: number;
  /** The first notice gathers what comes within this time; each further one twice as long as the one before, up to the quiet time. */
  readonly gatherUs: number;
  /** After a start, problems of before that are not found again within this time count as over. */
  readonly graceUs: number;
}

/** What people believe to be standing; kept over a restart, so that they are told neither twice nor never. */
export interface Told {
  readonly code: ErrorCode;
  readonly subject: string;
  readonly severity: Severity;
  readonly sinceUs: number;
}

interface Entry {
  readonly code: ErrorCode;
  readonly subject: string;
  readonly momentary: boolean;
  severity: Severity;
  context: NoticeItem['context'];
  sinceUs: number;
  standing: boolean;
  /** Came so often since it was last told. */
  times: number;
  pendingSinceUs: number | undefined;
  clearedAtUs: number | undefined;
  told: { atUs: number; standing: boolean; severity: Severity } | undefined;
  /** Standing by what was told before the restart; nobody has seen it since. */
  assumed: boolean;
}

export interface Folded {
  readonly items: readonly NoticeItem[];
  readonly more: number;
}

const MAX_ITEMS = 20;
const MAX_ENTRIES = 1000;
/** A problem that is cleared and raised within this time has not been away. */
const BLINK_US = 1e6;
/** Notices of so many quiet times make the next one wait longer. */
const MEMORY = 4;
/** In the worst storm an error that is new waits no longer. */
const ERROR_WAITS_US = 300e6;
/** So often something must come and go between two notices to be worth words, unless it is an error. */
const FLAPS = 3;

/**
 * Turns the ups and downs of problems into few notices. Pure: all times come in as monotonic microseconds (`nowUs`); the caller
 * asks `dueUs` when to call `take`. Memory is bounded by MAX_ENTRIES; beyond it things are only counted.
 */
export class Folding {
  readonly #entries = new Map<string, Entry>();
  #times: FoldingTimes;
  #noticesAtUs: number[] = [];
  #overflow = 0;
  #overflowSinceUs = 0;
  #graceEndsUs: number | undefined;

  constructor(times: FoldingTimes, told: readonly Told[], nowUs: number) {
    this.#times = times;
    for (const { code, subject, severity, sinceUs } of told.slice(0, MAX_ENTRIES)) {
      const entry = newEntry(code, subject, severity, sinceUs, false);
      entry.standing = true;
      entry.assumed = true;
      entry.told = { atUs: nowUs, standing: true, severity };
      this.#entries.set(keyOf(code, subject, false), entry);
    }
    if (told.length > 0) this.#graceEndsUs = nowUs + times.graceUs;
  }

  setTimes(times: FoldingTimes): void {
    this.#times = times;
  }

  /** Hears of problems as their list tells it. */
  problem(event: Parameters<ProblemListener>[0], problem: Problem, nowUs: number): void {
    const known = this.#entries.has(keyOf(problem.code, problem.subject, false));
    const entry = event === 'cleared' && !known ? undefined : this.#entry(problem, false, nowUs);
    if (!entry) return;
    if (event === 'cleared') {
      entry.standing = false;
      entry.clearedAtUs = nowUs;
    } else {
      const back = entry.clearedAtUs !== undefined && nowUs - entry.clearedAtUs < BLINK_US;
      if (!entry.standing && !back) {
        entry.times++;
        entry.sinceUs = problem.sinceUs;
      }
      entry.standing = true;
      entry.severity = problem.severity;
      entry.context = plainContext(problem.context);
    }
    entry.assumed = false;
    this.#judge(entry, nowUs);
  }

  /** Hears of something that does not last. */
  happened(thing: Pick<Problem, 'code' | 'subject' | 'severity' | 'sinceUs' | 'context'>, nowUs: number): void {
    const entry = this.#entry(thing, true, nowUs);
    if (!entry) return;
    entry.severity = thing.severity;
    entry.context = plainContext(thing.context);
    entry.times++;
    this.#judge(entry, nowUs);
  }

  /** When `take` will have something; undefined: not before something happens. */
  dueUs(): number | undefined {
    const times = [...this.#entries.values()].map((entry) => this.#readyUs(entry));
    if (this.#overflow > 0) times.push(this.#overflowSinceUs + this.#gatherUs(this.#overflowSinceUs));
    times.push(this.#graceEndsUs);
    const known = times.filter((each) => each !== undefined);
    return known.length === 0 ? undefined : known.reduce((a, b) => Math.min(a, b));
  }

  /** What people should be told now; undefined if nothing. What is taken counts as told. */
  take(nowUs: number): Folded | undefined {
    if (this.#graceEndsUs !== undefined && nowUs >= this.#graceEndsUs) this.#endGrace(nowUs);
    this.#noticesAtUs = this.#noticesAtUs.filter((atUs) => nowUs - atUs < this.#times.quietUs * MEMORY);
    const due = this.dueUs();
    if (due === undefined || nowUs < due) return undefined;
    const ready = [...this.#entries.values()].filter((entry) => this.#quietIsOver(entry, nowUs));
    const items = ready.flatMap((entry) => take(entry, nowUs)).sort(byGravity);
    const more = Math.max(0, items.length - MAX_ITEMS) + this.#overflow;
    this.#overflow = 0;
    this.#forget(nowUs);
    if (items.length + more === 0) return undefined;
    this.#noticesAtUs.push(nowUs);
    return { items: items.slice(0, MAX_ITEMS), more };
  }

  /** What people believe to be standing now. */
  told(): Told[] {
    return [...this.#entries.values()]
      .filter(({ told, momentary }) => told?.standing === true && !momentary)
      .map(({ code, subject, told, sinceUs }) => ({ code, subject, severity: told!.severity, sinceUs }));
  }

  /** Moments that nobody was told of yet; they would not come again after a restart. */
  pendingMoments(): NoticeItem[] {
    return [...this.#entries.values()].filter(({ momentary, times }) => momentary && times > 0).map(itemOf);
  }

  #entry(
    thing: Pick<Problem, 'code' | 'subject' | 'severity' | 'sinceUs'>,
    momentary: boolean,
    nowUs: number,
  ): Entry | undefined {
    const key = keyOf(thing.code, thing.subject, momentary);
    const known = this.#entries.get(key);
    if (known) return known;
    if (this.#entries.size >= MAX_ENTRIES) this.#forget(nowUs);
    if (this.#entries.size >= MAX_ENTRIES) {
      if (this.#overflow++ === 0) this.#overflowSinceUs = nowUs;
      return undefined;
    }
    const entry = newEntry(thing.code, thing.subject, thing.severity, thing.sinceUs, momentary);
    this.#entries.set(key, entry);
    return entry;
  }

  /** Whether there is something to tell of it. */
  #judge(entry: Entry, nowUs: number): void {
    const { told, standing, times } = entry;
    const differs = standing !== (told?.standing ?? false);
    const graver = standing && told !== undefined && RANK[entry.severity] < RANK[told.severity];
    if (differs || graver || times > 0) entry.pendingSinceUs ??= nowUs;
    else entry.pendingSinceUs = undefined;
  }

  #readyUs(entry: Entry): number | undefined {
    const { pendingSinceUs, told } = entry;
    if (pendingSinceUs === undefined) return undefined;
    const gatheredUs = pendingSinceUs + this.#gatherUs(pendingSinceUs, entry.severity);
    return told === undefined || isNews(entry) ? gatheredUs : Math.max(gatheredUs, told.atUs + this.#times.quietUs);
  }

  /** A notice that goes out takes along all that need not keep quiet. */
  #quietIsOver(entry: Entry, nowUs: number): boolean {
    if (entry.pendingSinceUs === undefined) return false;
    return entry.told === undefined || isNews(entry) || nowUs >= entry.told.atUs + this.#times.quietUs;
  }

  #gatherUs(nowUs: number, severity: Severity = 'notice'): number {
    const { quietUs, gatherUs } = this.#times;
    const recent = this.#noticesAtUs.filter((atUs) => nowUs - atUs < quietUs * MEMORY).length;
    const limitUs = severity === 'error' ? Math.min(quietUs, ERROR_WAITS_US) : quietUs;
    return Math.min(limitUs, gatherUs * 2 ** recent);
  }

  #endGrace(nowUs: number): void {
    this.#graceEndsUs = undefined;
    for (const entry of this.#entries.values()) {
      if (!entry.assumed) continue;
      entry.assumed = false;
      entry.standing = false;
      this.#judge(entry, nowUs);
    }
  }

  #forget(nowUs: number): void {
    for (const [key, { standing, pendingSinceUs, told }] of this.#entries) {
      const quiet = told !== undefined && nowUs < told.atUs + this.#times.quietUs;
      if (!standing && pendingSinceUs === undefined && !quiet) this.#entries.delete(key);
    }
  }
}

/** The first all-clear after an alarm, and a problem that has become graver, need not wait. */
function isNews({ told, standing, times, severity }: Entry): boolean {
  if (told?.standing !== true) return false;
  return standing ? RANK[severity] < RANK[told.severity] : times === 0;
}

/** Takes what is to be told of an entry; nothing if it came and went unnoticed and was no error. */
function take(entry: Entry, nowUs: number): NoticeItem[] {
  const item = itemOf(entry);
  const unnoticed = item.state === 'over' && entry.told?.standing !== true;
  entry.pendingSinceUs = undefined;
  if (unnoticed && entry.times < FLAPS && entry.severity !== 'error') {
    entry.times = 0;
    return [];
  }
  entry.told = { atUs: nowUs, standing: entry.standing, severity: entry.severity };
  entry.times = 0;
  return [item];
}

function itemOf(entry: Entry): NoticeItem {
  const { code, subject, severity, sinceUs, context } = entry;
  const state = entry.momentary ? 'happened' : entry.standing ? 'standing' : 'over';
  return { code, subject, severity, state, sinceUs, times: Math.max(1, entry.times), context };
}

function newEntry(code: ErrorCode, subject: string, severity: Severity, sinceUs: number, momentary: boolean): Entry {
  return {
    code,
    subject,
    severity,
    sinceUs,
    momentary,
    context: {},
    standing: false,
    times: 0,
    pendingSinceUs: undefined,
    clearedAtUs: undefined,
    told: undefined,
    assumed: false,
  };
}

function keyOf(code: ErrorCode, subject: string, momentary: boolean): string {
  return `${momentary ? '!' : ''}${code} ${subject}`;
}
