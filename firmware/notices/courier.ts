import { asBoxError, type BoxError, type Clock } from '../base/index.ts';
import type { Problems } from '../telemetry/index.ts';
import { isFinal, type Channel, type Message } from './channel.ts';
import { plainContext, RANK, type Notice } from './notice.ts';
import type { Outbox } from './outbox.ts';
import { quietForMin } from './quiet-hours.ts';

export interface CourierDeps {
  readonly outbox: Outbox;
  readonly problems: Problems;
  readonly clock: Clock;
  /** Pauses after one, two, ... failures in a row, in milliseconds; the last one holds for all further ones. */
  readonly retryMs: readonly number[];
  readonly timeZone: () => string;
  /** The notice in the words of the channel. */
  readonly words: (notice: Notice, channel: Channel) => Message;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}

/** 5 s, 30 s, 2 min, 10 min, 1 h, 6 h, 24 h. */
export const RETRY_MS = [5e3, 30e3, 120e3, 600e3, 3600e3, 6 * 3600e3, 24 * 3600e3] as const;
/** A notice that could not be delivered for so long is given up. */
const GIVE_UP_US = 3 * 24 * 3600e6;
/** A channel that fails so often in a row is a problem of its own. */
const FAILURES = 3;
/** So many notices that nobody has tried to deliver become one. */
export const SUMMARY_AT = 5;

/** Brings the notices of one channel to their receiver, one at a time and in order; a failing server is asked less and less often. */
export class Courier {
  readonly channel: Channel;
  readonly #deps: CourierDeps;
  readonly #stopping = new AbortController();
  #nap = new AbortController();
  #running: Promise<void> | undefined;
  #failures = 0;
  #restUntilUs = 0;
  #lastError: BoxError | undefined;
  #deliveredAtUs: number | undefined;

  constructor(channel: Channel, deps: CourierDeps) {
    this.channel = channel;
    this.#deps = deps;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Of the last attempt; undefined if it went well. */
  get lastError(): BoxError | undefined {
    return this.#lastError;
  }

  /** UTC microseconds. */
  get deliveredAtUs(): number | undefined {
    return this.#deliveredAtUs;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** There may be something to deliver. */
  wake(): void {
    this.#nap.abort();
  }

  /** What is under way is cut off, and will be delivered again under the same id. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#nap = new AbortController();
      const { notice, waitMs } = this.#next();
      if (notice) await this.#deliver(notice);
      else await this.#rest(waitMs);
    }
  }

  /** The next notice, or how long there is none to deliver; undefined: until somebody wakes the courier. */
  #next(): { notice?: Notice; waitMs?: number } {
    const { clock, outbox, timeZone } = this.#deps;
    const waiting = outbox.waiting(this.channel.id);
    if (waiting.length === 0) return {};
    const restUs = this.#restUntilUs - clock.monoUs();
    if (restUs > 0) return { waitMs: Math.ceil(restUs / 1000) };
    const quietMin = quietForMin(this.channel.quietHours, clock.wallUs(), timeZone());
    const notice = quietMin === undefined ? waiting[0] : waiting.find(isUrgent);
    if (notice) return { notice };
    return { waitMs: Math.max(1, quietMin ?? 1) * 60_000 };
  }

  async #rest(waitMs: number | undefined): Promise<void> {
    const signal = AbortSignal.any([this.#stopping.signal, this.#nap.signal]);
    if (signal.aborted) return;
    try {
      // Without a limit only a word from outside ends it.
      if (waitMs === undefined)
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      else await this.#deps.clock.sleep(waitMs, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #deliver(notice: Notice): Promise<void> {
    const { clock, words } = this.#deps;
    try {
      await this.channel.send(words(notice, this.channel), this.#stopping.signal);
      this.#failures = 0;
      this.#lastError = undefined;
      this.#deliveredAtUs = clock.wallUs();
      await this.#settle(notice, { state: 'delivered', doneUs: this.#deliveredAtUs });
      this.#deps.problems.clear('notices.undelivered', `channel/${this.channel.id}`);
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      await this.#fail(notice, asBoxError(error, 'box.bug'));
    }
  }

  async #fail(notice: Notice, error: BoxError): Promise<void> {
    const { clock, retryMs, log } = this.#deps;
    this.#lastError = error;
    this.#failures++;
    const { code } = error;
    const context = plainContext(error.context);
    const final = isFinal(error) || clock.wallUs() - notice.atUs > GIVE_UP_US;
    log('notice.not-delivered', { channel: this.channel.id, notice: notice.id, code, context, final });
    const told = { error: { code, context } };
    if (final || this.#failures >= FAILURES) this.#complain(error);
    if (final) await this.#settle(notice, { ...told, state: 'failed', doneUs: clock.wallUs() });
    else {
      const pauseMs = retryMs[Math.min(this.#failures, retryMs.length) - 1] ?? 0;
      const askedMs = Number(error.context['retryAfterS'] ?? 0) * 1000;
      // Spread, so that boxes that lost the same server do not come back at the same moment.
      const jitter = 0.75 + Math.random() / 2;
      this.#restUntilUs = clock.monoUs() + Math.max(pauseMs * jitter, askedMs) * 1000;
      await this.#settle(notice, told);
    }
  }

  #complain({ code, what }: BoxError): void {
    const { problems } = this.#deps;
    problems.raise('notices.undelivered', `channel/${this.channel.id}`, 'warning', {
      channel: this.channel.id,
      code,
      reason: what,
    });
  }

  async #settle(notice: Notice, change: Parameters<Outbox['update']>[2]): Promise<void> {
    const { outbox } = this.#deps;
    const before = notice.deliveries.find(({ channel }) => channel === this.channel.id);
    outbox.update(notice.id, this.channel.id, { attempts: (before?.attempts ?? 0) + 1, ...change });
    try {
      await outbox.save();
      this.#deps.problems.clear('notices.not-kept', 'box');
    } catch (error) {
      // It stands in memory; after a power cut it would be sent once more.
      this.#deps.problems.raise('notices.not-kept', 'box', 'warning', {
        reason: asBoxError(error, 'notices.not-kept').message,
      });
    }
  }
}

function isUrgent({ items, kind }: Notice): boolean {
  return kind === 'test' || items.some(({ severity, state }) => RANK[severity] === 0 && state !== 'over');
}
