import { randomUUID } from 'node:crypto';
import type { Clock } from '../base/index.ts';
import type { AudioFormat, Frame, FrameReader, ReaderQueue, VideoFormat } from '../media/index.ts';
import type { GapReason, Volume } from '../storage/index.ts';
import { Fragmenter, type PendingFragment } from './fragmenter.ts';
import { GapTracker, type Gap } from './gap-tracker.ts';
import { NOTHING_HELD, type HeldLimits } from './held-gop.ts';
import type { Decision } from './policy.ts';
import { PreRoll } from './pre-roll.ts';
import { Take, type TakeDeps } from './take.ts';
import type { WallClock } from './wall-clock.ts';

/** Without a key frame for this long (seconds of media), a segment is begun or ended in the middle of a group of pictures. */
const KEY_PATIENCE_S = 10;
/** A hole in the pictures of a running session longer than this ends the segment. */
const HOLE_S = 2;
/** Segments whose key frames are far apart may grow to this multiple of the wanted length. */
const STRETCH = 2;
/** A disk whose queue was full gets nothing of this stream for so long, where there are others. */
const SHUN_MS = 30_000;
/** What is held for another disk in all, in multiples of what may be held of media that are stable already. */
const HELD_IN_ALL = 4;

export interface StreamRecorderOptions {
  readonly box: string;
  readonly boot: string;
  readonly camera: string;
  readonly stream: string;
  readonly title: string;
  readonly segmentSeconds: number;
  readonly segmentMaxBytes: number;
  readonly fragmentMs: number;
  /** 0-1: where in the segment length this stream rotates, so that cameras do not rotate together (invariant R5). */
  readonly phase: number;
  readonly queueMaxBytes: number;
  /** Most bytes of the newest group of pictures that are held although its disk has them. */
  readonly heldGopMaxBytes: number;
  readonly preRecord: { readonly seconds: number; readonly bytes: number };
}

export interface StreamRecorderDeps {
  readonly clock: Clock;
  readonly wall: WallClock;
  /**
   * The volumes for this stream's next segment, the best first: as many as there are to be copies, fewer or none if no more
   * are fit to be written to.
   */
  pickVolumes(leftOut: ReadonlySet<Volume>): readonly Volume[];
  /** There are other volumes that could go on if one fails. */
  hasSpareVolume(): boolean;
  reportGap(gap: Gap): void;
  log(event: string, detail: Record<string, unknown>): void;
}

/** One RTSP session as the recorder sees it. */
export interface RecordedSession {
  /** Monotonic microseconds of an instant of the session's timeline (microseconds). */
  mediaToMonoUs(mediaUs: number): number;
}

export type StreamRecorderState = 'idle' | 'waiting-for-key-frame' | 'recording' | 'no-disk';

/** Records one stream of one camera: frames in, fragments of growing segments out, holes accounted for. */
export class StreamRecorder implements FrameReader {
  readonly name = 'recording';
  readonly limitBytes: number;
  readonly gaps: GapTracker;
  readonly #options: StreamRecorderOptions;
  readonly #deps: StreamRecorderDeps;
  readonly #fragmenter = new Fragmenter();
  readonly #preRoll: PreRoll;
  readonly #ending = new Map<Take, Promise<void>>();
  readonly #heldLimits: HeldLimits;
  #shunned: { volume: Volume; untilUs: number } | undefined;
  #decision: Decision = { record: false, because: 'stopped' };
  #keepsPreRoll = false;
  #session: RecordedSession | undefined;
  #current: Take | undefined;
  #ready: PendingFragment[] = [];
  #audioFormat: AudioFormat | undefined;
  #waitingSinceS: number | undefined;
  #rotateSoon = false;
  #noDisk = false;
  #segmentsBegun = 0;
  readonly #takeDeps: TakeDeps;
  /** The run that the next segment belongs to: a new one for each session and after each step of the clock (invariant R6). */
  #nextRun = '';

  constructor(options: StreamRecorderOptions, deps: StreamRecorderDeps) {
    this.#options = options;
    this.#deps = deps;
    this.limitBytes = options.queueMaxBytes;
    this.#preRoll = new PreRoll(options.preRecord);
    const { heldGopMaxBytes } = options;
    this.#heldLimits = { stableBytes: heldGopMaxBytes, bytes: heldGopMaxBytes * HELD_IN_ALL };
    this.gaps = new GapTracker((gap) => deps.reportGap(gap));
    this.#takeDeps = {
      pickVolumes: (leftOut) => this.#pickVolumes(leftOut),
      heldLimits: () => (deps.hasSpareVolume() ? this.#heldLimits : NOTHING_HELD),
      lost: (take, stableEndWallUs) => this.#lost(take, stableEndWallUs),
      hole: (startUs, endUs) => this.gaps.hole(startUs, endUs, 'disk'),
      refused: (volume) => {
        this.#shunned = { volume, untilUs: deps.clock.monoUs() + SHUN_MS * 1000 };
      },
      log: (event, detail) => deps.log(event, { camera: options.camera, stream: options.stream, ...detail }),
    };
  }

  get state(): StreamRecorderState {
    if (this.#current) return 'recording';
    if (!this.#decision.record) return 'idle';
    return this.#noDisk ? 'no-disk' : 'waiting-for-key-frame';
  }

  get openPath(): string | undefined {
    return this.#current?.path;
  }

  get because(): Decision['because'] {
    return this.#decision.because;
  }

  get segmentsBegun(): number {
    return this.#segmentsBegun;
  }

  /** The volumes that it is recorded on now. */
  get volumes(): readonly Volume[] {
    return this.#current?.volumes ?? [];
  }

  /** How far the open segments reach on which volumes. */
  get progress(): { volume: string; sequence: number; endUs: number; bytes: number }[] {
    return this.#current?.progress ?? [];
  }

  sessionOpened(session: RecordedSession): void {
    // Only new settings end a session without a word of its own.
    if (this.#session) this.sessionClosed('stopped');
    this.#session = session;
    this.#nextRun = randomUUID();
    this.#waitingSinceS = undefined;
  }

  /** Sound whose format is known before its first frame goes into the first segment's header. */
  announceAudio(format: AudioFormat | undefined): void {
    if (format) this.#useAudio(format);
    else this.#audioFormat = undefined;
  }

  /** The session is over: everything received is on its way to the disk afterwards. */
  sessionClosed(reason: GapReason): void {
    this.#endSegment();
    this.#preRoll.clear();
    this.#session = undefined;
    this.#audioFormat = undefined;
    if (this.#decision.record) this.gaps.interrupted(reason);
  }

  /** The system clock stepped: the next key frame opens a run with the new time. */
  clockStepped(): void {
    this.#rotateSoon = true;
    this.#nextRun = randomUUID();
  }

  /** What the policy says now; called at every beat. */
  decide(decision: Decision, keepsPreRoll: boolean): void {
    const before = this.#decision;
    this.#decision = decision;
    this.#keepsPreRoll = keepsPreRoll;
    if (!keepsPreRoll) this.#preRoll.clear();
    if (before.record === decision.record) {
      if (before.because !== decision.because && !decision.record) this.#changePause(decision);
      return;
    }
    if (decision.record) this.#beginWithPreRoll();
    else this.#pause(before);
  }

  wake(queue: ReaderQueue): void {
    for (let frame = queue.shift(); frame; frame = queue.shift()) this.#take(frame);
  }

  /**
   * Sends to the disk what has been collected: once per fragment length, when it is this camera's turn, and at once what begins a
   * file. What has begun is not lost with the next breath, and a camera that just came shows that it is recorded.
   */
  flush(isTurn: boolean): void {
    if (!this.#current || (!isTurn && !this.#current.isEmpty)) return;
    // The time of a file begins with its first fragment, so that one never holds sound alone.
    if (!this.#current.isEmpty || this.#ready.length > 0 || this.#fragmenter.pictures > 1) this.#cut({});
    this.#write();
  }

  /** The state of a volume has changed: disks that hang are left at once. */
  review(): void {
    this.#current?.review();
    for (const take of this.#ending.keys()) take.review();
  }

  /** Something has become stable on a disk: what no other disk would need now is let go of. */
  trimHeld(): void {
    this.#current?.trimHeld();
  }

  /** Finishes the open segment and waits for all that are being finished. */
  async stop(reason: GapReason): Promise<void> {
    this.#endSegment();
    this.#preRoll.clear();
    this.#decision = { record: false, because: 'stopped' };
    this.gaps.interrupted(reason);
    await Promise.all(this.#ending.values());
  }

  #take(frame: Frame): void {
    if (!this.#decision.record) {
      if (this.#keepsPreRoll) this.#preRoll.push(frame);
      else frame.bytes.release();
      return;
    }
    if (frame.format.kind === 'audio') {
      this.#takeAudio(frame, frame.format);
    } else {
      this.#takeVideo(frame, frame.format);
    }
  }

  #takeAudio(frame: Frame, format: AudioFormat): void {
    this.#useAudio(format);
    if (this.#current?.formats.includes(format)) this.#fragmenter.push(frame);
    else frame.bytes.release();
  }

  #useAudio(format: AudioFormat): void {
    this.#audioFormat = format;
    // A track cannot be added to a file that has begun.
    if (this.#current && !this.#current.formats.includes(format)) this.#rotateSoon = true;
  }

  #takeVideo(frame: Frame, format: VideoFormat): void {
    const held = this.#fragmenter.held;
    const hole = held !== undefined && (frame.dts - held.dts) / format.timescale > HOLE_S;
    if (hole) {
      this.#endSegment();
      this.gaps.interrupted(frame.lostBefore > 0 ? 'network-loss' : 'camera-down');
    } else if (this.#current && this.#mustRotate(frame, format)) {
      this.#rotate(frame);
    } else if (this.#current && frame.key) {
      this.#cut({ next: frame });
    }
    if (!this.#current && !this.#begin(frame, format)) {
      frame.bytes.release();
      return;
    }
    this.#fragmenter.push(frame);
    if (this.#fragmenter.readyMs >= this.#options.fragmentMs) this.#cut({});
  }

  #mustRotate(frame: Frame, format: VideoFormat): boolean {
    const take = this.#current!;
    if (!take.formats.includes(format)) return true;
    const ageS = frame.dts / format.timescale - take.startS;
    const wantedS = this.#wantedLengthS();
    const { bytes } = take;
    if (frame.key && (this.#rotateSoon || ageS >= wantedS || bytes >= this.#options.segmentMaxBytes)) return true;
    // Its disk is not fit any more, or the stream's own disk is fit again.
    if (frame.key && take.isMisplaced) return true;
    return ageS >= wantedS * STRETCH || bytes >= this.#options.segmentMaxBytes * STRETCH;
  }

  #pickVolumes(leftOut: ReadonlySet<Volume>): readonly Volume[] {
    const shunned = this.#shunned;
    if (!shunned) return this.#deps.pickVolumes(leftOut);
    if (this.#deps.clock.monoUs() > shunned.untilUs) this.#shunned = undefined;
    const others = this.#deps.pickVolumes(new Set([...leftOut, shunned.volume]));
    return others.length > 0 ? others : this.#deps.pickVolumes(leftOut);
  }

  /** The first segment of a recorder is shorter, so that the cameras' rotations are spread over time. */
  #wantedLengthS(): number {
    const full = this.#options.segmentSeconds;
    return this.#segmentsBegun > 1 ? full : Math.max(full * this.#options.phase, full / 8);
  }

  /** Ends the take so that `next` begins another one without a lost picture. */
  #rotate(next: Frame): void {
    this.#cut({ next });
    this.#write();
    const take = this.#current;
    this.#current = undefined;
    if (!take) return;
    const startUs = this.#wallOf(next.dts / next.format.timescale);
    const adjoins = Math.abs(startUs - take.endWallUs) < 1e6;
    this.gaps.covered(adjoins ? startUs : take.endWallUs);
    if (!adjoins) this.gaps.interrupted('clock-step');
    this.#end(take);
    // No picture is lost by a rotation, so the next segment does not wait for a key frame either.
    this.#waitingSinceS = -Infinity;
  }

  /** Opens a segment with this picture as its first, if it may be one. */
  #begin(frame: Frame, format: VideoFormat): boolean {
    const nowS = frame.dts / format.timescale;
    this.#waitingSinceS ??= nowS;
    if (!frame.key && nowS - this.#waitingSinceS < KEY_PATIENCE_S) return false;
    const volumes = this.#pickVolumes(NONE);
    this.#noDisk = volumes.length === 0;
    if (volumes.length === 0 || !this.#session) {
      if (this.#noDisk) this.gaps.interrupted('disk');
      // Whatever comes later begins anew, and so with a key frame.
      this.#waitingSinceS = undefined;
      return false;
    }
    const { box, boot, camera, stream, title } = this.#options;
    const startWallUs = this.#wallOf(nowS);
    const startMonoUs = Math.round(this.#session.mediaToMonoUs(nowS * 1e6));
    const clock = this.#deps.wall.trusted ? 'trusted' : 'untrusted';
    const run = this.#nextRun;
    const startsWithKey = frame.key;
    const { because } = this.#decision;
    const take = new Take(
      {
        identity: { box, camera, stream, boot, run, startWallUs, startMonoUs, clock, startsWithKey, title },
        formats: this.#audioFormat ? [format, this.#audioFormat] : [format],
        startS: nowS,
        footage: because === 'event' || because === 'manual' ? 'event' : 'continuous',
      },
      this.#takeDeps,
    );
    take.begin(volumes);
    this.#current = take;
    this.#segmentsBegun++;
    this.#rotateSoon = false;
    this.#waitingSinceS = undefined;
    this.gaps.resumed(startWallUs);
    return true;
  }

  #beginWithPreRoll(): void {
    this.#waitingSinceS = undefined;
    for (const frame of this.#preRoll.take()) this.#take(frame);
  }

  /** The policy ended recording: a planned silence, which is a gap only for a schedule. */
  #pause(before: Decision): void {
    this.#endSegment();
    if (this.#decision.because === 'full') this.gaps.interrupted('full');
    else if (before.because === 'schedule') this.gaps.interrupted('schedule');
    else this.gaps.excused();
  }

  /** What is not recorded for want of room is a gap; what should not be recorded is none. */
  #changePause(decision: Decision): void {
    const nowUs = this.#deps.wall.wallOf(this.#deps.clock.monoUs());
    if (decision.because === 'full') {
      this.gaps.resumed(nowUs);
      this.gaps.interrupted('full');
    } else {
      this.gaps.resumed(nowUs);
      this.gaps.excused();
    }
  }

  #endSegment(): void {
    const fragment = this.#current && this.#fragmenter.cut({ final: true });
    if (fragment) this.#ready.push(fragment);
    this.#write();
    this.#fragmenter.clear();
    const take = this.#current;
    this.#current = undefined;
    if (!take) return;
    this.gaps.covered(take.endWallUs);
    this.#end(take);
  }

  #cut(options: { next?: Frame }): void {
    const fragment = this.#fragmenter.cut(options);
    if (fragment) this.#ready.push(fragment);
  }

  #write(): void {
    const take = this.#current;
    const fragments = this.#ready;
    this.#ready = [];
    if (fragments.length === 0) return;
    if (!take) {
      releaseAll(fragments);
      return;
    }
    if (take.write(fragments)) this.gaps.covered(take.endWallUs);
    else this.#refused(take);
  }

  /** The queues of the volumes are full: what came too much is lost, and a new take begins with a key frame. */
  #refused(take: Take): void {
    this.#fragmenter.clear();
    this.#current = undefined;
    this.gaps.interrupted('overload');
    this.#end(take);
  }

  /** No disk goes on: the next take begins with a key frame, when there is one. */
  #lost(take: Take, stableEndWallUs: number): void {
    this.#end(take);
    if (this.#current !== take) return;
    this.#current = undefined;
    this.#fragmenter.clear();
    releaseAll(this.#ready);
    this.#ready = [];
    this.gaps.covered(stableEndWallUs);
    this.gaps.interrupted('disk');
  }

  #end(take: Take): void {
    if (this.#ending.has(take)) return;
    const ended = take.end().finally(() => this.#ending.delete(take));
    this.#ending.set(take, ended);
  }

  #wallOf(mediaS: number): number {
    const monoUs = this.#session ? this.#session.mediaToMonoUs(mediaS * 1e6) : this.#deps.clock.monoUs();
    return this.#deps.wall.wallOf(monoUs);
  }
}

const NONE: ReadonlySet<Volume> = new Set();

/** Lets go of the frames of fragments that no disk takes. */
function releaseAll(fragments: readonly PendingFragment[]): void {
  for (const { frames } of fragments) for (const frame of frames) frame.bytes.release();
}
