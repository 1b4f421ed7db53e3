import { randomBytes } from 'node:crypto';

/** So far the next picture stands behind the last one where the clock went back in between. */
const STEP_US = 40_000;

/**
 * Makes one timeline for a reader of what may be several sessions of the camera, each with a zero of its own: within a session
 * distances are exactly the camera's, and between two as long as the clock says.
 */
export class RtpTimeline {
  /** By the zero of a session, UTC microseconds. */
  #zeroUs = Number.NaN;
  #shiftUs = 0;
  #originUs: number | undefined;
  #lastUs = 0;

  /** Microseconds on this timeline of a time on that of a session; to be called for each part. */
  at(zeroUs: number, sessionUs: number): { readonly us: number; readonly shiftUs: number } {
    this.#originUs ??= zeroUs;
    if (zeroUs !== this.#zeroUs) {
      const wanted = zeroUs - this.#originUs;
      this.#shiftUs = Number.isNaN(this.#zeroUs) ? 0 : Math.max(wanted, this.#lastUs + STEP_US - sessionUs);
      this.#zeroUs = zeroUs;
    }
    const us = sessionUs + this.#shiftUs;
    this.#lastUs = Math.max(this.#lastUs, us);
    return { us, shiftUs: this.#shiftUs };
  }
}

/** Numbers and times of one track as one reader sees them; all begin at random (RFC 3550 section 5.1). */
export class TrackNumbers {
  readonly ssrc = randomBytes(4).readUInt32BE(0);
  readonly #firstTimestamp = randomBytes(4).readUInt32BE(0);
  readonly #rate: number;
  #sequence = randomBytes(2).readUInt16BE(0);
  #shiftTicks = 0;
  packets = 0;
  payloadBytes = 0;

  constructor(rate: number) {
    this.#rate = rate;
  }

  /** Of the next packet. */
  get sequence(): number {
    return this.#sequence & 0xffff;
  }

  shift(us: number): void {
    this.#shiftTicks = Math.round((us * this.#rate) / 1e6);
  }

  readonly timestamp = (ticks: number): number => ((this.#firstTimestamp + ticks + this.#shiftTicks) % 2 ** 32) >>> 0;

  /** That of some time after a tick. */
  timestampAfter(ticks: number, us: number): number {
    return this.timestamp(ticks + Math.round((us * this.#rate) / 1e6));
  }

  sent(packets: number, payloadBytes: number): void {
    this.#sequence += packets;
    this.packets += packets;
    this.payloadBytes += payloadBytes;
  }
}
