import { setTimeout as delay } from 'node:timers/promises';

/** Time as the box sees it. All values are whole microseconds held exactly in a number (safe until the year 2255). */
export interface Clock {
  /** UTC, microseconds since 1970. May step; never used to measure a length of time. */
  wallUs(): number;
  /** Monotonic microseconds since an arbitrary origin, the same origin in every thread of the process. */
  monoUs(): number;
  /** Resolves after the time, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  wallUs: () => Date.now() * 1000,
  monoUs: () => Number(process.hrtime.bigint() / 1000n),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, signal ? { signal } : undefined);
  },
};
