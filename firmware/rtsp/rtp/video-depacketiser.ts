import type { VideoCodec } from '../../media/index.ts';
import type { AccessUnitBuilder } from './access-unit.ts';
import { NalAssembler } from './nal-assembler.ts';
import type { Depacketiser } from './packet-sink.ts';
import type { TrackCounters } from './track-stats.ts';

/** A camera is new for so many key frames or so long, whichever ends first. */
const NEW_KEY_FRAMES = 3;
const NEW_US = 10e6;
/** So many units in fragments without an end bit anywhere, and the marker is taken for the end. */
const ENDLESS_UNITS = 8;

/** What H.264 and H.265 payloads have in common: NAL units, whole, aggregated, or in fragments with a start and an end bit. */
export abstract class VideoDepacketiser implements Depacketiser {
  protected readonly units: AccessUnitBuilder;
  protected readonly nals: NalAssembler;
  readonly #counters: TrackCounters;
  #inFragments = false;
  #newUntilUs = Number.NaN;
  #lossSeen = false;
  #endSeen = false;
  #endlessUnits = 0;

  constructor(codec: VideoCodec, units: AccessUnitBuilder, counters: TrackCounters) {
    this.units = units;
    this.nals = new NalAssembler(codec, units.arena, units);
    this.#counters = counters;
  }

  /** Takes one payload, which is not empty. */
  protected abstract payload(buffer: Buffer, start: number, end: number): void;

  packet(
    buffer: Buffer,
    start: number,
    end: number,
    timestamp: number,
    marker: boolean,
    arrivalUs: number,
    lost: number,
  ): void {
    if (lost > 0 || !this.units.continues(timestamp)) this.interrupt();
    if (lost > 0) {
      this.#lossSeen = true;
      this.units.loss(lost);
    }
    if (this.nals.watchful) this.#watch(arrivalUs);
    this.units.packetBegins(timestamp, arrivalUs);
    if (start < end) this.payload(buffer, start, end);
    if (marker) this.#marker();
  }

  poll(nowUs: number): void {
    this.units.poll(nowUs, this.#inFragments);
  }

  flush(): void {
    this.interrupt();
    this.units.flush();
  }

  dispose(): void {
    this.interrupt();
    this.units.dispose();
  }

  /**
   * One fragment. `flags` is the fragment header with start and end bit on top; `first` and `second` are the unit's header if it
   * starts here (`second` is -1 for H.264). The piece of the unit lies between `start` and `end` and may be empty.
   */
  protected fragment(flags: number, first: number, second: number, buffer: Buffer, start: number, end: number): void {
    if ((flags & 0x80) !== 0) {
      this.interrupt();
      this.#inFragments = true;
      this.nals.begin(first, second, buffer, Math.min(start, end), end);
    } else if (!this.#inFragments) {
      // Its start is lost, and with it the picture.
      if (this.#lossSeen) this.units.dropSlice();
      return;
    } else if (start < end) {
      this.nals.append(buffer, start, end);
    }
    if ((flags & 0x40) === 0) return;
    this.#endSeen = true;
    this.#endFragments();
  }

  /** Drops a unit whose last fragments did not come. */
  protected interrupt(): void {
    if (!this.#inFragments) return;
    this.#inFragments = false;
    this.nals.abort();
  }

  #marker(): void {
    if (this.#inFragments) {
      if (this.#endSeen || ++this.#endlessUnits < ENDLESS_UNITS) return;
      this.#endFragments();
    }
    this.units.marker();
  }

  #endFragments(): void {
    this.#inFragments = false;
    this.nals.end();
  }

  #watch(arrivalUs: number): void {
    if (Number.isNaN(this.#newUntilUs)) this.#newUntilUs = arrivalUs + NEW_US;
    this.nals.watchful = this.#counters.keyFrames < NEW_KEY_FRAMES && arrivalUs < this.#newUntilUs;
  }
}
