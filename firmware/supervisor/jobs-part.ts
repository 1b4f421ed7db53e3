import { BoxError, type ErrorCode } from '../base/index.ts';
import type { SettingsStore } from '../config/index.ts';
import { isoOf, type BoxPorts } from '../control/index.ts';
import type { Recorder, RecorderReport } from '../recording/index.ts';
import {
  VolumeJobs,
  type AttachReport,
  type CheckState,
  type EvacuationState,
  type JobKind,
  type JobStates,
  type Room,
} from '../storage/index.ts';
import type { Problems, Severity } from '../telemetry/index.ts';
import type { CataloguePart } from './catalogue-part.ts';
import type { CopyingOrder, CopyingOrders } from './copying-orders.ts';
import type { KnownVolumes } from './known-volumes.ts';

export interface JobsPartOptions {
  readonly store: SettingsStore;
  readonly known: KnownVolumes;
  readonly recorder: Recorder;
  readonly catalogue: CataloguePart;
  readonly problems: Problems;
  readonly orders: CopyingOrders;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}

/** Copying is urgent and may take a third of the time of two disks; the rest can wait. */
const COPYING = { share: 0.3, bytesPerSecond: 60e6, deadlineMs: 60_000, targetWithinMs: 60_000 };
const CHECKING = { share: 0.15, bytesPerSecond: 20e6, deadlineMs: 60_000 };
const SEALING = { share: 0.25, bytesPerSecond: 40e6, deadlineMs: 60_000, everyMs: 15_000 };
/** What asks for each kind of job; with the volume it is the job's id. */
const OPERATIONS: Readonly<Record<JobKind, string>> = { evacuation: 'disks.evacuate', check: 'disks.check' };
/** Receiving a copy waits for two syncs of a disk that records. */
const VOLUME_ASK_MS = 60_000;

/** The jobs that copy, check and seal footage, with what they need of the box, and what people see of them. */
export class JobsPart {
  readonly #options: JobsPartOptions;
  readonly jobs: VolumeJobs;
  /** Who began each job, by its id. */
  readonly #began = new Map<string, string>();

  constructor(options: JobsPartOptions) {
    this.#options = options;
    const { catalogue, recorder, log } = options;
    this.jobs = new VolumeJobs({
      sealing: SEALING,
      catalogue: (operation, args) => catalogue.ask(operation, args),
      volume: async (ask, args) => (await recorder.ask('volume', { ask, args }, VOLUME_ASK_MS)) as never,
      used: async () =>
        usedOf(await this.#report()).map(({ uuid, folder, state }) => ({
          volume: uuid,
          folder,
          writable: state === 'ready',
        })),
      rooms: (source) => this.#rooms(source),
      locked: async () => catalogue.ask('locks', {}),
      changed: (states) => this.#changed(states),
      log,
    });
  }

  /** The catalogue has read a volume. One that it did not know counts already, and is looked at file by file by and by. */
  attached(report: unknown): void {
    const { volume, how, records } = report as AttachReport;
    this.#goOn(volume);
    if (how !== 'all' || records === 0) return;
    try {
      this.#check(volume, false, '');
    } catch (error) {
      this.#options.log('check.not-begun', { volume, reason: String(error) });
    }
  }

  /** Its copying was cut off with an earlier process. */
  #goOn(volume: string): void {
    const order = this.#options.orders.inherit(volume);
    if (!order) return;
    this.#evacuate(volume, order).catch((error: unknown) =>
      this.#options.log('evacuation.not-begun', { volume, reason: String(error) }),
    );
  }

  /** What operations ask of it. */
  get port(): BoxPorts['diskJobs'] {
    return {
      evacuate: async (volume, order) => this.#evacuationOf(await this.#evacuate(await this.#uuidOf(volume), order)),
      stopEvacuation: async (volume) => {
        const uuid = await this.#uuidOf(volume);
        await this.jobs.end('evacuation', uuid);
        const state = this.jobs.states.evacuations.find((each) => each.volume === uuid);
        return state && this.#evacuationOf(state);
      },
      check: async (volume, { deep, by }) => {
        const uuid = await this.#uuidOf(volume);
        return this.#checkOf(this.#check(uuid, deep, by));
      },
      end: async (job) => {
        const { evacuations, checks } = this.jobs.states;
        const all = [
          ...evacuations.map(({ volume }) => ({ kind: 'evacuation' as const, volume })),
          ...checks.map(({ volume }) => ({ kind: 'check' as const, volume })),
        ];
        const found = all.find(({ kind, volume }) => this.#idOf(kind, volume) === job);
        if (found) await this.jobs.end(found.kind, found.volume);
      },
      list: async () => {
        const { evacuations, checks } = this.jobs.states;
        return {
          evacuations: evacuations.map((state) => this.#evacuationOf(state)),
          checks: checks.map((state) => this.#checkOf(state)),
        };
      },
    };
  }

  /**
   * Volumes are about to be taken out of use: jobs on them end, and copies to them go elsewhere. Resolves with the ids of the jobs
   * that ended.
   */
  async quiet(ids: readonly string[]): Promise<{ ended: string[]; over: (dropped: boolean) => void }> {
    const uuids = ids.flatMap((id) => this.#options.known.uuidOf(id) ?? []);
    const ended = await Promise.all(
      uuids.map(async (uuid) => (await this.jobs.leave(uuid)).map((kind) => this.#idOf(kind, uuid))),
    );
    return { ended: ended.flat(), over: (dropped) => uuids.forEach((uuid) => this.#isBack(uuid, dropped)) };
  }

  #isBack(uuid: string, dropped: boolean): void {
    this.jobs.returned(uuid);
    if (!dropped) return;
    this.jobs.forget(uuid);
    const { problems } = this.#options;
    for (const code of ['evacuation.running', 'evacuation.incomplete', 'check.findings'] as const) {
      problems.clear(code, `volume/${this.#nameOf(uuid)}`);
    }
  }

  async #evacuate(uuid: string, { what, remove, by }: CopyingOrder): Promise<EvacuationState> {
    const folder = this.#folderOf(uuid);
    const box = this.#options.store.settings.box.id;
    const state = this.jobs.evacuate({ volume: uuid, folder, box, what, remove, ...COPYING });
    this.#began.set(this.#idOf('evacuation', uuid), by);
    await this.#options.orders.begin(uuid, { what, remove, by });
    return state;
  }

  #check(uuid: string, deep: boolean, by: string): CheckState {
    const state = this.jobs.check({ volume: uuid, folder: this.#folderOf(uuid), deep, ...CHECKING });
    this.#began.set(this.#idOf('check', uuid), by);
    return state;
  }

  /** Volumes that take recordings, and how much they can take before policy deletes for it. */
  async #rooms(source: string): Promise<Room[]> {
    const { volumes } = await this.#options.catalogue.ask('space', {});
    const spaces = new Map(volumes.map((space) => [space.volume, space]));
    return usedOf(await this.#report()).flatMap(({ uuid, folder, state }): Room[] => {
      const space = spaces.get(uuid);
      // How large a disk is, the catalogue learns some seconds after it was opened.
      if (uuid === source || state !== 'ready' || !space || space.diskCloseBytes === 0) return [];
      return [
        {
          volume: uuid,
          folder,
          roomBytes: Math.max(0, space.lowBytes - space.usedBytes),
          freeBytes: Math.max(0, space.diskCloseBytes - space.usedBytes),
        },
      ];
    });
  }

  #report(): Promise<RecorderReport> {
    return this.#options.recorder.ask('report', {});
  }

  /** The uuid of a volume by its id in the settings, its name, or itself. Rejects with disks.no-such-volume. */
  async #uuidOf(wanted: string): Promise<string> {
    const { store, known } = this.#options;
    const found = store.settings.volumes.find(({ id, name }) => id === wanted || name === wanted);
    const report = await this.#report();
    const uuid = report.volumes.find(({ id }) => id === found?.id)?.uuid ?? (found && known.uuidOf(found.id));
    const isUuid = known.idOf(wanted) !== undefined;
    if (uuid === undefined && !isUuid) throw new BoxError('disks.no-such-volume', { volume: wanted });
    return uuid ?? wanted;
  }

  #folderOf(uuid: string): string {
    const { store, known, catalogue } = this.#options;
    const volume = store.settings.volumes.find(({ id }) => id === known.idOf(uuid));
    const folder = volume ? store.volumeFolder(volume) : catalogue.folderOf(uuid);
    if (folder === undefined) throw new BoxError('disks.no-such-volume', { volume: uuid });
    return folder;
  }

  /** What a job is called by those who look for it. */
  #idOf(kind: JobKind, uuid: string): string {
    return `${OPERATIONS[kind]}/${this.#nameOf(uuid)}`;
  }

  #originOf(kind: JobKind, uuid: string): { job: string; by: string } {
    const job = this.#idOf(kind, uuid);
    return { job, by: this.#began.get(job) ?? '' };
  }

  #nameOf(uuid: string): string {
    return this.#options.known.idOf(uuid) ?? uuid;
  }

  #changed(states: JobStates): void {
    for (const state of states.evacuations) {
      this.#tellEvacuation(state);
      if (state.state !== 'running') this.#forgetOrder(state.volume);
    }
    for (const state of states.checks) this.#tellCheck(state);
  }

  #forgetOrder(volume: string): void {
    this.#options.orders
      .over(volume)
      .catch((error: unknown) => this.#options.log('evacuation.not-forgotten', { volume, reason: String(error) }));
  }

  #tellEvacuation(state: EvacuationState): void {
    const { segments, copied, unreadableCount, noRoom, error } = state;
    const subject = `volume/${this.#nameOf(state.volume)}`;
    const running = { percent: segments === 0 ? 100 : Math.floor((copied / segments) * 100) };
    const left = { unreadable: unreadableCount, noRoom: noRoom.segments, locked: noRoom.locked, error: error?.code };
    this.#tell('evacuation.running', subject, 'notice', state.state === 'running' ? running : undefined);
    const isIncomplete = state.state === 'incomplete' || state.state === 'failed';
    this.#tell('evacuation.incomplete', subject, 'error', isIncomplete ? left : undefined);
  }

  #tellCheck({ volume, findings, listed, state }: CheckState): void {
    const some = Object.keys(findings).length > 0;
    // What an earlier check has found stands until the next one is over.
    if (!some && state === 'running') return;
    const context = { ...findings, first: listed[0]?.path };
    this.#tell('check.findings', `volume/${this.#nameOf(volume)}`, 'error', some ? context : undefined);
  }

  #tell(code: ErrorCode, subject: string, severity: Severity, context: Record<string, unknown> | undefined): void {
    const { problems } = this.#options;
    if (context) problems.raise(code, subject, severity, context);
    else problems.clear(code, subject);
  }

  #evacuationOf(state: EvacuationState): Awaited<ReturnType<BoxPorts['diskJobs']['evacuate']>> {
    const { volume, targets, startedUs, endedUs, error, ...rest } = state;
    return {
      ...rest,
      volume: this.#nameOf(volume),
      ...this.#originOf('evacuation', volume),
      targets: targets.map((target) => this.#nameOf(target)),
      ...timesOf(startedUs, endedUs),
      ...(error && { error: error.code }),
    };
  }

  #checkOf(state: CheckState): Awaited<ReturnType<BoxPorts['diskJobs']['check']>> {
    const { volume, startedUs, endedUs, error, findings, ...rest } = state;
    const counted = Object.entries(findings).map(([code, count]) => ({ code, count }));
    return {
      ...rest,
      findings: counted,
      volume: this.#nameOf(volume),
      ...this.#originOf('check', volume),
      ...timesOf(startedUs, endedUs),
      ...(error && { error: error.code }),
    };
  }
}

function timesOf(startedUs: number, endedUs: number | undefined): { started: string; ended?: string } {
  return { started: isoOf(startedUs), ...(endedUs !== undefined && { ended: isoOf(endedUs) }) };
}

type Used = RecorderReport['volumes'][number] & { readonly uuid: string };

function usedOf({ volumes }: RecorderReport): Used[] {
  return volumes.filter((volume): volume is Used => volume.uuid !== undefined);
}
