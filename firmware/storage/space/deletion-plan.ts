/**
 * Which segments of a volume go next: a pure decision. Oldest first by sequence, never by wall time (R6); a limit of age is a
 * wish about time, so it counts only for segments whose own time is trusted, and only while the clock is. The sequence of a copy
 * says when it was copied, so a copy whose time is trusted goes when what was recorded here at that time would go.
 */
import type { FootageClass } from '../journal/journal.ts';

/** A closed segment that may be deleted: not locked, not asked for before. */
export interface Candidate {
  sequence: number;
  path: string;
  bytes: number;
  startUs: number;
  endUs: number;
  /** Recorded before the box knew the time. */
  untrusted: boolean;
}

/** The segments of one stream and class on a volume, oldest first: by sequence, copies by time. */
export interface DeletionQueue {
  camera: string;
  class: FootageClass;
  /** Its segments are copies whose times are trusted. */
  copies: boolean;
  /** The oldest one; with `timed` the oldest whose own time is trusted. Undefined when there is none. */
  front(timed: boolean): Candidate | undefined;
}

/** What the owner wishes for a camera. */
export interface KeepingRules {
  /** Footage of this class older than so many days goes; undefined: never for its age. */
  ageLimitDays(footage: FootageClass): number | undefined;
  /** Segments up to this sequence may be overwritten when room is needed; Infinity: all. */
  overwriteUpTo: number;
  /** Bytes of this camera that are to go because it has more than it may. */
  excessBytes: number;
}

export interface PlanInput {
  queues: readonly DeletionQueue[];
  rulesOf: (camera: string) => KeepingRules;
  /** Bytes that must go to make room; 0 or less: none. What has been asked for before is not among them. */
  needBytes: number;
  /** Events take more than their share: they are spared no longer. */
  eventsSpared: boolean;
  /** UTC microseconds; undefined while the clock is not trusted. */
  nowUs: number | undefined;
  /** The pace: no step begins when so many bytes are planned. */
  paceBytes: number;
  maxSteps: number;
  /** Told of each step at once: afterwards its segment is at the front of no queue. */
  take(step: PlannedStep): void;
}

export type Why = 'age' | 'size' | 'space';

export interface DeletionStep {
  sequence: number;
  path: string;
  bytes: number;
}

export interface PlannedStep extends DeletionStep {
  camera: string;
  class: FootageClass;
  endUs: number;
  why: Why;
}

export interface DeletionPlan {
  steps: PlannedStep[];
  /** More room is needed than everything that may be deleted would give. */
  exhausted: boolean;
}

const DAY_US = 86_400_000_000;
/** Events are spared as long as they take less than this share of the footage. */
const EVENT_SHARE = 0.5;

/** Whether footage of events outlives the rest on a volume that has so much of each. */
export function sparesEvents(eventBytes: number, usedBytes: number): boolean {
  return eventBytes < usedBytes * EVENT_SHARE;
}

export function planDeletion(input: PlanInput): DeletionPlan {
  const plan = new Plan(input);
  plan.byAge();
  plan.bySize();
  return { exhausted: plan.bySpace(), steps: plan.steps };
}

class Plan {
  readonly steps: PlannedStep[] = [];
  readonly #input: PlanInput;
  #bytes = 0;

  constructor(input: PlanInput) {
    this.#input = input;
  }

  byAge(): void {
    const { queues, rulesOf, nowUs } = this.#input;
    if (nowUs === undefined) return;
    for (const queue of queues) {
      const days = rulesOf(queue.camera).ageLimitDays(queue.class);
      if (days === undefined) continue;
      // Ends at the first that is not too old: a younger time behind it says that the clock stepped, not that it is older.
      const tooOld = ({ endUs }: Candidate): boolean => endUs < nowUs - days * DAY_US;
      for (let oldest = queue.front(true); oldest && tooOld(oldest); oldest = queue.front(true)) {
        if (!this.#take(queue, oldest, 'age')) return;
      }
    }
  }

  bySize(): void {
    const { queues, rulesOf } = this.#input;
    for (const camera of new Set(queues.map((queue) => queue.camera))) {
      const { excessBytes } = rulesOf(camera);
      if (excessBytes <= 0) continue;
      const own = queues.filter((queue) => queue.camera === camera);
      const taken = this.steps.filter((step) => step.camera === camera).reduce((sum, { bytes }) => sum + bytes, 0);
      for (let left = excessBytes - taken; left > 0;) {
        const oldest = oldestOf(own.filter(isContinuous)) ?? oldestOf(own);
        if (!oldest) break;
        if (!this.#take(oldest.queue, oldest.candidate, 'size')) return;
        left -= oldest.candidate.bytes;
      }
    }
  }

  /** True if more is needed than there is. */
  bySpace(): boolean {
    const { queues, rulesOf, needBytes, eventsSpared } = this.#input;
    const continuous = eventsSpared ? queues.filter(isContinuous) : queues;
    const upTo = ({ camera }: DeletionQueue): number => rulesOf(camera).overwriteUpTo;
    while (this.#bytes < needBytes) {
      const oldest = oldestOf(continuous, upTo) ?? oldestOf(queues, upTo);
      if (!oldest) return true;
      if (!this.#take(oldest.queue, oldest.candidate, 'space')) return false;
    }
    return false;
  }

  #take(queue: DeletionQueue, candidate: Candidate, why: Why): boolean {
    const { paceBytes, maxSteps } = this.#input;
    if (this.#bytes >= paceBytes || this.steps.length >= maxSteps) return false;
    const { sequence, path, bytes, endUs } = candidate;
    const step = { sequence, path, bytes, endUs, camera: queue.camera, class: queue.class, why };
    this.steps.push(step);
    this.#bytes += bytes;
    this.#input.take(step);
    return true;
  }
}

function isContinuous(queue: DeletionQueue): boolean {
  return queue.class === 'continuous';
}

interface Front {
  queue: DeletionQueue;
  candidate: Candidate;
}

function oldestOf(
  queues: readonly DeletionQueue[],
  upTo: (queue: DeletionQueue) => number = () => Infinity,
): Front | undefined {
  let own: Front | undefined;
  let copy: Front | undefined;
  for (const queue of queues) {
    const candidate = queue.front(false);
    if (!candidate || candidate.sequence > upTo(queue)) continue;
    const { sequence, startUs } = candidate;
    if (queue.copies && (!copy || startUs < copy.candidate.startUs)) copy = { queue, candidate };
    if (!queue.copies && (!own || sequence < own.candidate.sequence)) own = { queue, candidate };
  }
  if (!own || !copy) return own ?? copy;
  const key = own.candidate.untrusted ? 'sequence' : 'startUs';
  return copy.candidate[key] < own.candidate[key] ? copy : own;
}
