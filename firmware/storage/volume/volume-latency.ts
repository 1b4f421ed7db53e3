import { Histogram, type Reading } from '../../telemetry/index.ts';

/** Upper ends in milliseconds: a flash disk writes in fractions of one, a disk that spins up takes seconds. */
const BOUNDS_MS = [0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 250, 500, 1000, 2000, 4000, 8000, 15000, 30000];

export interface LatencySummary {
  readonly count: number;
  readonly meanMs: number;
  /** Upper end of the range that holds the 99th percentile; `maxMs` if that is the last one. */
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Operations since the volume was opened, by how long they took: `buckets[i]` took at most `bounds[i]` ms. */
  readonly bounds: readonly number[];
  readonly buckets: readonly number[];
}

/** How long one kind of disk operation takes. */
export class Latency {
  readonly #histogram = new Histogram(BOUNDS_MS);
  #maxMs = 0;

  observe(ms: number): void {
    this.#histogram.observe(ms);
    if (ms > this.#maxMs) this.#maxMs = ms;
  }

  read(): Reading {
    return this.#histogram.read();
  }

  summary(): LatencySummary {
    const reading = this.#histogram.read();
    if (reading.kind !== 'histogram' || reading.count === 0) {
      return { count: 0, meanMs: 0, p99Ms: 0, maxMs: 0, bounds: BOUNDS_MS, buckets: BOUNDS_MS.map(() => 0) };
    }
    const wanted = Math.ceil(reading.count * 0.99);
    let seen = 0;
    const at = reading.buckets.findIndex((count) => (seen += count) >= wanted);
    const bound = at < 0 ? this.#maxMs : reading.bounds[at]!;
    return {
      count: reading.count,
      meanMs: reading.sum / reading.count,
      p99Ms: Math.min(bound, this.#maxMs),
      maxMs: this.#maxMs,
      bounds: reading.bounds,
      buckets: reading.buckets,
    };
  }
}
