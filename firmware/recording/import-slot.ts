import { asBoxError, Backoff, BoxError, type Clock } from '../base/index.ts';
import { openVolumeFolder } from '../storage/index.ts';
import type { VolumePlan } from './plan.ts';
import type { VolumeReport } from './report.ts';
import type { VolumeClaims, VolumePlace } from './volume-place.ts';

export interface ImportSlotDeps {
  readonly box: string;
  readonly clock: Clock;
  readonly claims: VolumeClaims;
  /** The catalogue may read it from now on. */
  opened(plan: VolumePlan, uuid: string): void;
  problem(volume: string, error: BoxError | undefined): void;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}

const OPEN_DEADLINE_MS = 5000;
const LOOK_MS = 5000;

/**
 * The place of a volume for reading only, of this box or of another one: its footage is catalogued and shown. Nothing on it is
 * made, changed or deleted, so it may as well be mounted for reading only.
 */
export class ImportSlot implements VolumePlace {
  readonly ready = undefined;
  readonly open = undefined;
  readonly #deps: ImportSlotDeps;
  readonly #backoff = new Backoff({ minMs: 1000, maxMs: 15_000 });
  readonly #stopping = new AbortController();
  readonly #tried = Promise.withResolvers<void>();
  #plan: VolumePlan;
  #uuid: string | undefined;
  #isThere = false;
  #error: BoxError | undefined;
  #loop: Promise<void> = Promise.resolve();

  constructor(plan: VolumePlan, deps: ImportSlotDeps) {
    this.#plan = plan;
    this.#deps = deps;
  }

  get plan(): VolumePlan {
    return this.#plan;
  }

  get uuid(): string | undefined {
    return this.#uuid;
  }

  get started(): Promise<void> {
    return this.#tried.promise;
  }

  start(): Promise<void> {
    this.#loop = this.#run();
    return this.started;
  }

  update(plan: VolumePlan): void {
    this.#plan = plan;
  }

  async stop(deadlineMs: number): Promise<boolean> {
    this.#stopping.abort();
    const late = new AbortController();
    const isLate = this.#deps.clock.sleep(deadlineMs, late.signal).then(
      () => true,
      () => false,
    );
    const hangs = await Promise.race([this.#loop.then(() => false), isLate]);
    late.abort();
    return !hangs;
  }

  async leave(): Promise<void> {
    await this.stop(OPEN_DEADLINE_MS);
    this.#deps.problem(this.#plan.id, undefined);
  }

  readonly recovered = true;

  /** What another box recorded, or this one before, is no history that a gap could begin at. */
  lastEndUs(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  report(): VolumeReport {
    const { id, folder } = this.#plan;
    const uuid = this.#isThere ? this.#uuid : undefined;
    return { id, folder, uuid, error: this.#error?.toJSON(), state: this.#isThere ? 'readable' : undefined };
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#use(signal);
      } catch (error) {
        this.#error = asBoxError(error, 'storage.io');
        this.#deps.problem(this.#plan.id, this.#error);
      }
      this.#isThere = false;
      this.#tried.resolve();
      if (!signal.aborted) await this.#deps.clock.sleep(this.#backoff.nextMs(), signal).catch(() => undefined);
    }
    this.#tried.resolve();
  }

  /** From opening the folder to the fault that ends it. */
  async #use(signal: AbortSignal): Promise<void> {
    const { box, clock } = this.#deps;
    const options = { box, ofAnyBox: true, adoptEmpty: false, deadlineMs: OPEN_DEADLINE_MS, clock };
    const folder = await openVolumeFolder(this.#plan.folder, options);
    const uuid = folder.identity.volume;
    const isOurs = this.#deps.claims.take(uuid, this.#plan.folder);
    try {
      if (!isOurs) {
        const reason = `${this.#deps.claims.holder(uuid)} is the same volume`;
        throw new BoxError('storage.not-ours', { folder: this.#plan.folder, reason });
      }
      if (signal.aborted) return;
      this.#uuid = uuid;
      this.#deps.opened(this.#plan, uuid);
      this.#isThere = true;
      this.#error = undefined;
      this.#backoff.reset();
      this.#deps.problem(this.#plan.id, undefined);
      this.#deps.log('volume.readable', { volume: this.#plan.id, uuid, box: folder.identity.box });
      this.#tried.resolve();
      while (!signal.aborted) {
        await clock.sleep(LOOK_MS, signal).catch(() => undefined);
        if (!signal.aborted) await folder.check();
      }
    } finally {
      if (isOurs) this.#deps.claims.release(uuid);
      await folder.close();
    }
  }
}
