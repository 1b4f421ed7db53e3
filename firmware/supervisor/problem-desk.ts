import { BoxError, type ErrorCode } from '../base/index.ts';
import type { ProblemTopic } from '../recording/index.ts';
import type { Problems } from '../telemetry/index.ts';

/** Puts what the record worker says of cameras and volumes on the list of problems: one for each subject and topic, the newest. */
export class ProblemDesk {
  readonly #problems: Problems;
  readonly #standing = new Map<string, ErrorCode>();

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  /** Undefined: nothing is wrong there any more. */
  tell(
    subject: string,
    topic: ProblemTopic,
    report: { code: string; context?: Record<string, unknown> } | undefined,
  ): void {
    const key = `${topic} ${subject}`;
    const error = report && BoxError.fromJSON(report);
    const before = this.#standing.get(key);
    if (before && before !== error?.code) this.#problems.clear(before, subject);
    if (!error) {
      this.#standing.delete(key);
      return;
    }
    this.#standing.set(key, error.code);
    this.#problems.raise(error.code, subject, error.kind === 'later' ? 'warning' : 'error', error.context);
  }
}
