import type { z } from 'zod';
import type { Operation } from '../operation.ts';
import { certificateReplace, certificateShow } from './certificate.ts';
import { configExport, configGet, configImport, configSet } from './config.ts';
import { jobsCancel, jobsGet, jobsList } from './jobs.ts';
import { camerasAdd, camerasList, camerasRemove, camerasTest, camerasWatch } from './cameras.ts';
import { disksAdopt, disksFormat, disksLabel, disksList, disksRemove } from './disks.ts';
import { disksCheck, disksEvacuate, disksEvacuateStop, disksJobs } from './disk-jobs.ts';
import { disksHealth } from './disk-health.ts';
import { coverageDays, footagePicture, gapsList, rebuild, segmentsExport, segmentsList, verify } from './footage.ts';
import { exportsAllowance, exportsDiscard, exportsKey, exportsList, exportsPrepare } from './exports.ts';
import {
  noticesEmailRemove,
  noticesEmailSet,
  noticesList,
  noticesSet,
  noticesTest,
  noticesWebhookAdd,
  noticesWebhookRemove,
} from './notices.ts';
import { locksAdd, locksList, locksRemove, spaceAnswer, spaceClock, spaceShow } from './space.ts';
import { boxReset } from './reset.ts';
import { boxClaim, boxClaimed } from './first-run.ts';
import { rtspPasswordsCreate, rtspPasswordsList, rtspPasswordsRevoke, rtspShow } from './rtsp.ts';
import { sessionsEnd, sessionsList, tokensAdd, tokensList, tokensRevoke } from './sessions.ts';
import {
  usersAdd,
  usersChange,
  usersChangePassword,
  usersList,
  usersMe,
  usersRemove,
  usersResetPassword,
  usersSecondFactorBegin,
  usersSecondFactorConfirm,
  usersSecondFactorRemove,
} from './users.ts';
import { eventsList } from './events.ts';
import {
  ptzGoto,
  ptzHomeSet,
  ptzAsk,
  ptzCentre,
  ptzLens,
  ptzMove,
  ptzNudge,
  ptzPresetRemove,
  ptzPresets,
  ptzPresetPicture,
  ptzPresetPictureSet,
  ptzPresetSet,
  ptzRelease,
  ptzState,
  ptzStop,
  ptzTake,
} from './ptz.ts';
import {
  camerasAddMany,
  camerasChange,
  camerasClock,
  camerasConfirm,
  camerasDiscover,
  camerasExport,
  camerasImport,
  camerasPatterns,
  camerasReboot,
  camerasRelay,
  camerasInputs,
  camerasRelays,
  camerasSnapshot,
  camerasStanding,
} from './terminals.ts';
import { assuranceReport } from './assurance.ts';
import { planApply, planPropose, planShow } from './planning.ts';
import { logExport, logList, logVerify } from './log.ts';
import { stateHistory, stateNow, stateSeries, terminalsStatistics } from './state.ts';
import { viewsList, viewsRemove, viewsSave } from './views.ts';
import { boxStatus, eventsTrigger, recordingStart, recordingStop } from './recording.ts';

const TABLE = [
  boxClaimed,
  boxClaim,
  boxReset,
  usersMe,
  usersList,
  usersAdd,
  usersChange,
  usersRemove,
  usersResetPassword,
  usersChangePassword,
  usersSecondFactorBegin,
  usersSecondFactorConfirm,
  usersSecondFactorRemove,
  sessionsList,
  sessionsEnd,
  tokensList,
  tokensAdd,
  tokensRevoke,
  rtspShow,
  rtspPasswordsList,
  rtspPasswordsCreate,
  rtspPasswordsRevoke,
  boxStatus,
  logList,
  logExport,
  logVerify,
  stateNow,
  stateSeries,
  stateHistory,
  terminalsStatistics,
  camerasList,
  camerasAdd,
  camerasRemove,
  camerasTest,
  camerasWatch,
  camerasDiscover,
  camerasPatterns,
  camerasAddMany,
  camerasStanding,
  camerasConfirm,
  camerasChange,
  camerasExport,
  camerasImport,
  camerasClock,
  camerasReboot,
  camerasSnapshot,
  camerasInputs,
  camerasRelays,
  camerasRelay,
  ptzState,
  ptzMove,
  ptzNudge,
  ptzCentre,
  ptzStop,
  ptzTake,
  ptzAsk,
  ptzRelease,
  ptzGoto,
  ptzPresets,
  ptzPresetSet,
  ptzPresetPicture,
  ptzPresetPictureSet,
  ptzPresetRemove,
  ptzHomeSet,
  ptzLens,
  recordingStart,
  recordingStop,
  eventsTrigger,
  eventsList,
  segmentsList,
  segmentsExport,
  gapsList,
  coverageDays,
  verify,
  rebuild,
  exportsPrepare,
  exportsList,
  exportsDiscard,
  exportsAllowance,
  exportsKey,
  footagePicture,
  planShow,
  planPropose,
  planApply,
  assuranceReport,
  spaceShow,
  spaceAnswer,
  spaceClock,
  locksList,
  locksAdd,
  locksRemove,
  disksHealth,
  disksList,
  disksFormat,
  disksAdopt,
  disksRemove,
  disksLabel,
  disksEvacuate,
  disksEvacuateStop,
  disksCheck,
  disksJobs,
  noticesList,
  noticesTest,
  noticesSet,
  noticesEmailSet,
  noticesEmailRemove,
  noticesWebhookAdd,
  noticesWebhookRemove,
  configGet,
  configSet,
  configExport,
  configImport,
  certificateShow,
  certificateReplace,
  viewsList,
  viewsSave,
  viewsRemove,
  jobsList,
  jobsGet,
  jobsCancel,
] as const;

/** Everything that may be asked of the box. */
export const OPERATIONS: readonly Operation[] = TABLE;

/** The table as types, for clients: what goes into each operation and what comes out, as JSON has it. */
export type OperationTypes = {
  [One in (typeof TABLE)[number] as One['name']]: { input: z.input<One['input']>; output: z.output<One['output']> };
};
