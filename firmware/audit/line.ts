import { hash as digest } from 'node:crypto';
import { maskSecrets, maskText } from '../base/index.ts';

export type AuditSeverity = 'info' | 'notice' | 'warning' | 'error';

/** What somebody asked of the box, and how it ended. */
export interface AuditNote {
  /** UTC microseconds. */
  readonly atUs: number;
  readonly who: string;
  /** How they came: local, session, token, platform, system. */
  readonly kind: string;
  readonly address: string;
  readonly operation: string;
  /** The camera, volume or user that it was about. */
  readonly subject?: string;
  /** `ok`, or the code of what went wrong. */
  readonly result: string;
  readonly detail?: Record<string, unknown>;
}

/** What happened to the box by itself. */
export interface BoxEvent {
  readonly atUs: number;
  /** area.what, for example camera.offline. */
  readonly event: string;
  readonly severity: AuditSeverity;
  /** `camera/<id>`, `volume/<id>`, `disk/<id>`, `box` and the like. */
  readonly subject?: string;
  readonly detail?: Record<string, unknown>;
}

/** What is written down of one note or event, before it has its number. */
export type Entry = Omit<LogLine, 'n'>;

/** One line of the log. `file`: where a file of the log begins and ends. */
export interface LogLine {
  /** Counts on over all files. */
  readonly n: number;
  readonly at: number;
  readonly kind: 'operation' | 'event' | 'file';
  readonly severity: AuditSeverity;
  readonly who?: string;
  readonly via?: string;
  readonly from?: string;
  readonly what: string;
  readonly subject?: string;
  readonly result?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** A line as it stands in a file: 64 hexadecimal digits, a space, JSON, a line feed. */
export interface HashedLine {
  readonly hash: string;
  readonly json: string;
  readonly line: LogLine;
}

/** Before the first line of all. */
export const GENESIS = '0'.repeat(64);

/** No line of a log is longer, line feed included. */
export const MAX_LINE_BYTES = 8192;

/** The last instant that a Date can hold, in microseconds. */
const LAST_US = 8.64e18;
const MAX_TEXT_CHARS = 200;
const MAX_DETAIL_CHARS = 2000;
const LINE = /^([0-9a-f]{64}) (\{.*\})$/;
const KINDS: readonly LogLine['kind'][] = ['operation', 'event', 'file'];
const SEVERITIES: readonly AuditSeverity[] = ['info', 'notice', 'warning', 'error'];

export function severityRank(severity: AuditSeverity): number {
  return SEVERITIES.indexOf(severity);
}

export function entryOfNote(note: AuditNote): Entry {
  return {
    at: Math.round(note.atUs),
    kind: 'operation',
    severity: severityOf(note.result),
    who: short(note.who),
    via: short(note.kind),
    from: short(note.address),
    what: short(note.operation),
    ...(note.subject === undefined ? {} : { subject: short(note.subject) }),
    result: short(note.result),
    ...detailOf(note.detail),
  };
}

export function entryOfEvent({ atUs, event, severity, subject, detail }: BoxEvent): Entry {
  return {
    at: Math.round(atUs),
    kind: 'event',
    severity,
    what: short(event),
    ...(subject === undefined ? {} : { subject: short(subject) }),
    ...detailOf(detail),
  };
}

/** The one text of a line that its hash is made of: members always in this order. */
export function canonical(n: number, entry: Entry): string {
  const { at, kind, severity, who, via, from, what, subject, result, detail } = entry;
  return JSON.stringify({ n, at, kind, severity, who, via, from, what, subject, result, detail });
}

/** SHA-256 over the hash of the line before, a space and the JSON text; hexadecimal. */
export function chained(previous: string, json: string): string {
  return digest('sha256', `${previous} ${json}`);
}

/** Undefined if the text is no line of a log, whatever its hash: somebody may have written a line that nobody could show. */
export function readLine(text: string): HashedLine | undefined {
  const found = LINE.exec(text);
  if (!found) return undefined;
  const [, hash = '', json = ''] = found;
  try {
    const line = JSON.parse(json) as LogLine;
    const whole = isWhole(line);
    return whole ? { hash, json, line } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isWhole({ n, at, kind, severity, what, detail, ...texts }: LogLine): boolean {
  const { who, via, from, subject, result } = texts;
  return (
    Number.isSafeInteger(n) &&
    typeof at === 'number' &&
    Math.abs(at) <= LAST_US &&
    KINDS.includes(kind) &&
    SEVERITIES.includes(severity) &&
    typeof what === 'string' &&
    [who, via, from, subject, result].every((text) => text === undefined || typeof text === 'string') &&
    (detail === undefined || (typeof detail === 'object' && detail !== null))
  );
}

const REFUSED = /forbidden|not-signed-in|refused|foreign-|unclaimed|code-needed|bad-claim-code|too-many-tries/;

function severityOf(result: string): AuditSeverity {
  if (result === 'ok') return 'info';
  return REFUSED.test(result) ? 'warning' : 'notice';
}

function short(text: string): string {
  // Well formed: half a character would become another text on its way through the file.
  return maskText(text.slice(0, MAX_TEXT_CHARS)).toWellFormed();
}

function detailOf(given: Record<string, unknown> | undefined): { detail?: Record<string, unknown> } {
  if (given === undefined) return {};
  const detail = maskSecrets(given) as Record<string, unknown>;
  const text = JSON.stringify(detail);
  if (text === '{}') return {};
  if (text.length <= MAX_DETAIL_CHARS) return { detail };
  return { detail: { shortened: Object.keys(detail).slice(0, 20).map(short) } };
}
