import { SegmentBuilder, type Format, type SegmentIdentity } from '../media/index.ts';
import type { BoxError } from '../base/index.ts';
import type { SegmentFile, Volume } from '../storage/index.ts';
import { HeldGop, type HeldFragment, type HeldLimits, type SharedFragment } from './held-gop.ts';

/** A segment that grows: the bytes' shape from media, their way to the disk from storage. */
export class OpenSegment {
  readonly identity: SegmentIdentity;
  readonly formats: readonly Format[];
  /** Seconds of the session's timeline at which the file begins. */
  readonly startS: number;
  /** The volume that the file lies on. */
  readonly volume: Volume;
  readonly #file: SegmentFile;
  readonly #builder: SegmentBuilder;
  readonly #held: HeldGop;
  #headerWritten = false;
  #endS: number;
  #pictures = 0;
  #keyPictures = 0;

  constructor(
    identity: SegmentIdentity,
    formats: readonly Format[],
    startS: number,
    file: SegmentFile,
    volume: Volume,
  ) {
    this.volume = volume;
    this.identity = identity;
    this.formats = formats;
    this.startS = startS;
    this.#endS = startS;
    this.#file = file;
    this.#builder = new SegmentBuilder(identity, formats);
    this.#held = new HeldGop(startS);
  }

  get path(): string {
    return this.#file.path;
  }

  get bytes(): number {
    return this.#builder.bytes;
  }

  /** Pictures handed to the disk. */
  get pictures(): number {
    return this.#pictures;
  }

  /** UTC microseconds of the end of the last picture that was written: what every reader of the file finds too. */
  get endWallUs(): number {
    return this.wallUsAt(this.#endS);
  }

  /** The same of what is known to be stable. */
  get stableEndWallUs(): number {
    return this.wallUsAt(this.#held.stableEndS);
  }

  /** UTC microseconds, as this file counts them, of an instant of the session's timeline. */
  wallUsAt(mediaS: number): number {
    return this.identity.startWallUs + Math.round((mediaS - this.startS) * 1e6);
  }

  /**
   * Sends fragments to the disk as one append. They are held as long as the disk works with them, and as far as `limits` says
   * until they are known to be stable. False: the volume's queue refuses; the segment is as it was before, and can only be
   * finished.
   */
  write(fragments: readonly SharedFragment[], limits: HeldLimits, failed: (error: BoxError) => void): boolean {
    const chunks: Uint8Array[] = this.#headerWritten ? [] : [this.#builder.header()];
    const mark = this.#builder.mark();
    for (const { fragment } of fragments) chunks.push(...this.#builder.fragment(fragment.tracks));
    for (const shared of fragments) shared.retain();
    let held: readonly HeldFragment[] = [];
    // Never called before this method has returned.
    const accepted = this.#file.append(chunks, (error) => {
      if (error) failed(error);
      else for (const each of held) each.coveredBy = this.#file.coveredBy;
      for (const shared of fragments) shared.release();
    });
    if (accepted) {
      this.#headerWritten = true;
      held = fragments.map((shared) => this.#held.add(shared));
      this.#count(fragments);
    } else {
      this.#builder.rewind(mark);
      for (const shared of fragments) shared.release();
    }
    this.trimHeld(limits);
    return accepted;
  }

  /** Lets go of what no other disk would need now. */
  trimHeld(limits: HeldLimits): void {
    this.#held.trim(this.#file.lastSync, limits);
  }

  /** What another disk needs to go on in this one's place. The caller becomes the holder; nothing is held any more. */
  takeHeld(limits: HeldLimits): SharedFragment[] {
    this.trimHeld(limits);
    return this.#held.take();
  }

  /** Nothing of it will be written elsewhere. */
  letGo(): void {
    this.#held.clear();
  }

  /** Ends the file as an ordinary MP4; everything is stable then. */
  async finish(): Promise<void> {
    if (!this.#headerWritten) return this.#file.abandon('empty');
    await this.#file.finish(this.#builder.finish(), {
      endUs: this.endWallUs,
      frames: this.#pictures,
      keyFrames: this.#keyPictures,
      codec: this.#builder.usedFormats.map((format) => format.rfc6381).join(','),
    });
    this.letGo();
  }

  /** Leaves the file as it is: everything whole in it can be recovered. */
  async abandon(reason: string): Promise<void> {
    this.letGo();
    await this.#file.abandon(reason);
  }

  #count(fragments: readonly SharedFragment[]): void {
    for (const { fragment } of fragments) {
      const { pictures, keyPictures, endS } = fragment;
      if (pictures > 0) this.#endS = endS;
      this.#pictures += pictures;
      this.#keyPictures += keyPictures;
    }
  }
}
