import type { ErrorReport } from '../base/index.ts';
import type { ExportPage, LogExport, LogPage, LogSearch } from './log-reader.ts';
import type { LogVerdict } from './log-verify.ts';

/** What the reading worker is asked, and what it answers. */
export interface Readings {
  search: { args: LogSearch; answer: LogPage };
  export: { args: LogExport; answer: ExportPage };
  verify: { args: undefined; answer: LogVerdict };
}

export type Reading = keyof Readings;

export interface ToReader {
  readonly id: number;
  readonly reading: Reading;
  readonly args: unknown;
}

export interface FromReader {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: ErrorReport;
}
