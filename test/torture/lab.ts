/** What every torture shares: rounds, chance, figures, and a list of promises that the box did not keep. */
import type { Teardown } from '../support/temp-folder.ts';

export interface Lab extends Teardown {
  /** Folder that holds the firmware under test: `main.ts` and the layers below it. */
  readonly firmware: string;
  readonly rounds: number;
  /** True in CI: shorter hangs, fewer cameras. */
  readonly brief: boolean;
  readonly random: Random;
  say(text: string): void;
}

export interface Scenario {
  readonly name: string;
  /** What is done to the box, in one line. */
  readonly what: string;
  /** Rounds of the long run. */
  readonly rounds: number;
  /** False if it can run here, else why not. */
  skip(): Promise<string | false>;
  run(lab: Lab, outcome: Outcome): Promise<void>;
}

/** What came of a scenario. */
export class Outcome {
  readonly faults: string[] = [];
  readonly notes: Record<string, string | number> = {};
  readonly #lostS: number[] = [];
  readonly brief: boolean;
  rounds = 0;

  constructor({ brief }: Pick<Lab, 'brief'>) {
    this.brief = brief;
  }

  /** Notes a broken promise; says whether it was kept. */
  expect(kept: boolean, promise: string): boolean {
    if (!kept) this.faults.push(promise);
    return kept;
  }

  /** Seconds of one camera that one blow has cost. */
  lost(seconds: number): void {
    this.#lostS.push(seconds);
  }

  get lostS(): Figures | undefined {
    return this.#lostS.length > 0 ? figuresOf(this.#lostS) : undefined;
  }

  /** One line for people. */
  summary(): string {
    const { lostS } = this;
    const lost = lostS
      ? [
          `lost per camera min/median/max ${[lostS.min, lostS.median, lostS.max].map((s) => s.toFixed(2)).join(' / ')} s`,
        ]
      : [];
    const notes = Object.entries(this.notes).map(([name, value]) => `${name} ${value}`);
    return [`${this.rounds} rounds`, ...lost, ...notes, `${this.faults.length} faults`].join(', ');
  }
}

export interface Figures {
  readonly count: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

function figuresOf(values: readonly number[]): Figures {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    count: sorted.length,
    min: sorted[0] ?? 0,
    median: sorted[sorted.length >> 1] ?? 0,
    max: sorted.at(-1) ?? 0,
  };
}

/** Chance that can be repeated from its seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }
}

/** Runs the jobs, a few at a time: most of them mostly wait. */
export async function inLanes(lanes: number, jobs: readonly (() => Promise<void>)[]): Promise<void> {
  const rest = jobs[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (const job of rest) await job();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Runs everything that was left to be undone, newest first; the first failure is thrown when all have run. */
export class Undoing implements Teardown {
  readonly #steps: (() => unknown)[] = [];

  teardown(run: () => unknown): void {
    this.#steps.push(run);
  }

  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
