import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from './volume-io.ts';
import { parseSegmentPath, type SegmentPlace } from './segment-place.ts';

/** What lies in the folder of one stream's day. */
export interface DayFolder {
  camera: string;
  stream: string;
  /** As the folder is called. */
  date: string;
  /** Ordered by name, that is by time. */
  segments: SegmentPlace[];
  /** Paths of what is no segment. */
  strangers: string[];
}

/** Dates before this one come from a clock that did not know the time. */
const FIRST_CREDIBLE_DATE = '2020-01-01';
/** A segment begins shortly before its file lies in the newest folder, so around midnight in the one before. */
const NEWEST_FOLDERS = 2;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Lists the segments' files of a volume, folder by folder, from the disk alone. With `newestOnly` no more than the folders in
 * which a box that was just interrupted can have been writing. Rejects with the file system's error.
 */
export async function* listSegments(folder: string, options: { newestOnly?: boolean } = {}): AsyncGenerator<DayFolder> {
  if (!(await namesIn(folder)).includes('video')) return;
  for (const camera of await namesIn(join(folder, 'video'))) {
    for (const stream of await namesIn(join(folder, 'video', camera))) {
      const names = await namesIn(join(folder, 'video', camera, stream));
      const dates = names.filter((name) => DATE.test(name));
      const wanted = options.newestOnly ? newest(dates) : names;
      for (const date of wanted) yield await readDay(folder, camera, stream, date);
    }
  }
}

function newest(dates: string[]): string[] {
  const early = dates.filter((date) => date < FIRST_CREDIBLE_DATE);
  const credible = dates.filter((date) => date >= FIRST_CREDIBLE_DATE);
  return [...early, ...credible.slice(-NEWEST_FOLDERS)];
}

async function readDay(folder: string, camera: string, stream: string, date: string): Promise<DayFolder> {
  const relative = `video/${camera}/${stream}/${date}`;
  const day: DayFolder = { camera, stream, date, segments: [], strangers: [] };
  for (const name of await namesIn(join(folder, relative))) {
    const path = `${relative}/${name}`;
    const place = parseSegmentPath(path);
    if (place) day.segments.push(place);
    else day.strangers.push(path);
  }
  return day;
}

/** Sorted, without links: they may lead off the disk. Empty for what is missing or no folder. */
async function namesIn(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isSymbolicLink() ? [] : [entry.name])).sort();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return [];
    throw error;
  }
}
