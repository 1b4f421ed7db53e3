/** How fast a volume is written to: lately, and at most within a day. Times are monotonic milliseconds. */

export interface WriteRateFigures {
  /** Mean of the last ten minutes. */
  bytesPerS: number;
  /** The fastest minute of the last day; that of the time so far while no minute is over. */
  peakBytesPerS: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3600_000;
const RECENT_MINUTES = 10;
const PEAK_HOURS = 24;
/** Less time than this says nothing about a rate. */
const LEAST_MS = 4000;

/** Measures the rate from a counter that only grows; a smaller figure means that counting began anew. */
export class WriteRate {
  readonly #minutes: number[] = [];
  readonly #hours: { hour: number; peak: number }[] = [];
  #last: { bytes: number; atMs: number } | undefined;
  #minuteBytes = 0;
  #minuteMs = 0;

  observe(totalBytes: number, nowMs: number): void {
    const last = this.#last;
    this.#last = { bytes: totalBytes, atMs: nowMs };
    if (!last || nowMs <= last.atMs) return;
    this.#minuteBytes += totalBytes >= last.bytes ? totalBytes - last.bytes : totalBytes;
    this.#minuteMs += nowMs - last.atMs;
    if (this.#minuteMs < MINUTE_MS) return;
    this.#endMinute((this.#minuteBytes * 1000) / this.#minuteMs, Math.floor(nowMs / HOUR_MS));
    this.#minuteBytes = 0;
    this.#minuteMs = 0;
  }

  get figures(): WriteRateFigures {
    const current = this.#minuteMs >= LEAST_MS ? (this.#minuteBytes * 1000) / this.#minuteMs : 0;
    if (this.#minutes.length === 0) return { bytesPerS: current, peakBytesPerS: current };
    const bytesPerS = this.#minutes.reduce((sum, each) => sum + each, 0) / this.#minutes.length;
    return { bytesPerS, peakBytesPerS: Math.max(...this.#hours.map(({ peak }) => peak)) };
  }

  #endMinute(bytesPerS: number, hour: number): void {
    this.#minutes.push(bytesPerS);
    if (this.#minutes.length > RECENT_MINUTES) this.#minutes.shift();
    const newest = this.#hours.at(-1);
    if (newest?.hour === hour) newest.peak = Math.max(newest.peak, bytesPerS);
    else this.#hours.push({ hour, peak: bytesPerS });
    while (this.#hours[0]!.hour <= hour - PEAK_HOURS) this.#hours.shift();
  }
}
