/**
 * The disks: volumes with their growing segments, journals and catalogue. Runs in: the record worker (volumes), the catalogue
 * worker (SQLite), job workers (verification, rebuilding).
 */
export { CatalogueClient, type CatalogueClientOptions } from './catalogue/catalogue-client.ts';
export type { Answer, Args, FeedMessage, FeedRequest, LockReport, Operation } from './catalogue/catalogue-messages.ts';
export type {
  AttachReport,
  DayInfo,
  GapInfo,
  RangeQuery,
  SegmentInfo,
  StreamTotals,
  VolumeTotals,
} from './catalogue/catalogue-types.ts';
export { buffersOf, unpackRows, type DayFigure, type HourFigure, type PackedRows } from './catalogue/packed-rows.ts';
export { DAY_US, dayOf } from './catalogue/coverage.ts';
export {
  planDeletion,
  sparesEvents,
  type Candidate,
  type DeletionQueue,
  type PlannedStep,
} from './space/deletion-plan.ts';
export { INITIAL_STANDING, spaceMarks, standingOf, type SpaceMarks, type SpaceStanding } from './space/space-model.ts';
export { quickStart, type QuickStart } from './recovery/quick-start.ts';
export { Recovery, type RecoveryCatalogue, type RecoveryReport, type RecoveryVolume } from './recovery/recovery.ts';
export type { KeptFinding } from './space/space-check.ts';
export type { KnownTime } from './space/age-clock.ts';
export type { OverwriteGrant, SpacePolicy, SpaceReport, VolumeSpace } from './space/space-policy.ts';
export { openVolumeFolder, type OpenFolderOptions, type VolumeFolder } from './volume/identity.ts';
export { judgeIdentity, type VolumeIdentity } from './volume/identity-file.ts';
export { camerasOn, readIdentityText, takeOverVolume } from './volume/take-over.ts';
export { JournalReader } from './journal/journal-reader.ts';
export type {
  FootageClass,
  GapReason,
  GapRecord,
  JournalEntry,
  JournalEvent,
  JournalRecord,
  OpenRecord,
} from './journal/journal.ts';
export type { SegmentEnd, SegmentFile, SegmentSummary, SegmentTail } from './volume/segment-file.ts';
export { Volume, type VolumeDeps, type VolumeLeftovers, type VolumeStats } from './volume/volume.ts';
export type { VolumeListener, VolumeSettings } from './volume/volume-settings.ts';
export type { VolumeState } from './volume/volume-state.ts';
export type { LatencySummary } from './volume/volume-latency.ts';
export { FINDINGS, type Finding, type FindingCode, type VerifyReport } from './recovery/verify-findings.ts';
export { verifyVolume, type VerifyOptions } from './recovery/verify.ts';
export { rebuildCatalogue } from './catalogue/rebuild.ts';
export { VolumeJobs, type VolumeJobsOptions } from './jobs/jobs-client.ts';
export type { JobPorts, LockedSpan, Room, UsedVolume, VolumeAsk, VolumeAsks } from './jobs/job-ports.ts';
export type { JobKind, JobStates } from './jobs/jobs-messages.ts';
export type { CheckState, EvacuationState } from './jobs/job-states.ts';
export { answerVolumeAsk } from './volume/volume-asks.ts';
