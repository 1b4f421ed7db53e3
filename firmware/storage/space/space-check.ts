/** Does the oldest footage of each camera agree with what was wished? A pure look at what deletion has done and left undone. */
import type { FootageClass } from '../journal/journal.ts';

export interface KeptFacts {
  camera: string;
  class: FootageClass;
  /** End of the oldest segment that may be deleted and whose time is trusted. */
  oldestEndUs: number | undefined;
  /** Older footage should be gone. */
  limitDays: number | undefined;
  /** So much is wished to be kept. */
  wishDays: number | undefined;
  /** The youngest footage that was deleted lately. */
  cut: Cut | undefined;
}

export interface Cut {
  /** How old it was, in days. */
  days: number;
  why: 'age' | 'size' | 'space';
  atUs: number;
}

export interface KeptFinding {
  camera: string;
  class: FootageClass;
  /** `too-old`: it should have been deleted. `too-young`: footage was deleted before its time. */
  what: 'too-old' | 'too-young';
  days: number;
  expectedDays: number;
  why?: Cut['why'];
}

const DAY_US = 86_400_000_000;
/** Deletion is not at once. */
const GRACE_DAYS = 1 / 24;
const GRACE_SHARE = 0.02;

export function checkKept(facts: KeptFacts, nowUs: number): KeptFinding[] {
  const { camera, oldestEndUs, limitDays, wishDays, cut } = facts;
  const findings: KeptFinding[] = [];
  if (oldestEndUs !== undefined && limitDays !== undefined) {
    const days = (nowUs - oldestEndUs) / DAY_US;
    if (days > limitDays + Math.max(GRACE_DAYS, limitDays * GRACE_SHARE)) {
      findings.push({ camera, class: facts.class, what: 'too-old', days, expectedDays: limitDays });
    }
  }
  if (cut && wishDays !== undefined && cut.days < wishDays - Math.max(GRACE_DAYS, wishDays * GRACE_SHARE)) {
    const { days, why } = cut;
    findings.push({ camera, class: facts.class, what: 'too-young', days, expectedDays: wishDays, why });
  }
  return findings;
}
