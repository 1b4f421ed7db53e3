import { asBoxError, type BoxError } from '../base/index.ts';
import type { Format, SegmentIdentity } from '../media/index.ts';
import type { Volume } from '../storage/index.ts';
import type { PendingFragment } from './fragmenter.ts';
import { SharedFragment, type HeldLimits } from './held-gop.ts';
import { OpenSegment } from './open-segment.ts';

/** What all files of a take have in common, and where its first ones begin. */
export interface TakeStart {
  readonly identity: Omit<SegmentIdentity, 'sequence'>;
  readonly formats: readonly Format[];
  /** Seconds of the session's timeline. */
  readonly startS: number;
  readonly footage: 'continuous' | 'event';
}

export interface TakeDeps {
  /** Volumes that take recordings, the best first, as many as there are to be copies; none of those that are left out. */
  pickVolumes(leftOut: ReadonlySet<Volume>): readonly Volume[];
  /** What is held of each file for another disk. */
  heldLimits(): HeldLimits;
  /** No disk has the take any more. */
  lost(take: Take, stableEndWallUs: number): void;
  /** Pictures of a time (UTC microseconds) are on no disk. */
  hole(startUs: number, endUs: number): void;
  /** A volume's queue was full. */
  refused(volume: Volume): void;
  log(event: string, detail: Record<string, unknown>): void;
}

/** Work on a file that is under way, and whether anything of it may have to be written elsewhere. */
interface Copy {
  readonly segment: OpenSegment;
  /** Another file has taken over, or the disk has failed. */
  isLeft: boolean;
}

/**
 * What is recorded of a stream between two rotations, on one disk or on two at once. When the disk of a file fails, hangs or
 * goes, another one goes on from the memory that is held of the file, with the same times, so that readers find what is on both.
 */
export class Take {
  readonly formats: readonly Format[];
  readonly startS: number;
  readonly #start: TakeStart;
  readonly #deps: TakeDeps;
  #copies: Copy[] = [];
  readonly #ending = new Map<Copy, Promise<void>>();
  /** Where files begin that were completed with all that was meant for them, UTC microseconds. */
  readonly #wholeFromUs: number[] = [];
  #endWallUs: number;

  constructor(start: TakeStart, deps: TakeDeps) {
    this.#start = start;
    this.#deps = deps;
    this.formats = start.formats;
    this.startS = start.startS;
    this.#endWallUs = start.identity.startWallUs;
  }

  /** Begins a file on each of the volumes. */
  begin(volumes: readonly Volume[]): void {
    this.#copies = volumes.map((volume) => this.#openOn(volume, this.startS, this.#start.identity.startsWithKey));
  }

  /** Of the first copy, relative to its volume. */
  get path(): string | undefined {
    return this.#copies[0]?.segment.path;
  }

  get volumes(): readonly Volume[] {
    return this.#copies.map(({ segment }) => segment.volume);
  }

  /** Size of the largest file. */
  get bytes(): number {
    let most = 0;
    for (const { segment } of this.#copies) most = Math.max(most, segment.bytes);
    return most;
  }

  /** No picture has been handed to a disk yet. */
  get isEmpty(): boolean {
    return this.#copies.every(({ segment }) => segment.pictures === 0);
  }

  /** UTC microseconds of the end of the last picture that was handed to a disk. */
  get endWallUs(): number {
    return this.#endWallUs;
  }

  /** How far the files reach, for the catalogue. */
  get progress(): { volume: string; sequence: number; endUs: number; bytes: number }[] {
    return this.#copies.map(({ segment }) => {
      const { volume, identity, endWallUs: endUs, bytes } = segment;
      return { volume: volume.id, sequence: identity.sequence, endUs, bytes };
    });
  }

  /** Other volumes ought to have this stream now. */
  get isMisplaced(): boolean {
    const has = this.volumes;
    return this.#deps.pickVolumes(NONE).some((volume) => !has.includes(volume));
  }

  /** Hands fragments to the disks and lets go of them. False if no disk takes them: the take can only be ended then. */
  write(fragments: readonly PendingFragment[]): boolean {
    const shared = fragments.map((fragment) => new SharedFragment(fragment));
    for (const copy of [...this.#copies]) {
      if (this.#writeTo(copy, shared)) continue;
      const { path, volume } = copy.segment;
      this.#deps.log('recording.refused', { path });
      this.#deps.refused(volume);
      if (!this.#moveOn(copy, 'overload', shared)) this.#drop(copy);
      this.#finish(copy);
    }
    for (const each of shared) each.release();
    return this.#copies.length > 0;
  }

  trimHeld(): void {
    const limits = this.#deps.heldLimits();
    for (const { segment } of this.#copies) segment.trimHeld(limits);
  }

  /** Leaves the disks that hang, where others can go on: what waits for the former stays there until they answer. */
  review(): void {
    for (const copy of [...this.#copies, ...this.#ending.keys()]) {
      if (copy.isLeft || copy.segment.volume.state !== 'hung') continue;
      if (this.#moveOn(copy, 'hung')) this.#finish(copy);
    }
  }

  /** Completes all files; resolves when that is over, well or not. What fails meanwhile is written elsewhere. */
  async end(): Promise<void> {
    for (const copy of this.#copies.splice(0)) this.#finish(copy);
    while (this.#ending.size > 0) await Promise.all(this.#ending.values());
  }

  #openOn(volume: Volume, startS: number, key: boolean): Copy {
    const { identity } = this.#start;
    const offsetUs = Math.round((startS - this.startS) * 1e6);
    const startWallUs = identity.startWallUs + offsetUs;
    const startMonoUs = identity.startMonoUs + offsetUs;
    const { camera, stream, boot, run, clock } = identity;
    const footage = this.#start.footage === 'event' ? { class: 'event' as const } : {};
    const file = volume.createSegment({
      camera,
      stream,
      startUs: startWallUs,
      monoUs: startMonoUs,
      boot,
      run,
      clock,
      key,
      ...footage,
    });
    const own = { ...identity, sequence: file.sequence, startWallUs, startMonoUs, startsWithKey: key, ...footage };
    return { segment: new OpenSegment(own, this.formats, startS, file, volume), isLeft: false };
  }

  #writeTo(copy: Copy, fragments: readonly SharedFragment[]): boolean {
    const { segment } = copy;
    const accepted = segment.write(fragments, this.#deps.heldLimits(), (error) => this.#failed(copy, error));
    if (accepted) this.#endWallUs = Math.max(this.#endWallUs, segment.endWallUs);
    return accepted;
  }

  #failed(copy: Copy, error: BoxError): void {
    if (copy.isLeft) return;
    const { segment } = copy;
    const { path, volume, stableEndWallUs } = segment;
    this.#deps.log('recording.write-failed', { path, volume: volume.id, code: error.code });
    const isCurrent = this.#copies.includes(copy);
    const goesOn = this.#moveOn(copy, error.code);
    copy.isLeft = true;
    this.#drop(copy);
    if (this.#ending.has(copy)) segment.letGo();
    else this.#track(copy, segment.abandon(error.code));
    if (goesOn || this.#isElsewhere(copy, stableEndWallUs)) return;
    if (isCurrent && this.#copies.length === 0) this.#deps.lost(this, stableEndWallUs);
    else if (segment.endWallUs > stableEndWallUs) this.#deps.hole(stableEndWallUs, segment.endWallUs);
  }

  /** Goes on with another disk in the copy's place, from what is held of it and what it has not taken. False if that cannot be. */
  #moveOn(copy: Copy, because: string, refused: readonly SharedFragment[] = []): boolean {
    const { segment } = copy;
    const [volume] = this.#deps.pickVolumes(new Set([...this.volumes, segment.volume]));
    if (!volume) return false;
    const { stableEndWallUs } = segment;
    const held = segment.takeHeld(this.#deps.heldLimits());
    const rest = held.length > 0 ? refused : refused.slice(beginOf(refused));
    const next = this.#goOn(volume, [...held, ...rest]);
    for (const each of held) each.release();
    if (!next) return false;
    copy.isLeft = true;
    const { path, identity } = next.segment;
    this.#deps.log('recording.moved', { from: segment.path, to: path, volume: volume.id, because });
    const { startWallUs } = identity;
    if (startWallUs > stableEndWallUs && !this.#isElsewhere(copy, stableEndWallUs))
      this.#deps.hole(stableEndWallUs, startWallUs);
    if (!this.#copies.includes(copy)) this.#finish(next);
    else this.#copies = this.#copies.map((each) => (each === copy ? next : each));
    return true;
  }

  #goOn(volume: Volume, fragments: readonly SharedFragment[]): Copy | undefined {
    const [first] = fragments;
    if (!first) return undefined;
    const next = this.#openOn(volume, startOf(first, this.formats), first.opensGroup);
    if (this.#writeTo(next, fragments)) return next;
    this.#track(next, next.segment.abandon('overload'));
    return undefined;
  }

  /** Another file of the take that is in order has what comes from that instant on. */
  #isElsewhere(copy: Copy, fromWallUs: number): boolean {
    const others = [...this.#copies, ...this.#ending.keys()].filter((each) => each !== copy && !each.isLeft);
    const starts = [...others.map(({ segment }) => segment.identity.startWallUs), ...this.#wholeFromUs];
    return starts.some((startUs) => startUs <= fromWallUs);
  }

  #drop(copy: Copy): void {
    this.#copies = this.#copies.filter((each) => each !== copy);
  }

  #finish(copy: Copy): void {
    if (this.#ending.has(copy)) return;
    const { segment } = copy;
    const work = segment.finish().then(
      () => {
        if (!copy.isLeft) this.#wholeFromUs.push(segment.identity.startWallUs);
      },
      (error: unknown) => this.#failed(copy, asBoxError(error, 'storage.io')),
    );
    this.#track(copy, work);
  }

  #track(copy: Copy, work: Promise<void>): void {
    const { path } = copy.segment;
    const tracked = work
      .catch((error: unknown) => this.#deps.log('recording.finish-failed', { path, error: String(error) }))
      .finally(() => this.#ending.delete(copy));
    this.#ending.set(copy, tracked);
  }
}

const NONE: ReadonlySet<Volume> = new Set();

/** Number of the first fragment that a file may begin with; that of all if there is none. */
function beginOf(fragments: readonly SharedFragment[]): number {
  const index = fragments.findIndex(({ opensGroup }) => opensGroup);
  return index < 0 ? fragments.length : index;
}

/** Seconds of the session's timeline at which the fragment's first picture is decoded. */
function startOf({ fragment }: SharedFragment, formats: readonly Format[]): number {
  const [first] = fragment.tracks;
  return first ? first.samples[0]!.dts / formats[first.track]!.timescale : 0;
}
