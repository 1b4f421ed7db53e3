import { open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../../base/index.ts';
import { JournalReader } from './journal-reader.ts';
import { encodeRecord, journalFileName } from './journal.ts';
import type { HeadRecord, JournalRecord } from './journal.ts';

export interface CompactionReport {
  /** Files that were removed, and those that were merged into one. */
  removed: number[];
  merged: number[];
}

export interface CompactionOptions {
  /** Only files of a lower number are touched: the catalogue has read all of them, and the writer is past them. */
  before: number;
  /** Which of these segments are not deleted. */
  living: (sequences: number[]) => Promise<Set<number>> | Set<number>;
  /** Which of these locks, and of their ends, the volume must not forget; without it, none. */
  neededLocks?: (locks: string[]) => { locked: ReadonlySet<string>; lifted: ReadonlySet<string> };
  wallUs: () => number;
}

/** A file is merged when less than this part of its records still means something. */
const WORTH_KEEPING = 0.5;
/** Further back than this many files nothing dies for a while: deletion goes by age. */
const MAX_RUN = 8;
const TEMPORARY = 'compaction.new';

/**
 * Takes dead records out of the oldest files of a journal: files at the front without a living segment are removed, and the
 * shortest run of files at the front of which less than half lives is merged into one, the base.
 *
 * A crash at any step is harmless. The merged file is complete and synced under a temporary name before it takes the place of
 * the last of its files; from that rename on readers begin with it, so the older files are void, whether they are there or
 * not. Files are removed oldest first, so that a deletion's record never goes before the record of what it deletes.
 */
export async function compactJournal(folder: string, options: CompactionOptions): Promise<CompactionReport> {
  const reader = new JournalReader(folder);
  const report: CompactionReport = { removed: [], merged: [] };
  const all = await reader.files();
  const valid = await reader.validFiles();
  for (const file of all) {
    if (file >= valid[0]!) break;
    await remove(folder, file, report);
  }
  const old = valid.filter((file) => file < options.before);
  let atFront = true;
  const run: number[] = [];
  let records = 0;
  let living = 0;
  for (const file of old) {
    const counts = await countLiving(reader, file, options);
    if (counts.damaged) return report;
    if (atFront && counts.kept === 0) {
      await remove(folder, file, report);
      continue;
    }
    atFront = false;
    run.push(file);
    records += counts.records;
    living += counts.living;
    if (living < records * WORTH_KEEPING) {
      await merge(reader, folder, run, options);
      report.merged = run;
      for (const merged of run.slice(0, -1)) await remove(folder, merged, report);
      break;
    }
    if (run.length >= MAX_RUN) break;
  }
  if (report.removed.length > 0) await syncFolder(folder);
  return report;
}

interface Counts {
  records: number;
  living: number;
  /** Living segments that this file opens, and locks that it must not forget. */
  kept: number;
  damaged: boolean;
}

async function countLiving(reader: JournalReader, file: number, options: CompactionOptions): Promise<Counts> {
  const counts: Counts = { records: 0, living: 0, kept: 0, damaged: false };
  for await (const { lines, damage } of reader.lines(file, 0)) {
    if (damage?.kind === 'damaged') counts.damaged = true;
    const records = lines.map(({ record }) => record);
    const alive = await aliveOf(records, options);
    for (const record of records) {
      if (isHead(record)) continue;
      counts.records++;
      if (isAlive(record, alive)) counts.living++;
      if (keepsFile(record, alive)) counts.kept++;
    }
  }
  return counts;
}

/** Writes the living lines of the files as they stand, behind a head that makes all older files void. */
async function merge(
  reader: JournalReader,
  folder: string,
  files: number[],
  options: CompactionOptions,
): Promise<void> {
  const path = join(folder, TEMPORARY);
  const last = files.at(-1)!;
  const head: HeadRecord = { t: 'head', lastSequence: 0, open: [], begunUs: options.wallUs(), base: true };
  head.lastSequence = await lastSequenceOf(reader, files);
  {
    await using handle = await open(path, 'w');
    await handle.appendFile(encodeRecord(head));
    for (const file of files) {
      for await (const { lines } of reader.lines(file, 0)) {
        const alive = await aliveOf(
          lines.map(({ record }) => record),
          options,
        );
        const kept = lines.filter(({ record }) => !isHead(record) && isAlive(record, alive)).map(({ raw }) => raw);
        if (kept.length > 0) await handle.appendFile(Buffer.concat(kept));
      }
    }
    await handle.sync();
  }
  await rename(path, join(folder, journalFileName(last)));
  await syncFolder(folder);
}

async function lastSequenceOf(reader: JournalReader, files: number[]): Promise<number> {
  let last = 0;
  for (const file of files) {
    for await (const { lines } of reader.lines(file, 0)) {
      for (const { record } of lines) {
        if (record === 'unknown') continue;
        if (record.t === 'head') last = Math.max(last, record.lastSequence);
        if (record.t === 'open') last = Math.max(last, record.sequence);
      }
    }
  }
  return last;
}

function isHead(record: JournalRecord | 'unknown'): boolean {
  return record !== 'unknown' && record.t === 'head';
}

function sequencesOf(records: (JournalRecord | 'unknown')[]): number[] {
  const sequences: number[] = [];
  for (const record of records) if (record !== 'unknown' && 'sequence' in record) sequences.push(record.sequence);
  return sequences;
}

interface Alive {
  segments: ReadonlySet<number>;
  locked: ReadonlySet<string>;
  lifted: ReadonlySet<string>;
}

async function aliveOf(records: (JournalRecord | 'unknown')[], options: CompactionOptions): Promise<Alive> {
  const locks: string[] = [];
  for (const record of records) if (record !== 'unknown' && 'lock' in record) locks.push(record.lock);
  const needed = options.neededLocks?.(locks) ?? { locked: new Set(), lifted: new Set() };
  return { segments: await options.living(sequencesOf(records)), ...needed };
}

/** Gaps, anchors and records of a newer version are kept as long as their file is; they are few. */
function isAlive(record: JournalRecord | 'unknown', alive: Alive): boolean {
  if (record === 'unknown') return true;
  if (record.t === 'lock') return alive.locked.has(record.lock);
  if (record.t === 'unlock') return alive.lifted.has(record.lock);
  return !('sequence' in record) || alive.segments.has(record.sequence);
}

/** A file with this record must not be removed. */
function keepsFile(record: JournalRecord | 'unknown', alive: Alive): boolean {
  if (record === 'unknown') return false;
  if (record.t === 'open') return alive.segments.has(record.sequence);
  return (record.t === 'lock' || record.t === 'unlock') && isAlive(record, alive);
}

async function remove(folder: string, file: number, report: CompactionReport): Promise<void> {
  await unlink(join(folder, journalFileName(file)));
  report.removed.push(file);
}
