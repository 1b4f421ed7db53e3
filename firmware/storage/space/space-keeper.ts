import { BoxError } from '../../base/index.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { SegmentInfo } from '../catalogue/catalogue-types.ts';
import { AgeClock } from './age-clock.ts';
import type { DeletionStep, KeepingRules, PlannedStep } from './deletion-plan.ts';
import type { FootageClass } from '../journal/journal.ts';
import { checkKept, type Cut, type KeptFinding } from './space-check.ts';
import type { Admission, CameraPolicy, GroupSpace, SpacePolicy, SpaceReport, VolumeFacts } from './space-policy.ts';
import { VolumeSpaceKeeper } from './volume-space.ts';

export interface SpacePorts {
  /** Asks the record worker to delete. */
  ask(volume: string, steps: DeletionStep[]): void;
  /** Asks it to take back deletions that were decided: the segments are locked. */
  keep(volume: string, steps: DeletionStep[]): void;
  /** Tells it who may begin segments where. */
  admit(admission: Admission): void;
}

/** A cut that was not repeated for so long is history. */
const CUT_KEPT_US = 86_400_000_000;
const DAY_US = 86_400_000_000;
const NOTHING: SpacePolicy = { volumes: [], cameras: [], grants: [] };
const PLAIN: Omit<CameraPolicy, 'camera'> = {
  group: '',
  whenFull: 'overwrite',
  days: undefined,
  eventDays: undefined,
  maxBytes: undefined,
  wishDays: undefined,
};

/** The space of all volumes: who is deleted next, who may record where, and whether that agrees with what the owner wishes. */
export class SpaceKeeper {
  readonly #catalogue: Catalogue;
  readonly #ports: SpacePorts;
  readonly #volumes = new Map<string, VolumeSpaceKeeper>();
  readonly #cameras = new Map<string, CameraPolicy>();
  readonly #told = new Map<string, string>();
  readonly #cuts = new Map<string, Cut>();
  #policy = NOTHING;
  #age: AgeClock | undefined;
  #nowUs: number | undefined;

  constructor(catalogue: Catalogue, ports: SpacePorts) {
    this.#catalogue = catalogue;
    this.#ports = ports;
  }

  attach(volume: string): void {
    const keeper = new VolumeSpaceKeeper(volume, this.#catalogue, {
      ask: (steps) => this.#ports.ask(volume, steps),
      keep: (steps) => this.#ports.keep(volume, steps),
    });
    keeper.policy = this.#policy.volumes.find((each) => each.volume === volume);
    this.#volumes.set(volume, keeper);
  }

  detach(volume: string): void {
    this.#volumes.delete(volume);
    this.#told.delete(volume);
  }

  /** Until a volume has a policy and the record worker has told of it, nothing of it is deleted but what was decided before. */
  set policy(policy: SpacePolicy) {
    this.#policy = policy;
    this.#age ??= new AgeClock(policy.known, (beforeUs) => this.#catalogue.queries.newestEndUs(beforeUs));
    this.#cameras.clear();
    for (const camera of policy.cameras) this.#cameras.set(camera.camera, camera);
    for (const [volume, keeper] of this.#volumes) {
      keeper.policy = policy.volumes.find((each) => each.volume === volume);
    }
  }

  /** The record worker is another one, and knows of no admission. */
  renew(): void {
    this.#told.clear();
  }

  /** What was asked to be deleted was taken back. */
  withdraw(): void {
    for (const keeper of this.#volumes.values()) keeper.withdraw();
  }

  observe(volume: string, facts: VolumeFacts, nowMs: number): void {
    this.#volumes.get(volume)?.observe(facts, nowMs);
  }

  /** The time that ages and terms are counted by, at the last look, UTC microseconds; undefined while it is not known. */
  get nowUs(): number | undefined {
    return this.#nowUs;
  }

  /** Throws space.clock-not-doubted. */
  decideClock(verdict: 'right' | 'wrong'): void {
    if (!this.#age?.decide(verdict)) throw new BoxError('space.clock-not-doubted');
  }

  /** Looks at all volumes once; `nowMs` is monotonic. */
  round(nowMs: number, wallUs: number): void {
    const isSet = [...this.#volumes.values()].some(({ facts }) => facts?.trusted);
    const nowUs = this.#age?.look(nowMs * 1000, isSet ? wallUs : undefined);
    this.#nowUs = nowUs;
    const { book } = this.#catalogue.locks;
    const released = book.released(nowUs);
    const isLocked = (segment: SegmentInfo): boolean => book.isLocked(segment, nowUs);
    for (const keeper of this.#volumes.values()) keeper.begin({ nowMs, nowUs, isLocked, released });
    const excess = this.#excess();
    for (const [volume, keeper] of this.#volumes) {
      const steps = keeper.round((camera) => this.#rules(camera, volume, excess));
      for (const step of steps) this.#noteCut(step);
    }
    for (const [volume, keeper] of this.#volumes) this.#admit(volume, keeper);
  }

  report(): SpaceReport {
    const { known, hold } = this.#age ?? {};
    return {
      volumes: [...this.#volumes.values()].map((keeper) => keeper.report()),
      groups: this.#groups(),
      ...(known && { known }),
      ...(hold && { hold }),
    };
  }

  /** Looks whether the oldest footage of each camera agrees with the policy. Nothing while the time is not known. */
  check(): KeptFinding[] {
    const nowUs = this.#nowUs;
    if (nowUs === undefined) return [];
    const findings: KeptFinding[] = [];
    for (const policy of this.#cameras.values()) {
      for (const footage of ['continuous', 'event'] as const) {
        const cut = this.#cuts.get(`${policy.camera}/${footage}`);
        findings.push(
          ...checkKept(
            {
              camera: policy.camera,
              class: footage,
              oldestEndUs: this.#oldestEndUs(policy.camera, footage),
              limitDays: limitOf(policy, footage),
              wishDays: policy.wishDays,
              cut: cut && nowUs - cut.atUs < CUT_KEPT_US ? cut : undefined,
            },
            nowUs,
          ),
        );
      }
    }
    return findings;
  }

  #policyOf(camera: string): Omit<CameraPolicy, 'camera'> {
    return this.#cameras.get(camera) ?? PLAIN;
  }

  #rules(camera: string, volume: string, excess: ReadonlyMap<string, Excess>): KeepingRules {
    const policy = this.#policyOf(camera);
    const over = excess.get(camera);
    return {
      ageLimitDays: (footage) => limitOf(policy, footage),
      overwriteUpTo: policy.whenFull === 'overwrite' ? Infinity : this.#granted(policy.group, volume),
      excessBytes: over?.volume === volume ? over.bytes : 0,
    };
  }

  #granted(group: string, volume: string): number {
    return this.#policy.grants.find((grant) => grant.group === group)?.sequences[volume] ?? 0;
  }

  /** What cameras have beyond their size, each charged to the volume with its oldest footage. */
  #excess(): Map<string, Excess> {
    const excess = new Map<string, Excess>();
    const deleting = [...this.#volumes].filter(([, keeper]) => keeper.deletes);
    for (const { camera, maxBytes } of this.#cameras.values()) {
      if (maxBytes === undefined) continue;
      let bytes = -maxBytes;
      for (const [, keeper] of deleting) bytes += keeper.bytesOf(camera) - keeper.pendingBytesOf(camera);
      if (bytes <= 0) continue;
      const fronts = deleting.flatMap(([volume, keeper]) =>
        keeper.frontsOf(camera).map(({ startUs }) => ({ volume, startUs })),
      );
      if (fronts.length === 0) continue;
      const { volume } = fronts.reduce((a, b) => (b.startUs < a.startUs ? b : a));
      excess.set(camera, { volume, bytes });
    }
    return excess;
  }

  /** What was deleted how young, for the comparison with what was wished. */
  #noteCut({ camera, class: footage, endUs, why }: PlannedStep): void {
    const nowUs = this.#nowUs;
    if (nowUs === undefined) return;
    const key = `${camera}/${footage}`;
    const before = this.#cuts.get(key);
    const cut = { days: (nowUs - endUs) / DAY_US, why, atUs: nowUs };
    if (!before || nowUs - before.atUs > CUT_KEPT_US || cut.days <= before.days) this.#cuts.set(key, cut);
  }

  #oldestEndUs(camera: string, footage: FootageClass): number | undefined {
    const ends = [...this.#volumes.values()]
      .filter((keeper) => keeper.deletes)
      .flatMap((keeper) => keeper.frontsOf(camera, true))
      .filter((segment) => segment.class === footage)
      .map(({ endUs }) => endUs);
    return ends.length > 0 ? Math.min(...ends) : undefined;
  }

  #stops(): CameraPolicy[] {
    return [...this.#cameras.values()].filter(({ whenFull }) => whenFull === 'stop');
  }

  /** A group may overwrite here, and has something to overwrite. */
  #overwrites(group: string, volume: string, keeper: VolumeSpaceKeeper): boolean {
    const upTo = this.#granted(group, volume);
    if (upTo === 0) return false;
    return this.#stops()
      .filter((each) => each.group === group)
      .some(({ camera }) => keeper.frontsOf(camera).some(({ sequence }) => sequence <= upTo));
  }

  #groups(): GroupSpace[] {
    return [...new Set(this.#stops().map(({ group }) => group))].map((group) => {
      const writable = [...this.#volumes].filter(([, keeper]) => keeper.deletes);
      const granted = writable.filter(([volume, keeper]) => this.#overwrites(group, volume, keeper));
      const full = writable.filter((each) => each[1].full && !granted.includes(each));
      return {
        group,
        fullVolumes: full.map(([volume]) => volume),
        asks: writable.length > 0 && full.length === writable.length,
        overwrites: granted.length > 0,
      };
    });
  }

  #admit(volume: string, keeper: VolumeSpaceKeeper): void {
    if (!keeper.deletes) return;
    const stopped = keeper.full
      ? this.#stops()
          .filter(({ group }) => !this.#overwrites(group, volume, keeper))
          .map(({ camera }) => camera)
      : [];
    const admission = { volume, closed: keeper.closed, stopped };
    const text = JSON.stringify(admission);
    if (this.#told.get(volume) === text) return;
    this.#told.set(volume, text);
    this.#ports.admit(admission);
  }
}

interface Excess {
  volume: string;
  bytes: number;
}

function limitOf({ days, eventDays }: Omit<CameraPolicy, 'camera'>, footage: FootageClass): number | undefined {
  return footage === 'event' ? (eventDays ?? days) : days;
}
