import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** Raised with every change of the tables: a catalogue of another version is thrown away and made anew from the journals. */
const VERSION = 5;

/** Bits of segments.flags. */
export const FLAG = {
  open: 1,
  suspect: 2,
  key: 4,
  marked: 8,
  untrusted: 16,
  event: 32,
  /** The same footage stands on another volume, and counts there (catalogue-copies.ts). */
  shadowed: 256,
  sealed: 512,
  copy: 1024,
  moved: 2048,
  /** A copy whose own time is trusted: what it is in the order of deletion is said by its start, not by its sequence. */
  timedCopy: 4096,
} as const;

const SCHEMA = `
CREATE TABLE volumes(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
  file INTEGER NOT NULL DEFAULT 0, offset INTEGER NOT NULL DEFAULT 0, begun_us INTEGER NOT NULL DEFAULT 0,
  last_sequence INTEGER NOT NULL DEFAULT 0, segments INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
  sealed_last INTEGER NOT NULL DEFAULT 0, seal_chain TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE channels(
  id INTEGER PRIMARY KEY, camera TEXT NOT NULL, stream TEXT NOT NULL, longest_us INTEGER NOT NULL DEFAULT 0,
  UNIQUE(camera, stream)
) STRICT;
CREATE TABLE boots(
  id INTEGER PRIMARY KEY, volume INTEGER NOT NULL, boot TEXT NOT NULL, anchor_us INTEGER NOT NULL DEFAULT 0,
  UNIQUE(volume, boot)
) STRICT;
CREATE TABLE runs(
  id INTEGER PRIMARY KEY, boot INTEGER NOT NULL, run TEXT NOT NULL,
  UNIQUE(boot, run)
) STRICT;
CREATE TABLE codecs(id INTEGER PRIMARY KEY, codec TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE segments(
  channel INTEGER NOT NULL, start_us INTEGER NOT NULL, volume INTEGER NOT NULL, sequence INTEGER NOT NULL,
  end_us INTEGER NOT NULL, bytes INTEGER NOT NULL, flags INTEGER NOT NULL, run INTEGER NOT NULL, codec INTEGER NOT NULL,
  PRIMARY KEY(channel, start_us, volume, sequence)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX segments_by_sequence ON segments(volume, sequence);
CREATE INDEX segments_oldest ON segments(volume, channel, flags & 4128, sequence);
CREATE INDEX segments_oldest_copies ON segments(volume, channel, flags & 4128, start_us) WHERE flags & 4096;
CREATE INDEX segments_marked ON segments(volume, sequence) WHERE flags & 8;
CREATE INDEX segments_open ON segments(volume, sequence) WHERE flags & 1;
CREATE INDEX segments_shadowed ON segments(volume, sequence) WHERE flags & 256;
CREATE INDEX segments_unsealed ON segments(volume, sequence) WHERE NOT flags & 521;
CREATE TABLE gaps(
  id INTEGER PRIMARY KEY, channel INTEGER NOT NULL, volume INTEGER NOT NULL,
  start_us INTEGER NOT NULL, end_us INTEGER NOT NULL, reason TEXT NOT NULL, boot INTEGER
) STRICT;
CREATE INDEX gaps_by_end ON gaps(channel, end_us);
CREATE TABLE usage(
  volume INTEGER NOT NULL, channel INTEGER NOT NULL, flag INTEGER NOT NULL,
  segments INTEGER NOT NULL, bytes INTEGER NOT NULL,
  PRIMARY KEY(volume, channel, flag)
) STRICT, WITHOUT ROWID;
CREATE TABLE locks(lock TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE unlocks(lock TEXT PRIMARY KEY, at_us INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE lock_places(
  lock TEXT NOT NULL, volume INTEGER NOT NULL, locked INTEGER NOT NULL, lifted INTEGER NOT NULL,
  PRIMARY KEY(lock, volume)
) STRICT, WITHOUT ROWID;
CREATE TABLE coverage(
  channel INTEGER NOT NULL, day INTEGER NOT NULL, recorded_us INTEGER NOT NULL, segments INTEGER NOT NULL,
  bytes INTEGER NOT NULL, first_us INTEGER NOT NULL, last_us INTEGER NOT NULL,
  PRIMARY KEY(channel, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE hours(
  channel INTEGER NOT NULL, volume INTEGER NOT NULL, hour INTEGER NOT NULL,
  recorded_us INTEGER NOT NULL, bytes INTEGER NOT NULL, kept_us INTEGER NOT NULL, kept_bytes INTEGER NOT NULL,
  PRIMARY KEY(channel, volume, hour)
) STRICT, WITHOUT ROWID;
`;

/** The database of a catalogue. `fresh` when it was made now, be it that there was none, or one that could not be used. */
export function openDatabase(path: string): { database: DatabaseSync; fresh: boolean } {
  const found = openKnown(path);
  if (found) return { database: found, fresh: false };
  removeDatabase(path);
  const database = new DatabaseSync(path);
  setPragmas(database);
  database.exec(`BEGIN; ${SCHEMA} PRAGMA user_version = ${VERSION}; COMMIT`);
  return { database, fresh: true };
}

/** Removes a catalogue with its side files. It must not be open. */
export function removeDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true });
}

function openKnown(path: string): DatabaseSync | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    setPragmas(database);
    const version = database.prepare('PRAGMA user_version').get() as { user_version: number };
    if (version.user_version === VERSION) return database;
  } catch (error) {
    // A damaged catalogue is worth nothing: the caller makes a new one, and if the disk is at fault, that fails too.
    if (!isSqliteError(error)) throw error;
  }
  if (database?.isOpen) database.close();
  return undefined;
}

function setPragmas(database: DatabaseSync): void {
  // NORMAL may lose the last transactions in a power cut but never mixes them up; the journals bring them back.
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16000; PRAGMA mmap_size = 268435456; PRAGMA temp_store = MEMORY',
  );
}

/** True for errors that SQLite itself reports. */
export function isSqliteError(error: unknown): error is Error & { errcode: number } {
  return error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR';
}

/** True when the file's content is damaged (SQLITE_CORRUPT, SQLITE_NOTADB): only a new catalogue helps. */
export function isCorruption(error: unknown): boolean {
  return isSqliteError(error) && ((error.errcode & 0xff) === 11 || (error.errcode & 0xff) === 26);
}
