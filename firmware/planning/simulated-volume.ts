import {
  INITIAL_STANDING,
  planDeletion,
  spaceMarks,
  sparesEvents,
  standingOf,
  type Candidate,
  type DeletionQueue,
  type FootageClass,
  type PlannedStep,
  type SpaceMarks,
  type SpaceStanding,
} from '../storage/index.ts';
import type { PlanCamera, PlanVolume } from './model.ts';

/** Footage on a simulated volume, where retention sees a segment. */
export interface Footage {
  readonly startUs: number;
  readonly endUs: number;
  readonly bytes: number;
}

/** The last footage of a stream that was deleted. */
export interface Deletion {
  readonly lane: Lane;
  readonly endUs: number;
  readonly why: PlannedStep['why'];
}

/** Pieces that are gone are let go by so many. */
const LET_GO = 256;

/** Segments of one stream and class on one volume, oldest first. */
export class Lane implements DeletionQueue {
  readonly camera: string;
  readonly stream: string;
  readonly class: FootageClass;
  readonly copies = false;
  #pieces: Candidate[] = [];
  #next = 0;

  constructor(camera: string, stream: string, footage: FootageClass) {
    this.camera = camera;
    this.stream = stream;
    this.class = footage;
  }

  push(piece: Candidate): void {
    this.#pieces.push(piece);
  }

  front(): Candidate | undefined {
    return this.#pieces[this.#next];
  }

  shift(): Candidate {
    const piece = this.#pieces[this.#next++]!;
    if (this.#next >= LET_GO) {
      this.#pieces = this.#pieces.slice(this.#next);
      this.#next = 0;
    }
    return piece;
  }
}

/** A volume whose space is kept by the decisions that keep a real one: the space model and the deletion plan of storage. */
export class SimulatedVolume {
  readonly id: string;
  readonly marks: SpaceMarks;
  readonly #cameras: ReadonlyMap<string, PlanCamera>;
  readonly #lanes = new Map<string, Lane>();
  readonly #bytesByCamera = new Map<string, number>();
  #lastSequence = 0;
  #usedBytes = 0;
  #eventBytes = 0;
  #exhausted = false;
  #standing: SpaceStanding = INITIAL_STANDING;

  constructor(
    volume: PlanVolume,
    rates: { bytesPerS: number; peakBytesPerS: number },
    cameras: ReadonlyMap<string, PlanCamera>,
  ) {
    this.id = volume.id;
    this.marks = spaceMarks({ ...volume, ...rates });
    this.#cameras = cameras;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** No segment may begin; for cameras that stop instead of overwriting, none may begin earlier. */
  isClosedFor(camera: PlanCamera): boolean {
    return this.#standing.closed || (!camera.overwrite && this.#standing.full);
  }

  bytesOf(camera: string): number {
    return this.#bytesByCamera.get(camera) ?? 0;
  }

  /** The footage of one stream and class. */
  lane(camera: string, stream: string, footage: FootageClass): Lane {
    const key = `${camera}/${stream}/${footage}`;
    const known = this.#lanes.get(key);
    if (known) return known;
    const lane = new Lane(camera, stream, footage);
    this.#lanes.set(key, lane);
    return lane;
  }

  /** The oldest footage of a camera; undefined if there is none. */
  oldestUs(camera: string): number | undefined {
    let oldest: number | undefined;
    for (const lane of this.#lanes.values()) {
      const front = lane.camera === camera ? lane.front() : undefined;
      if (front && front.startUs < (oldest ?? Infinity)) oldest = front.startUs;
    }
    return oldest;
  }

  /** To be called in the order in which footage comes; `lane` is one of this volume. */
  add(lane: Lane, { startUs, endUs, bytes }: Footage): void {
    lane.push({ sequence: ++this.#lastSequence, path: '', untrusted: false, startUs, endUs, bytes });
    this.#count(lane, bytes);
  }

  /** Deletes what retention would delete now; returns the last deletion of each lane. `excessOf` says how much of a camera is to go from here because it has too much. */
  trim(nowUs: number, excessOf: (camera: string) => number): Deletion[] {
    const deleted = new Map<Lane, Deletion>();
    const before = standingOf(this.#standing, this.#usedBytes, this.marks, this.#exhausted);
    const queues = [...this.#lanes.values()];
    const { exhausted } = planDeletion({
      queues,
      rulesOf: (id) => {
        const camera = this.#cameras.get(id);
        return {
          ageLimitDays: (footage) => (footage === 'event' ? (camera?.eventDays ?? camera?.days) : camera?.days),
          overwriteUpTo: camera?.overwrite === false ? 0 : Infinity,
          excessBytes: camera?.maxBytes === undefined ? 0 : excessOf(id),
        };
      },
      needBytes: before.state === 'comfortable' ? 0 : this.#usedBytes - this.marks.lowBytes,
      eventsSpared: sparesEvents(this.#eventBytes, this.#usedBytes),
      nowUs,
      paceBytes: Infinity,
      maxSteps: Infinity,
      take: ({ sequence, why }) => {
        const lane = queues.find((each) => each.front()?.sequence === sequence)!;
        const { bytes, endUs } = lane.shift();
        this.#count(lane, -bytes);
        deleted.set(lane, { lane, endUs, why });
      },
    });
    this.#exhausted = exhausted;
    this.#standing = standingOf(before, this.#usedBytes, this.marks, exhausted);
    return [...deleted.values()];
  }

  #count({ camera, class: footage }: Lane, bytes: number): void {
    this.#usedBytes += bytes;
    if (footage === 'event') this.#eventBytes += bytes;
    this.#bytesByCamera.set(camera, this.bytesOf(camera) + bytes);
  }
}
