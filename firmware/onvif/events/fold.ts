import type { MessageReply } from '../replies/event-replies.ts';
import type { CameraEvent } from '../types.ts';
import { meaningOf, type Meaning } from './meaning.ts';

interface Group {
  readonly meaning: Meaning;
  /** What each topic of the group said last. */
  readonly topics: Map<string, boolean>;
  active: boolean;
  heardUs: number;
}

const MAX_GROUPS = 512;
/** The end of a motion that is never told is assumed after so long without a word of it. */
const STUCK_US = 5 * 60e6;

/**
 * Makes events of messages. Cameras repeat what has not changed, replay all states after every subscription, tell one motion
 * under two topics, and forget to tell its end; out of here comes each beginning and each end once for every source.
 */
export class EventFold {
  readonly #groups = new Map<string, Group>();

  /** `nowMs`: time of the box; `offsetMs`: camera minus box. */
  take(message: MessageReply, now: { ms: number; monoUs: number; offsetMs: number }): CameraEvent | undefined {
    const meaning = meaningOf(message);
    if (!meaning) return undefined;
    const initial = /^init/i.test(message.operation ?? '');
    const event = {
      ...meaning,
      initial,
      atMs: boxTime(message.utcMs, now),
      items: [...message.source, ...message.data],
    };
    if (meaning.active === undefined) return event;
    const active = this.#learn(meaning, meaning.active, now.monoUs, initial);
    return active === undefined ? undefined : { ...event, active };
  }

  /** Ends that are assumed, because a beginning was long ago. */
  stuck(now: { ms: number; monoUs: number }): CameraEvent[] {
    const ended = [...this.#groups.values()].filter(
      ({ meaning, active, heardUs }) =>
        active && (meaning.kind === 'motion' || meaning.kind === 'analytics') && now.monoUs - heardUs > STUCK_US,
    );
    return ended.map((group) => {
      group.active = false;
      group.topics.clear();
      return { ...group.meaning, active: false, initial: false, atMs: now.ms, items: [] };
    });
  }

  /** The state of the group if this changed it, or if nothing was known of it. */
  #learn(meaning: Meaning, active: boolean, monoUs: number, initial: boolean): boolean | undefined {
    const { kind, topic, detail = '', source } = meaning;
    const key = JSON.stringify(kind === 'other' ? [kind, topic, source] : [kind, detail, source]);
    const known = this.#groups.get(key);
    if (!known) {
      if (this.#groups.size >= MAX_GROUPS) this.#groups.delete(this.#groups.keys().next().value!);
      this.#groups.set(key, { meaning, topics: new Map([[topic, active]]), active, heardUs: monoUs });
      // An end whose beginning nobody saw says nothing, unless it is the state at the start.
      return active || initial ? active : undefined;
    }
    known.heardUs = monoUs;
    known.topics.set(topic, active);
    const together = [...known.topics.values()].some(Boolean);
    if (together === known.active) return undefined;
    known.active = together;
    return together;
  }
}

const DAY_MS = 86_400_000;

/** The camera's word for when, in the time of the box; its clock may be years off in spite of all. */
function boxTime(utcMs: number | undefined, now: { ms: number; offsetMs: number }): number {
  const at = utcMs === undefined ? now.ms : utcMs - now.offsetMs;
  return Math.abs(at - now.ms) > DAY_MS ? now.ms : Math.min(at, now.ms);
}
