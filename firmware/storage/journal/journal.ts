import { crc32 } from 'node:zlib';

/**
 * The volume's journal: what its lines say. A journal is a folder of append-only files `<8 digits>.log`; each line is
 * `<crc32 of the JSON, 8 hex digits> <JSON>\n`, each file begins with a head. Times are UTC microseconds as the box
 * believed them when it wrote; an anchor corrects those of a boot that did not know the time yet.
 */

/** Where it lies in its volume. */
export const JOURNAL_FOLDER = 'journal';

export type GapReason =
  'camera-down' | 'network-loss' | 'disk' | 'schedule' | 'restart' | 'overload' | 'clock-step' | 'stopped' | 'full';

/** Why a segment was recorded: continuously or by a schedule, or around an event or by hand. */
export type FootageClass = 'continuous' | 'event';

/** First line of every file: enough to start recording without reading older files. */
export interface HeadRecord {
  t: 'head';
  lastSequence: number;
  /** Segments open (or torn by a crash and not yet repaired) when the file was begun. */
  open: OpenRecord[];
  /** When the file was begun; tells two histories of one volume apart. */
  begunUs: number;
  /** This file replaces all files of a lower number, which may still lie there after a crash. */
  base?: true;
}

/** A segment's file exists. */
export interface OpenRecord {
  t: 'open';
  /** Per volume, one more for each created segment; retention follows it. */
  sequence: number;
  camera: string;
  stream: string;
  startUs: number;
  /** Monotonic clock at the start, microseconds, comparable within one boot. */
  monoUs: number;
  boot: string;
  run: string;
  clock: 'trusted' | 'untrusted';
  /** Relative to the volume. */
  path: string;
  /** Starts with a key frame. */
  key: boolean;
  /** Why it was recorded: around an event or by hand. Absent: continuously or by a schedule. */
  class?: 'event';
  /** It is a copy of that segment of another volume, byte for byte but for the sequence in its private box. */
  origin?: SegmentOrigin;
}

/** The segment that a copy was first made of: a copy of a copy names the same. */
export interface SegmentOrigin {
  volume: string;
  sequence: number;
  /** The original was suspect, so the copy is. */
  suspect?: true;
}

/** A segment's file is complete, synced, and will not change any more. */
export interface CloseRecord {
  t: 'close';
  sequence: number;
  endUs: number;
  /** Size of the whole file. */
  bytes: number;
  frames: number;
  keyFrames: number;
  codec: string;
  /** A sync of this file failed, or it was repaired with a loss: what it holds may not be what was received. */
  suspect?: true;
}

/** The deletion is decided; the file may or may not be there. */
export interface MarkRecord {
  t: 'mark';
  sequence: number;
}

/** The deletion that was decided does not happen: the footage was locked meanwhile, and its file was still there. */
export interface UnmarkRecord {
  t: 'unmark';
  sequence: number;
}

/** The file is gone. */
export interface DeleteRecord {
  t: 'delete';
  sequence: number;
}

/** A verified copy of the segment stands on another volume: this one is not needed any more. */
export interface MovedRecord {
  t: 'moved';
  sequence: number;
  /** uuid of the other volume, and the sequence there. */
  to: string;
  toSequence: number;
}

/**
 * What a closed file holds, for ever. `chain` hashes this and the chain of the seal before it (that of the segment `after`; 0: the
 * chain begins here), so that a seal cannot be changed without changing all later ones.
 */
export interface SealRecord {
  t: 'seal';
  sequence: number;
  /** SHA-256 of the whole file, hexadecimal. */
  sha256: string;
  after: number;
  /** SHA-256, hexadecimal: `sealChain`. */
  chain: string;
}

export interface GapRecord {
  t: 'gap';
  camera: string;
  stream: string;
  startUs: number;
  endUs: number;
  reason: GapReason;
  /** Set exactly while the clock is untrusted, so that an anchor of this boot moves the gap too. */
  boot?: string;
}

/**
 * Added to all wall times that this boot recorded under an untrusted clock, as they stand in the records. The last anchor
 * of a boot counts, so that repeating one changes nothing.
 */
export interface AnchorRecord {
  t: 'anchor';
  boot: string;
  offsetUs: number;
}

/**
 * Footage that policy must not delete (S6): everything of the camera that shares an instant with the range. Written to every
 * volume, so that it travels with each disk. The same lock may be written again; it means the same.
 */
export interface LockRecord {
  t: 'lock';
  /** uuid */
  lock: string;
  camera: string;
  /** All streams of the camera when absent. */
  stream?: string;
  fromUs: number;
  toUs: number;
  reason: string;
  /** Holds until then by a trusted clock; absent: for ever. */
  untilUs?: number;
  /** When it was made. */
  atUs: number;
}

/** The lock holds no more. It stays known, so that a disk that comes back later cannot bring the lock back. */
export interface UnlockRecord {
  t: 'unlock';
  lock: string;
  atUs: number;
}

export type JournalRecord =
  | HeadRecord
  | OpenRecord
  | CloseRecord
  | MarkRecord
  | UnmarkRecord
  | DeleteRecord
  | GapRecord
  | AnchorRecord
  | LockRecord
  | UnlockRecord
  | MovedRecord
  | SealRecord;

/** What a caller may append; heads are the writer's own business. */
export type JournalEvent = Exclude<JournalRecord, HeadRecord>;

/** A place between two lines. */
export interface JournalPosition {
  file: number;
  offset: number;
}

/** A record with its place: `at` is its line's start, `endOffset` the offset behind the newline in the same file. */
export interface JournalEntry {
  record: JournalRecord;
  at: JournalPosition;
  endOffset: number;
}

/**
 * Where reading a file stopped before its end. `torn`: nothing readable follows, as a power cut leaves it. `damaged`:
 * whole lines follow, so records were lost in the middle.
 */
export interface JournalDamage {
  file: number;
  offset: number;
  kind: 'torn' | 'damaged';
}

/** Rotation limit of one file. */
export const JOURNAL_FILE_BYTES = 2 * 1024 * 1024;

const FILE_NAME = /^(\d{8,15})\.log$/;
const PREFIX_BYTES = 9;
const NEWLINE = 0x0a;

export function journalFileName(file: number): string {
  return `${String(file).padStart(8, '0')}.log`;
}

/** The number in a journal file's name, or undefined for any other name. */
export function journalFileNumber(name: string): number | undefined {
  const match = FILE_NAME.exec(name);
  return match ? Number(match[1]) : undefined;
}

/** One line, newline included. */
export function encodeRecord(record: JournalRecord): Buffer {
  const json = JSON.stringify(record);
  const size = Buffer.byteLength(json);
  const line = Buffer.allocUnsafe(PREFIX_BYTES + size + 1);
  line.write(json, PREFIX_BYTES);
  const sum = crc32(line.subarray(PREFIX_BYTES, PREFIX_BYTES + size));
  line.write(`${sum.toString(16).padStart(8, '0')} `, 0, 'latin1');
  line[PREFIX_BYTES + size] = NEWLINE;
  return line;
}

/**
 * The record of one line without its newline. `bad` when the sum, the JSON or a field is wrong. A whole line of a kind that
 * this version does not know gives `unknown`: a newer box wrote it, and it is passed over.
 */
export function parseLine(line: Buffer): JournalRecord | 'bad' | 'unknown' {
  if (line.length < PREFIX_BYTES + 2 || line[PREFIX_BYTES - 1] !== 0x20) return 'bad';
  const sum = line.toString('latin1', 0, PREFIX_BYTES - 1);
  if (!/^[0-9a-f]{8}$/.test(sum) || crc32(line.subarray(PREFIX_BYTES)) !== Number.parseInt(sum, 16)) return 'bad';
  let value: unknown;
  try {
    value = JSON.parse(line.toString('utf8', PREFIX_BYTES));
  } catch (error) {
    if (error instanceof SyntaxError) return 'bad';
    throw error;
  }
  return checkRecord(value);
}

type Check = (value: unknown) => boolean;

const isInteger: Check = (value) => Number.isSafeInteger(value);
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isSequence: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 1;
const isBoolean: Check = (value) => typeof value === 'boolean';
const isWord: Check = (value) => typeof value === 'string' && value.length > 0 && value.length <= 200;
const isName: Check = (value) => typeof value === 'string' && /^[a-z0-9-]{1,40}$/.test(value);
const isOptionalWord: Check = (value) => value === undefined || isWord(value);
const isOptionalTrue: Check = (value) => value === undefined || value === true;
const isHash: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isOptionalOrigin: Check = (value) => value === undefined || fieldsHold(value, ORIGIN_FIELDS);
const isClock: Check = (value) => value === 'trusted' || value === 'untrusted';
/** A path out of the volume never leaves it: plain names below `video/`. */
const isPath: Check = (value) =>
  typeof value === 'string' && /^video(\/[A-Za-z0-9][A-Za-z0-9.-]{0,79}){1,6}$/.test(value) && !value.includes('..');

const ORIGIN_FIELDS: Record<string, Check> = { volume: isWord, sequence: isSequence, suspect: isOptionalTrue };

const OPEN_FIELDS: Record<string, Check> = {
  sequence: isSequence,
  camera: isName,
  stream: isName,
  startUs: isInteger,
  monoUs: isInteger,
  boot: isWord,
  run: isWord,
  clock: isClock,
  path: isPath,
  key: isBoolean,
  class: (value) => value === undefined || value === 'event',
  origin: isOptionalOrigin,
};

const isOpenRecord: Check = (value) => fieldsHold(value, OPEN_FIELDS) && (value as { t?: unknown }).t === 'open';

const FIELDS: Record<JournalRecord['t'], Record<string, Check>> = {
  head: {
    lastSequence: isCount,
    open: (value) => Array.isArray(value) && value.every(isOpenRecord),
    begunUs: isInteger,
    base: isOptionalTrue,
  },
  open: OPEN_FIELDS,
  close: {
    sequence: isSequence,
    endUs: isInteger,
    bytes: isCount,
    frames: isCount,
    keyFrames: isCount,
    codec: (value) => typeof value === 'string' && value.length <= 200,
    suspect: isOptionalTrue,
  },
  mark: { sequence: isSequence },
  unmark: { sequence: isSequence },
  delete: { sequence: isSequence },
  gap: {
    camera: isName,
    stream: isName,
    startUs: isInteger,
    endUs: isInteger,
    reason: isWord,
    boot: isOptionalWord,
  },
  anchor: { boot: isWord, offsetUs: isInteger },
  lock: {
    lock: isWord,
    camera: isName,
    stream: (value) => value === undefined || isName(value),
    fromUs: isInteger,
    toUs: isInteger,
    reason: (value) => typeof value === 'string' && value.length <= 500,
    untilUs: (value) => value === undefined || isInteger(value),
    atUs: isInteger,
  },
  unlock: { lock: isWord, atUs: isInteger },
  moved: { sequence: isSequence, to: isWord, toSequence: isSequence },
  seal: { sequence: isSequence, sha256: isHash, after: isCount, chain: isHash },
};

function fieldsHold(value: unknown, fields: Record<string, Check>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Record<string, unknown>;
  for (const name in fields) if (!fields[name]!(record[name])) return false;
  return true;
}

function checkRecord(value: unknown): JournalRecord | 'bad' | 'unknown' {
  if (typeof value !== 'object' || value === null || !('t' in value) || typeof value.t !== 'string') return 'bad';
  if (!Object.hasOwn(FIELDS, value.t)) return 'unknown';
  return fieldsHold(value, FIELDS[value.t as JournalRecord['t']]) ? (value as JournalRecord) : 'bad';
}
