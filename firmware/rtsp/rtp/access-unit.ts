import {
  ArenaWriter,
  isParameterSet,
  isSei,
  recoveryPoint,
  type BlockPool,
  type Frame,
  type VideoCodec,
} from '../../media/index.ts';
import { DecodeOrder } from './decode-order.ts';
import { FormatKeeper } from './format-keeper.ts';
import type { NalSink } from './nal-assembler.ts';
import type { TrackClock } from './session-clock.ts';
import type { TrackSink } from './track-sink.ts';
import type { TrackCounters } from './track-stats.ts';

/** The first units wait for the packet behind their marker: until then it may be a camera that marks every slice. */
const UNITS_ON_TRIAL = 2;
/** A unit that waits although nothing comes any more is given out after this time. */
const OVERDUE_US = 1e6;
/** Without an IDR picture for so long, recovery points count as key frames (open GOP, intra refresh). */
const NO_IDR_US = 10e6;
const MOST_PREFIX_BYTES = 64 * 1024;
/** No camera has such pictures; what grows beyond has lost its end. */
const MOST_UNIT_BYTES = 32 * 1024 * 1024;
const TICKS_PER_SECOND = 90000;
const H265_SUFFIX_SEI = 40;
const ALL = { length: 0 };

/**
 * Groups NAL units into access units and these into frames. A unit has at least one slice; units that are no slices belong to
 * the slice behind them and take its time stamp. A unit ends with the marker, with another time stamp, or, where markers are
 * missing or stand on every slice, with the first slice of the next picture.
 */
export class AccessUnitBuilder implements NalSink {
  readonly arena: ArenaWriter;
  readonly formats: FormatKeeper;
  readonly #codec: VideoCodec;
  readonly #clock: TrackClock;
  readonly #sink: TrackSink;
  readonly #counters: TrackCounters;
  readonly #order = new DecodeOrder();
  /** Of the packet in hand. */
  #timestamp = -1;
  #arrivalUs = 0;
  #packet = 0;
  /** The unit in the making. */
  #slices = 0;
  #key = false;
  #damaged = false;
  #marked = false;
  #unitTimestamp = -1;
  #unitArrivalUs = 0;
  #lastSlicePacket = 0;
  /** SEI units behind their lengths that wait for their slice. */
  #prefix = Buffer.alloc(256);
  #prefixBytes = 0;
  #recoveryPoint = false;
  /** Parameter sets that travel in the unit. */
  #sets: Buffer | undefined;
  /** What was learned about the camera. */
  #units = 0;
  #markers = 0;
  #marksEverySlice = false;
  #firstArrivalUs = Number.NaN;
  #sawIdr = false;
  #lastTime = 0;
  #usualTicks = TICKS_PER_SECOND / 25;
  #lost = 0;
  #markedTimestamp = -1;

  constructor(
    codec: VideoCodec,
    deps: { pool: BlockPool; clock: TrackClock; sink: TrackSink; counters: TrackCounters },
  ) {
    this.#codec = codec;
    this.#clock = deps.clock;
    this.#sink = deps.sink;
    this.#counters = deps.counters;
    this.arena = new ArenaWriter(deps.pool);
    this.formats = new FormatKeeper(codec, (code, detail) => deps.sink.note(code, detail));
    this.#declareOrder();
  }

  /** Takes the parameter sets of the SDP. */
  hint(sets: readonly Buffer[]): void {
    this.formats.hint(sets);
    this.#declareOrder();
  }

  /** Whether a packet of this time stamp still belongs to the one before. */
  continues(timestamp: number): boolean {
    return timestamp === this.#timestamp;
  }

  /** A packet begins. The assembler must have dropped what another time stamp left unfinished. */
  packetBegins(timestamp: number, arrivalUs: number): void {
    this.#packet++;
    this.#arrivalUs = arrivalUs;
    if (timestamp === this.#timestamp) return;
    this.#finish();
    this.#timestamp = timestamp;
  }

  /** Packets are missing before the one in hand. */
  loss(packets: number): void {
    this.#lost += packets;
    if (this.#slices > 0) this.#damaged = true;
    // The slice that SEI units wait for may be among the missing ones.
    this.#prefixBytes = 0;
    this.#recoveryPoint = false;
  }

  /** The packet in hand had the marker, and no unit is cut off at its end. */
  marker(): void {
    this.#markers++;
    if (this.#slices === 0 || this.#marksEverySlice) return;
    this.#markedTimestamp = this.#timestamp;
    if (this.#units < UNITS_ON_TRIAL) this.#marked = true;
    else this.#finish();
  }

  beginSlice(first: boolean, key: boolean, head: Buffer, headBytes: number): boolean {
    if (this.#slices > 0 && this.#isNextPicture(first)) this.#finish();
    if (this.arena.length > MOST_UNIT_BYTES) this.#tooLarge();
    if (this.#slices === 0) {
      if (!first && this.#markedTimestamp === this.#timestamp) this.#learnMarks();
      this.#beginUnit(key, head, headBytes);
    }
    this.#marked = false;
    if (!this.formats.format) return false;
    if (this.#prefixBytes > 0) {
      this.arena.append(this.#prefix, 0, this.#prefixBytes);
      this.#prefixBytes = 0;
    }
    this.#key ||= key;
    this.#lastSlicePacket = this.#packet;
    return true;
  }

  endSlice(): void {
    this.#slices++;
  }

  dropSlice(): void {
    this.#damaged = true;
  }

  sideUnit(type: number, bytes: Buffer, length: number): void {
    if (isParameterSet(this.#codec, type)) {
      this.formats.feed(bytes, length);
    } else if (isSei(this.#codec, type)) {
      if (type === H265_SUFFIX_SEI && this.#codec === 'h265') this.#suffix(bytes, length);
      else this.#addPrefix(bytes, length);
    }
  }

  note(code: string): void {
    this.#sink.note(code);
  }

  /** Gives out a unit whose end is not marked, if nothing has come for long. */
  poll(nowUs: number, busy: boolean): void {
    const overdue = this.#slices > 0 && !busy && nowUs - this.#arrivalUs > OVERDUE_US;
    if (overdue && (this.#marked || this.#isMarkerless())) this.#finish();
  }

  flush(): void {
    this.#finish();
  }

  dispose(): void {
    this.arena.dispose();
    this.#slices = 0;
    this.#prefixBytes = 0;
  }

  #isNextPicture(first: boolean): boolean {
    if (this.#marked) {
      if (first) return true;
      this.#learnMarks();
      return false;
    }
    // Slices of one packet belong together whatever they say.
    return first && this.#packet !== this.#lastSlicePacket && (this.#marksEverySlice || this.#isMarkerless());
  }

  #learnMarks(): void {
    if (this.#marksEverySlice) return;
    this.#marksEverySlice = true;
    this.#sink.note('rtp.marker-on-every-slice');
  }

  #isMarkerless(): boolean {
    return this.#markers === 0 && this.#units >= UNITS_ON_TRIAL;
  }

  #beginUnit(key: boolean, head: Buffer, headBytes: number): void {
    const again = this.#unitTimestamp === this.#timestamp;
    this.#unitTimestamp = this.#timestamp;
    this.#unitArrivalUs = this.#arrivalUs;
    if (Number.isNaN(this.#firstArrivalUs)) {
      this.#firstArrivalUs = this.#arrivalUs;
      this.#clock.expect(this.#arrivalUs);
    }
    // What a dropped slice left: SEI units of a picture that does not come.
    if (this.#sets) this.formats.putBack(this.#sets);
    if (this.arena.length > 0) this.arena.rewind(ALL);
    this.#key = this.#recoveryPoint && !this.#sawIdr && this.#arrivalUs - this.#firstArrivalUs >= NO_IDR_US;
    this.#recoveryPoint = false;
    this.#sawIdr ||= key;
    if (this.formats.pictureBegins(key || this.#key, head, headBytes, this.#arrivalUs)) this.#declareOrder();
    if (!this.formats.format) {
      if (!again) this.#counters.uselessFrames++;
      this.#prefixBytes = 0;
      return;
    }
    this.#sets = this.formats.takePending();
    if (this.#sets) this.arena.append(this.#sets, 0, this.#sets.length);
  }

  #suffix(bytes: Buffer, length: number): void {
    if (this.#slices === 0 || this.arena.length > MOST_UNIT_BYTES) return;
    const size = Buffer.alloc(4);
    size.writeUInt32BE(length);
    this.arena.append(size, 0, 4);
    this.arena.append(bytes, 0, length);
  }

  #addPrefix(bytes: Buffer, length: number): void {
    if (recoveryPoint(this.#codec, bytes, 0, length) !== undefined) this.#recoveryPoint = true;
    const needed = this.#prefixBytes + 4 + length;
    if (needed > MOST_PREFIX_BYTES) return;
    if (needed > this.#prefix.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#prefix.length * 2));
      this.#prefix.copy(larger, 0, 0, this.#prefixBytes);
      this.#prefix = larger;
    }
    this.#prefix.writeUInt32BE(length, this.#prefixBytes);
    bytes.copy(this.#prefix, this.#prefixBytes + 4, 0, length);
    this.#prefixBytes = needed;
  }

  #finish(): void {
    this.#marked = false;
    if (this.#slices > 0) this.#emit();
    else this.#giveUp();
    if (this.arena.length > 0) this.arena.rewind(ALL);
    this.#slices = 0;
    this.#damaged = false;
    this.#sets = undefined;
  }

  #tooLarge(): void {
    this.#sink.note('rtp.picture-too-large');
    this.#slices = 0;
    this.#damaged = true;
    this.#finish();
  }

  /** Nothing is left of the unit. Sets that would have gone with it go with the next one. */
  #giveUp(): void {
    if (this.#damaged) this.#counters.lostFrames++;
    if (this.#sets) this.formats.putBack(this.#sets);
  }

  #emit(): void {
    const format = this.formats.format!;
    this.#units++;
    const time = this.#stamp();
    this.#order.next(time, this.#key, this.#usualTicks);
    const { dts, pts } = this.#order;
    if (this.#damaged) this.#counters.damagedFrames++;
    this.#counters.frame(this.#key, pts / TICKS_PER_SECOND);
    const bytes = this.arena.cut();
    const frame: Frame = {
      format,
      key: this.#key,
      dts,
      pts,
      duration: 0,
      arrivalUs: this.#unitArrivalUs,
      lostBefore: this.#lost,
      bytes,
    };
    this.#lost = 0;
    try {
      this.#sink.frame(frame);
    } finally {
      bytes.release();
    }
  }

  /** Display time in ticks of the format. */
  #stamp(): number {
    const rate = this.#clock.timeline.clockRate;
    const ticks = this.#clock.stamp(this.#unitTimestamp, this.#unitArrivalUs);
    const time = rate === TICKS_PER_SECOND ? ticks : Math.round((ticks * TICKS_PER_SECOND) / rate);
    const step = time - this.#lastTime;
    if (step > 0 && step < TICKS_PER_SECOND) this.#usualTicks = step;
    this.#lastTime = time;
    return time;
  }

  #declareOrder(): void {
    const depth = this.formats.format ? this.formats.parameters.reorderFrames : undefined;
    this.#order.declare(depth);
    this.#clock.timeline.mayReorder = depth !== 0;
  }
}
