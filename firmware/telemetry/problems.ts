import { ERROR_CODES, maskSecrets, type Clock, type ErrorCode } from '../base/index.ts';

export type Severity = 'notice' | 'warning' | 'error';

/** A lasting fault of the box that people should know of. One stands at most per code and subject. */
export interface Problem {
  readonly code: ErrorCode;
  readonly severity: Severity;
  /** What it is about: `camera/<id>`, `camera-group/<id>`, `volume/<id>`, `disk/<stable id>` or `box`. */
  readonly subject: string;
  /** UTC microseconds at which it was first raised. */
  readonly sinceUs: number;
  readonly what: string;
  readonly advice: string;
  readonly context: Readonly<Record<string, unknown>>;
}

export type ProblemListener = (event: 'raised' | 'changed' | 'cleared', problem: Problem) => void;

/** The one list of problems that people and platform see. */
export class Problems {
  readonly #clock: Pick<Clock, 'wallUs'>;
  readonly #problems = new Map<string, Problem>();
  readonly #listeners = new Set<ProblemListener>();

  constructor(clock: Pick<Clock, 'wallUs'>) {
    this.#clock = clock;
  }

  /** Listeners hear of a problem only when it is new or its severity or context has changed; `sinceUs` stays that of the first time. */
  raise(code: ErrorCode, subject: string, severity: Severity, context: Record<string, unknown> = {}): void {
    const key = keyOf(code, subject);
    const before = this.#problems.get(key);
    const problem: Problem = {
      code,
      severity,
      subject,
      sinceUs: before?.sinceUs ?? this.#clock.wallUs(),
      what: ERROR_CODES[code].what,
      advice: ERROR_CODES[code].advice,
      context: maskSecrets(context) as Record<string, unknown>,
    };
    if (before && before.severity === severity && sameContext(before, problem)) return;
    this.#problems.set(key, problem);
    this.#tell(before ? 'changed' : 'raised', problem);
  }

  clear(code: ErrorCode, subject: string): void {
    const key = keyOf(code, subject);
    const problem = this.#problems.get(key);
    if (!problem) return;
    this.#problems.delete(key);
    this.#tell('cleared', problem);
  }

  /** Clears everything about a subject, for example a camera that was removed. */
  clearSubject(subject: string): void {
    for (const problem of this.list()) if (problem.subject === subject) this.clear(problem.code, subject);
  }

  /** The gravest first, then the oldest. */
  list(): Problem[] {
    return [...this.#problems.values()].sort(
      (a, b) =>
        RANK[a.severity] - RANK[b.severity] ||
        a.sinceUs - b.sinceUs ||
        (keyOf(a.code, a.subject) < keyOf(b.code, b.subject) ? -1 : 1),
    );
  }

  /** Returns the way to stop listening. */
  listen(listener: ProblemListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(event: 'raised' | 'changed' | 'cleared', problem: Problem): void {
    for (const listener of this.#listeners) listener(event, problem);
  }
}

const RANK: Record<Severity, number> = { error: 0, warning: 1, notice: 2 };

function keyOf(code: ErrorCode, subject: string): string {
  return `${code} ${subject}`;
}

function sameContext(a: Problem, b: Problem): boolean {
  return JSON.stringify(a.context) === JSON.stringify(b.context);
}
