/** The waist: every operation once, for all doors. Runs in: main. */
export { beginsBox, Control, type OperationDescription } from './control.ts';
export type { AuditLine, AuditPort } from '../accounts/index.ts';
export { anonymous, LOCAL, type Caller, type Right } from './caller.ts';
export { JobDesk, type Job } from './job-desk.ts';
export type { Task } from './task.ts';
export { allJobs, jobOutline, jobView } from './operations/jobs.ts';
export type { OperationTypes } from './operations/index.ts';
export type { BoxPorts, CameraRange } from './ports.ts';
export type {
  AddVerdict,
  CameraStanding,
  EventList,
  FoundCamera,
  PtzPreset,
  PtzState,
  SearchResult,
  UrlPattern,
} from './terminal-shapes.ts';
export type { ManyCameras, PtzPort, Steerer, TerminalsPort } from './terminal-ports.ts';
export { repairsOf } from './problem-repairs.ts';
export { isoOf, type BoxStatus, type CameraProbe, type CameraSettings, type Segment } from './shapes.ts';
export type { DiskHealthList } from './disk-health-shapes.ts';
export type { AssuranceMonth } from './assurance-shapes.ts';
export type { PlanForecast, StoragePlan } from './planning-shapes.ts';
export type { Lock, SpaceOverview } from './space-shapes.ts';
export type { Gap, CoverageDay, NoticeList, VerifyReport } from './shapes.ts';
export type { DiskList, PooledVolume } from './shapes.ts';
export type { CheckJob, EvacuationJob } from './disk-job-shapes.ts';
export type { LogPage, LogPort, LogSought, LogVerdict } from './log-shapes.ts';
export type { HistoryAnswer, StatePort, SystemNow, TerminalStatistics } from './state-shapes.ts';
export { DownloadDesk, type Download } from './download-desk.ts';
export { ExportQuota } from './export-quota.ts';
export { StreamDesk, type NamedStream } from './stream-desk.ts';
export type { RtspPort } from './rtsp-shapes.ts';
export { MediaDesk, type MediaSession } from './media-desk.ts';
export type { MediaWire } from './media-channel.ts';
export { MEDIA_ANSWERS, MEDIA_REQUESTS } from './media-shapes.ts';
