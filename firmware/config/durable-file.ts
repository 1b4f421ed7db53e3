import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../base/index.ts';

/**
 * Replaces a file so that after a crash or power cut at any instant either the old or the new content stands under its name:
 * write beside it, sync, rename, sync the folder. One writer per file; a leftover of a crashed one is overwritten.
 */
export async function replaceFile(path: string, content: string): Promise<void> {
  const temporary = `${path}.tmp`;
  await rm(temporary, { force: true });
  const { O_WRONLY, O_CREAT, O_EXCL } = constants;
  const file = await open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncFolder(dirname(path));
}
