import { firstPromise, type Part } from '../base/index.ts';
import type { Caller } from '../control/index.ts';
import { LIMITS } from './limits.ts';
import { LiveClient, type LiveSocket } from './live-client.ts';
import { CLOSED, TOPICS } from './live-messages.ts';
import { changesBetween, liveStateOf, noState, type LiveState } from './live-state.ts';
import type { WebPorts } from './ports.ts';

const TICK_MS = 1000;
/** Sessions that ended close their sockets within 5 s. */
const CHECK_EVERY = 2;
const BEAT_EVERY = 20;

type HubPorts = Pick<WebPorts, 'status' | 'jobs' | 'version' | 'log' | 'media' | 'left'> & {
  readonly accounts: Pick<WebPorts['accounts'], 'touch'>;
};

/**
 * Looks at the box once a second while anybody follows it, and tells every client what changed. The look is shared, so it costs
 * the same for one client as for two hundred.
 */
export class LiveHub implements Part {
  readonly name = 'live-hub';
  readonly #ports: HubPorts;
  readonly #clients = new Set<LiveClient>();
  #state: LiveState = noState();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #ticks = 0;

  constructor(ports: HubPorts) {
    this.#ports = ports;
  }

  readonly start = firstPromise(async () => {
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
  });

  readonly stop = firstPromise(async () => {
    clearInterval(this.#timer);
    for (const client of this.#clients) client.close(CLOSED.stopping);
    await this.#looking;
  });

  /** Undefined if there are too many already, of all or of this session; the socket is closed then. */
  add(caller: Caller, socket: LiveSocket): LiveClient | undefined {
    const same = [...this.#clients].filter((each) => isSame(each.caller, caller)).length;
    if (this.#clients.size >= LIMITS.liveClients || same >= LIMITS.liveClientsPerCaller) {
      socket.close(CLOSED.tooMany);
      return undefined;
    }
    const client = new LiveClient(caller, socket, {
      state: (topic) => this.#state[topic],
      media: (who, wire) => this.#ports.media.connect(who, wire),
      touch: (who) => this.#ports.accounts.touch(who),
    });
    this.#clients.add(client);
    client.greet(this.#ports.version, TOPICS);
    // What was known when nobody looked may be old.
    if (this.#clients.size === 1) this.#look();
    return client;
  }

  remove(client: LiveClient): void {
    client.ended();
    this.#ports.left(client.caller);
    this.#clients.delete(client);
    if (this.#clients.size === 0) this.#state = noState();
  }

  #tick(): void {
    this.#ticks++;
    if (this.#clients.size === 0) return;
    if (this.#ticks % CHECK_EVERY === 0) {
      for (const client of this.#clients) client.check(this.#ticks % BEAT_EVERY === 0);
    }
    this.#look();
  }

  /** One look at a time: a box that answers slowly is asked less often. */
  #look(): void {
    this.#looking ??= this.#renew().finally(() => {
      this.#looking = undefined;
    });
  }

  async #renew(): Promise<void> {
    try {
      const [status, jobs] = await Promise.all([this.#ports.status(), this.#ports.jobs.list()]);
      const now = liveStateOf(status, jobs);
      const changes = changesBetween(this.#state, now);
      this.#state = now;
      for (const client of this.#clients) client.tell(changes, performance.now());
    } catch (error) {
      // The record worker may be beginning anew; the next look tells.
      this.#ports.log('live.no-status', { err: error });
    }
  }
}

/** The same session or the same token. */
function isSame(one: Caller, other: Caller): boolean {
  return one.kind === other.kind && one.id === other.id;
}
