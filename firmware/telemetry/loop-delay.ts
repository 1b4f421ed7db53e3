import { monitorEventLoopDelay } from 'node:perf_hooks';

/** A timer of this period looks at the loop: rarely enough to cost nothing, often enough for a p99 within seconds. */
const SAMPLE_MS = 100;

/** How late this thread's event loop comes to its work. */
export class LoopDelay {
  readonly #histogram = monitorEventLoopDelay({ resolution: SAMPLE_MS });

  start(): void {
    this.#histogram.enable();
  }

  stop(): void {
    this.#histogram.disable();
  }

  /** The 99th percentile of the delay since the last call, without the sampling interval that the histogram counts in. */
  takeP99Ms(): number {
    const p99Ms = this.#histogram.percentile(99) / 1e6;
    this.#histogram.reset();
    return Math.max(0, p99Ms - SAMPLE_MS);
  }
}
