import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from './volume-io.ts';

/** Where copies from other volumes grow until they are whole; nothing in it means anything to anybody after a crash. */
export const INCOMING_FOLDER = 'incoming';

/** Relative to the volume: the file that becomes the segment of this sequence. */
export function incomingPath(sequence: number): string {
  return `${INCOMING_FOLDER}/${String(sequence).padStart(8, '0')}.part`;
}

/** Removes what a crash has left there. A volume that cannot be written keeps it. Rejects with the file system's error. */
export async function clearIncoming(folder: string): Promise<void> {
  try {
    await rm(join(folder, INCOMING_FOLDER), { recursive: true, force: true });
  } catch (error) {
    if (!['EROFS', 'EACCES', 'EPERM'].includes(errnoOf(error) ?? '')) throw error;
  }
}
