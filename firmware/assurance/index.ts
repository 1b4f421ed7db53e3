/**
 * Recording assurance: what should have been recorded, what was, and why not, for every camera and day; and the alarm when a
 * camera is missing. Runs in: main.
 */
export { Accountant, type FootageSource } from './accountant.ts';
export type { MissingReason, MissingSpan } from './day-account.ts';
export { Ledger } from './ledger.ts';
export { MissingWatch, type MissingAlarm, type StreamSight } from './missing-watch.ts';
export { PromiseLog } from './promise-log.ts';
export { reportCsv } from './report-csv.ts';
export { reportPage } from './report-page.ts';
export { monthReport, type AssuranceReport } from './report.ts';
