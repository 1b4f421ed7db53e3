import { chained, GENESIS, readLine, type HashedLine } from './line.ts';
import { linesOf, listFiles, logFile, readAnchor, type Anchor, type ChainPlace, type RawLine } from './log-files.ts';

export type LogFindingCode =
  /** A line is not what was written, or was put in. */
  | 'altered'
  /** Lines between two others were taken out. */
  | 'missing'
  /** Something that is no line. */
  | 'unreadable'
  /** A file between two others is gone. */
  | 'file-missing'
  /** The oldest file does not go on where the log was shortened by policy. */
  | 'beginning-missing'
  /** The newest lines were taken away. */
  | 'end-missing';

export interface LogFinding {
  readonly code: LogFindingCode;
  readonly file: number;
  /** Of the file, from 1 on. */
  readonly line?: number;
  /** Numbers of the lines that it is about. */
  readonly from?: number;
  readonly to?: number;
}

export interface LogVerdict {
  readonly ok: boolean;
  readonly files: number;
  readonly lines: number;
  readonly first?: { readonly n: number; readonly atUs: number };
  /** Whoever notes its hash elsewhere can later prove the log up to here. */
  readonly last?: { readonly n: number; readonly atUs: number; readonly hash: string };
  readonly findings: readonly LogFinding[];
}

const MAX_FINDINGS = 100;

interface Walk {
  readonly findings: LogFinding[];
  readonly anchor: Anchor | undefined;
  previous: ChainPlace | undefined;
  file: number;
  line: number;
  lines: number;
  first: HashedLine | undefined;
  last: HashedLine | undefined;
}

/**
 * Walks the whole chain from the oldest file on and names what does not fit. A torn end of the newest file counts as not yet
 * written. Rejects with the file system's error.
 */
export async function verifyLog(folder: string): Promise<LogVerdict> {
  const files = await listFiles(folder);
  const walk: Walk = {
    findings: [],
    anchor: await readAnchor(folder),
    previous: undefined,
    file: 0,
    line: 0,
    lines: 0,
    first: undefined,
    last: undefined,
  };
  for (const file of files) await walkFile(walk, folder, file, file === files.at(-1));
  const { anchor, first, last } = walk;
  const end = last?.line.n ?? 0;
  if (anchor && end < anchor.seen.n) find(walk, { code: 'end-missing', from: end + 1, to: anchor.seen.n });
  return {
    ok: walk.findings.length === 0,
    files: files.length,
    lines: walk.lines,
    ...(first && { first: { n: first.line.n, atUs: first.line.at } }),
    ...(last && { last: { n: last.line.n, atUs: last.line.at, hash: last.hash } }),
    findings: walk.findings.slice(0, MAX_FINDINGS),
  };
}

async function walkFile(walk: Walk, folder: string, file: number, newest: boolean): Promise<void> {
  if (walk.file > 0 && file !== walk.file + 1) find(walk, { code: 'file-missing', file: walk.file + 1 });
  walk.file = file;
  walk.line = 0;
  // What follows the last whole line of the newest file is only a fault if lines follow it.
  let unread: RawLine[] = [];
  for await (const lines of linesOf(logFile(folder, file))) {
    for (const raw of lines) {
      walk.line++;
      const found = raw.torn ? undefined : readLine(raw.bytes.toString());
      if (!found) {
        unread.push(raw);
        if (unread.length === 1 && !newest) find(walk, { code: 'unreadable', line: walk.line });
        continue;
      }
      if (unread.length > 0 && newest) find(walk, { code: 'unreadable', line: walk.line - unread.length });
      unread = [];
      check(walk, found);
    }
  }
}

function check(walk: Walk, found: HashedLine): void {
  const { line, hash, json } = found;
  const before = walk.previous ?? beginning(walk, found);
  if (chained(before.hash, json) !== hash) find(walk, { code: 'altered', line: walk.line, from: before.n, to: line.n });
  else if (line.n !== before.n + 1)
    find(walk, { code: 'missing', line: walk.line, from: before.n + 1, to: line.n - 1 });
  walk.previous = { n: line.n, hash };
  walk.first ??= found;
  walk.last = found;
  walk.lines++;
}

/** What the oldest line that is there must go on from. */
function beginning(walk: Walk, { line }: HashedLine): ChainPlace {
  const dropped = walk.anchor?.dropped ?? { n: 0, hash: GENESIS };
  const stated = line.detail?.['previous'];
  // Files that the anchor has given up may still be there for a moment.
  const places = line.n <= dropped.n && typeof stated === 'string' ? { n: line.n - 1, hash: stated } : dropped;
  if (typeof stated === 'string' && stated === places.hash) return places;
  find(walk, { code: 'beginning-missing', from: places.n + 1, to: line.n - 1 });
  return { n: line.n - 1, hash: typeof stated === 'string' ? stated : places.hash };
}

function find(walk: Walk, finding: Omit<LogFinding, 'file'> & { file?: number }): void {
  if (walk.findings.length < MAX_FINDINGS) walk.findings.push({ file: walk.file, ...finding });
}
