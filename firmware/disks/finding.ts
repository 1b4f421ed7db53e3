import { adviceOf, sentence, type AdviceCode, type Blanks, type FindingCode, type Words } from './words.ts';

/** How a disk is. `unknown`: it does not tell. */
export type Verdict = 'ok' | 'notice' | 'warning' | 'failing' | 'unknown';
export type Level = 'notice' | 'warning' | 'failing';

/** One reason for a verdict, in words. */
export interface Finding {
  readonly code: FindingCode;
  readonly level: Level | 'unknown';
  readonly text: Words;
  /** What to do. */
  readonly advice: Words;
}

export function finding(code: FindingCode, level: Finding['level'], blanks: Blanks = {}, advice?: AdviceCode): Finding {
  return { code, level, text: sentence(code, blanks), advice: adviceOf(code, advice) };
}

const GRAVITY: Readonly<Record<Verdict, number>> = { ok: 0, unknown: 1, notice: 2, warning: 3, failing: 4 };

/** The gravest of them; ok without any. */
export function worstOf(findings: readonly Finding[]): Verdict {
  return findings.reduce<Verdict>((worst, { level }) => (GRAVITY[level] > GRAVITY[worst] ? level : worst), 'ok');
}

/** The gravest first; equals stay in their order. */
export function byGravity(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => GRAVITY[b.level] - GRAVITY[a.level]);
}
