/**
 * What a check can find. `note`: worth knowing, nothing is wrong (a crash leaves such traces). `repairable`: the next start of
 * the box puts it in order. `loss`: footage is missing or damaged, or something is there that the box cannot have made.
 */
export type Severity = 'note' | 'repairable' | 'loss';

/** Every finding has a stable code. */
export const FINDINGS = {
  'volume.away': {
    severity: 'repairable',
    what: 'The volume is not there: its folder is missing or empty, as when its disk is not mounted. Nothing of it was checked.',
  },
  'identity.missing': { severity: 'loss', what: 'The volume has no identity file.' },
  'identity.other': { severity: 'loss', what: 'The volume belongs to another box or is another volume than expected.' },
  'journal.missing': { severity: 'repairable', what: 'The volume has segments but no journal.' },
  'journal.torn': { severity: 'note', what: 'A journal file ends with a torn line, as a power cut leaves it.' },
  // What is lost with a record shows as findings of its own until the next start has compared all files with the journal; the
  // bad lines stay where they are.
  'journal.damaged': { severity: 'note', what: 'A journal file has bad lines in front of good ones.' },
  'journal.lost': { severity: 'note', what: 'Records are missing between two journal files.' },
  'journal.leftover': { severity: 'note', what: 'A file of an interrupted operation lies in the journal folder.' },
  'sequence.unaccounted': { severity: 'note', what: 'A sequence was given out that the journal does not mention.' },
  'file.missing': { severity: 'loss', what: 'The journal has a segment whose file is not there.' },
  'file.unknown': { severity: 'repairable', what: 'The file of a segment is there that the journal does not have.' },
  'file.stranger': { severity: 'note', what: 'A file that is no segment lies among the segments.' },
  'file.open': { severity: 'repairable', what: 'A segment was not closed, and no box is running.' },
  'file.marked': { severity: 'repairable', what: 'The deletion of a segment was begun and not completed.' },
  'file.size': { severity: 'loss', what: 'A file has another size than the journal says.' },
  'file.identity': { severity: 'loss', what: 'The identity in a file is not that of the journal or of its path.' },
  'file.unfinished': {
    severity: 'repairable',
    what: 'A segment is closed in the journal, but its file is not finished.',
  },
  'file.structure': { severity: 'loss', what: 'A file is not a valid segment.' },
  'file.duration': { severity: 'loss', what: 'A file ends at another time than the journal says.' },
  'file.key': { severity: 'loss', what: 'Whether a file starts with a key frame is not what its identity says.' },
  'file.media': { severity: 'loss', what: 'A picture or sound in a file is not what a recorder writes.' },
  'file.unreadable': { severity: 'loss', what: 'The disk did not give the content of a file.' },
  'segment.overlap': { severity: 'note', what: 'Two segments of a stream cover the same time.' },
  'segment.suspect': {
    severity: 'note',
    what: 'A segment was closed after an error of the disk, or repaired with a loss.',
  },
  'seal.broken': { severity: 'loss', what: 'A file is not what it was when it was sealed: changed or replaced.' },
  'seal.chain': {
    severity: 'loss',
    what: 'The chain of seals in the journal does not fit: a seal was changed or put in.',
  },
  'deletion.unmarked': {
    severity: 'note',
    what: 'The journal says that a file is gone whose deletion was not decided before, as recovery does for a missing file.',
  },
  'incoming.leftover': { severity: 'note', what: 'A copy that was not finished lies on the volume.' },
  'catalogue.missing': { severity: 'repairable', what: 'There is no usable catalogue.' },
  'catalogue.behind': { severity: 'repairable', what: 'The catalogue has not read all of the journal.' },
  'catalogue.differs': { severity: 'repairable', what: 'The catalogue differs from the journal.' },
  'catalogue.coverage': { severity: 'repairable', what: 'The coverage of a day is not that of its segments.' },
} as const satisfies Record<string, { severity: Severity; what: string }>;

export type FindingCode = keyof typeof FINDINGS;

export interface Finding {
  code: FindingCode;
  severity: Severity;
  /** A path relative to the volume, if it is about a file. */
  path?: string;
  sequence?: number;
  /** Numbers and words for people. */
  detail?: Record<string, unknown>;
}

export interface VerifyReport {
  findings: Finding[];
  /** Findings beyond those listed, by code. */
  more: Partial<Record<FindingCode, number>>;
  /** The worst severity found; `sound` when there is nothing but notes. For an exit code: sound 0, repairable 1, loss 2. */
  verdict: 'sound' | 'repairable' | 'loss';
  segments: number;
  bytes: number;
}

/** So many findings of one code are listed; further ones are counted. */
const LISTED = 100;

/** Gathers findings. */
export class Findings {
  readonly #findings: Finding[] = [];
  readonly #counts = new Map<FindingCode, number>();

  add(code: FindingCode, about: Omit<Finding, 'code' | 'severity'> = {}): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count <= LISTED) this.#findings.push({ code, severity: FINDINGS[code].severity, ...about });
  }

  report(totals: { segments: number; bytes: number }): VerifyReport {
    const more: VerifyReport['more'] = {};
    for (const [code, count] of this.#counts) if (count > LISTED) more[code] = count - LISTED;
    const severities = new Set(this.#findings.map(({ severity }) => severity));
    const verdict = severities.has('loss') ? 'loss' : severities.has('repairable') ? 'repairable' : 'sound';
    return { findings: this.#findings, more, verdict, ...totals };
  }
}
