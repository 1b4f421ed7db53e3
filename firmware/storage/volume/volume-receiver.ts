import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder, type BoxError } from '../../base/index.ts';
import { incomingPath } from './incoming.ts';
import type { VolumeFolder } from './identity.ts';
import type { CloseRecord, JournalEvent, OpenRecord } from '../journal/journal.ts';
import { diskError } from './volume-io.ts';
import { WriteLane, type WriteQueue } from './write-queue.ts';

export interface ReceiverHost {
  readonly folder: VolumeFolder;
  readonly queue: WriteQueue;
  record(event: JournalEvent): Promise<BoxError | undefined>;
  /** Resolves when what is written now is stable. */
  synced(): Promise<void>;
  makeFolder(relative: string): Promise<void>;
  report(error: BoxError): void;
}

/**
 * Takes finished files that lie in the volume under `incoming/` as segments: journal, rename, journal. The first record is stable
 * before the name is, so that a crash between leaves either an open segment without a file, which recovery strikes out, or a whole
 * one, which recovery closes: never a file in an old folder that nobody knows, whose sequence would be given out again.
 */
export class Receiver {
  readonly lane = new WriteLane('receive');
  readonly #host: ReceiverHost;

  constructor(host: ReceiverHost) {
    this.#host = host;
  }

  /** Resolves when the segment is durable. The file's content must be stable before. Rejects with the disk's error. */
  async receive(open: OpenRecord, close: Omit<CloseRecord, 't' | 'sequence'>): Promise<void> {
    const { queue, folder } = this.#host;
    const { sequence, path } = open;
    try {
      await this.#record(open);
      await this.#host.synced();
      await queue.run(this.lane, async () => {
        await folder.check();
        const parent = dirname(path);
        await this.#host.makeFolder(parent);
        await rename(folder.path(incomingPath(sequence)), folder.path(path));
        await syncFolder(folder.path(parent));
      });
    } catch (cause) {
      const error = diskError(cause, { path });
      this.#host.report(error);
      // The journal must not go on about a segment that never came; if it cannot be written, recovery finds out.
      await this.#host.record({ t: 'delete', sequence });
      throw error;
    }
    await this.#record({ t: 'close', sequence, ...close });
    await this.#host.synced();
  }

  /** Removes parts of copies that will never be received. Rejects with the disk's error. */
  async discard(sequences: readonly number[]): Promise<void> {
    const { queue, folder } = this.#host;
    for (const sequence of sequences) {
      await queue.run(this.lane, async () => {
        await folder.check();
        await rm(folder.path(incomingPath(sequence)), { force: true });
      });
    }
  }

  async #record(event: JournalEvent): Promise<void> {
    const error = await this.#host.record(event);
    if (error) throw error;
  }
}
