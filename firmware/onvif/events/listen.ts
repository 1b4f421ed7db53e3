import { asBoxError, Backoff, BoxError } from '../../base/index.ts';
import type { CameraSession } from '../session.ts';
import type { EventSink } from '../types.ts';
import { EventFold } from './fold.ts';
import { Subscription } from './subscription.ts';

const HOLD_MS = 20_000;
/** Between answers of a camera that does not hold; more would be a flood of requests for nothing. */
const EMPTY_PAUSE_MS = 1_000;
/** However much a camera has to tell: it is heard in portions, and a storm costs no more than this many of them. */
const PACE_MS = 500;
/** A camera that does not know Renew is subscribed to anew when so much is left. */
const RENEW_LEFT = 0.4;
const LAST_MS = 3_000;
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 120_000;
/** Subscriptions that nobody ended are freed by their own end only. */
const BUSY_MS = 200_000;
const REFUSED_MS = 5 * 60_000;
const ABSENT_MS = 24 * 3_600_000;
const PULL_TRIES = 2;
const UNSUBSCRIBE_MS = 2_000;

/** Hears what one camera tells until the signal ends it; begins anew after every failure, and never rejects for one. */
export async function listen(session: CameraSession, sink: EventSink, signal: AbortSignal): Promise<void> {
  const listener = new Listener(session, sink);
  const backoff = new Backoff({ minMs: FIRST_RETRY_MS, maxMs: LONGEST_RETRY_MS });
  while (!signal.aborted) {
    sink.state({ state: 'connecting' });
    try {
      await listener.attempt(signal, () => backoff.reset());
    } catch (error) {
      if (signal.aborted) break;
      const failure = asBoxError(error, 'box.bug');
      const retryMs = pauseMs(failure, backoff);
      sink.state(retryMs === ABSENT_MS ? { state: 'absent' } : { state: 'waiting', code: failure.code, retryMs });
      await session.deps.clock.sleep(retryMs, signal).catch(() => undefined);
    }
  }
}

function pauseMs(failure: BoxError, backoff: Backoff): number {
  switch (failure.code) {
    case 'onvif.not-supported':
      return ABSENT_MS;
    case 'onvif.busy':
      return BUSY_MS;
    case 'onvif.unauthorized':
    case 'onvif.forbidden': {
      const { nextTryMs } = failure.context;
      return typeof nextTryMs === 'number' ? Math.max(1_000, nextTryMs) : REFUSED_MS;
    }
    default:
      return backoff.nextMs();
  }
}

class Listener {
  readonly #session: CameraSession;
  readonly #sink: EventSink;
  readonly #fold = new EventFold();
  /** Found out once: some know no Renew and answer it with a fault. */
  #knowsRenew = true;

  constructor(session: CameraSession, sink: EventSink) {
    this.#session = session;
    this.#sink = sink;
  }

  /** One subscription, from its creation to its end. Returns when it is to be followed by another at once. */
  async attempt(signal: AbortSignal, onListening: () => void): Promise<void> {
    const subscription = await Subscription.create(this.#session, signal);
    let unsubscribes = true;
    try {
      const renewMs = Math.max(LAST_MS, subscription.leftMs * RENEW_LEFT);
      this.#sink.state({ state: 'listening' });
      for (;;) {
        if (subscription.leftMs < renewMs && this.#knowsRenew) {
          await this.#renew(subscription, signal);
        }
        if (subscription.leftMs < LAST_MS) return;
        await this.#pull(subscription, this.#knowsRenew ? renewMs : LAST_MS, signal);
        onListening();
      }
    } catch (error) {
      // What the camera no longer knows needs no end, and one that is away cannot be told.
      unsubscribes = signal.aborted || !(error instanceof BoxError);
      throw error;
    } finally {
      if (unsubscribes) {
        const end = AbortSignal.timeout(UNSUBSCRIBE_MS);
        await subscription.unsubscribe(end).catch(() => undefined);
      }
    }
  }

  async #renew(subscription: Subscription, signal: AbortSignal): Promise<void> {
    try {
      await subscription.renew(signal);
    } catch (error) {
      const code = error instanceof BoxError ? error.code : undefined;
      if (code === 'onvif.not-supported' || code === 'onvif.refused') this.#knowsRenew = false;
      else if (code !== 'onvif.timeout' && code !== 'onvif.unreachable') throw error;
    }
  }

  /** Held no longer than until `spareMs` are left of the subscription. */
  async #pull(subscription: Subscription, spareMs: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#session.deps;
    const holdMs = Math.max(1_000, Math.min(HOLD_MS, subscription.leftMs - spareMs));
    const beganUs = clock.monoUs();
    const messages = await this.#pullAgain(subscription, holdMs, signal);
    for (const message of messages) {
      const event = this.#fold.take(message, this.#now());
      if (event) this.#sink.event(event);
    }
    for (const event of this.#fold.stuck(this.#now())) this.#sink.event(event);
    const tookMs = (clock.monoUs() - beganUs) / 1000;
    const leastMs = messages.length === 0 ? EMPTY_PAUSE_MS : PACE_MS;
    if (tookMs < leastMs) await clock.sleep(leastMs - tookMs, signal);
  }

  /** A lost packet is no reason to give a subscription up. */
  async #pullAgain(subscription: Subscription, holdMs: number, signal: AbortSignal): ReturnType<Subscription['pull']> {
    for (let tries = 1; ; tries++) {
      try {
        return await subscription.pull(holdMs, signal);
      } catch (error) {
        const isWire = error instanceof BoxError && ['onvif.unreachable', 'onvif.timeout'].includes(error.code);
        if (!isWire || tries >= PULL_TRIES) throw error;
        await this.#session.deps.clock.sleep(500, signal);
      }
    }
  }

  #now(): { ms: number; monoUs: number; offsetMs: number } {
    const { clock } = this.#session.deps;
    return { ms: Math.round(clock.wallUs() / 1000), monoUs: clock.monoUs(), offsetMs: this.#session.soap.offsetMs };
  }
}
