import { join } from 'node:path';
import { firstPromise, localDayAt, localMonth, type Clock, type Part } from '../base/index.ts';
import {
  Accountant,
  Ledger,
  monthReport,
  PromiseLog,
  reportCsv,
  reportPage,
  type AssuranceReport,
  type FootageSource,
  type MissingReason,
  type MissingWatch,
  type StreamSight,
} from '../assurance/index.ts';
import type { SettingsStore } from '../config/index.ts';
import { isoOf, type BoxPorts } from '../control/index.ts';
import type { RecorderReport } from '../recording/index.ts';
import type { Problems } from '../telemetry/index.ts';
import type { CatalogueDesk } from './footage.ts';

const FOLDER = 'assurance';
const PROMISES = 'promises.jsonl';
const LOOK_EVERY_MS = 5000;
/** More often than even a small disk deletes what it has recorded. */
const ACCOUNT_EVERY_MS = 10 * 60_000;
/** Before this a clock counts as never set, and a promise made then would hold since 1970. */
const CLOCK_SET_US = Date.UTC(2026, 0, 1) * 1000;

type Desk = Pick<CatalogueDesk, 'ask'>;

/** What was promised and accounted for in a data folder, whether the box runs or not. */
export class AssuranceBooks {
  readonly promises: PromiseLog;
  readonly accountant: Accountant;

  private constructor(promises: PromiseLog, accountant: Accountant) {
    this.promises = promises;
    this.accountant = accountant;
  }

  /**
   * `failed` is told of a book that cannot be read; what follows is written down all the same. Without it, rejects with the file
   * system's error.
   */
  static async open(
    dataFolder: string,
    desk: Desk,
    options: { observed?: FootageSource['observed']; failed?: (error: unknown) => void } = {},
  ): Promise<AssuranceBooks> {
    const { observed = () => [], failed } = options;
    const folder = join(dataFolder, FOLDER);
    const promises = await PromiseLog.open(join(folder, PROMISES), failed);
    return new AssuranceBooks(promises, new Accountant(promises, new Ledger(folder), sourceOf(desk, observed)));
  }

  /** What control asks. */
  port(store: SettingsStore, clock: Pick<Clock, 'wallUs'>): BoxPorts['assurance'] {
    return {
      report: async ({ month: wanted, document, language }, sees) => {
        const madeUs = clock.wallUs();
        const { timeZone } = store.settings.site;
        const month = wanted ?? localDayAt(timeZone, madeUs).day.slice(0, 7);
        const accounts = await this.accountant.accounts(localMonth(timeZone, month), madeUs);
        const report = monthReport({
          box: store.settings.box.name,
          month,
          timeZone,
          madeUs,
          accounts: accounts.filter(({ camera }) => sees(camera)),
          nameOf: (camera) => this.promises.current.get(camera)?.name ?? camera,
        });
        const text =
          document === 'csv'
            ? reportCsv(report, language)
            : document === 'page'
              ? reportPage(report, language)
              : undefined;
        return { ...shown(report), ...(text === undefined ? {} : { document: text }) };
      },
    };
  }
}

export interface AssurancePartOptions {
  readonly books: AssuranceBooks;
  readonly watch: MissingWatch;
  readonly store: SettingsStore;
  readonly problems: Problems;
  readonly clock: Pick<Clock, 'wallUs' | 'monoUs'>;
  readonly report: () => Promise<RecorderReport>;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}

/** Writes down what is promised, raises the alarm when a camera is missing, and keeps the accounts of the days. */
export class AssurancePart implements Part {
  readonly name = 'assurance';
  readonly #options: AssurancePartOptions;
  readonly #alarmed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #accountTimer: NodeJS.Timeout | undefined;
  #unlisten: (() => void) | undefined;
  #looking: Promise<void> | undefined;
  #accounting: Promise<void> = Promise.resolve();

  constructor(options: AssurancePartOptions) {
    this.#options = options;
  }

  readonly start = firstPromise(async () => {
    this.#note();
    this.#unlisten = this.#options.store.listen(() => this.#note());
    this.#timer = setInterval(() => void this.#lookOnce(), LOOK_EVERY_MS);
    this.#accountTimer = setInterval(() => this.#account(), ACCOUNT_EVERY_MS);
  });

  readonly stop = firstPromise(async () => {
    this.#unlisten?.();
    clearInterval(this.#timer);
    clearInterval(this.#accountTimer);
    await this.#looking;
    this.#account();
    await this.#accounting;
  });

  /** When the promise of a camera was changed last. */
  promisedSinceUs(camera: string): number {
    return this.#options.books.promises.current.get(camera)?.sinceUs ?? 0;
  }

  #note(): void {
    const { books, store, clock, log } = this.#options;
    const nowUs = clock.wallUs();
    if (nowUs < CLOCK_SET_US) return;
    books.promises
      .note(store.settings, nowUs)
      .catch((error: unknown) => log('assurance.not-noted', { reason: String(error) }));
  }

  async #lookOnce(): Promise<void> {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { books, watch, problems, clock, report, log } = this.#options;
    // A clock that was set since the start: now it is known what holds from when on.
    this.#note();
    let sights: StreamSight[] | undefined;
    try {
      sights = (await report()).streams.map(({ camera, stream, recording, frames, gap }) => ({
        camera,
        stream,
        recording: recording === 'recording',
        frames,
        reason: gap?.reason as MissingReason | undefined,
      }));
    } catch (error) {
      // Recording that does not answer is not known to record.
      log('assurance.no-report', { reason: String(error) });
    }
    const now = { monoUs: clock.monoUs(), wallUs: clock.wallUs() };
    const alarms = watch.look(now, books.promises.current.values(), sights);
    for (const { camera, sinceUs, reason } of alarms) {
      const context = { since: isoOf(sinceUs), reason };
      problems.raise('recording.missing', `camera/${camera}`, 'error', context);
      this.#alarmed.add(camera);
    }
    for (const camera of this.#alarmed) {
      if (alarms.some((alarm) => alarm.camera === camera)) continue;
      problems.clear('recording.missing', `camera/${camera}`);
      this.#alarmed.delete(camera);
    }
  }

  #account(): void {
    const { books, store, clock, log } = this.#options;
    this.#accounting = this.#accounting.then(async () => {
      try {
        await books.accountant.bringUpToDate(store.settings.site.timeZone, clock.wallUs());
      } catch (error) {
        log('assurance.not-accounted', { reason: String(error) });
      }
    });
  }
}

function sourceOf(desk: Desk, observed: FootageSource['observed']): FootageSource {
  return {
    covered: (camera, stream, { startUs, endUs }) =>
      desk.ask('covered', { camera, stream, fromUs: startUs, toUs: endUs }),
    gaps: (camera, stream, { startUs, endUs }) =>
      desk.ask('gaps', { camera, stream, fromUs: startUs, toUs: endUs, limit: 100_000 }),
    observed,
  };
}

function shown({
  untilUs,
  madeUs: _,
  cameras,
  ...report
}: AssuranceReport): Awaited<ReturnType<BoxPorts['assurance']['report']>> {
  return {
    ...report,
    until: isoOf(untilUs),
    cameras: cameras.map((camera) => ({
      ...camera,
      days: camera.days.map(({ missing, ...day }) => ({
        ...day,
        missing: missing.map(({ startUs, endUs, reason }) => ({
          start: isoOf(startUs),
          end: isoOf(endUs),
          seconds: (endUs - startUs) / 1e6,
          reason,
        })),
      })),
    })),
  };
}
