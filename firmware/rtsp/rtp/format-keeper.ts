import { nalType, VideoParameters, type VideoCodec, type VideoFormat } from '../../media/index.ts';

/** More changes of format than this within the time are flapping: the format stays, and the sets travel in the samples. */
const MOST_CHANGES = 4;
const WITHIN_US = 60e6;
const MOST_PENDING_BYTES = 64 * 1024;

/**
 * Holds the format that frames are announced with. Parameter sets come from the SDP and in band; sets that say something new
 * wait for the next key picture, which then carries the new format. Where the format cannot change yet, they are given back to
 * be stored in the sample, so that no decoder misses them.
 */
export class FormatKeeper {
  readonly parameters: VideoParameters;
  readonly #note: (code: string, detail?: Record<string, unknown>) => void;
  readonly #changesUs: number[] = [];
  #format: VideoFormat | undefined;
  #pending = Buffer.alloc(0);
  /** The sets that travelled last while the format could not change. */
  #held = Buffer.alloc(0);

  constructor(codec: VideoCodec, note: (code: string, detail?: Record<string, unknown>) => void) {
    this.parameters = new VideoParameters(codec);
    this.#note = note;
  }

  /** The format of frames now; undefined as long as the sets are not complete. */
  get format(): VideoFormat | undefined {
    return this.#format;
  }

  /** Takes sets from the SDP; what cannot be read is left out (quirk: SDP sets are often wrong). */
  hint(sets: readonly Buffer[]): void {
    const bad = sets.filter((set) => this.parameters.feed(set) === 'bad').length;
    if (bad > 0) this.#note('rtp.sdp-parameters-unreadable', { sets: bad });
    this.#format = this.parameters.format();
  }

  /** Takes a set from the stream; the bytes are only lent. */
  feed(bytes: Buffer, length: number): void {
    const nal = bytes.subarray(0, length);
    const result = this.parameters.feed(nal);
    if (result === 'bad') this.#note('rtp.parameters-unreadable', { type: nalType(this.parameters.codec, bytes[0]!) });
    // A decoder forgets the PPS of an SPS that is replaced, so what follows a new set travels with it even if it is known.
    const travels = result === 'changed' || (result === 'same' && (this.#pending.length > 0 || this.#differs));
    if (!travels || this.#pending.length + length > MOST_PENDING_BYTES) return;
    const size = Buffer.alloc(4);
    size.writeUInt32BE(length);
    this.#pending = Buffer.concat([this.#pending, size, nal]);
  }

  /**
   * A picture begins; `head` is the start of its first slice if it is a key picture. True if the format is another one now. What
   * `takePending` then gives belongs into the picture's sample, before its slices.
   */
  pictureBegins(key: boolean, head: Buffer, headBytes: number, arrivalUs: number): boolean {
    if (!key && (this.#format || this.#pending.length === 0)) return false;
    if (headBytes > 0) this.parameters.useSlice(head.subarray(0, headBytes));
    const next = this.parameters.format();
    if (!next || next === this.#format) return false;
    if (!this.#mayChange(arrivalUs)) {
      // A file may begin with any key picture, and its header lacks these sets.
      if (this.#pending.length === 0) this.#pending = this.#held;
      this.#held = this.#pending;
      return false;
    }
    this.#format = next;
    this.#pending = Buffer.alloc(0);
    return true;
  }

  /** Sets, each behind its length, that the format does not hold. */
  takePending(): Buffer | undefined {
    if (this.#pending.length === 0) return undefined;
    const pending = this.#pending;
    this.#pending = Buffer.alloc(0);
    return pending;
  }

  /** Takes back what `takePending` gave, because its picture was lost. */
  putBack(sets: Buffer): void {
    this.#pending = Buffer.concat([sets, this.#pending]);
  }

  /** True while the stream's sets say something else than the format. */
  get #differs(): boolean {
    return this.#format !== undefined && this.parameters.format() !== this.#format;
  }

  #mayChange(arrivalUs: number): boolean {
    if (!this.#format) return true;
    while (this.#changesUs.length > 0 && arrivalUs - this.#changesUs[0]! > WITHIN_US) this.#changesUs.shift();
    if (this.#changesUs.length >= MOST_CHANGES) {
      this.#note('rtp.parameters-flapping', { changesPerMinute: this.#changesUs.length });
      return false;
    }
    this.#changesUs.push(arrivalUs);
    return true;
  }
}
