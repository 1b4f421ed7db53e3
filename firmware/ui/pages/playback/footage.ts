import { signal } from '@preact/signals';
import { ask, boxNow, BoxFault } from '../../box/client.ts';
import { may } from '../../box/session.ts';

/** Times in ms since 1970. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Lane {
  /** What is recorded; `share` below 1 where only the sum of a day is known. */
  readonly recorded: readonly (Span & { readonly share: number })[];
  readonly gaps: readonly (Span & { readonly reason: string })[];
}

export interface LockSpan extends Span {
  readonly camera: string;
  readonly reason: string;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Up to this length single recordings are shown; over it, the sums of days. */
const MOST_DETAIL = 3 * DAY;
const STALE_MS = 10_000;
/** Pauses that nobody sees: one file after the other. */
const JOINS_MS = 1500;
const MOST_KEPT = 200;

interface Kept {
  readonly lane: Lane;
  readonly askedMs: number;
}

/** What is known of recordings, by camera and span; asked for when it is looked at, and again while it grows. */
export class Footage {
  /** Counts up whenever there is more to be drawn. */
  readonly version = signal(0);
  locks: readonly LockSpan[] = [];
  readonly #kept = new Map<string, Kept>();
  readonly #asking = new Set<string>();

  /** What is known now of a span; the rest is asked for. */
  lane(camera: string, span: Span): Lane {
    const unit = span.to - span.from > MOST_DETAIL ? 400 * DAY : span.to - span.from > 4 * HOUR ? DAY : HOUR * 2;
    const recorded: Lane['recorded'][number][] = [];
    const gaps: Lane['gaps'][number][] = [];
    for (let at = Math.floor(span.from / unit) * unit; at < span.to; at += unit) {
      const found = this.#piece(camera, { from: at, to: at + unit });
      if (!found) continue;
      recorded.push(...found.recorded);
      gaps.push(...found.gaps);
    }
    return { recorded, gaps };
  }

  /** Recorded seconds by UTC day. */
  days(camera: string, span: Span): Map<string, number> {
    const lane = this.lane(camera, { from: span.from, to: Math.max(span.to, span.from + MOST_DETAIL + 1) });
    return new Map(
      lane.recorded.map(({ from, share }) => [new Date(from).toISOString().slice(0, 10), share * (DAY / 1000)]),
    );
  }

  async lookForLocks(): Promise<void> {
    if (!may('lock')) return;
    const found = await ask('locks.list');
    this.locks = found.map(({ camera, from, to, reason }) => {
      return { camera, from: Date.parse(from), to: Date.parse(to), reason };
    });
    this.version.value++;
  }

  #piece(camera: string, span: Span): Lane | undefined {
    if (span.from > boxNow()) return undefined;
    const key = `${camera} ${span.from} ${span.to}`;
    const kept = this.#kept.get(key);
    const grows = span.to > boxNow() - 120_000;
    const isOld = !kept || (grows && performance.now() - kept.askedMs > STALE_MS);
    if (isOld && !this.#asking.has(key)) void this.#ask(key, camera, span);
    return kept?.lane;
  }

  async #ask(key: string, camera: string, span: Span): Promise<void> {
    this.#asking.add(key);
    const range = { camera, from: new Date(span.from).toISOString(), to: new Date(span.to).toISOString() };
    try {
      const lane = span.to - span.from > MOST_DETAIL ? await daysOf(range) : await detailOf(range);
      this.#kept.set(key, { lane, askedMs: performance.now() });
    } catch (error) {
      if (!(error instanceof BoxFault)) throw error;
      // A box that does not answer is asked again when it is looked at again.
      this.#kept.set(key, { lane: this.#kept.get(key)?.lane ?? { recorded: [], gaps: [] }, askedMs: 0 });
    } finally {
      this.#asking.delete(key);
    }
    const oldest = this.#kept.keys().next();
    if (this.#kept.size > MOST_KEPT && oldest.value !== undefined) this.#kept.delete(oldest.value);
    this.version.value++;
  }
}

interface Range {
  readonly camera: string;
  readonly from: string;
  readonly to: string;
}

async function daysOf(range: Range): Promise<Lane> {
  const days = await ask('coverage.days', range);
  const recorded = days.map(({ day, seconds }) => {
    const from = Date.parse(`${day}T00:00:00Z`);
    return { from, to: from + DAY, share: Math.min(1, (seconds * 1000) / DAY) };
  });
  return { recorded, gaps: [] };
}

async function detailOf(range: Range): Promise<Lane> {
  const [segments, gaps] = await Promise.all([ask('segments.list', range), ask('gaps.list', range)]);
  return {
    recorded: joined(segments.map(({ startUs, endUs }) => ({ from: startUs / 1000, to: endUs / 1000 }))),
    gaps: gaps.map(({ start, end, reason }) => ({ from: Date.parse(start), to: Date.parse(end), reason })),
  };
}

function joined(spans: readonly Span[]): Lane['recorded'] {
  const all: { from: number; to: number; share: number }[] = [];
  for (const { from, to } of spans.toSorted((one, other) => one.from - other.from)) {
    const last = all.at(-1);
    if (last && from - last.to < JOINS_MS) last.to = Math.max(last.to, to);
    else all.push({ from, to, share: 1 });
  }
  return all;
}
