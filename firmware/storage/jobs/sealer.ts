import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { asBoxError, BoxError } from '../../base/index.ts';
import { Pace } from './job-pace.ts';
import type { JobPorts, UsedVolume } from './job-ports.ts';
import type { SealRecord } from '../journal/journal.ts';
import { fileSha256, PatientDisk } from './paced-file.ts';
import { sealChain } from './seal.ts';

export interface SealerOptions {
  /** Part of the time that a disk may work for this, 0 to 1. */
  readonly share: number;
  readonly bytesPerSecond: number;
  readonly deadlineMs: number;
  readonly everyMs: number;
}

interface Progress {
  readonly disk: PatientDisk;
  /** The newest seal; asked of the catalogue when it is not known. */
  last: { sequence: number; chain: string } | undefined;
  /** Sealed, or not readable, by this process: the catalogue may not know yet. */
  readonly handled: Set<number>;
}

const PAGE = 32;
const MAX_HANDLED = 50_000;

/**
 * Seals closed files (S2): hashes each once and chains the digests in the volume's journal. Right after closing a file is still in
 * the system's memory, so that the disk has nothing to do. One file at a time in the whole box, in small pieces with rests between
 * them: so little work that a thread of its own would cost more than it saves.
 */
export class Sealer {
  readonly #options: SealerOptions;
  readonly #ports: JobPorts;
  readonly #log: (event: string, detail: Record<string, unknown>) => void;
  readonly #signal: AbortSignal;
  readonly #volumes = new Map<string, Progress>();

  constructor(
    options: SealerOptions,
    ports: JobPorts,
    log: (event: string, detail: Record<string, unknown>) => void,
    signal: AbortSignal,
  ) {
    this.#options = options;
    this.#ports = ports;
    this.#log = log;
    this.#signal = signal;
  }

  /** Ends with the signal. */
  async run(): Promise<void> {
    const { everyMs } = this.#options;
    while (!this.#signal.aborted) {
      await this.round();
      await delay(everyMs, undefined, { signal: this.#signal }).catch((error: unknown) => {
        if (!this.#signal.aborted) throw error;
      });
    }
  }

  /** Looks at all volumes once. Resolves with how many files were sealed. */
  async round(): Promise<number> {
    let sealed = 0;
    try {
      for (const volume of await this.#ports.used()) if (volume.writable) sealed += await this.#sealVolume(volume);
    } catch (error) {
      // The catalogue or the recorder is away for a moment.
      if (!this.#signal.aborted) this.#log('seal.postponed', { code: asBoxError(error, 'storage.io').code });
    }
    return sealed;
  }

  async #sealVolume({ volume, folder }: UsedVolume): Promise<number> {
    const progress = this.#progress(volume);
    if (progress.handled.size > MAX_HANDLED) progress.handled.clear();
    let sealed = 0;
    for (let afterSequence = 0; ;) {
      const page = await this.#ports.catalogue('unsealed', { volume, afterSequence, limit: PAGE });
      const digests: { sequence: number; sha256: string }[] = [];
      for (const { sequence, path } of page) {
        if (progress.handled.has(sequence)) continue;
        const sha256 = await this.#digest(join(folder, path), sequence, progress);
        if (sha256 !== undefined) digests.push({ sequence, sha256 });
      }
      if (digests.length > 0) await this.#write(volume, progress, digests);
      sealed += digests.length;
      const last = page.at(-1);
      if (!last || page.length < PAGE) return sealed;
      afterSequence = last.sequence;
    }
  }

  async #digest(path: string, sequence: number, { disk, handled }: Progress): Promise<string | undefined> {
    try {
      const sha256 = await fileSha256(path, disk);
      handled.add(sequence);
      return sha256;
    } catch (error) {
      this.#signal.throwIfAborted();
      const { code } = asBoxError(error, 'storage.io');
      if (code === 'storage.hung') throw error;
      handled.add(sequence);
      this.#log('seal.unreadable', { path, code });
      return undefined;
    }
  }

  async #write(volume: string, progress: Progress, digests: { sequence: number; sha256: string }[]): Promise<void> {
    progress.last ??= await this.#lastSeal(volume);
    let { sequence: after, chain } = progress.last;
    const records = digests.map(({ sequence, sha256 }): SealRecord => {
      chain = sealChain(chain, sequence, sha256);
      const record: SealRecord = { t: 'seal', sequence, sha256, after, chain };
      after = sequence;
      return record;
    });
    try {
      await this.#ports.volume('append', { volume, records });
      progress.last = { sequence: after, chain };
    } catch (error) {
      // Whether the lines stand or not, the journal will tell.
      progress.last = undefined;
      for (const { sequence } of digests) progress.handled.delete(sequence);
      throw error instanceof BoxError ? error : asBoxError(error, 'storage.io');
    }
  }

  async #lastSeal(volume: string): Promise<{ sequence: number; chain: string }> {
    const { sealedLast, sealChain: chain } = await this.#ports.catalogue('lastSeal', { volume });
    return { sequence: sealedLast, chain };
  }

  #progress(volume: string): Progress {
    let progress = this.#volumes.get(volume);
    if (!progress) {
      const { share, bytesPerSecond, deadlineMs } = this.#options;
      const disk = new PatientDisk(new Pace({ share, bytesPerSecond, signal: this.#signal }), deadlineMs);
      this.#volumes.set(volume, (progress = { disk, last: undefined, handled: new Set() }));
    }
    return progress;
  }
}
