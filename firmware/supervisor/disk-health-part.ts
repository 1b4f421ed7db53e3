import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { firstPromise, type Clock, type ErrorCode, type Part } from '../base/index.ts';
import {
  DiskDoctor,
  disksUnder,
  LatencyWatch,
  openDiskHistory,
  PrivilegedSmartSource,
  worstOf,
  type DiskHealth,
  type Finding,
  type LatencyCounts,
  type Verdict,
} from '../disks/index.ts';
import { lookAtDisks, type BlockDevice, type Privileged } from '../privileged/index.ts';
import type { Problems, Severity } from '../telemetry/index.ts';

/** A volume as this part needs it: its id, its folder (absolute), and how long its operations took since it was opened. */
export interface HealthVolume {
  readonly id: string;
  readonly folder: string;
  readonly writes?: LatencyCounts;
  readonly syncs?: LatencyCounts;
}

/** `avoid`: the disk is failing and should get no new recordings while there is another. */
export type Fitness = 'good' | 'avoid';

export interface DiskHealthOptions {
  readonly dataFolder: string;
  readonly privileged: Privileged;
  readonly problems: Problems;
  readonly clock: Pick<Clock, 'wallUs' | 'monoUs'>;
  /** The volumes of the settings, and what the record worker says of them. */
  volumes(): Promise<readonly HealthVolume[]>;
  /** Told when it changes which volumes had better get no new recordings, and why. */
  spare(volumes: readonly { readonly id: string; readonly because: string }[]): Promise<void>;
  /** What is on a volume goes to others. */
  copyOff(volume: string): Promise<unknown>;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
  /** For tests; else the machine's own. */
  readonly look?: () => Promise<readonly BlockDevice[]>;
}

/** A volume with the disks that it lies on. */
export interface VolumeHealth {
  readonly volume: string;
  /** Ids of disks; none on a share of the network, say. */
  readonly disks: readonly string[];
  readonly fitness: Fitness;
  /** What is wrong with its speed. */
  readonly slow: readonly Finding[];
}

const TICK_MS = 60_000;
/** Disks are looked for anew this often, and at once when something was mounted or unmounted. */
const LOOK_EVERY_US = 10 * 60_000_000;
/** smartctl interrupts a disk for a moment, and recordings start first. */
const ASK_EVERY_MS = 30 * 60_000;
const STOP_MS = 500;
const FOLDERS = { disks: 'disk-history', speed: 'disk-speed' };

const CODES = ['disks.failing', 'disks.ailing', 'disks.remarkable', 'disks.silent'] as const satisfies ErrorCode[];
type HealthCode = (typeof CODES)[number];

const PROBLEMS: Readonly<Record<Exclude<Verdict, 'ok'>, { code: HealthCode; severity: Severity }>> = {
  failing: { code: 'disks.failing', severity: 'error' },
  warning: { code: 'disks.ailing', severity: 'warning' },
  notice: { code: 'disks.remarkable', severity: 'notice' },
  unknown: { code: 'disks.silent', severity: 'warning' },
};

/** Watches over the disks: how they are, how fast they are, and which should get no new recordings. */
export class DiskHealthPart implements Part {
  readonly name = 'disk-health';
  readonly #options: DiskHealthOptions;
  readonly #doctor: DiskDoctor;
  readonly #speed: LatencyWatch;
  #disks: readonly BlockDevice[] = [];
  #lookedUs: number | undefined;
  #mounts = '';
  #health: readonly DiskHealth[] = [];
  #volumes: readonly VolumeHealth[] = [];
  /** Subjects with problems of this part. */
  #subjects = new Set<string>();
  #spared = '';
  /** Failing volumes whose footage is being copied to others. */
  readonly #leaving = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #tick: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: DiskHealthOptions) {
    const { dataFolder, privileged, clock, log } = options;
    this.#options = options;
    this.#doctor = new DiskDoctor({
      source: new PrivilegedSmartSource(privileged),
      history: openDiskHistory(join(dataFolder, FOLDERS.disks)),
      clock,
      everyMs: ASK_EVERY_MS,
      log,
    });
    this.#speed = new LatencyWatch(join(dataFolder, FOLDERS.speed));
  }

  /** Resolves at once: recording does not wait for disks to be judged. */
  readonly start = firstPromise(async () => {
    this.#begin(() => this.#round((disk) => this.#doctor.recall(disk)));
  });

  /** A disk that is being asked is waited for only a moment; its answer is not used any more. */
  readonly stop = firstPromise(async () => {
    this.#stopped = true;
    this.#doctor.close();
    clearTimeout(this.#timer);
    await Promise.race([this.#tick, delay(STOP_MS, undefined, { ref: false })]);
  });

  /** How the disks are, as last seen. */
  get disks(): readonly DiskHealth[] {
    return this.#health;
  }

  get volumes(): readonly VolumeHealth[] {
    return this.#volumes;
  }

  /** Whether a volume should get new recordings; good if nothing is known of it. */
  fitnessOf(volume: string): Fitness {
    return this.#volumes.find((each) => each.volume === volume)?.fitness ?? 'good';
  }

  /** One look at everything, now; disks that were asked lately are not asked again. */
  async refresh(): Promise<void> {
    await this.#tick;
    await this.#round((disk) => this.#doctor.look(disk));
  }

  #begin(round: () => Promise<void>): void {
    this.#tick = round()
      .catch((error: unknown) => this.#options.log('disk-health.failed', { reason: String(error) }))
      .then(() => {
        if (this.#stopped) return;
        this.#timer = setTimeout(() => this.#begin(() => this.#round((disk) => this.#doctor.look(disk))), TICK_MS);
        this.#timer.unref();
      });
  }

  async #round(examine: (disk: BlockDevice) => Promise<DiskHealth | undefined>): Promise<void> {
    const mountinfo = await this.#look();
    const volumes = await this.#options.volumes();
    const under = new Map(volumes.map(({ id, folder }) => [id, disksUnder(folder, mountinfo, this.#disks)]));
    const health = new Map<string, DiskHealth>();
    // One after another: a failing disk that takes its time must not have company.
    for (const disk of this.#disks) {
      if (this.#stopped) return;
      const each = disk.type === 'disk' ? await examine(disk) : undefined;
      if (each) health.set(each.id, each);
    }
    const judged: VolumeHealth[] = [];
    for (const volume of volumes) {
      const disks = (under.get(volume.id) ?? []).flatMap(({ stableId }) => stableId ?? []);
      const failing = disks.some((id) => health.get(id)?.verdict === 'failing');
      judged.push({ volume: volume.id, disks, fitness: failing ? 'avoid' : 'good', slow: await this.#slow(volume) });
    }
    if (this.#stopped) return;
    this.#health = [...health.values()];
    this.#volumes = judged;
    this.#tellProblems();
    await this.#tellSparing();
  }

  /** Brings the list of disks up to date if it is time or the mounts have changed. Resolves with the mounts. */
  async #look(): Promise<string> {
    const { clock, look = lookAtDisks } = this.#options;
    const mountinfo = await readFile('/proc/self/mountinfo', 'utf8');
    const nowUs = clock.monoUs();
    if (this.#lookedUs === undefined || mountinfo !== this.#mounts || nowUs - this.#lookedUs >= LOOK_EVERY_US) {
      this.#disks = await look();
      this.#mounts = mountinfo;
      this.#lookedUs = nowUs;
    }
    return mountinfo;
  }

  async #slow({ id, writes, syncs }: HealthVolume): Promise<readonly Finding[]> {
    const { clock, log } = this.#options;
    try {
      const now = { wallUs: clock.wallUs(), monoUs: clock.monoUs() };
      return await this.#speed.observe(id, { writes, syncs }, now);
    } catch (error) {
      log('disk-speed.not-kept', { volume: id, reason: String(error) });
      return this.#volumes.find(({ volume }) => volume === id)?.slow ?? [];
    }
  }

  #tellProblems(): void {
    const { problems } = this.#options;
    const before = this.#subjects;
    this.#subjects = new Set();
    for (const disk of this.#health) this.#tellDisk(disk);
    const slow = Map.groupBy(
      this.#volumes.filter((each) => each.slow.length > 0),
      ({ volume, disks }) => (disks[0] === undefined ? `volume/${volume}` : `disk/${disks[0]}`),
    );
    for (const [subject, volumes] of slow) {
      const findings = volumes.flatMap((each) => each.slow);
      const severity = worstOf(findings) === 'warning' ? 'warning' : 'notice';
      const context = { volumes: volumes.map(({ volume }) => volume), ...reasonsOf(findings) };
      problems.raise('disks.slow', subject, severity, context);
      this.#subjects.add(subject);
    }
    for (const { volume, disks } of this.#volumes) {
      const subject = disks[0] === undefined ? `volume/${volume}` : `disk/${disks[0]}`;
      if (!slow.has(subject)) problems.clear('disks.slow', subject);
    }
    for (const subject of before) {
      if (this.#subjects.has(subject)) continue;
      for (const code of [...CODES, 'disks.slow'] as const) problems.clear(code, subject);
    }
  }

  #tellDisk({ id, device, model, serial, verdict, findings, readUs }: DiskHealth): void {
    const { problems } = this.#options;
    const subject = `disk/${id}`;
    // A disk that never told anything is merely of another kind.
    const problem =
      verdict === 'ok' || (verdict === 'unknown' && (readUs === undefined || findings.length === 0))
        ? undefined
        : PROBLEMS[verdict];
    for (const code of CODES) if (code !== problem?.code) problems.clear(code, subject);
    if (!problem) return;
    this.#subjects.add(subject);
    const volumes = this.#volumes.filter(({ disks }) => disks.includes(id)).map(({ volume }) => volume);
    problems.raise(problem.code, subject, problem.severity, {
      device,
      model,
      serial,
      volumes,
      ...reasonsOf(findings),
    });
  }

  async #tellSparing(): Promise<void> {
    const volumes = this.#volumes.flatMap(({ volume, disks, fitness }) =>
      fitness === 'good' ? [] : [{ id: volume, because: `disk ${disks.join(', ')} is failing` }],
    );
    const key = JSON.stringify(volumes);
    if (key !== this.#spared && (this.#spared !== '' || volumes.length > 0)) {
      await this.#options.spare(volumes);
      this.#spared = key;
    }
    const failing = new Set(volumes.map(({ id }) => id));
    for (const id of this.#leaving) if (!failing.has(id)) this.#leaving.delete(id);
    for (const id of failing) if (!this.#leaving.has(id)) await this.#copyOff(id);
  }

  /** What is on a failing disk goes to others while it still can be read. If that cannot be begun, the next round tries again. */
  async #copyOff(volume: string): Promise<void> {
    try {
      await this.#options.copyOff(volume);
      this.#leaving.add(volume);
    } catch (error) {
      this.#options.log('disks.not-copied-off', { volume, reason: String(error) });
    }
  }
}

const MAX_REASONS = 3;

/** The gravest few, in both languages. */
function reasonsOf(findings: readonly Finding[]): { reasons: string[]; reasonsZh: string[] } {
  const told = findings.slice(0, MAX_REASONS);
  return { reasons: told.map(({ text }) => text.en), reasonsZh: told.map(({ text }) => text.zh) };
}
