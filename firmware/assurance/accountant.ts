import { localDays, type LocalDay, type TimeSpan } from '../base/index.ts';
import { accountDay, type DayAccount, type MissingSpan } from './day-account.ts';
import type { Ledger } from './ledger.ts';
import type { PromiseLog } from './promise-log.ts';
import { expectedSpans, recordedOf } from './promise.ts';
import { intersect, lengthUs, subtract, unite, type Spans } from './spans.ts';

/** Where footage and gaps are known. */
export interface FootageSource {
  /** When there is footage of a stream, on any volume. */
  covered(camera: string, stream: string, within: TimeSpan): Promise<Spans>;
  gaps(camera: string, stream: string, within: TimeSpan): Promise<readonly MissingSpan[]>;
  /** What was seen to be missing and may not be written down as a gap yet. */
  observed(camera: string): readonly MissingSpan[];
}

const DAY_US = 86_400_000_000;
/** Footage of the last seconds may still be on its way to the catalogue. */
const SETTLED_US = 20_000_000;
/** Days are looked at again for so long: footage may be filled in, disks may come back. */
const AGAIN_US = 8 * DAY_US;

/** Makes the accounts of days, from what was promised, what is there, and what was written down earlier. */
export class Accountant {
  readonly #log: PromiseLog;
  readonly #ledger: Ledger;
  readonly #source: FootageSource;

  constructor(log: PromiseLog, ledger: Ledger, source: FootageSource) {
    this.#log = log;
    this.#ledger = ledger;
    this.#source = source;
  }

  /** Accounts of the last days, written down: to be called more often than footage is deleted. */
  async bringUpToDate(timeZone: string, nowUs: number): Promise<void> {
    const days = localDays(timeZone, { startUs: nowUs - AGAIN_US, endUs: nowUs });
    await this.#ledger.put(await this.accounts(days, nowUs));
  }

  /** Accounts of these days, of all cameras that something was promised of or recorded from, by camera and then by day. */
  async accounts(days: readonly LocalDay[], nowUs: number): Promise<DayAccount[]> {
    const settledUs = nowUs - SETTLED_US;
    const past = days.filter(({ startUs }) => startUs < settledUs);
    const months = new Set(past.map(({ day }) => day.slice(0, 7)));
    const written = await Promise.all([...months].map((month) => this.#ledger.cameras(month)));
    const cameras = [...new Set([...this.#log.cameras, ...written.flat()])].sort();
    const accounts: DayAccount[] = [];
    for (const camera of cameras) accounts.push(...(await this.#cameraAccounts(camera, past, settledUs)));
    return accounts;
  }

  async #cameraAccounts(camera: string, days: readonly LocalDay[], settledUs: number): Promise<DayAccount[]> {
    const accounts: DayAccount[] = [];
    const open: { day: LocalDay; former: DayAccount | undefined }[] = [];
    for (const day of days) {
      const former = await this.#ledger.of(camera, day.day);
      if (former && day.endUs < settledUs - AGAIN_US) accounts.push(former);
      else open.push({ day, former });
    }
    const [first, last] = [open[0]?.day, open.at(-1)?.day];
    if (!first || !last) return accounts;
    const evidence = await this.#evidence(camera, { startUs: first.startUs, endUs: Math.min(last.endUs, settledUs) });
    const history = this.#log.historyOf(camera);
    for (const { day, former } of open) {
      const within = { startUs: day.startUs, endUs: Math.min(day.endUs, settledUs) };
      const expected = expectedSpans(history, within);
      const should = unite(expected);
      const footage = intersect(unite(...evidence.covered.values()), [within]);
      if (should.length === 0 && footage.length === 0 && !former) continue;
      const recorded = recordedOf(expected, evidence.covered);
      const besidesUs = lengthUs(subtract(footage, should));
      accounts.push(
        accountDay({ camera, day: day.day, expected: should, recorded, besidesUs, gaps: evidence.gaps, former }),
      );
    }
    return accounts.sort((a, b) => (a.day < b.day ? -1 : 1));
  }

  async #evidence(
    camera: string,
    within: TimeSpan,
  ): Promise<{ covered: Map<string, Spans>; gaps: readonly MissingSpan[] }> {
    const covered = new Map<string, Spans>();
    const gaps: MissingSpan[] = [];
    const streams = new Set(this.#log.historyOf(camera).map(({ stream }) => stream));
    for (const stream of streams) {
      if (stream === '') continue;
      covered.set(stream, await this.#source.covered(camera, stream, within));
      gaps.push(...(await this.#source.gaps(camera, stream, within)));
    }
    return { covered, gaps: [...gaps, ...this.#source.observed(camera)] };
  }
}
