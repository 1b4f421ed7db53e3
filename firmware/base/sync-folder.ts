import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Makes the names in a folder durable: what was created, renamed or removed there. Throws what the file system says. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
