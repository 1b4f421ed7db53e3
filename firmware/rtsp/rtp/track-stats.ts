/** What is known about one track since its connection began. Numbers only, so it may be copied between threads. */
export interface TrackStats {
  readonly packets: number;
  /** Of whole RTP packets. */
  readonly bytes: number;
  /** Packets missing in the sequence numbers. */
  readonly lost: number;
  /** Repeated or too late packets. */
  readonly duplicates: number;
  /** Packets of payload types that do not belong to the track, or no RTP at all. */
  readonly foreign: number;
  readonly frames: number;
  readonly keyFrames: number;
  /** Pictures of which a part is missing, and pictures without anything left. */
  readonly damagedFrames: number;
  readonly lostFrames: number;
  /** Frames that came before the parameters that are needed to store them. */
  readonly uselessFrames: number;
  /** Distance of the last two key frames; 0 if there were not two. */
  readonly gopMs: number;
  /** Over the last seconds; 0 as long as nothing can be said. */
  readonly bitsPerSecond: number;
  readonly framesPerSecond: number;
  /** Clock.monoUs of the newest packet; 0 before the first. */
  readonly lastArrivalUs: number;
  /** Interarrival jitter (RFC 3550 A.8). */
  readonly jitterMs: number;
  /** Times the camera changed its SSRC, and times its time stamps made a lasting step. */
  readonly sourceChanges: number;
  readonly timeSteps: number;
}

const WINDOW_US = 3e6;

/** Counts for one track; plain fields, because they are touched for every packet. */
export class TrackCounters {
  packets = 0;
  bytes = 0;
  lost = 0;
  duplicates = 0;
  foreign = 0;
  frames = 0;
  keyFrames = 0;
  damagedFrames = 0;
  lostFrames = 0;
  uselessFrames = 0;
  gopMs = 0;
  lastArrivalUs = 0;
  sourceChanges = 0;
  bitsPerSecond = 0;
  framesPerSecond = 0;
  #lastKeyS = Number.NaN;
  #windowBeganUs = Number.NaN;
  #bytesBefore = 0;
  #framesBefore = 0;

  /** A frame goes out; `timeS` is its time on the session's timeline in seconds. */
  frame(key: boolean, timeS: number): void {
    this.frames++;
    if (!key) return;
    this.keyFrames++;
    if (timeS > this.#lastKeyS) this.gopMs = Math.round((timeS - this.#lastKeyS) * 1000);
    this.#lastKeyS = timeS;
  }

  /** Brings the rates up to date; to be called now and then. */
  measure(nowUs: number): void {
    const elapsedUs = nowUs - this.#windowBeganUs;
    if (elapsedUs < WINDOW_US) return;
    if (!Number.isNaN(elapsedUs)) {
      this.bitsPerSecond = Math.round(((this.bytes - this.#bytesBefore) * 8e6) / elapsedUs);
      this.framesPerSecond = Math.round(((this.frames - this.#framesBefore) * 1e8) / elapsedUs) / 100;
    }
    this.#windowBeganUs = nowUs;
    this.#bytesBefore = this.bytes;
    this.#framesBefore = this.frames;
  }
}
