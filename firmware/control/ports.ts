/**
 * What operations need of the rest of the box. The supervisor fills these in: with the running parts, or, when the box is
 * stopped, with what can be done on the data folder alone.
 */
import type { ExportQuota } from './export-quota.ts';
import type { z } from 'zod';
import type { ExportShelf, PlaybackHouse } from '../playback/index.ts';
import type { ViewBook } from '../live/index.ts';
import type { Accounts, SetUp } from '../accounts/index.ts';
import type { CheckJob, EvacuationJob } from './disk-job-shapes.ts';
import type { AssuranceMonth, ReportDocument, ReportLanguage } from './assurance-shapes.ts';
import type { Job } from './job-desk.ts';
import type { RtspPort } from './rtsp-shapes.ts';
import type { Conversion, StatePort } from './state-shapes.ts';
import type { LogPort } from './log-shapes.ts';
import type { PtzPort, TerminalsPort } from './terminal-ports.ts';
import type { DiskHealthList } from './disk-health-shapes.ts';
import type { PlanForecast, StoragePlan } from './planning-shapes.ts';
import type {
  BoxStatus,
  CameraProbe,
  CameraSettings,
  CameraWatch,
  Gap,
  NoticeList,
  CoverageDay,
  DiskList,
  PooledVolume,
  Segment,
  VerifyReport,
} from './shapes.ts';

import type { ClockVerdict, Lock, SpaceDecision, SpaceOverview } from './space-shapes.ts';

export type VolumeInUse = z.input<typeof PooledVolume>;

export interface CameraRange {
  readonly camera: string;
  readonly stream: string;
  readonly fromUs: number;
  readonly toUs: number;
}

export interface BoxPorts {
  readonly settings: {
    cameras(): readonly z.output<typeof CameraSettings>[];
    /** Rejects with control.camera-exists or config.invalid; nothing is changed then. */
    addCamera(
      camera: Omit<z.output<typeof CameraSettings>, 'groups' | 'labels'>,
      login: { username: string; password: string },
    ): Promise<void>;
    removeCamera(id: string): Promise<void>;
    /** Where a stream comes from and with which login, for the box itself: it leaves no operation. @throws BoxError live.no-such-stream */
    source(
      camera: string,
      stream: string,
    ): { readonly url: string; readonly username: string; readonly password: string };
    /** What the first run has chosen. */
    setUp(setUp: SetUp): Promise<void>;
    boxName(): string;
  };
  /** Resolves when it is written down; it is done when the box has stopped, which it does by itself. */
  readonly reset: (recordings: 'keep' | 'erase', by: string) => Promise<void>;
  readonly accounts: Pick<Accounts, 'users' | 'sessions' | 'tokens' | 'rtspPasswords' | 'firstRun'>;
  readonly footage: {
    segments(range: CameraRange): Promise<z.input<typeof Segment>[]>;
    gaps(range: CameraRange): Promise<z.input<typeof Gap>[]>;
    days(camera: string, stream: string, fromUs: number, toUs: number): Promise<z.input<typeof CoverageDay>[]>;
    verify(options: { deep: boolean }): Promise<z.input<typeof VerifyReport>>;
    rebuild(): Promise<{ segments: number; ms: number }>;
  };
  readonly recorder: {
    status(): Promise<z.input<typeof BoxStatus>>;
    manual(camera: string, on: boolean): Promise<void>;
    event(camera: string, kind: string): Promise<void>;
    watch(camera: string, stream: string, seconds: number): Promise<Omit<z.input<typeof CameraWatch>, 'seconds'>>;
  };
  readonly space: {
    show(): Promise<z.input<typeof SpaceOverview>>;
    /** Rejects with space.no-question. */
    answer(group: string, decision: z.output<typeof SpaceDecision>): Promise<void>;
    /** Rejects with space.clock-not-doubted. */
    clock(verdict: z.output<typeof ClockVerdict>): Promise<void>;
    /** Those that hold. */
    locks(): Promise<z.input<typeof Lock>[]>;
    /** Rejects with locks.not-kept. */
    lock(range: LockRange): Promise<z.input<typeof Lock>>;
    /** Rejects with locks.no-such-lock or locks.not-kept. */
    unlock(id: string): Promise<z.input<typeof Lock>>;
  };
  readonly notices: {
    list(limit: number): Promise<z.input<typeof NoticeList>>;
    /** Rejects with notices.no-such-channel, or with what went wrong on the way. */
    test(channel: string): Promise<void>;
    set(change: NoticeChange): Promise<{ language: string; quietS: number; allowNetworks: string[] }>;
    /** Undefined: no more e-mail. Rejects with config.invalid; nothing is changed then. */
    setEmail(email: NoticeEmail | undefined): Promise<void>;
    /** Rejects with notices.channel-exists or config.invalid. */
    addWebhook(webhook: NoticeWebhook): Promise<void>;
    /** Rejects with notices.no-such-channel. */
    removeWebhook(id: string): Promise<void>;
  };
  readonly disks: {
    list(): Promise<z.input<typeof DiskList>>;
    /** Rejects with disks.* and privileged.*. */
    format(disk: string, options: { confirm: string; fs: 'ext4' | 'xfs'; label: string }): Promise<VolumeInUse>;
    adopt(
      what: string,
      options: { mode: 'use' | 'read-only'; label: string; sameCameras: boolean },
    ): Promise<VolumeInUse>;
    /** `ended`: jobs on its volumes, by their ids. */
    remove(what: string): Promise<{ volumes: string[]; unmounted: string[]; ended: string[] }>;
    label(volume: string, name: string): Promise<VolumeInUse>;
  };
  /** `by`: who asks, to be told with the job. */
  readonly diskJobs: {
    /** Rejects with disks.no-such-volume, jobs.busy. */
    evacuate(
      volume: string,
      options: { what: 'all' | 'locked'; remove: boolean; by: string },
    ): Promise<z.input<typeof EvacuationJob>>;
    /** Undefined: nothing was being copied. */
    stopEvacuation(volume: string): Promise<z.input<typeof EvacuationJob> | undefined>;
    check(volume: string, options: { deep: boolean; by: string }): Promise<z.input<typeof CheckJob>>;
    list(): Promise<{ evacuations: z.input<typeof EvacuationJob>[]; checks: z.input<typeof CheckJob>[] }>;
    /** Ends a job, by its id, and resolves when it is over; at once if there is none. */
    end(job: string): Promise<void>;
  };
  readonly planning: {
    show(): Promise<z.input<typeof PlanForecast>>;
    /** `wishes`: days by camera, instead of those of the settings. */
    propose(wishes: ReadonlyMap<string, number>): Promise<z.input<typeof StoragePlan>>;
    /** Returns the ids of what was applied. Rejects with planning.no-such-proposal or planning.by-hand; nothing is changed then. */
    apply(proposals: readonly string[], wishes: ReadonlyMap<string, number>): Promise<string[]>;
  };
  readonly config: {
    show(): Record<string, unknown>;
    /** Rejects with config.invalid, config.unknown-key or config.not-written; nothing is changed then. */
    change(patch: Readonly<Record<string, unknown>>): Promise<SettingsChange>;
    export(passphrase: string): Promise<SealedSettings>;
    /** Rejects with config.not-opened besides. */
    import(passphrase: string, sealed: unknown): Promise<SettingsChange>;
  };
  readonly certificate: {
    show(): CertificateReport;
    /** PEM. Rejects with http.certificate-refused; nothing is changed then. */
    replace(given: { certificate: string; key: string }): Promise<CertificateReport>;
    makeOwn(): Promise<CertificateReport>;
  };
  readonly jobs: {
    list(): Job[];
    /** Stops one that can be stopped, and resolves when it is over. */
    end(id: string): Promise<void>;
  };
  readonly assurance: {
    /** About the cameras for which `sees` says yes. */
    report(
      wanted: {
        readonly month?: string | undefined;
        readonly document: z.output<typeof ReportDocument>;
        readonly language: z.output<typeof ReportLanguage>;
      },
      sees: (camera: string) => boolean,
    ): Promise<z.input<typeof AssuranceMonth>>;
  };
  /** Rejects with mp4.nothing-there, playback.unreadable, exports.too-long, exports.no-key. */
  readonly exports: Pick<ExportShelf, 'prepare' | 'list' | 'discard' | 'key'>;
  /** What is left to somebody of what one user may download in a day. */
  readonly exportQuota: Pick<ExportQuota, 'allowed' | 'check'>;
  /** Whether pictures can be converted for browsers that cannot play them, and how many are. */
  readonly conversion: () => Promise<z.input<typeof Conversion>>;
  /** One recorded picture. Rejects with playback.nothing-there, playback.unreadable. */
  readonly picture: PlaybackHouse['picture'];
  readonly rtsp: RtspPort;
  readonly views: Pick<ViewBook, 'list' | 'save' | 'remove' | 'keepOnly'>;
  readonly log: LogPort;
  readonly state: StatePort;
  readonly diskHealth: {
    /** With the history of so many days. */
    list(historyDays: number): Promise<z.input<typeof DiskHealthList>>;
  };
  readonly terminals: TerminalsPort;
  readonly ptz: PtzPort;
  readonly probe: (target: {
    url: string;
    username: string;
    password: string;
    transport: 'tcp' | 'udp' | 'auto';
    seconds: number;
  }) => Promise<z.input<typeof CameraProbe>>;
}

export interface SettingsChange {
  readonly settings: Record<string, unknown>;
  readonly changed: string[];
  readonly afterRestart: string[];
}

export interface SealedSettings {
  readonly format: 'ipvs-settings';
  readonly version: 1;
  readonly [more: string]: unknown;
}

export interface CertificateReport {
  readonly madeByBox: boolean;
  readonly subject: string;
  readonly issuer: string;
  readonly names: string[];
  readonly validFrom: string;
  readonly validTo: string;
  readonly fingerprint: string;
  readonly pem: string;
}

export interface LockRange {
  readonly camera: string;
  readonly stream?: string;
  readonly fromUs: number;
  readonly toUs: number;
  readonly reason: string;
  /** How long it holds from now on; for ever when absent. */
  readonly forUs?: number;
}

export interface NoticeChange {
  readonly language?: 'en' | 'zh-CN' | undefined;
  readonly quietS?: number | undefined;
  readonly allowNetworks?: readonly string[] | undefined;
}

export interface NoticeEmail {
  readonly host: string;
  readonly port: number;
  readonly security: 'starttls' | 'tls' | 'none';
  readonly username: string;
  readonly password: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly minSeverity: 'notice' | 'warning' | 'error';
  readonly quietHours: readonly { readonly from: string; readonly to: string }[];
  readonly ca: string;
}

export interface NoticeWebhook {
  readonly id: string;
  readonly url: string;
  readonly secret: string;
  readonly minSeverity: 'notice' | 'warning' | 'error';
  readonly allowHttp: boolean;
  readonly ca: string;
}
