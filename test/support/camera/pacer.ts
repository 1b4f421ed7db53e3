/** Lets several sources of one camera emit in real time, each at its own pace, with one timer. */

export interface Source {
  /** Time from one emission to the next; asked anew each time. */
  periodMs(): number;
  emit(ordinal: number): void;
  /** Emissions that fell into a time when nobody watched. */
  skip(count: number): void;
}

interface Paced {
  readonly source: Source;
  dueMs: number;
  ordinal: number;
}

/** Later than this, emissions are left out: the process was stopped, or the machine slept. */
const LATEST_MS = 5000;

export class Pacer {
  readonly #paced: Paced[];
  #timer: NodeJS.Timeout | undefined;
  #running = false;

  /** The first emission of each source is due `phaseMs` after now. */
  constructor(sources: readonly Source[], phaseMs: number) {
    const now = performance.now();
    this.#paced = sources.map((source) => ({ source, dueMs: now + phaseMs, ordinal: 0 }));
  }

  /** Emissions that were due in the meantime count as skipped. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#skipUntil(performance.now());
    this.#schedule();
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
  }

  get running(): boolean {
    return this.#running;
  }

  /** Ordinal of the source's next emission, and when it is due. */
  next(source: Source): { ordinal: number; dueMs: number } {
    if (!this.#running) this.#skipUntil(performance.now());
    return this.#paced.find((paced) => paced.source === source)!;
  }

  #skipUntil(nowMs: number): void {
    for (const paced of this.#paced) {
      const period = paced.source.periodMs();
      const count = Math.max(0, Math.ceil((nowMs - paced.dueMs) / period));
      if (count === 0) continue;
      paced.ordinal += count;
      paced.dueMs += count * period;
      paced.source.skip(count);
    }
  }

  #schedule(): void {
    const due = Math.min(...this.#paced.map((paced) => paced.dueMs));
    if (this.#running && due < Infinity) {
      this.#timer = setTimeout(() => this.#run(), Math.max(1, due - performance.now()));
    }
  }

  #run(): void {
    const now = performance.now();
    this.#skipUntil(now - LATEST_MS);
    for (;;) {
      let first: Paced | undefined;
      for (const paced of this.#paced) if (paced.dueMs <= now && (!first || paced.dueMs < first.dueMs)) first = paced;
      if (!first || !this.#running) break;
      const ordinal = first.ordinal++;
      first.dueMs += first.source.periodMs();
      first.source.emit(ordinal);
    }
    this.#schedule();
  }
}
