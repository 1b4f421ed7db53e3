import { fdatasync } from 'node:fs';
import { promisify } from 'node:util';
import { BoxError } from '../../base/index.ts';
import type { WriteLane, WriteQueue } from './write-queue.ts';

const syncFd = promisify(fdatasync);

/** A file that may hold unsynced data. Its descriptor is undefined before it is open and after it has been closed. */
export interface FileToSync {
  readonly lane: WriteLane;
  readonly fd: number | undefined;
}

/**
 * Syncs each file by itself, for systems without a program that syncs a whole file system. On ext4 and XFS this makes the names
 * of new files and folders durable, too. Rejects with storage.sync-failed if one of them failed.
 */
export async function syncFiles(queue: WriteQueue, files: Iterable<FileToSync>): Promise<void> {
  const work = [...files].map((file) =>
    queue.run(file.lane, async () => {
      if (file.fd !== undefined) await syncFd(file.fd);
    }),
  );
  for (const result of await Promise.allSettled(work)) {
    if (result.status === 'fulfilled') continue;
    const reason: unknown = result.reason;
    if (reason instanceof BoxError && reason.code !== 'storage.io') throw reason;
    throw new BoxError('storage.sync-failed', { reason: String(reason) }, { cause: reason });
  }
}
