/** Rates at which G.711 is sent. */
const RATES = [8000, 16000, 32000, 48000];
const WINDOW_US = 5e6;
/** Arrival over a window is known about this well. */
const TOLERANCE = 0.15;
const WINDOWS_TO_AGREE = 2;

/** Tells the sampling rate of audio with one byte per sample from how fast its bytes arrive. */
export class ByteRate {
  #beganUs = Number.NaN;
  #bytes = 0;
  #candidate = 0;
  #agreed = 0;

  /** Counts a packet; `lost`: packets before it are missing. The rate, once windows without loss agree about it, else undefined. */
  count(bytes: number, arrivalUs: number, lost: boolean): number | undefined {
    if (lost || Number.isNaN(this.#beganUs)) {
      this.#restart(arrivalUs, bytes);
      return undefined;
    }
    const elapsedUs = arrivalUs - this.#beganUs;
    if (elapsedUs < WINDOW_US) {
      this.#bytes += bytes;
      return undefined;
    }
    const measured = (this.#bytes * 1e6) / elapsedUs;
    const rate = RATES.find((one) => Math.abs(measured / one - 1) <= TOLERANCE) ?? 0;
    this.#agreed = rate === this.#candidate ? this.#agreed + 1 : 1;
    this.#candidate = rate;
    this.#restart(arrivalUs, bytes);
    return rate > 0 && this.#agreed >= WINDOWS_TO_AGREE ? rate : undefined;
  }

  #restart(arrivalUs: number, bytes: number): void {
    this.#beganUs = arrivalUs;
    this.#bytes = bytes;
  }
}
