import type { TimeSpan } from '../base/index.ts';
import type { GapReason } from '../storage/index.ts';
import { intersect, subtract, unite, type Spans } from './spans.ts';

/**
 * Why footage is missing: the reason of a gap; `brief`: a pause of at most a second, which recording does not write down;
 * `unknown`: nothing says why.
 */
export type MissingReason = GapReason | 'brief' | 'unknown';

export interface MissingSpan extends TimeSpan {
  readonly reason: MissingReason;
}

/** What became of one camera on one day of the site. All spans are ordered and without overlaps. */
export interface DayAccount {
  readonly camera: string;
  /** YYYY-MM-DD in the time zone of the site. */
  readonly day: string;
  readonly expected: Spans;
  /** Of what was expected. Each instant counts once, on however many disks it stands. */
  readonly recorded: Spans;
  /** `recorded` and `missing` together are `expected`. */
  readonly missing: readonly MissingSpan[];
  /** Part of `recorded` that was written down as missing before: it came later. */
  readonly filledIn: Spans;
  /** Footage beside what was expected: around events, by hand. */
  readonly besidesUs: number;
}

export interface DayEvidence {
  readonly camera: string;
  readonly day: string;
  readonly expected: Spans;
  /** Of what was expected, the footage that is there now; and how long other footage of the day is. */
  readonly recorded: Spans;
  readonly besidesUs: number;
  /** What was written down as missing, the most trustworthy first; overlaps count for the first. */
  readonly gaps: readonly MissingSpan[];
  /** The account made earlier. Footage that was there then and has been deleted since was recorded all the same. */
  readonly former?: DayAccount | undefined;
}

const BRIEF_US = 1_000_000;
/** What was missing without a reason for less may have been on its way to the disk when the account was made. */
const ON_ITS_WAY_US = 60_000_000;

export function accountDay({ camera, day, expected, recorded, besidesUs, gaps, former }: DayEvidence): DayAccount {
  const present = intersect(expected, unite(recorded, former?.recorded ?? []));
  const holes = subtract(expected, present);
  const reasons = [
    ...gaps,
    ...(former?.missing.filter(({ reason }) => reason !== 'unknown' && reason !== 'brief') ?? []),
  ];
  const missing: MissingSpan[] = [];
  let unexplained: Spans = holes;
  for (const reason of new Set(reasons.map((gap) => gap.reason))) {
    const because = unite(reasons.filter((gap) => gap.reason === reason));
    missing.push(...intersect(unexplained, because).map((span) => ({ ...span, reason })));
    unexplained = subtract(unexplained, because);
  }
  for (const span of unexplained) {
    // What is left between two explained parts of one hole is not a pause of its own.
    const brief = span.endUs - span.startUs <= BRIEF_US && holes.some((hole) => sameSpan(hole, span));
    missing.push({ ...span, reason: brief ? 'brief' : 'unknown' });
  }
  missing.sort((a, b) => a.startUs - b.startUs);
  const filledIn = unite(former?.filledIn ?? [], late(present, gaps, former));
  return {
    camera,
    day,
    expected,
    recorded: present,
    missing,
    filledIn: intersect(present, filledIn),
    besidesUs: Math.max(besidesUs, former?.besidesUs ?? 0),
  };
}

/** What is there now and was written down as missing. */
function late(present: Spans, gaps: readonly MissingSpan[], former: DayAccount | undefined): TimeSpan[] {
  const wasMissing = (former?.missing ?? []).filter(
    ({ reason, startUs, endUs }) => reason !== 'brief' && (reason !== 'unknown' || endUs - startUs > ON_ITS_WAY_US),
  );
  return intersect(present, unite(gaps, wasMissing)).filter(({ startUs, endUs }) => endUs - startUs > BRIEF_US);
}

function sameSpan(a: TimeSpan, b: TimeSpan): boolean {
  return a.startUs === b.startUs && a.endUs === b.endUs;
}
