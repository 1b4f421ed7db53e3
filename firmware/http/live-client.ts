import { EVERY_CAMERA, seesCamera } from '../accounts/index.ts';
import { jobView, type Caller, type MediaSession, type MediaWire } from '../control/index.ts';
import { systemClock } from '../base/index.ts';
import { LIMITS } from './limits.ts';
import { ClientMessage, CLOSED, type BoxMessage, type Topic } from './live-messages.ts';
import { objectText, type Change, type Item, type Items } from './live-state.ts';

/** The WebSocket, as far as it is needed. */
export interface LiveSocket {
  readonly bufferedAmount: number;
  send(text: string): void;
  /** Part of a message; the last one has `fin`. */
  send(bytes: Uint8Array, options: { binary: true; fin: boolean }, sent?: () => void): void;
  ping(): void;
  close(code: number): void;
  terminate(): void;
}

export interface LiveClientParts {
  readonly state: (topic: Topic) => Items;
  readonly media: (caller: Caller, wire: MediaWire) => MediaSession;
  /** Whoever watches is there, though nothing is asked meanwhile. */
  readonly touch: (caller: Caller) => void;
}

/**
 * One browser that follows the box. What it has not taken yet is bounded: beyond the limit it gets nothing more, and when it has
 * caught up it gets the state as it is then, not the history that it missed. One that stays behind is closed.
 */
export class LiveClient {
  readonly caller: Caller;
  readonly #socket: LiveSocket;
  readonly #state: (topic: Topic) => Items;
  readonly #topics = new Set<Topic>();
  readonly #missed = new Set<Topic>();
  readonly #media: MediaSession;
  readonly #touch: (caller: Caller) => void;
  /** Of pictures that are on their way: they have limits of their own. */
  #mediaBytes = 0;
  #seq = 0;
  #behindSinceMs: number | undefined;
  #answered = true;
  #heard = { sinceMs: 0, count: 0 };

  constructor(caller: Caller, socket: LiveSocket, parts: LiveClientParts) {
    this.caller = caller;
    this.#socket = socket;
    this.#state = parts.state;
    this.#touch = parts.touch;
    this.#media = parts.media(caller, this.#wire());
  }

  greet(version: string, topics: readonly Topic[]): void {
    this.#send({ type: 'hello', protocol: 1, version, topics: [...topics] });
  }

  /** The client has sent something. False, and the connection is gone, if that is more than anybody has to say. */
  hears(nowMs: number): boolean {
    if (nowMs - this.#heard.sinceMs > LIMITS.rateWindowMs) this.#heard = { sinceMs: nowMs, count: 0 };
    if (++this.#heard.count <= LIMITS.liveMessages) return true;
    // A goodbye would wait behind what this client does not take.
    this.#socket.terminate();
    return false;
  }

  /** A text message of the client. */
  receive(text: string): void {
    const parsed = ClientMessage.safeParse(parseJson(text));
    if (!parsed.success) {
      this.#send({ type: 'error', code: 'control.bad-input', detail: 'see docs/asyncapi.json' });
      this.#socket.close(CLOSED.notUnderstood);
      return;
    }
    const message = parsed.data;
    if (message.type === 'ping') {
      this.#send({ type: 'pong', ...(message.id !== undefined && { id: message.id }), atUs: systemClock.wallUs() });
      return;
    }
    if (message.type !== 'subscribe' && message.type !== 'unsubscribe') {
      this.#media.receive(message);
      return;
    }
    for (const topic of message.topics) {
      if (message.type === 'unsubscribe') this.#topics.delete(topic);
      else if (!this.#topics.has(topic)) this.#follow(topic);
    }
  }

  /** What has changed, and, for a client that was behind, what it missed. */
  tell(changes: ReadonlyMap<Topic, Change>, nowMs: number): void {
    if (this.#isBehind(nowMs)) {
      for (const topic of changes.keys()) this.#miss(topic);
      return;
    }
    for (const topic of this.#missed) this.#snapshot(topic);
    for (const [topic, change] of changes) {
      if (this.#topics.has(topic) && !this.#missed.has(topic)) this.#delta(topic, change);
    }
    this.#missed.clear();
  }

  /** Closes what nobody may follow any more or nobody is there for. Called every few seconds. */
  check(beat: boolean): void {
    if (!this.caller.signedIn) {
      this.#socket.close(CLOSED.signedOut);
      return;
    }
    this.#media.check();
    if (!beat) return;
    if (this.#media.isWatching) this.#touch(this.caller);
    if (!this.#answered) {
      this.#socket.terminate();
      return;
    }
    this.#answered = false;
    this.#socket.ping();
  }

  answered(): void {
    this.#answered = true;
  }

  close(code: number): void {
    this.#socket.close(code);
  }

  /** The connection is gone. */
  ended(): void {
    this.#media.end();
  }

  #wire(): MediaWire {
    const socket = this.#socket;
    const backlog = (): number => socket.bufferedAmount;
    return {
      get backlogBytes() {
        return backlog();
      },
      text: (message) => this.#send(message),
      binary: (header, payload, sent) => {
        const bytes = header.length + payload.length;
        this.#mediaBytes += bytes;
        // Two frames of one message: the payload is shared by many viewers and copied for none.
        socket.send(header, { binary: true, fin: false });
        socket.send(payload, { binary: true, fin: true }, () => {
          this.#mediaBytes -= bytes;
          sent();
        });
      },
    };
  }

  get #backlogBytes(): number {
    return this.#socket.bufferedAmount - this.#mediaBytes;
  }

  #follow(topic: Topic): void {
    this.#topics.add(topic);
    if (this.#backlogBytes > LIMITS.liveBacklogBytes) this.#missed.add(topic);
    else this.#snapshot(topic);
  }

  #miss(topic: Topic): void {
    if (this.#topics.has(topic)) this.#missed.add(topic);
  }

  #isBehind(nowMs: number): boolean {
    if (this.#backlogBytes <= LIMITS.liveBacklogBytes) {
      this.#behindSinceMs = undefined;
      return false;
    }
    this.#behindSinceMs ??= nowMs;
    if (nowMs - this.#behindSinceMs > LIMITS.liveBehindMs) this.#socket.terminate();
    return true;
  }

  #snapshot(topic: Topic): void {
    const items = this.#textOf([...this.#state(topic)].filter(([, item]) => this.#sees(item)));
    this.#socket.send(`{"type":"snapshot","topic":"${topic}","seq":${++this.#seq},"items":${items}}`);
  }

  #delta(topic: Topic, change: Change): void {
    const set = [...change.set].filter(([, item]) => this.#sees(item));
    const gone = [...change.gone].filter(([, item]) => this.#sees(item)).map(([key]) => key);
    if (set.length === 0 && gone.length === 0) return;
    const [setText, goneText] = [this.#textOf(set), JSON.stringify(gone)];
    this.#socket.send(`{"type":"delta","topic":"${topic}","seq":${++this.#seq},"set":${setText},"gone":${goneText}}`);
  }

  /** An object of the items, each as far as the client may know it. */
  #textOf(items: readonly (readonly [string, Item])[]): string {
    const seesAll = seesCamera(this.caller, EVERY_CAMERA);
    const isWhole = ({ job }: Item): boolean => (job ? jobView(job, this.caller) === 'whole' : seesAll);
    return objectText(items, isWhole);
  }

  #sees({ camera, job }: Item): boolean {
    if (job) return jobView(job, this.caller) !== 'nothing';
    return this.caller.may('state') && (camera === undefined || seesCamera(this.caller, camera));
  }

  #send(message: BoxMessage): void {
    this.#socket.send(JSON.stringify(message));
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
