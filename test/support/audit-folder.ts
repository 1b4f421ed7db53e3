import { join } from 'node:path';
import { AuditLog, LogReader, type AuditLogOptions, type LogLine } from '../../firmware/audit/index.ts';
import { systemClock } from '../../firmware/base/index.ts';
import { tempFolder, type Teardown } from './temp-folder.ts';

export interface AuditFolder {
  readonly folder: string;
  readonly reader: LogReader;
  readonly failures: unknown[];
  readonly damages: Record<string, unknown>[];
  /** A log on the folder, started; stopped at the end of the test if not before. */
  open(options?: Partial<AuditLogOptions>): Promise<AuditLog>;
  /** All lines, the newest first. */
  all(): Promise<readonly LogLine[]>;
}

/** A folder for a log, with everything that is told about it. */
export async function auditFolder(t: Teardown): Promise<AuditFolder> {
  const folder = join(await tempFolder(t, 'audit'), 'audit');
  const reader = new LogReader(folder);
  const failures: unknown[] = [];
  const damages: Record<string, unknown>[] = [];
  return {
    folder,
    reader,
    failures,
    damages,
    open: async (options = {}) => {
      const log = new AuditLog({
        folder,
        clock: systemClock,
        policy: () => ({ keepDays: 365, maxBytes: 64 * 1024 * 1024 }),
        failing: (error) => failures.push(error?.code),
        damaged: (what) => damages.push(what),
        log: () => undefined,
        ...options,
      });
      t.teardown(() => log.stop());
      await log.start();
      return log;
    },
    all: async () => (await reader.search({ limit: 10_000 })).lines,
  };
}

export const NOTE = {
  atUs: 0,
  who: 'ann',
  kind: 'session',
  address: '192.0.2.7',
  operation: 'cameras.add',
  result: 'ok',
};
