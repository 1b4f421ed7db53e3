/** How many single assertions passed, failed, and were skipped or left to do. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const NO_TOTALS: Totals = { passed: 0, failed: 0, skipped: 0 };

export function addTotals(a: Totals, b: Totals): Totals {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** The last line of a test run. */
export function verdict({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

const FILE_BEGIN = '# Subtest: ';
const FILE_RESULT = /^(not )?ok \d+ - (\S+)(?: # (time=[\d.]+m?s|SKIP.*))?/;
const FAILED_ASSERTION = /^ {4,}not ok \d+(?!.*# (?:TODO|SKIP)\b)/im;
const TOTALS = /^# \{ total: \d+(?:, (?:pass|fail|todo|skip): \d+)* \}$/;

/**
 * Reads the TAP of a whole run, line by line. Tells of each file in one line, of failing ones with all their TAP, and keeps the
 * totals: those that tap counted (assertions, not the subtests around them), and one failure more for each file that failed
 * without a failing assertion, because it crashed, ended with an error code, or asserted nothing at all.
 */
export class TapReport {
  readonly #say: (text: string) => void;
  #section: string[] = [];
  #counted: Totals | undefined;
  #failedFiles = 0;

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  line(line: string): void {
    if (line.startsWith(FILE_BEGIN)) this.#section = [];
    this.#section.push(line);
    const file = FILE_RESULT.exec(line);
    if (file) this.#file(file[1] === undefined, `${file[2]}${file[3] === undefined ? '' : ` (${file[3]})`}`);
    if (TOTALS.test(line)) this.#counted = readTotals(line);
  }

  /** The totals, given how the run of tap itself ended. A bad end never passes for success. */
  end(exitCode: number): Totals {
    const counted = this.#counted ?? { ...NO_TOTALS, failed: 1 };
    const failed = counted.failed + this.#failedFiles;
    return { ...counted, failed: exitCode !== 0 && failed === 0 ? 1 : failed };
  }

  #file(passed: boolean, title: string): void {
    this.#say(`${passed ? 'ok  ' : 'FAIL'} ${title}`);
    if (passed) return;
    const text = this.#section.join('\n');
    this.#say(text);
    if (!FAILED_ASSERTION.test(text)) this.#failedFiles++;
  }
}

function readTotals(line: string): Totals {
  const count = (name: string) => Number(new RegExp(`${name}: (\\d+)`).exec(line)?.[1] ?? 0);
  return { passed: count('pass'), failed: count('fail'), skipped: count('skip') + count('todo') };
}
