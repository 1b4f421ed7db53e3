import type { Clock } from '../base/index.ts';
import type { BlockDevice, SmartType } from '../privileged/index.ts';
import { isWorthKeeping } from './disk-history.ts';
import { byGravity, finding, worstOf, type Finding, type Verdict } from './finding.ts';
import type { SampleLog } from './sample-log.ts';
import type { SmartReading } from './smart-reading.ts';
import type { SmartSource } from './smart-source.ts';
import { judgeTrend, trendOf, type DiskSample, type Trend } from './trend.ts';
import { typesToTry, usbIdsOf } from './usb-bridges.ts';
import { judgeReading, silence } from './verdict.ts';
import { temperatureLimits } from './verdict-temperature.ts';

/** How one disk is. */
export interface DiskHealth {
  /** The same wherever it is plugged in. */
  readonly id: string;
  /** The kernel's name now: sda. */
  readonly device: string;
  readonly model: string;
  readonly serial: string;
  readonly kind: SmartReading['kind'];
  readonly medium: SmartReading['medium'];
  readonly sizeBytes: number;
  readonly verdict: Verdict;
  /** The gravest first. */
  readonly findings: readonly Finding[];
  readonly temperatureC: number | undefined;
  readonly temperatureMaxC: number | undefined;
  readonly hours: number | undefined;
  readonly wearPercent: number | undefined;
  readonly trend: Trend;
  /** From the oldest on. */
  readonly samples: readonly DiskSample[];
  /** UTC microseconds of the last time that it told of its health. */
  readonly readUs: number | undefined;
  readonly sleeping: boolean;
}

export interface DoctorDeps {
  readonly source: SmartSource;
  readonly history: SampleLog<DiskSample>;
  readonly clock: Pick<Clock, 'wallUs' | 'monoUs'>;
  /** A disk is asked at most so often; what it answers hardly changes, and some stutter while they do. */
  readonly everyMs: number;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}

interface Patient {
  health: DiskHealth;
  /** As smartctl could read it, if not by itself. */
  type: SmartType;
  askedUs: number | undefined;
}

/** Disks of virtual machines and memory cards, which have no SMART. */
const WITHOUT_SMART = /^(?:vd|xvd|mmcblk|nbd|pmem|zram|ram)/;

/** Asks disks how they are, remembers, and says what is to be thought of it. */
export class DiskDoctor {
  readonly #deps: DoctorDeps;
  readonly #patients = new Map<string, Patient>();
  #closed = false;

  constructor(deps: DoctorDeps) {
    this.#deps = deps;
  }

  /** What was known when the disk was last asked, by this process or one before it; the disk is not touched. */
  async recall(disk: BlockDevice): Promise<DiskHealth | undefined> {
    return (await this.#patient(disk))?.health;
  }

  /** Asks the disk if it is time, and says how it is; undefined for a device without anything to be told apart by. */
  async look(disk: BlockDevice): Promise<DiskHealth | undefined> {
    const { clock, everyMs } = this.#deps;
    const patient = await this.#patient(disk);
    if (!patient) return undefined;
    const nowUs = clock.monoUs();
    if (patient.askedUs !== undefined && nowUs - patient.askedUs < everyMs * 1000) return patient.health;
    if (WITHOUT_SMART.test(disk.name)) return patient.health;
    const reading = await this.#ask(disk, patient);
    if (!reading || this.#closed) return patient.health;
    patient.askedUs = nowUs;
    patient.health = await this.#judge(patient.health, reading);
    return patient.health;
  }

  /** What disks answer from now on is not written down any more. */
  close(): void {
    this.#closed = true;
  }

  async #patient(disk: BlockDevice): Promise<Patient | undefined> {
    const { stableId: id } = disk;
    if (id === undefined) return undefined;
    const known = this.#patients.get(id);
    const facts = { id, device: disk.name, model: disk.model, serial: disk.serial, sizeBytes: disk.sizeBytes };
    if (known) {
      // Plugged in again it may have another name.
      known.health = { ...known.health, device: disk.name };
      return known;
    }
    const samples = await this.#samples(id);
    const last = samples.at(-1);
    const failing = last?.verdict === 'failing';
    const health: DiskHealth = {
      ...facts,
      kind: 'unknown',
      medium: undefined,
      verdict: last?.verdict ?? 'unknown',
      findings: failing ? [finding('was-failing', 'failing')] : [],
      temperatureC: undefined,
      temperatureMaxC: undefined,
      hours: last?.hours,
      wearPercent: last?.wearPercent,
      trend: trendOf(samples),
      samples,
      readUs: last?.atUs,
      sleeping: false,
      ...(WITHOUT_SMART.test(disk.name) && silence('unsupported')),
    };
    const patient: Patient = { health, type: 'auto', askedUs: undefined };
    this.#patients.set(id, patient);
    return patient;
  }

  /** A history that cannot be read costs the trend, not the verdict. */
  async #samples(id: string): Promise<readonly DiskSample[]> {
    try {
      return await this.#deps.history.samples(id);
    } catch (error) {
      this.#deps.log('disk.history-unreadable', { disk: id, reason: String(error) });
      return [];
    }
  }

  /** As it went last time; through a USB bridge that smartctl does not know, by what its maker's bridges understand. */
  async #ask(disk: BlockDevice, patient: Patient): Promise<SmartReading | undefined> {
    const { source } = this.#deps;
    const reading = await source.read(disk.name, patient.type);
    if (!reading || reading.access === 'read' || reading.access === 'sleeping') return reading;
    const bridged = reading.access === 'bridge-unknown' || disk.transport === 'usb';
    if (!bridged || reading.access === 'timed-out' || reading.access === 'denied') return reading;
    for (const type of typesToTry(await usbIdsOf(disk.name))) {
      if (type === patient.type) continue;
      const other = await source.read(disk.name, type);
      if (other?.access === 'timed-out') return other;
      if (other?.access !== 'read') continue;
      patient.type = type;
      return other;
    }
    patient.type = 'auto';
    return reading;
  }

  async #judge(before: DiskHealth, reading: SmartReading): Promise<DiskHealth> {
    const { access } = reading;
    if (access === 'sleeping') {
      const { verdict, findings } = before.readUs === undefined ? silence(access) : before;
      return { ...before, verdict, findings, sleeping: true };
    }
    if (access !== 'read') return silent(before, silence(access, before.readUs !== undefined).findings);
    const atUs = this.#deps.clock.wallUs();
    const alone = judgeReading(reading);
    const trend = trendOf([...before.samples, { atUs, ...reading.figures }]);
    const findings = byGravity([...alone.findings, ...judgeTrend(trend, atUs)]);
    const verdict = worstOf(findings);
    const { temperatureC, hours, wearPercent } = reading.figures;
    const health: DiskHealth = {
      ...before,
      model: reading.model ?? before.model,
      serial: reading.serial ?? before.serial,
      kind: reading.kind,
      medium: reading.medium,
      verdict,
      findings,
      temperatureC,
      temperatureMaxC: temperatureC === undefined ? undefined : temperatureLimits(reading).maxC,
      hours,
      wearPercent,
      trend,
      readUs: atUs,
      sleeping: false,
    };
    return { ...health, samples: await this.#remember(before, { atUs, verdict, ...reading.figures }) };
  }

  async #remember({ id, samples }: DiskHealth, sample: DiskSample): Promise<readonly DiskSample[]> {
    if (!isWorthKeeping(samples.at(-1), sample)) return samples;
    try {
      await this.#deps.history.append(id, sample);
    } catch (error) {
      this.#deps.log('disk.history-not-written', { disk: id, reason: String(error) });
      return [...samples, sample].slice(-MAX_UNWRITTEN);
    }
    return this.#samples(id);
  }
}

/** If histories cannot be written for weeks, memory must not pay for it. */
const MAX_UNWRITTEN = 1000;

/** A disk that was failing and falls silent has not become better. */
function silent(before: DiskHealth, findings: readonly Finding[]): DiskHealth {
  const kept = before.verdict === 'failing' ? before.findings.filter(({ level }) => level === 'failing') : [];
  const all = byGravity([...kept, ...findings]);
  return { ...before, verdict: worstOf(all), findings: all, temperatureC: undefined, sleeping: false };
}
