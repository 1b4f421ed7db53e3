import { randomUUID } from 'node:crypto';
import { asBoxError, BoxError, firstPromise, type Clock, type ErrorCode, type Part } from '../base/index.ts';
import type { NoticeSettings } from '../config/index.ts';
import type { Problems, Severity } from '../telemetry/index.ts';
import { AddressGuard } from './address-guard.ts';
import type { Channel } from './channel.ts';
import { Courier, RETRY_MS, SUMMARY_AT, type CourierDeps } from './courier.ts';
import { EmailChannel } from './email-channel.ts';
import { Folding, type FoldingTimes } from './folding.ts';
import { byGravity, type Notice, type NoticeItem } from './notice.ts';
import { Outbox } from './outbox.ts';
import { WebhookChannel } from './webhook-channel.ts';
import { itemsFor, messageOf, type Wording } from './words.ts';

/** Where other parts tell of things that people should know and that are no lasting problem. */
export interface NoticePort {
  /** Never waits and never fails. `context` is masked and shortened as that of problems is. */
  happened(code: ErrorCode, subject: string, severity: Severity, context?: Record<string, unknown>): void;
}

/** All that the desk needs of the settings. */
export interface NoticePlan {
  readonly notices: NoticeSettings;
  readonly wording: Wording;
}

export interface NoticeDeskOptions {
  readonly dataFolder: string;
  readonly plan: NoticePlan;
  readonly problems: Problems;
  readonly clock: Clock;
  /** Ports that the box itself listens at; notices are never sent there. */
  readonly ownPorts: () => readonly number[];
  readonly log: CourierDeps['log'];
  /** Instead of 10 s. */
  readonly gatherMs?: number;
  /** Instead of 5 min: how long after a start problems of before it are expected to show again. */
  readonly graceMs?: number;
  /** Instead of RETRY_MS. */
  readonly retryMs?: readonly number[];
}

export interface ChannelReport {
  readonly id: string;
  readonly target: string;
  readonly minSeverity: Severity;
  readonly waiting: number;
  /** Failures since the last success. */
  readonly failures: number;
  readonly error: BoxError | undefined;
  readonly deliveredAtUs: number | undefined;
}

export interface NoticeReport {
  readonly channels: readonly ChannelReport[];
  /** Notices that were dropped before they were delivered, since the beginning. */
  readonly dropped: number;
  /** The newest first, each with the title that people read. */
  readonly notices: readonly (Notice & { readonly title: string })[];
}

const GATHER_MS = 10_000;
const GRACE_MS = 5 * 60_000;
/** Things that were not told of yet, as many as a notice can name. */
const MAX_MOMENTS = 20;
const SUMMARY_ITEMS = 20;
const ALL_EYES = { id: '', minSeverity: 'notice' } as const;

/** Brings problems to people: folds them into notices, keeps those until they are delivered, and says how that goes. */
export class NoticeDesk implements Part, NoticePort {
  readonly name = 'notices';
  readonly #options: NoticeDeskOptions;
  #plan: NoticePlan;
  #folding: Folding | undefined;
  #outbox: Outbox | undefined;
  #couriers = new Map<string, Courier>();
  #leaving = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #deaf: (() => void) | undefined;
  #early: {
    code: ErrorCode;
    subject: string;
    severity: Severity;
    sinceUs: number;
    context: Record<string, unknown>;
  }[] = [];
  #issuing: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: NoticeDeskOptions) {
    this.#options = options;
    this.#plan = options.plan;
  }

  readonly start = firstPromise(async () => {
    const { dataFolder, problems, clock, log } = this.#options;
    const { document, fault } = await Outbox.open(dataFolder);
    if (fault) log('notices.file-unusable', { reason: fault.message });
    const folding = new Folding(this.#times(), document.told, clock.monoUs());
    this.#folding = folding;
    this.#outbox = new Outbox(dataFolder, document, () => ({
      told: folding.told(),
      moments: folding.pendingMoments().slice(0, MAX_MOMENTS),
    }));
    for (const moment of document.moments) folding.happened(moment, clock.monoUs());
    for (const problem of problems.list()) folding.problem('raised', problem, clock.monoUs());
    for (const thing of this.#early.splice(0)) folding.happened(thing, clock.monoUs());
    this.#deaf = problems.listen((event, problem) => {
      folding.problem(event, problem, clock.monoUs());
      this.#schedule();
    });
    this.#openChannels();
    this.#schedule();
  });

  readonly stop = firstPromise(async () => {
    this.#stopped = true;
    this.#deaf?.();
    clearTimeout(this.#timer);
    await this.#issuing;
    await Promise.all([...this.#couriers.values()].map((courier) => courier.stop()));
    await Promise.all(this.#leaving);
    await this.#keep(() => this.#outbox?.save());
  });

  happened(code: ErrorCode, subject: string, severity: Severity, context: Record<string, unknown> = {}): void {
    const { clock } = this.#options;
    const thing = { code, subject, severity, sinceUs: clock.wallUs(), context: new BoxError(code, context).context };
    if (!this.#folding) {
      if (this.#early.length < MAX_MOMENTS) this.#early.push(thing);
      return;
    }
    this.#folding.happened(thing, clock.monoUs());
    this.#schedule();
    void this.#keep(() => this.#outbox?.save());
  }

  /** Puts changed settings in force; channels that did not change are left alone. */
  apply(plan: NoticePlan): void {
    this.#plan = plan;
    if (!this.#folding || this.#stopped) return;
    this.#folding.setTimes(this.#times());
    this.#openChannels();
    this.#schedule();
  }

  report(limit: number): NoticeReport {
    const outbox = this.#outbox;
    if (!outbox) return { channels: [], dropped: 0, notices: [] };
    const channels = [...this.#couriers.values()].map(({ channel, failures, lastError, deliveredAtUs }) => ({
      id: channel.id,
      target: channel.target,
      minSeverity: channel.minSeverity,
      waiting: outbox.waiting(channel.id).length,
      failures,
      error: lastError,
      deliveredAtUs,
    }));
    const newest = outbox.notices.slice(-limit).toReversed();
    const notices = newest.map((notice) => ({
      ...notice,
      title: messageOf(notice, ALL_EYES, this.#plan.wording).title,
    }));
    return { channels, dropped: outbox.dropped, notices };
  }

  /** Sends a test notice past the queue. Rejects with notices.no-such-channel, or with what went wrong. */
  async test(channel: string): Promise<void> {
    await sendTest(this.#plan, channel, this.#options);
  }

  #times(): FoldingTimes {
    const { gatherMs = GATHER_MS, graceMs = GRACE_MS } = this.#options;
    return { quietUs: this.#plan.notices.quietS * 1e6, gatherUs: gatherMs * 1000, graceUs: graceMs * 1000 };
  }

  #openChannels(): void {
    const { problems, clock, log, retryMs = RETRY_MS } = this.#options;
    const outbox = this.#outbox!;
    const channels = channelsOf(this.#plan, this.#options.ownPorts);
    for (const [id, courier] of this.#couriers) {
      if (channels.some((channel) => channel.id === id && channel.key === courier.channel.key)) continue;
      this.#couriers.delete(id);
      problems.clear('notices.undelivered', `channel/${id}`);
      const leaving = courier.stop().finally(() => this.#leaving.delete(leaving));
      this.#leaving.add(leaving);
    }
    for (const channel of channels) {
      if (this.#couriers.has(channel.id)) continue;
      const courier = new Courier(channel, {
        outbox,
        problems,
        clock,
        retryMs,
        timeZone: () => this.#plan.wording.timeZone,
        words: (notice, to) => messageOf(notice, to, this.#plan.wording),
        log,
      });
      this.#couriers.set(channel.id, courier);
      // A predecessor may still be sending with the old settings.
      void Promise.all(this.#leaving).then(() => this.#stopped || courier.start());
    }
    this.#cancelOrphans();
  }

  /** What waits for channels that are no more. */
  #cancelOrphans(): void {
    const outbox = this.#outbox!;
    for (const { id, deliveries } of outbox.notices) {
      for (const { channel, state } of deliveries) {
        if (state !== 'waiting' || this.#couriers.has(channel)) continue;
        outbox.update(id, channel, { state: 'cancelled', doneUs: this.#options.clock.wallUs() });
      }
    }
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const dueUs = this.#folding!.dueUs();
    if (dueUs === undefined || this.#stopped) return;
    const waitMs = Math.max(0, Math.ceil((dueUs - this.#options.clock.monoUs()) / 1000));
    this.#timer = setTimeout(() => {
      this.#issuing = this.#issuing
        .then(() => this.#issue())
        // Recording goes on, whatever is wrong here.
        .catch((error: unknown) => this.#options.log('notices.failed', { error }));
    }, waitMs);
    this.#timer.unref();
  }

  /** Makes a notice of what is due. It is on the disk before anybody tries to send it. */
  async #issue(): Promise<void> {
    if (this.#stopped) return;
    const folded = this.#folding!.take(this.#options.clock.monoUs());
    this.#schedule();
    if (!folded) return;
    const couriers = [...this.#couriers.values()].filter(({ channel }) => itemsFor(folded.items, channel).length > 0);
    await this.#add('problems', folded.items, folded.more, couriers);
    for (const courier of couriers) await this.#summarise(courier);
    for (const courier of couriers) courier.wake();
  }

  async #add(
    kind: Notice['kind'],
    items: readonly NoticeItem[],
    more: number,
    couriers: readonly Courier[],
  ): Promise<void> {
    const deliveries = couriers.map(({ channel }) => ({ channel: channel.id, state: 'waiting' as const, attempts: 0 }));
    const notice: Notice = { id: randomUUID(), atUs: this.#options.clock.wallUs(), kind, items, more, deliveries };
    await this.#keep(() => this.#outbox!.add(notice));
  }

  /** Where a server has been away for long, its receiver gets one notice instead of many. */
  async #summarise(courier: Courier): Promise<void> {
    const outbox = this.#outbox!;
    const { id } = courier.channel;
    const untried = outbox
      .waiting(id)
      .filter(({ deliveries }) => deliveries.some(({ channel, attempts }) => channel === id && attempts === 0));
    if (untried.length < SUMMARY_AT) return;
    const { items, more } = summaryOf(untried);
    for (const notice of untried) {
      outbox.update(notice.id, id, { state: 'summarised', doneUs: this.#options.clock.wallUs() });
    }
    await this.#add('summary', items, more, [courier]);
  }

  async #keep(write: () => Promise<void> | undefined): Promise<void> {
    const { problems } = this.#options;
    try {
      await write();
      problems.clear('notices.not-kept', 'box');
    } catch (error) {
      problems.raise('notices.not-kept', 'box', 'warning', { reason: asBoxError(error, 'notices.not-kept').message });
    }
  }
}

/** Sends a test notice, also from a stopped box. Rejects with notices.no-such-channel, or with what went wrong. */
export async function sendTest(
  plan: NoticePlan,
  channel: string,
  { ownPorts, clock }: Pick<NoticeDeskOptions, 'ownPorts' | 'clock'>,
): Promise<void> {
  const found = channelsOf(plan, ownPorts).find(({ id }) => id === channel);
  if (!found) throw new BoxError('notices.no-such-channel', { channel });
  const notice: Notice = { id: randomUUID(), atUs: clock.wallUs(), kind: 'test', items: [], more: 0, deliveries: [] };
  await found.send(messageOf(notice, found, plan.wording), new AbortController().signal);
}

function channelsOf({ notices, wording }: NoticePlan, ownPorts: () => readonly number[]): Channel[] {
  const guard = new AddressGuard({ allowNetworks: notices.allowNetworks, ownPorts });
  const webhooks = notices.webhooks.map((webhook) => new WebhookChannel(webhook, guard));
  return notices.email.host === '' ? webhooks : [new EmailChannel(notices.email, wording.box.name, guard), ...webhooks];
}

/** The last word about each thing, the gravest first. */
function summaryOf(notices: readonly Notice[]): { items: NoticeItem[]; more: number } {
  const last = new Map<string, NoticeItem>();
  for (const item of notices.flatMap(({ items }) => items)) {
    const key = `${item.code} ${item.subject}`;
    const times = (last.get(key)?.times ?? 0) + item.times;
    last.set(key, { ...item, times });
  }
  const items = [...last.values()].sort(byGravity);
  const unnamed = notices.reduce((sum, { more }) => sum + more, 0);
  return { items: items.slice(0, SUMMARY_ITEMS), more: unnamed + Math.max(0, items.length - SUMMARY_ITEMS) };
}
