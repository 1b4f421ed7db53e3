import { buildReceiverReport, type SenderReport } from './rtcp.ts';
import { SequenceSpace } from './sequence.ts';

/** A deviation of this size is a jump of the time stamps and no jitter. */
const JUMP_US = 10e6;

/** What a receiver knows and reports about one source: losses, jitter, the last sender report (RFC 3550 section 6.4). */
export class Reception {
  readonly sequence: SequenceSpace;
  readonly #ownSsrc: number;
  readonly #cname: string;
  readonly #ticksPerUs: number;
  #ssrc = -1;
  #jitter = 0;
  #transit = Number.NaN;
  #timestamp = 0;
  #lastReport = 0;
  #lastReportUs = 0;

  constructor(options: { clockRate: number; cautious: boolean; ownSsrc: number; cname: string }) {
    this.sequence = new SequenceSpace({ cautious: options.cautious });
    this.#ownSsrc = options.ownSsrc;
    this.#cname = options.cname;
    this.#ticksPerUs = options.clockRate / 1e6;
  }

  /** The source's identifier, -1 before its first packet. */
  get ssrc(): number {
    return this.#ssrc;
  }

  /** Interarrival jitter in RTP ticks. */
  get jitter(): number {
    return this.#jitter;
  }

  /** Another source takes over the track: its numbers have nothing to do with those before. */
  changeSource(ssrc: number): void {
    this.#ssrc = ssrc;
    this.sequence.reset();
    this.#jitter = 0;
    this.#transit = Number.NaN;
    this.#lastReport = 0;
  }

  /** Jitter of RFC 3550 A.8, from the first packet of each time stamp: the others were sent later than their stamp says. */
  arrived(timestamp: number, arrivalUs: number): void {
    if (timestamp === this.#timestamp) return;
    const arrivalTicks = arrivalUs * this.#ticksPerUs;
    const step = (timestamp - this.#timestamp) | 0;
    this.#timestamp = timestamp;
    if (!Number.isNaN(this.#transit)) {
      const deviation = Math.abs(arrivalTicks - this.#transit - step);
      if (deviation < this.#ticksPerUs * JUMP_US) this.#jitter += (deviation - this.#jitter) / 16;
    }
    this.#transit = arrivalTicks;
  }

  reported(report: SenderReport, arrivalUs: number): void {
    this.#lastReport = (((report.ntpSeconds & 0xffff) << 16) | (report.ntpFraction >>> 16)) >>> 0;
    this.#lastReportUs = arrivalUs;
  }

  build(nowUs: number): Buffer {
    const head = { ownSsrc: this.#ownSsrc, cname: this.#cname };
    if (this.#ssrc < 0) return buildReceiverReport(head);
    const delay = this.#lastReport === 0 ? 0 : ((nowUs - this.#lastReportUs) * 65536) / 1e6;
    return buildReceiverReport({
      ...head,
      source: {
        ssrc: this.#ssrc,
        ...this.sequence.report(),
        jitter: this.#jitter,
        lastReport: this.#lastReport,
        delay,
      },
    });
  }
}
