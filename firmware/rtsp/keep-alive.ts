export type KeepAliveMethod = 'GET_PARAMETER' | 'OPTIONS' | 'SET_PARAMETER';

const REFUSALS = new Set([405, 454, 501, 551]);
const MAX_INTERVAL_S = 30;
const MIN_INTERVAL_S = 1;

/**
 * Which request keeps a session alive, and how often. Cameras differ in what they count: the one they offer is tried first,
 * and a refusal moves on to the next. A failed keep-alive is never an error by itself: media tells whether the session lives.
 */
export class KeepAlive {
  readonly #methods: readonly KeepAliveMethod[];
  readonly #fixedMs: number | undefined;
  #at = 0;

  /** `offered`: the methods of the Public header, empty if unknown. `intervalMs` overrides what follows from the session. */
  constructor(offered: ReadonlySet<string>, intervalMs?: number) {
    const first: KeepAliveMethod[] = offered.has('GET_PARAMETER') ? ['GET_PARAMETER', 'OPTIONS'] : ['OPTIONS'];
    const last: KeepAliveMethod[] = offered.has('SET_PARAMETER') ? ['SET_PARAMETER'] : [];
    this.#methods = [
      ...first,
      ...last,
      ...(first.length === 1 && offered.size === 0 ? ['GET_PARAMETER' as const] : []),
    ];
    this.#fixedMs = intervalMs;
  }

  get method(): KeepAliveMethod {
    return this.#methods[this.#at]!;
  }

  /** Takes the status of an answer; after the last method the first one comes again. */
  answered(status: number): void {
    if (REFUSALS.has(status)) this.#at = (this.#at + 1) % this.#methods.length;
  }

  /** A little earlier than half the session's time-out. */
  intervalMs(sessionTimeoutS: number): number {
    if (this.#fixedMs !== undefined) return this.#fixedMs;
    return Math.max(MIN_INTERVAL_S, Math.min(MAX_INTERVAL_S, sessionTimeoutS * 0.45)) * 1000;
  }
}
