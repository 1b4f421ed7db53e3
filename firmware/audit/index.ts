/**
 * The log of everything that is asked of the box and that happens to it: written down, kept, found again, proved. Runs in: main;
 * looking through it in a job worker of its own.
 */
export { AuditLog, type AuditLogOptions } from './audit-log.ts';
export { AuditReading } from './audit-reading.ts';
export type { AuditNote, AuditSeverity, BoxEvent, LogLine } from './line.ts';
export { plainText } from './log-csv.ts';
export type { LogFilter } from './log-filter.ts';
export {
  LogReader,
  type ExportFormat,
  type ExportPage,
  type LogExport,
  type LogPage,
  type LogSearch,
} from './log-reader.ts';
export type { LogFinding, LogVerdict } from './log-verify.ts';
