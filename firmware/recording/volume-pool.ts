import { isDeepStrictEqual } from 'node:util';
import type { BoxError, Clock } from '../base/index.ts';
import type { JournalEntry, JournalRecord, RecoveryCatalogue, Volume } from '../storage/index.ts';
import { ImportSlot } from './import-slot.ts';
import type { Fitness, Place } from './placement.ts';
import type { Sparing, VolumePlan } from './plan.ts';
import type { VolumeReport } from './report.ts';
import { VolumeClaims, type VolumePlace } from './volume-place.ts';
import { VolumeSlot } from './volume-slot.ts';
import type { WallClock } from './wall-clock.ts';

export interface VolumePoolDeps {
  readonly box: string;
  readonly boot: string;
  readonly clock: Clock;
  readonly wall: WallClock;
  readonly queueMaxBytes: number;
  entries(uuid: string, entries: readonly JournalEntry[]): void;
  /** A volume is there; for reading only, or to be written to. Returns what recovery may ask of the catalogue. */
  opened(plan: VolumePlan, uuid: string): RecoveryCatalogue;
  /** Everything that earlier processes left open on the volumes of the settings is in order; told again for late ones. */
  recovered(): void;
  /** A volume that is not in the settings any more was let go of. */
  left(id: string, uuid: string): void;
  /** Other volumes take recordings now. */
  changed(): void;
  /** What was written to one of them is stable. */
  synced(): void;
  problem(volume: string, error: BoxError | undefined): void;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}

/** Seconds of syncing after which a disk's speed counts as measured. */
const MEASURED_S = 1;

/** The volumes of the settings, which come and go while the box runs. */
export class VolumePool {
  readonly #deps: VolumePoolDeps;
  readonly #places = new Map<string, VolumePlace>();
  readonly #leaving = new Map<VolumePlace, Promise<void>>();
  readonly #sparings = new Map<string, Sparing>();
  readonly #claims = new VolumeClaims();

  constructor(plans: readonly VolumePlan[], sparings: readonly Sparing[], deps: VolumePoolDeps) {
    this.#deps = deps;
    for (const sparing of sparings) this.#sparings.set(sparing.by, sparing);
    for (const plan of plans) this.#places.set(plan.id, this.#make(plan));
  }

  /** Volumes that recordings may go to, whether they take them now or not. */
  get writable(): number {
    let count = 0;
    for (const { plan } of this.#places.values()) if (!plan.readOnly) count++;
    return count;
  }

  /** Resolves when every folder has been tried once. */
  async start(): Promise<void> {
    await Promise.all([...this.#places.values()].map((each) => each.start()));
  }

  /** New settings. True if there is a volume that was not there before. */
  apply(plans: readonly VolumePlan[]): boolean {
    const wanted = new Map(plans.map((plan) => [plan.id, plan]));
    const before = new Set(this.#places.keys());
    for (const [id, place] of this.#places) {
      const plan = wanted.get(id);
      if (plan && isDeepStrictEqual(fixed(place.plan), fixed(plan))) place.update(plan);
      else this.#remove(id, place, plan === undefined);
    }
    let isNew = false;
    for (const plan of plans) {
      if (this.#places.has(plan.id)) continue;
      const place = this.#make(plan);
      this.#places.set(plan.id, place);
      void this.#startAfterOthers(place);
      isNew ||= !before.has(plan.id);
    }
    // Nobody waits any more for a volume that never came.
    this.#lookRecovered();
    return isNew;
  }

  async stop(deadlineMs: number): Promise<boolean> {
    const all = [...this.#places.values(), ...this.#leaving.keys()];
    const clean = await Promise.all(all.map((each) => each.stop(deadlineMs)));
    return clean.every(Boolean);
  }

  spare(sparing: Sparing): void {
    this.#sparings.set(sparing.by, sparing);
  }

  /** The volumes for placement, in the order of the settings. */
  get places(): Place[] {
    const spared = new Set([...this.#sparings.values()].flatMap(({ volumes }) => volumes.map(({ id }) => id)));
    const writable = [...this.#places.values()].filter(({ plan }) => !plan.readOnly);
    return writable.map((place) => placeOf(place, spared.has(place.plan.id) ? 'avoid' : 'good'));
  }

  ready(id: string): Volume | undefined {
    return this.#places.get(id)?.ready;
  }

  /** The setting's id of a volume. */
  nameOf(volume: Volume): string {
    const found = [...this.#places.values(), ...this.#leaving.keys()].find(({ uuid }) => uuid === volume.id);
    return found?.plan.id ?? volume.id;
  }

  byUuid(uuid: string): Volume | undefined {
    return [...this.#places.values()].find(({ open }) => open?.id === uuid)?.open;
  }

  get allOpen(): Volume[] {
    return [...this.#places.values()].flatMap(({ open }) => open ?? []);
  }

  /** One that takes recordings, if there is one. */
  get anyOpen(): Volume | undefined {
    const places = [...this.#places.values()];
    return (places.find(({ ready }) => ready) ?? places.find(({ open }) => open))?.open;
  }

  /** Every volume that recordings may go to is there. */
  get areAllOpen(): boolean {
    return [...this.#places.values()].every(({ plan, open }) => plan.readOnly || open !== undefined);
  }

  /** Appended to the journal of every volume that is open. */
  record(record: Exclude<JournalRecord, { t: 'head' }>): void {
    for (const { open } of this.#places.values()) void open?.appendRecord(record);
  }

  /** The last instant that any volume held of a stream when it was opened, UTC microseconds. */
  async lastEndUs(camera: string, stream: string): Promise<number | undefined> {
    const places = [...this.#places.values()];
    await Promise.all(places.map((each) => each.started));
    const ends = await Promise.all(places.map((each) => each.lastEndUs(camera, stream)));
    const known = ends.filter((end) => end !== undefined);
    return known.length > 0 ? Math.max(...known) : undefined;
  }

  report(): VolumeReport[] {
    return [...this.#places.values(), ...this.#leaving.keys()].map((each) => each.report());
  }

  #make(plan: VolumePlan): VolumePlace {
    const shared = { ...this.#deps, claims: this.#claims, recovered: () => this.#lookRecovered() };
    if (plan.readOnly) return new ImportSlot(plan, shared);
    // A change is told when whoever makes it is done with it.
    return new VolumeSlot(plan, { ...shared, changed: () => queueMicrotask(() => this.#deps.changed()) });
  }

  #lookRecovered(): void {
    const places = [...this.#places.values()];
    if (places.some(({ open }) => open) && places.every(({ recovered }) => recovered)) this.#deps.recovered();
  }

  /** `forGood`: it is in the settings no more; else it is opened anew in another way. */
  #remove(id: string, place: VolumePlace, forGood: boolean): void {
    this.#places.delete(id);
    const left = place.leave().then(
      () => this.#deps.log('volume.let-go', { volume: id }),
      (error: unknown) => this.#deps.log('volume.not-let-go', { volume: id, reason: String(error) }),
    );
    this.#leaving.set(
      place,
      left.finally(() => {
        this.#leaving.delete(place);
        if (forGood && place.uuid !== undefined) this.#deps.left(id, place.uuid);
      }),
    );
  }

  /** A volume that changes its id or its way is let go of before it is opened again. */
  async #startAfterOthers(place: VolumePlace): Promise<void> {
    const before = [...this.#leaving].filter(([each]) => each.plan.folder === place.plan.folder);
    await Promise.all(before.map(([, left]) => left));
    if (this.#places.get(place.plan.id) === place) await place.start();
  }
}

/** What cannot change while a folder is open. */
function fixed({ folder, readOnly, recoveryPointMs, sync }: VolumePlan): unknown {
  return { folder, readOnly, recoveryPointMs, sync };
}

function placeOf({ plan, ready, open }: VolumePlace, fitness: Fitness): Place {
  const stats = open?.stats;
  const size = stats?.space?.totalBytes;
  const roomBytes = size === undefined ? plan.budgetBytes : Math.min(size, plan.budgetBytes ?? Infinity);
  const syncS = stats ? (stats.syncs.count * stats.syncs.meanMs) / 1000 : 0;
  const bytesPerS = stats && syncS > MEASURED_S ? stats.syncedBytes / syncS : Infinity;
  return { id: plan.id, group: plan.group, isReady: ready !== undefined, fitness, roomBytes, bytesPerS };
}
