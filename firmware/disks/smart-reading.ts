import type { ExitBits } from './exit-status.ts';

/**
 * Whether the disk told of its health, and if not, why: it sleeps and was left asleep; it has no SMART; SMART is switched off;
 * the box may not ask it; the USB bridge is unknown; it is not there; it did not answer in time; or smartctl's answer made no sense.
 */
export type Access =
  | 'read'
  | 'sleeping'
  | 'unsupported'
  | 'disabled'
  | 'denied'
  | 'bridge-unknown'
  | 'missing'
  | 'not-opened'
  | 'timed-out'
  | 'not-understood';

/** One row of an ATA disk's attribute table (ATA8-ACS, SMART READ DATA; normalised values fall towards the threshold). */
export interface SmartAttribute {
  readonly id: number;
  /** As smartctl's drive database names it; the same number means different things to different makers. */
  readonly name: string;
  readonly value: number | undefined;
  readonly worst: number | undefined;
  readonly threshold: number | undefined;
  readonly failed: 'now' | 'past' | 'never';
  /** Below the threshold the disk is about to fail; without it, it is only used up. */
  readonly preFailure: boolean;
  /** All 48 bits, in which several makers pack more than one figure. */
  readonly raw: number | undefined;
  /** The plain figure in it, as far as one can be told. */
  readonly figure: number | undefined;
  /** Raw as smartctl prints it. */
  readonly text: string;
}

/** NVMe base specification, SMART / Health Information (log page 02h). */
export interface NvmeHealth {
  readonly criticalWarning: number | undefined;
  readonly sparePercent: number | undefined;
  readonly spareThresholdPercent: number | undefined;
  /** May pass 100. */
  readonly usedPercent: number | undefined;
  readonly mediaErrors: number | undefined;
  readonly unsafeShutdowns: number | undefined;
  readonly warningTemperatureMinutes: number | undefined;
  readonly criticalTemperatureMinutes: number | undefined;
}

/** SCSI log pages (SPC-4, SBC-3) as smartctl gives them. */
export interface ScsiHealth {
  readonly grownDefects: number | undefined;
  readonly uncorrected: { readonly read: number; readonly write: number; readonly verify: number } | undefined;
  readonly usedPercent: number | undefined;
  /** Additional sense code of the informational exceptions page; 0 means well. */
  readonly senseCode: number | undefined;
  readonly pendingDefects: number | undefined;
}

export interface Temperature {
  readonly currentC: number | undefined;
  /** What its maker recommends at most. */
  readonly recommendedMaxC: number | undefined;
  /** What must not be passed. */
  readonly limitMaxC: number | undefined;
  readonly limitMinC: number | undefined;
  readonly lifetimeMaxC: number | undefined;
}

export interface SelfTests {
  /** Failures that no later complete test has outdated. */
  readonly failures: number;
  /** True if one of them is a part that broke (electrical, servo, handling), not a sector that could not be read. */
  readonly partBroken: boolean;
}

export interface ErrorLog {
  readonly count: number;
  /** Unreadable sectors among the records of the last 30 days of running. */
  readonly recentUnreadable: number;
}

/** What the verdict and the trend rest on; each is absent if the disk does not tell it. Counts grow only, except `pending`. */
export interface KeyFigures {
  readonly reallocated?: number;
  readonly pending?: number;
  readonly uncorrectable?: number;
  readonly reported?: number;
  readonly crc?: number;
  readonly timeouts?: number;
  readonly mediaErrors?: number;
  readonly grownDefects?: number;
  readonly uncorrectedIo?: number;
  readonly errorLog?: number;
  readonly selfTestFailures?: number;
  readonly wearPercent?: number;
  readonly sparePercent?: number;
  readonly hotMinutes?: number;
  readonly temperatureC?: number;
  readonly hours?: number;
}

/** One reading of a disk by smartctl. */
export interface SmartReading {
  readonly access: Access;
  readonly kind: 'ata' | 'nvme' | 'scsi' | 'unknown';
  /** smartctl's device type, such as sat, usbjmicron, nvme, sat+megaraid,1. */
  readonly type: string | undefined;
  readonly medium: 'hdd' | 'ssd' | undefined;
  readonly model: string | undefined;
  readonly family: string | undefined;
  readonly serial: string | undefined;
  readonly firmware: string | undefined;
  readonly capacityBytes: number | undefined;
  readonly exitStatus: number;
  readonly exit: ExitBits;
  /** The disk's own judgement of itself. */
  readonly passed: boolean | undefined;
  readonly attributes: readonly SmartAttribute[];
  readonly nvme: NvmeHealth | undefined;
  readonly scsi: ScsiHealth | undefined;
  readonly temperature: Temperature;
  readonly selfTests: SelfTests | undefined;
  readonly errorLog: ErrorLog | undefined;
  readonly figures: KeyFigures;
  /** smartctl's own words. */
  readonly messages: readonly string[];
}
