/** What a session sent of one track, picture by picture, so that a recording can be checked against it. */
export class Ledger {
  /** Ordinals that left whole, as closed ranges in sending order. */
  readonly ranges: [first: number, last: number][] = [];
  /** Ordinals of which a part was withheld (loss), and which did not leave at all. */
  readonly damaged: number[] = [];
  readonly skipped: number[] = [];
  frames = 0;
  keyFrames = 0;
  /** Bytes of NAL units or audio frames, and of RTP packets. */
  mediaBytes = 0;
  rtpBytes = 0;
  packets = 0;

  sent(ordinal: number, mediaBytes: number, key: boolean): void {
    const last = this.ranges.at(-1);
    if (last && last[1] === ordinal - 1) last[1] = ordinal;
    else this.ranges.push([ordinal, ordinal]);
    this.frames++;
    this.mediaBytes += mediaBytes;
    if (key) this.keyFrames++;
  }

  /** The figures, for a report. */
  summary(): Record<string, unknown> {
    const { ranges, damaged, skipped, frames, keyFrames, mediaBytes, rtpBytes, packets } = this;
    return { ranges, damaged, skipped, frames, keyFrames, mediaBytes, rtpBytes, packets };
  }

  /** All whole ordinals, one by one. */
  get ordinals(): number[] {
    return this.ranges.flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, index) => first + index),
    );
  }
}
