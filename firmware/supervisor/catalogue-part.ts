import { join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { asBoxError, BoxError, firstPromise, type Part } from '../base/index.ts';
import { CatalogueClient, type Answer, type Args, type Operation, type SpacePolicy } from '../storage/index.ts';
import type { CatalogueAsks } from '../recording/index.ts';
import type { CatalogueDesk } from './footage.ts';

/** The catalogue's worker is told the policy again, in case it is another one. */
const POLICY_EVERY_MS = 30_000;
/** Journals are relieved of deleted segments this long after a start, when the box has settled down, and once a day. */
const COMPACT_AFTER_MS = 10 * 60_000;
const COMPACT_EVERY_MS = 24 * 3600_000;

export interface CataloguePartOptions {
  readonly dataFolder: string;
  /** What may be kept on the volumes in use (folders by uuid); without it nothing is deleted. */
  readonly policyOf?: (folders: ReadonlyMap<string, string>) => SpacePolicy;
  feed(port: MessagePort): void;
  /** The catalogue is opened when this has come: recording goes first. */
  readonly after?: Promise<unknown>;
  /** The catalogue cannot be used; recording goes on without it. */
  readonly failed?: (error: BoxError) => void;
  log(event: string, detail: Record<string, unknown>): void;
}

/** The catalogue worker with its volumes. */
export class CataloguePart implements Part, CatalogueDesk {
  readonly name = 'catalogue';
  readonly #options: CataloguePartOptions;
  readonly #client: CatalogueClient;
  readonly #folders = new Map<string, string>();
  readonly #readOnly = new Set<string>();
  readonly #ready = Promise.withResolvers<void>();
  #timer: NodeJS.Timeout | undefined;
  #compactTimer: NodeJS.Timeout | undefined;
  #begun: Promise<void> = Promise.resolve();
  readonly #stopping = new AbortController();

  constructor(options: CataloguePartOptions) {
    this.#options = options;
    this.#client = new CatalogueClient({
      path: join(options.dataFolder, 'catalogue.db'),
      onFeedPort: (port) => options.feed(port),
      onCrash: (exitCode) => options.log('catalogue.restarting', { exitCode }),
    });
    // Whoever waits for the catalogue hears of its failure; if nobody does, the part's start tells it.
    this.#ready.promise.catch(() => undefined);
  }

  /** Resolves at once: recording never waits for the catalogue. Whoever asks it waits until it is there. */
  readonly start = firstPromise(async () => {
    this.#begun = this.#begin();
  });

  readonly stop = firstPromise(async () => {
    this.#stopping.abort();
    clearInterval(this.#timer);
    clearTimeout(this.#compactTimer);
    this.#ready.reject(new BoxError('catalogue.stopped'));
    await this.#begun;
    await this.#client.stop();
  });

  health(): ReturnType<CatalogueClient['health']> {
    return this.#client.health();
  }

  /** For a record worker that was started again. */
  renewFeed(): void {
    this.#client.renewFeed();
  }

  folderOf(uuid: string): string | undefined {
    return this.#folders.get(uuid);
  }

  get folders(): ReadonlyMap<string, string> {
    return this.#folders;
  }

  async ask<O extends Operation>(operation: O, args: Args<O>): Promise<Answer<O>> {
    await this.#ready.promise;
    return this.#client.ask(operation, args);
  }

  /** Brings the catalogue level with a volume's journal and puts the policy in force. `readOnly`: nothing on it is ever written. */
  async attach(uuid: string, folder: string, readOnly = false): Promise<Answer<'attach'>> {
    await this.#ready.promise;
    // A record worker or a disk that comes back: what was not told meanwhile stands in the journal.
    if (this.#folders.has(uuid)) await this.#client.detach(uuid);
    this.#folders.set(uuid, folder);
    if (readOnly) this.#readOnly.add(uuid);
    else this.#readOnly.delete(uuid);
    const report = await this.#client.attach(uuid, folder);
    this.#options.log('catalogue.attached', { ...report, damage: report.damage.length });
    await this.applyPolicy();
    return report;
  }

  /** The volume was let go of: nothing more is expected of it, and what is known of it stays. */
  detach(uuid: string): void {
    if (!this.#folders.delete(uuid)) return;
    this.ask('detach', { volume: uuid }).catch((error: unknown) =>
      this.#options.log('catalogue.not-detached', { volume: uuid, reason: String(error) }),
    );
  }

  /** What the record worker wants to know. */
  async answer<K extends keyof CatalogueAsks>(
    ask: K,
    args: CatalogueAsks[K]['args'],
  ): Promise<CatalogueAsks[K]['answer']> {
    if (ask !== 'attach') return this.ask(ask, args);
    const { volume, folder, readOnly } = args as CatalogueAsks['attach']['args'];
    return this.attach(volume, folder, readOnly);
  }

  async #begin(): Promise<void> {
    const { signal } = this.#stopping;
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    // Recording may never have begun.
    await Promise.race([stopped, this.#options.after]);
    if (signal.aborted) return;
    try {
      await this.#client.start();
    } catch (error) {
      this.#options.log('catalogue.failed', { reason: String(error) });
      this.#options.failed?.(asBoxError(error, 'catalogue.failed'));
      this.#ready.reject(error);
      return;
    }
    if (signal.aborted) return;
    this.#ready.resolve();
    this.#timer = setInterval(() => void this.#applyAgain(), POLICY_EVERY_MS);
    this.#compactTimer = setTimeout(() => void this.#compact(), COMPACT_AFTER_MS);
  }

  /** Compacts all journals, and sees to the next time. */
  async #compact(): Promise<void> {
    for (const uuid of this.#folders.keys()) {
      if (this.#readOnly.has(uuid)) continue;
      try {
        const { removed, merged } = await this.ask('compact', { volume: uuid });
        this.#options.log('journal.compacted', { volume: uuid, removed: removed.length, merged: merged.length });
      } catch (error) {
        this.#options.log('journal.not-compacted', { volume: uuid, reason: String(error) });
      }
    }
    if (!this.#stopping.signal.aborted) this.#compactTimer = setTimeout(() => void this.#compact(), COMPACT_EVERY_MS);
  }

  /** Tells the catalogue's worker what the settings and answers say now. Rejects like `ask`. */
  async applyPolicy(): Promise<void> {
    const policy = this.#options.policyOf?.(this.#folders);
    if (policy) await this.ask('spacePolicy', policy);
  }

  async #applyAgain(): Promise<void> {
    try {
      await this.applyPolicy();
    } catch (error) {
      this.#options.log('catalogue.policy-failed', { reason: String(error) });
    }
  }
}
