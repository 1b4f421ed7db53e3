import type { MissingReason, MissingSpan } from './day-account.ts';
import { isExpected, type RecordingPromise } from './promise.ts';

/** How recording of one stream is, at one look. */
export interface StreamSight {
  readonly camera: string;
  readonly stream: string;
  readonly recording: boolean;
  /** Pictures recorded since the start: one that stands still is not recording, whatever it says. */
  readonly frames: number;
  /** Why there is an interruption now, if one is known. */
  readonly reason?: MissingReason | undefined;
}

/** A camera that should be recorded and is not. */
export interface MissingAlarm {
  readonly camera: string;
  /** The last instant at which it was seen to be recorded, or at which it began to be expected. */
  readonly sinceUs: number;
  readonly reason: MissingReason;
}

interface Watched {
  frames: number;
  goodMonoUs: number;
  goodWallUs: number;
  alarm: MissingAlarm | undefined;
}

/** Long enough for a camera that starts again by itself, short enough for an alarm within a minute. */
const PATIENCE_US = 30_000_000;
const REMEMBERED = 1000;

/** Decides from repeated looks which cameras are missing. Pure: it reads no clock. */
export class MissingWatch {
  readonly #watched = new Map<string, Watched>();
  readonly #observed = new Map<string, MissingSpan[]>();

  /**
   * One look, some seconds after the former one. `sights` is undefined when recording itself does not answer. Returns all
   * alarms that stand now.
   */
  look(
    now: { monoUs: number; wallUs: number },
    promises: Iterable<RecordingPromise>,
    sights: readonly StreamSight[] | undefined,
  ): MissingAlarm[] {
    const there = new Set<string>();
    const alarms: MissingAlarm[] = [];
    for (const promise of promises) {
      there.add(promise.camera);
      const sight = sights?.find(({ camera, stream }) => camera === promise.camera && stream === promise.stream);
      const alarm = this.#lookAt(now, promise, sight);
      if (alarm) alarms.push(alarm);
    }
    for (const camera of this.#watched.keys()) if (!there.has(camera)) this.#watched.delete(camera);
    return alarms;
  }

  /** What was seen to be missing, and why: for accounts that are made before the gap is written down. */
  observed(camera: string): readonly MissingSpan[] {
    return this.#observed.get(camera) ?? [];
  }

  #lookAt(
    now: { monoUs: number; wallUs: number },
    promise: RecordingPromise,
    sight: StreamSight | undefined,
  ): MissingAlarm | undefined {
    const { camera } = promise;
    let watched = this.#watched.get(camera);
    if (!watched) {
      watched = { frames: 0, goodMonoUs: now.monoUs, goodWallUs: now.wallUs, alarm: undefined };
      this.#watched.set(camera, watched);
    }
    const records = sight !== undefined && sight.recording && sight.frames !== watched.frames;
    if (sight) watched.frames = sight.frames;
    if (records || !isExpected(promise, now.wallUs)) {
      watched.goodMonoUs = now.monoUs;
      watched.goodWallUs = now.wallUs;
      watched.alarm = undefined;
      return undefined;
    }
    if (now.monoUs - watched.goodMonoUs < PATIENCE_US) return undefined;
    const reason = sight?.reason ?? watched.alarm?.reason ?? 'unknown';
    watched.alarm = { camera, sinceUs: watched.goodWallUs, reason };
    this.#observe(camera, { startUs: watched.goodWallUs, endUs: now.wallUs, reason });
    return watched.alarm;
  }

  #observe(camera: string, span: MissingSpan): void {
    if (span.reason === 'unknown' || span.endUs <= span.startUs) return;
    const spans = this.#observed.get(camera) ?? [];
    this.#observed.set(camera, spans);
    const last = spans.at(-1);
    if (last && last.startUs === span.startUs && last.reason === span.reason) spans.pop();
    spans.push(span);
    if (spans.length > REMEMBERED) spans.shift();
  }
}
