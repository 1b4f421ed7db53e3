import { severityRank, type AuditSeverity, type LogLine } from './line.ts';

/** What is looked for; a line must meet all that is given. */
export interface LogFilter {
  readonly fromUs?: number | undefined;
  /** Not included. */
  readonly toUs?: number | undefined;
  readonly who?: string | undefined;
  /** Id of a camera. */
  readonly camera?: string | undefined;
  /** Only what somebody may read who sees some cameras and must not learn of others; undefined: everything. */
  readonly narrowed?: NarrowedTo | undefined;
  readonly kind?: 'operation' | 'event' | undefined;
  /** The name of an operation or event, or its beginning up to a dot: `cameras.`. */
  readonly what?: string | undefined;
  /** This or graver. */
  readonly severity?: AuditSeverity | undefined;
  /** Anywhere in the line, whatever its case. */
  readonly text?: string | undefined;
}

export interface NarrowedTo {
  /** Ids of the cameras that lines may be about. */
  readonly cameras: readonly string[];
  /** Ids and names of others. No line may hold one of them, wherever: in the subject, in settings that were sent, in a list of rights. */
  readonly never: readonly string[];
}

/** The filter as a function. Lines that only say where a file begins and ends never pass. */
export function filterOf(filter: LogFilter): (line: LogLine, json: string) => boolean {
  const { fromUs = -Infinity, toUs = Infinity, who, camera, kind, what, severity, narrowed } = filter;
  const mayKnow = narrowed ? knownTo(narrowed) : (): boolean => true;
  const text = filter.text?.toLowerCase();
  const rank = severity === undefined ? 0 : severityRank(severity);
  return (line, json) =>
    line.kind !== 'file' &&
    line.at >= fromUs &&
    line.at < toUs &&
    (who === undefined || line.who === who) &&
    (camera === undefined || isAbout(line, camera)) &&
    mayKnow(line, json) &&
    (kind === undefined || line.kind === kind) &&
    (what === undefined || line.what === what || (what.endsWith('.') && line.what.startsWith(what))) &&
    severityRank(line.severity) >= rank &&
    (text === undefined || json.toLowerCase().includes(text));
}

/** Cheap, before a line is parsed: false only if it cannot pass. Values stand in the text as they are written there. */
export function mayPass({ who, camera, what }: LogFilter): (json: string) => boolean {
  const parts = [
    ...(who === undefined ? [] : [`"who":${JSON.stringify(who)}`]),
    ...(camera === undefined ? [] : [camera]),
    ...(what === undefined ? [] : [`"what":"${what}`]),
  ];
  return (json) => parts.every((part) => json.includes(part));
}

function isAbout({ subject, detail }: LogLine, camera: string): boolean {
  if (subject === camera || subject === `camera/${camera}`) return true;
  if (subject?.split(' ').includes(camera)) return true;
  const { patch, paths, ...asked } = detail ?? {};
  if (Array.isArray(paths) && paths.some((path) => isBelow(String(path), `cameras[${camera}]`))) return true;
  return names(asked, camera) || (isRecord(patch) && names({ cameras: patch['cameras'] }, camera));
}

/** A camera, a list of cameras by id or of things with one, or cameras by their ids. */
function names({ camera: one, cameras }: Readonly<Record<string, unknown>>, camera: string): boolean {
  if (one === camera) return true;
  if (isRecord(cameras)) return Object.hasOwn(cameras, camera);
  return (
    Array.isArray(cameras) &&
    cameras.some((each) => each === camera || (isRecord(each) && (each['id'] === camera || each['camera'] === camera)))
  );
}

function isBelow(path: string, top: string): boolean {
  return path === top || path.startsWith(`${top}.`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function knownTo({ cameras, never }: NarrowedTo): (line: LogLine, json: string) => boolean {
  const words = never.map((word) =>
    JSON.stringify(word)
      .slice(1, -1)
      .replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`),
  );
  // Whole words; a number that is the value of a member is none.
  const told =
    words.length > 0
      ? new RegExp(`(?<![\\p{L}\\p{N}_-]|":)(?:${words.join('|')})(?![\\p{L}\\p{N}_-])`, 'iu')
      : undefined;
  return ({ subject, detail }, json) => {
    // A camera that was removed is on no list any more.
    const camera = /^camera\/([^/]+)/.exec(subject ?? '')?.[1] ?? detail?.['camera'];
    if (typeof camera === 'string' && !cameras.includes(camera)) return false;
    return !told?.test(json);
  };
}
