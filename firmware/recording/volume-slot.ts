import { asBoxError, Backoff, BoxError, type Clock } from '../base/index.ts';
import {
  openVolumeFolder,
  quickStart,
  Recovery,
  Volume,
  type JournalEntry,
  type QuickStart,
  type RecoveryCatalogue,
  type VolumeFolder,
  type VolumeState,
} from '../storage/index.ts';
import type { VolumePlan } from './plan.ts';
import type { VolumeReport } from './report.ts';
import type { VolumeClaims, VolumePlace } from './volume-place.ts';
import { TornSegments } from './torn-segments.ts';
import type { WallClock } from './wall-clock.ts';

export interface VolumeSlotDeps {
  readonly box: string;
  readonly boot: string;
  readonly clock: Clock;
  readonly wall: WallClock;
  readonly queueMaxBytes: number;
  /** Journal lines that are stable, for the catalogue. */
  entries(uuid: string, entries: readonly JournalEntry[]): void;
  readonly claims: VolumeClaims;
  /** The volume is in use from now on. Returns what recovery may ask of the catalogue. */
  opened(plan: VolumePlan, uuid: string): RecoveryCatalogue;
  /** What an earlier process left open on the volume is in order. */
  recovered(): void;
  /** Whether the volume takes recordings, or how it is, has changed. */
  changed(): void;
  /** What was written before is stable. */
  synced(): void;
  problem(volume: string, error: BoxError | undefined): void;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}

/** States that end only with a new Volume for the folder. */
const OVER: ReadonlySet<VolumeState> = new Set(['doubted', 'failed', 'gone']);
const OPEN_DEADLINE_MS = 5000;
const STOP_LOST_MS = 2000;
/** Streams go on elsewhere with their next key frames; those that have none in this time are cut off. */
const LEAVE_MS = 12_000;
const LEFT_MS = 5000;

/**
 * The place of one volume in the box: a long-lived loop around disposable Volume objects. A disk that is missing, broken or
 * someone else's is tried again and again, each volume by itself, and is used as soon as it is right.
 */
export class VolumeSlot implements VolumePlace {
  #plan: VolumePlan;
  readonly #deps: VolumeSlotDeps;
  readonly #backoff = new Backoff({ minMs: 1000, maxMs: 15_000 });
  readonly #stopping = new AbortController();
  #volume: Volume | undefined;
  #recovery: Recovery | undefined;
  #recovered = false;
  #torn: TornSegments | undefined;
  #lost = Promise.withResolvers<void>();
  #error: BoxError | undefined;
  #wasOpen = false;
  #uuid: string | undefined;
  #isLeaving = false;
  #drained = Promise.withResolvers<void>();
  #loop: Promise<void> = Promise.resolve();
  readonly #tried = Promise.withResolvers<void>();

  constructor(plan: VolumePlan, deps: VolumeSlotDeps) {
    this.#plan = plan;
    this.#deps = deps;
  }

  get id(): string {
    return this.#plan.id;
  }

  get plan(): VolumePlan {
    return this.#plan;
  }

  get uuid(): string | undefined {
    return this.#uuid;
  }

  /** The volume, if it takes recordings now. */
  get ready(): Volume | undefined {
    return this.#volume?.state === 'ready' && !this.#isLeaving ? this.#volume : undefined;
  }

  /** The volume, whatever its state, if it is open. */
  get open(): Volume | undefined {
    return this.#volume;
  }

  /** Resolves after the first attempt to open the folder, whether it went well or not. */
  get started(): Promise<void> {
    return this.#tried.promise;
  }

  start(): Promise<void> {
    this.#loop = this.#run();
    return this.started;
  }

  async stop(deadlineMs: number): Promise<boolean> {
    this.#stopping.abort();
    const left = await this.#volume?.stop(deadlineMs);
    this.#lost.resolve();
    await this.#loop;
    const clean = !left || (left.operations === 0 && left.segments === 0);
    if (!clean) this.#deps.log('volume.left', { volume: this.id, ...left });
    return clean;
  }

  /** Settings that do not ask for opening the folder anew. */
  update(plan: VolumePlan): void {
    this.#plan = { ...plan, adopt: this.#plan.adopt };
  }

  /**
   * Lets go of the folder in peace: new segments go elsewhere, open ones are completed, what is still open at last is cut off
   * and its streams go on elsewhere.
   */
  async leave(): Promise<void> {
    this.#isLeaving = true;
    this.#deps.changed();
    this.#lookDrained();
    const late = new AbortController();
    await Promise.race([this.#drained.promise, this.#deps.clock.sleep(LEAVE_MS, late.signal).catch(() => undefined)]);
    late.abort();
    await this.stop(LEFT_MS);
    this.#deps.problem(this.id, undefined);
  }

  /** What an earlier process left open is in order. */
  get recovered(): boolean {
    return this.#recovered;
  }

  /** The last instant that this volume held of a stream when it was opened. */
  async lastEndUs(camera: string, stream: string): Promise<number | undefined> {
    return this.#recovery?.lastEndUs(camera, stream);
  }

  report(): VolumeReport {
    const { id, folder } = this.#plan;
    const uuid = this.#volume && this.#uuid;
    const stats = this.#volume?.stats;
    const state = this.#isLeaving ? ('leaving' as const) : stats?.state;
    return { id, folder, uuid, error: this.#error?.toJSON(), ...stats, state };
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#use(signal);
      } catch (error) {
        this.#fail(asBoxError(error, 'storage.io'));
      }
      this.#tried.resolve();
      if (!signal.aborted) await this.#deps.clock.sleep(this.#backoff.nextMs(), signal).catch(() => undefined);
    }
    this.#tried.resolve();
  }

  /** One life of a Volume: from opening the folder to the fault that ends it. */
  async #use(signal: AbortSignal): Promise<void> {
    const { clock, box } = this.#deps;
    const { folder: path, adopt } = this.#plan;
    // Once it was a volume, an empty folder in its place is a bare mount point.
    const adoptEmpty = adopt && !this.#wasOpen;
    const folder = await openVolumeFolder(path, { box, adoptEmpty, deadlineMs: OPEN_DEADLINE_MS, clock });
    this.#wasOpen = true;
    const uuid = folder.identity.volume;
    if (!this.#deps.claims.take(uuid, path)) {
      await folder.close();
      throw new BoxError('storage.not-ours', {
        folder: path,
        reason: `${this.#deps.claims.holder(uuid)} is the same volume`,
      });
    }
    try {
      await this.#record(folder, signal);
    } finally {
      this.#deps.claims.release(uuid);
    }
  }

  async #record(folder: VolumeFolder, signal: AbortSignal): Promise<void> {
    const { clock, queueMaxBytes } = this.#deps;
    const { recoveryPointMs, sync } = this.#plan;
    const uuid = folder.identity.volume;
    const quick = await quickStart(folder.root).catch(async (error: unknown) => {
      await folder.close();
      throw error;
    });
    this.#lost = Promise.withResolvers<void>();
    const torn = this.#tornSegments();
    const volume = new Volume({
      folder,
      journal: quick.journal,
      clock,
      listener: {
        state: (state, error) => this.#changed(state, error),
        journal: (entries) => this.#deps.entries(uuid, entries),
        synced: () => this.#deps.synced(),
        ended: (record, end) => {
          torn.ended(record, end);
          this.#lookDrained();
        },
      },
      settings: { recoveryPointMs, queueMaxBytes, syncMode: sync === 'file' ? 'file' : 'volume' },
    });
    await volume.start().catch(async (error: unknown) => {
      await volume.stop(STOP_LOST_MS);
      throw error;
    });
    if (signal.aborted) {
      // Stopped while the folder was being opened: nobody else knows of this volume yet.
      await volume.stop(STOP_LOST_MS);
      return;
    }
    this.#uuid = uuid;
    this.#volume = volume;
    this.#torn = torn;
    this.#error = undefined;
    this.#backoff.reset();
    this.#deps.problem(this.id, undefined);
    this.#deps.log('volume.open', { volume: this.id, uuid, lastSequence: quick.journal.lastSequence });
    const ending = new AbortController();
    const catalogue = this.#deps.opened(this.#plan, uuid);
    this.#recovery = new Recovery(
      quick,
      recoveryPort(volume, folder.root),
      catalogue,
      AbortSignal.any([signal, ending.signal]),
    );
    this.#tried.resolve();
    this.#anchor(volume, quick);
    void this.#recover(this.#recovery);
    this.#deps.changed();
    await this.#lost.promise;
    ending.abort();
    if (!signal.aborted) {
      this.#volume = undefined;
      this.#deps.changed();
      await volume.stop(STOP_LOST_MS);
    }
  }

  #lookDrained(): void {
    if (this.#isLeaving && (this.#volume?.stats.openSegments ?? 0) === 0) this.#drained.resolve();
  }

  /** An earlier process of this boot did not live to learn the time; or this volume was away when this one did. */
  #anchor(volume: Volume, { tail }: QuickStart): void {
    const { boot, wall } = this.#deps;
    const early = tail.untrusted.get(boot);
    if (!early || !wall.trusted) return;
    void volume.appendRecord({ t: 'anchor', boot, offsetUs: wall.wallOf(early.monoUs) - early.startUs });
  }

  async #recover(recovery: Recovery): Promise<void> {
    try {
      const report = await recovery.run();
      this.#deps.log('volume.recovered', { volume: this.id, ...report, failed: report.failed.length });
      for (const { path, error } of report.failed) this.#deps.log('volume.not-repaired', { path, code: error.code });
      this.#recovered = true;
      this.#deps.recovered();
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      this.#deps.log('volume.recovery-failed', { volume: this.id, reason: String(error) });
    }
  }

  #changed(state: VolumeState, error: BoxError | undefined): void {
    this.#deps.log('volume.state', { volume: this.id, state, code: error?.code });
    if (state === 'ready') this.#fit();
    else if (state !== 'stopped') this.#fail(error ?? new BoxError('storage.hung', { volume: this.id }));
    if (OVER.has(state)) this.#lost.resolve();
    this.#deps.changed();
  }

  #fit(): void {
    this.#error = undefined;
    this.#deps.problem(this.id, undefined);
    this.#torn?.look();
  }

  #tornSegments(): TornSegments {
    return new TornSegments({
      ready: () => this.ready !== undefined,
      mend: (record, suspect) => this.#recovery!.mend(record, suspect),
      log: this.#deps.log,
    });
  }

  #fail(error: BoxError): void {
    this.#error = error;
    this.#deps.problem(this.id, error);
  }
}

function recoveryPort(volume: Volume, folder: string): ConstructorParameters<typeof Recovery>[1] {
  return {
    folder,
    record: async (event) => {
      const error = await volume.appendRecord(event);
      if (error) throw error;
    },
    remove: (sequence, path) => volume.deleteSegment(sequence, path),
  };
}
