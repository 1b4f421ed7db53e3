import type { Catalogue } from '../catalogue/catalogue.ts';
import type { SegmentInfo } from '../catalogue/catalogue-types.ts';
import type { Usage } from '../catalogue/catalogue-usage.ts';
import { planDeletion, sparesEvents, type DeletionStep, type KeepingRules, type PlannedStep } from './deletion-plan.ts';
import { CatalogueQueue } from './deletion-queue.ts';
import { INITIAL_STANDING, paceBytes, spaceMarks, standingOf, type SpaceMarks } from './space-model.ts';
import type { VolumeFacts, VolumePolicy, VolumeSpace } from './space-policy.ts';
import { SteadyBytes } from './steady-bytes.ts';
import { WriteRate } from '../volume/write-rate.ts';

/** Deletions asked for in one round: enough to keep ahead of any recording, little enough to stop soon. */
const MAX_STEPS = 64;
/** A deletion that nobody has recorded by then is asked for again. */
const ASK_AGAIN_MS = 60_000;
/** Facts come every two seconds from a volume that is in use. */
const AWAY_MS = 15_000;
/** Queues begin at their front again so often: what recovery has found may lie before it. */
const RESET_MS = 6 * 3600_000;
/** Locked segments and the like that one round passes over: some ten milliseconds. */
const MOST_PASSED_OVER = 5000;
const NO_MARKS: SpaceMarks = { limitBytes: 0, closeBytes: 0, highBytes: 0, lowBytes: 0, diskCloseBytes: 0 };

/** The ways to the record worker. */
export interface VolumeSpacePorts {
  ask(steps: DeletionStep[]): void;
  keep(steps: DeletionStep[]): void;
}

/** What a round needs to know of the box. */
export interface RoundContext {
  /** Monotonic. */
  nowMs: number;
  /** UTC microseconds; undefined while the clock is not trusted. */
  nowUs: number | undefined;
  isLocked(segment: SegmentInfo): boolean;
  /** Changes whenever a segment that was locked may not be. */
  released: number;
}

/**
 * Holds one volume between its marks, and carries on deletions that a crash interrupted. It only asks: the record worker marks,
 * removes the file and writes the journal, and the journal tells the catalogue.
 */
export class VolumeSpaceKeeper {
  readonly #volume: string;
  readonly #catalogue: Catalogue;
  readonly #ports: VolumeSpacePorts;
  readonly #asked = new Map<number, { bytes: number; camera: string; atMs: number }>();
  /** Asked to be kept, and when. */
  readonly #keeping = new Map<number, number>();
  readonly #rate = new WriteRate();
  readonly #others = new SteadyBytes();
  readonly #queues = new Map<string, { queue: CatalogueQueue; added: number }>();
  policy: VolumePolicy | undefined;
  #facts: VolumeFacts | undefined;
  #observedMs = -Infinity;
  #standing = INITIAL_STANDING;
  #marks = NO_MARKS;
  #exhausted = false;
  #plannedBytes = 0;
  #lumpBytes = 0;
  #lastMs: number | undefined;
  #resetMs = 0;
  #seenDeletedBytes = 0;
  #released = -1;
  readonly #patience = { left: 0 };
  #context: RoundContext | undefined;

  constructor(volume: string, catalogue: Catalogue, ports: VolumeSpacePorts) {
    this.#volume = volume;
    this.#catalogue = catalogue;
    this.#ports = ports;
  }

  get facts(): VolumeFacts | undefined {
    return this.#facts;
  }

  /** Bytes of a camera's closed segments. */
  bytesOf(camera: string): number {
    return this.#usage().reduce((sum, usage) => sum + (usage.camera === camera ? usage.bytes : 0), 0);
  }

  /** It takes part in what is deleted for the wishes of cameras. */
  get deletes(): boolean {
    return this.#facts !== undefined && this.policy !== undefined && !this.policy.readOnly;
  }

  get closed(): boolean {
    return this.#standing.closed;
  }

  /** It is full for cameras whose footage is not overwritten. */
  get full(): boolean {
    return this.#standing.full;
  }

  observe(facts: VolumeFacts, nowMs: number): void {
    this.#facts = facts;
    this.#observedMs = nowMs;
    this.#rate.observe(facts.writtenBytes, nowMs);
    const usedBytes = this.#catalogue.volumeTotals(this.#volume).bytes;
    this.#others.observe(facts.totalBytes - facts.freeBytes - usedBytes);
  }

  /** Bytes of a camera that deletion was asked for and that are not gone. */
  pendingBytesOf(camera: string): number {
    return this.#pending((each) => each.camera === camera);
  }

  /** What may be deleted of a camera, oldest first; `timed`: only if its time is trusted. */
  frontsOf(camera: string, timed = false): SegmentInfo[] {
    return this.#queuesNow()
      .filter((queue) => queue.camera === camera)
      .flatMap((queue) => queue.front(timed) ?? []);
  }

  /** Nothing of what was asked for is going on; all is looked at anew. */
  withdraw(): void {
    this.#asked.clear();
    this.#resetMs = -Infinity;
  }

  /** Begins a round: comes before everything else that asks what there is to delete. */
  begin(context: RoundContext): void {
    this.#context = context;
    this.#forgetDone(context.nowMs);
    this.#refreshQueues();
    this.#resetQueues(context);
  }

  /** Looks at the volume once. Returns what it has asked for. */
  round(rulesOf: (camera: string) => KeepingRules): PlannedStep[] {
    const { nowMs } = this.#context!;
    const steps = this.policy?.readOnly ? [] : this.#interrupted();
    for (const { sequence, bytes } of steps) this.#asked.set(sequence, { bytes, camera: '', atMs: nowMs });
    const planned =
      this.policy && this.#facts && !this.policy.readOnly ? this.#plan(this.policy, this.#facts, rulesOf) : [];
    const all = [...steps, ...planned.map(stepOf)];
    if (all.length > 0) this.#ports.ask(all);
    this.#lastMs = nowMs;
    return planned;
  }

  report(): VolumeSpace {
    const { state, closed } = this.#standing;
    return {
      volume: this.#volume,
      here: this.#context !== undefined && this.#context.nowMs - this.#observedMs < AWAY_MS,
      state,
      closed,
      ...this.#marks,
      ...this.#rate.figures,
      usedBytes: this.#catalogue.volumeTotals(this.#volume).bytes,
      heldBytes: state === 'stuck' ? this.#usage().reduce((sum, { bytes }) => sum + bytes, 0) : 0,
      plannedBytes: this.#plannedBytes,
      deletedBytes: this.#catalogue.deletedBytes(this.#volume),
    };
  }

  #plan(
    { budgetBytes }: VolumePolicy,
    { totalBytes }: VolumeFacts,
    rulesOf: (camera: string) => KeepingRules,
  ): PlannedStep[] {
    const { nowMs, nowUs } = this.#context!;
    const { bytes: usedBytes } = this.#catalogue.volumeTotals(this.#volume);
    const figures = this.#rate.figures;
    const freeBytes = Math.max(0, totalBytes - this.#others.bytes - usedBytes);
    const marks = spaceMarks({ totalBytes, freeBytes, segmentBytes: usedBytes, budgetBytes, ...figures });
    const pendingBytes = this.#pending(() => true);
    // The state of the last look says whether the volume is on its way down to the low mark.
    const before = standingOf(this.#standing, usedBytes, marks, this.#exhausted);
    const elapsedS = this.#lastMs === undefined ? 1 : (nowMs - this.#lastMs) / 1000;
    const queues = this.#queuesNow();
    for (const queue of queues) queue.front(false);
    // The oldest is not known yet: better a round without deletion than one in the wrong order, unless room is short.
    const waits = before.state === 'trimming' && queues.some(({ isSearching }) => isSearching);
    const plan = planDeletion({
      queues,
      rulesOf,
      nowUs,
      needBytes: before.state === 'comfortable' || waits ? 0 : usedBytes - pendingBytes - marks.lowBytes,
      eventsSpared: sparesEvents(this.#eventBytes(), usedBytes),
      paceBytes: paceBytes(before.state, figures.peakBytesPerS, elapsedS, pendingBytes),
      maxSteps: MAX_STEPS - this.#asked.size,
      take: ({ sequence, bytes, camera }) => this.#asked.set(sequence, { bytes, camera, atMs: nowMs }),
    });
    for (const { bytes } of plan.steps) {
      this.#plannedBytes += bytes;
      this.#lumpBytes = Math.max(this.#lumpBytes, bytes);
    }
    const isSearching = queues.some((queue) => queue.isSearching);
    this.#exhausted = plan.exhausted && this.#asked.size === 0 && !isSearching;
    this.#marks = marks;
    this.#standing = standingOf(this.#standing, usedBytes, marks, this.#exhausted, this.#lumpBytes);
    return plan.steps;
  }

  #queuesNow(): CatalogueQueue[] {
    return this.#usage().map((usage) => {
      const key = `${usage.channel}/${usage.class}/${usage.copies}`;
      let known = this.#queues.get(key);
      if (!known) this.#queues.set(key, (known = { queue: this.#makeQueue(usage), added: usage.added }));
      // What is recorded goes to the end of its queue, a copy to any place of it.
      if (usage.copies && usage.added !== known.added) known.queue.reset();
      known.added = usage.added;
      return known.queue;
    });
  }

  #usage(): (Usage & { camera: string })[] {
    return this.#catalogue.usage(this.#volume);
  }

  #makeQueue(usage: Usage & { camera: string }): CatalogueQueue {
    const { camera, class: footage, copies } = usage;
    return new CatalogueQueue({
      camera,
      class: footage,
      copies,
      page: (after, limit) => this.#catalogue.queries.oldest(usage, after, limit),
      patience: this.#patience,
      isKept: (segment) => this.#asked.has(segment.sequence) || this.#context!.isLocked(segment),
    });
  }

  #refreshQueues(): void {
    const deletedBytes = this.#catalogue.deletedBytes(this.#volume);
    if (deletedBytes === this.#seenDeletedBytes) return;
    this.#seenDeletedBytes = deletedBytes;
    for (const { queue } of this.#queues.values()) queue.refresh();
  }

  #resetQueues({ nowMs, released }: RoundContext): void {
    this.#patience.left = MOST_PASSED_OVER;
    if (released === this.#released && nowMs - this.#resetMs < RESET_MS) return;
    this.#released = released;
    this.#resetMs = nowMs;
    for (const { queue } of this.#queues.values()) queue.reset();
  }

  #eventBytes(): number {
    return this.#usage().reduce((sum, usage) => sum + (usage.class === 'event' ? usage.bytes : 0), 0);
  }

  /** What was decided and is not done: to be carried on, unless it was locked since. */
  #interrupted(): DeletionStep[] {
    const context = this.#context!;
    const { nowMs } = context;
    const marked = this.#catalogue.queries.marked(this.#volume);
    const locked = new Set(marked.filter((each) => context.isLocked(each)).map(({ sequence }) => sequence));
    for (const [sequence, atMs] of this.#keeping) {
      if (!locked.has(sequence) || nowMs - atMs > ASK_AGAIN_MS) this.#keeping.delete(sequence);
    }
    const keep = marked.filter(({ sequence }) => locked.has(sequence) && !this.#keeping.has(sequence)).map(stepOf);
    for (const { sequence } of keep) {
      this.#keeping.set(sequence, nowMs);
      this.#asked.delete(sequence);
    }
    if (keep.length > 0) this.#ports.keep(keep);
    return marked.filter(({ sequence }) => !locked.has(sequence) && !this.#asked.has(sequence)).map(stepOf);
  }

  #pending(which: (asked: { camera: string }) => boolean): number {
    let sum = 0;
    for (const each of this.#asked.values()) if (which(each)) sum += each.bytes;
    return sum;
  }

  #forgetDone(nowMs: number): void {
    if (this.#asked.size === 0) return;
    const known = new Set(this.#catalogue.queries.known(this.#volume, [...this.#asked.keys()]));
    for (const [sequence, { atMs }] of this.#asked) {
      const late = nowMs - atMs > ASK_AGAIN_MS;
      if (known.has(sequence) && !late) continue;
      this.#asked.delete(sequence);
      // Its queue is past it.
      if (known.has(sequence)) this.#resetMs = -Infinity;
    }
  }
}

function stepOf({ sequence, path, bytes }: DeletionStep): DeletionStep {
  return { sequence, path, bytes };
}
