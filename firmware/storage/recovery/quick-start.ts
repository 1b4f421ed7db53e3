import { mkdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../../base/index.ts';
import { clearIncoming } from '../volume/incoming.ts';
import { listSegments } from '../volume/inventory.ts';
import { JournalReader } from '../journal/journal-reader.ts';
import type { JournalTail } from '../journal/journal-reader.ts';
import type { JournalStart } from '../journal/journal-writer.ts';
import { JOURNAL_FOLDER } from '../journal/journal.ts';
import type { SegmentPlace } from '../volume/segment-place.ts';
import { errnoOf } from '../volume/volume-io.ts';

/** All that has to be known before the first new segment of a volume. */
export interface QuickStart {
  /** For the volume: new sequences begin behind its `lastSequence`, so repair never meets a segment of this process. */
  journal: JournalStart;
  tail: JournalTail;
  /** Files that were created just before a crash, so that the journal does not know them. */
  orphans: SegmentPlace[];
  /** Other recent files that the newest journal file does not mention; the catalogue tells which of them are unknown. */
  candidates: SegmentPlace[];
  /** The journal is missing or lost records in its middle: all files have to be compared with it. */
  needsInventory: boolean;
}

/** Stands in the journal folder until a comparison of all files with the journal is complete. */
const INVENTORY_MARK = 'inventory-needed';

/**
 * Reads the newest journal file and lists the newest folders of each stream. Only when the journal is missing does it list all
 * of them (names only). Rejects with the file system's error.
 */
export async function quickStart(folder: string): Promise<QuickStart> {
  await clearIncoming(folder);
  const tail = await new JournalReader(join(folder, JOURNAL_FOLDER)).readTail();
  const openPaths = new Set(tail.open.map(({ path }) => path));
  const orphans: SegmentPlace[] = [];
  const candidates: SegmentPlace[] = [];
  let lastSequence = tail.lastSequence;
  let needsInventory = await isMarked(folder);
  for await (const day of listSegments(folder, { newestOnly: !tail.missing })) {
    for (const place of day.segments) {
      lastSequence = Math.max(lastSequence, place.sequence);
      if (tail.missing || openPaths.has(place.path)) continue;
      if (place.sequence > tail.lastSequence) orphans.push(place);
      else candidates.push(place);
    }
  }
  const isLost = tail.damage.some(({ kind }) => kind === 'damaged') || (tail.missing && lastSequence > 0);
  if (isLost && !needsInventory) {
    await markForInventory(folder);
    needsInventory = true;
  }
  const journal = { lastFile: tail.lastFile, lastSequence, open: tail.open };
  return { journal, tail, orphans, candidates, needsInventory };
}

/** Notes that the journal cannot be relied on; the note survives a crash. */
export async function markForInventory(folder: string): Promise<void> {
  const journal = join(folder, JOURNAL_FOLDER);
  await mkdir(journal, { recursive: true, mode: 0o750 });
  {
    await using handle = await open(join(journal, INVENTORY_MARK), 'w');
    await handle.sync();
  }
  await syncFolder(journal);
}

export function inventoryMark(folder: string): string {
  return join(folder, JOURNAL_FOLDER, INVENTORY_MARK);
}

async function isMarked(folder: string): Promise<boolean> {
  try {
    await stat(inventoryMark(folder));
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}
