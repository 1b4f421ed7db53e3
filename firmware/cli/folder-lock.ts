import { mkdir, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { asBoxError, BoxError } from '../base/index.ts';

/**
 * Only one box works with a data folder. The lock is a socket in Linux's abstract namespace, named after the folder's
 * device and inode (so links and other names of the folder are the same lock): the kernel drops it with the process, and
 * nothing stale can stay behind a kill -9.
 */
export class FolderLock {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Makes the folder if it is not there. Rejects with control.already-running if another process holds it, config.not-written. */
  static async take(folder: string): Promise<FolderLock> {
    const { dev, ino } = await identityOf(folder);
    const server = createServer((socket) => socket.destroy());
    server.listen({ path: `\0ipvs-box-${dev}-${ino}` });
    try {
      await once(server, 'listening');
    } catch (cause) {
      throw new BoxError('control.already-running', { folder }, { cause });
    }
    server.unref();
    return new FolderLock(server);
  }

  async release(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

async function identityOf(folder: string): Promise<{ dev: number; ino: number }> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return await stat(folder);
  } catch (error) {
    throw asBoxError(error, 'config.not-written');
  }
}
