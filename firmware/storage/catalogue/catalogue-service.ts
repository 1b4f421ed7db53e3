import { join } from 'node:path';
import { BoxError, systemClock } from '../../base/index.ts';
import { CatalogueFollower } from './catalogue-follower.ts';
import { LockDesk } from '../space/lock-desk.ts';
import { SpaceKeeper } from '../space/space-keeper.ts';
import type { Answer, Args, FeedMessage, FeedRequest, Operation } from './catalogue-messages.ts';
import { Catalogue } from './catalogue.ts';
import { DAY_FIGURES, HOUR_FIGURES, packRows } from './packed-rows.ts';
import { compactJournal } from '../journal/journal-compaction.ts';
import { JOURNAL_FOLDER, type LockRecord } from '../journal/journal.ts';

interface Attached {
  folder: string;
  follower: CatalogueFollower;
}

export interface CatalogueServiceOptions {
  /** The database's path. */
  path: string;
  /** Asks the record worker. */
  ask: (request: FeedRequest) => void;
  /** Pause between looks at the space of the volumes. */
  retentionEveryMs?: number;
}

type Handlers = { [O in Operation]: (args: Args<O>) => Answer<O> | Promise<Answer<O>> };

/** Changes become durable this long after the first of them at the latest; the journals hold them already. */
const COMMIT_AFTER_MS = 250;
const COMMIT_CHANGES = 2000;
const RETENTION_EVERY_MS = 2000;

/** What runs in the catalogue worker: the catalogue, the volumes that feed it, their budgets, and the table of operations. */
export class CatalogueService {
  readonly #options: CatalogueServiceOptions;
  readonly #catalogue: Catalogue;
  readonly #space: SpaceKeeper;
  readonly #locks: LockDesk;
  readonly #attached = new Map<string, Attached>();
  readonly #stop = new AbortController();
  readonly #handlers: Handlers;
  #commitTimer: NodeJS.Timeout | undefined;
  #retentionTimer: NodeJS.Timeout | undefined;

  /** Opens the database. Throws SQLite's error if that fails. */
  constructor(options: CatalogueServiceOptions) {
    this.#options = options;
    this.#catalogue = new Catalogue(options.path);
    this.#space = new SpaceKeeper(this.#catalogue, {
      ask: (volume, segments) => options.ask({ t: 'delete', volume, segments }),
      keep: (volume, segments) => options.ask({ t: 'keep', volume, segments }),
      admit: (admission) => options.ask({ t: 'admission', ...admission }),
    });
    this.#locks = new LockDesk(
      this.#catalogue,
      () => this.#space.nowUs,
      (volume, records) => options.ask({ t: 'append', volume, records }),
    );
    this.#handlers = this.#table();
  }

  get fresh(): boolean {
    return this.#catalogue.fresh;
  }

  start(): void {
    this.#retentionTimer = setInterval(() => this.#lookAtSpace(), this.#options.retentionEveryMs ?? RETENTION_EVERY_MS);
  }

  /** Ends all reading and closes the database. */
  stop(): void {
    this.#stop.abort(new BoxError('catalogue.stopped'));
    this.#locks.stop();
    clearTimeout(this.#commitTimer);
    clearInterval(this.#retentionTimer);
    this.#catalogue.close();
  }

  async handle<O extends Operation>(operation: O, args: Args<O>): Promise<Answer<O>> {
    const handler = this.#handlers[operation] as ((args: Args<O>) => Answer<O> | Promise<Answer<O>>) | undefined;
    if (!handler) throw new BoxError('box.bug', { operation });
    return await handler(args);
  }

  feed(message: FeedMessage): void {
    if (message.t === 'entries') {
      this.#attached.get(message.volume)?.follower.feed(message.entries);
      this.#locks.look();
      this.#commitSoon();
      return;
    }
    if (message.t === 'facts') {
      this.#space.observe(message.volume, message.facts, systemClock.monoUs() / 1000);
      return;
    }
    for (const { sequence, endUs, bytes } of message.segments) {
      this.#catalogue.progress(message.volume, sequence, endUs, bytes);
    }
  }

  #commitSoon(): void {
    if (this.#catalogue.pending >= COMMIT_CHANGES) {
      this.#catalogue.commit();
      return;
    }
    this.#commitTimer ??= setTimeout(() => {
      this.#commitTimer = undefined;
      this.#catalogue.commit();
    }, COMMIT_AFTER_MS);
  }

  /** The record worker is another one: it knows nothing of what was said to the former. */
  renew(): void {
    this.#space.renew();
    this.#locks.renew();
  }

  #lookAtSpace(): void {
    this.#space.round(systemClock.monoUs() / 1000, systemClock.wallUs());
    this.#locks.write();
  }

  async #attach(volume: string, folder: string): Promise<Answer<'attach'>> {
    const follower = new CatalogueFollower(volume, folder, this.#catalogue, this.#stop.signal);
    const previous = this.#attached.get(volume);
    if (previous) throw new BoxError('box.bug', { reason: 'attached twice', volume });
    this.#attached.set(volume, { folder, follower });
    try {
      const report = await follower.attach();
      this.#space.attach(volume);
      this.#locks.attach(volume);
      return report;
    } catch (error) {
      this.#attached.delete(volume);
      throw error;
    }
  }

  #detach(volume: string): void {
    this.#attached.delete(volume);
    this.#space.detach(volume);
    this.#locks.detach(volume);
  }

  async #compact(volume: string): Promise<Answer<'compact'>> {
    const { folder } = this.#need(volume);
    this.#catalogue.commit();
    const { file } = this.#catalogue.checkpoint(volume);
    return compactJournal(join(folder, JOURNAL_FOLDER), {
      before: file,
      living: (sequences) => new Set(this.#catalogue.queries.known(volume, sequences)),
      neededLocks: (locks) => this.#locks.needed(locks),
      wallUs: () => systemClock.wallUs(),
    });
  }

  /** Some of what is being deleted may be locked now: that is kept as far as it is there, and the rest is asked for again. */
  #lock(record: LockRecord): Promise<Answer<'lock'>> {
    const report = this.#locks.lock(record);
    this.#options.ask({ t: 'withdraw' });
    this.#space.withdraw();
    this.#lookAtSpace();
    return report;
  }

  #need(volume: string): Attached {
    const attached = this.#attached.get(volume);
    if (!attached) throw new BoxError('catalogue.no-such-volume', { volume });
    return attached;
  }

  #table(): Handlers {
    const { queries } = this.#catalogue;
    return {
      attach: ({ volume, folder }) => this.#attach(volume, folder),
      detach: ({ volume }) => this.#detach(volume),
      forget: ({ volume }) => this.#catalogue.forgetVolume(volume),
      segments: (query) => queries.segments(query),
      locate: ({ camera, stream, timeUs }) => queries.locate(camera, stream, timeUs),
      days: ({ camera, stream, fromDay, toDay }) => queries.days(camera, stream, fromDay, toDay),
      totals: ({ fromDay, toDay }) => queries.totals(fromDay, toDay),
      volumes: () => queries.volumes().map((volume) => ({ volume, ...this.#catalogue.volumeTotals(volume) })),
      gaps: (query) => queries.gaps(query),
      covered: (query) => queries.covered(query),
      hours: ({ fromHour }) => this.#catalogue.hours(fromHour),
      packedHours: ({ fromHour }) => packRows(this.#catalogue.hours(fromHour), HOUR_FIGURES),
      keptDays: () => packRows(this.#catalogue.keptDays(), DAY_FIGURES),
      lastEnd: ({ camera, stream }) => queries.lastEndUs(camera, stream),
      streams: () => queries.streams(),
      bySequence: ({ volume, afterSequence, limit }) => queries.bySequence(volume, afterSequence, limit),
      unsealed: ({ volume, afterSequence, limit }) => queries.unsealed(volume, afterSequence, limit),
      checkpoint: ({ volume }) => this.#catalogue.checkpoint(volume),
      lastSeal: ({ volume }) => this.#catalogue.lastSeal(volume),
      uncopied: ({ volume, beforeSequence, limit }) => queries.uncopied(volume, beforeSequence, limit),
      lonelyGaps: ({ volume, afterId, limit }) => queries.lonelyGaps(volume, afterId, limit),
      copied: ({ volume }) => queries.copied(volume),
      anchor: ({ volume, boot }) => this.#catalogue.anchorUs(volume, boot),
      known: ({ volume, sequences }) => queries.known(volume, sequences),
      open: ({ volume }) => queries.open(volume),
      marked: ({ volume }) => queries.marked(volume),
      wrongDays: ({ camera, stream }) => queries.wrongDays(camera, stream),
      spacePolicy: (policy) => {
        this.#space.policy = policy;
      },
      space: () => this.#space.report(),
      clockVerdict: ({ verdict }) => this.#space.decideClock(verdict),
      spaceCheck: () => this.#space.check(),
      lock: (record) => this.#lock({ t: 'lock', ...record }),
      unlock: ({ lock, atUs }) => this.#locks.unlock({ t: 'unlock', lock, atUs }),
      locks: () => this.#locks.list(),
      compact: ({ volume }) => this.#compact(volume),
      commit: () => this.#catalogue.commit(),
    };
  }
}
