import { z } from 'zod';
import { LogPage, LogPiece, LogVerdict, LogWanted, type LogSought } from '../log-shapes.ts';
import { operation, type Asker } from '../operation.ts';

export const logList = operation({
  name: 'log.list',
  title: 'Operations and events, the newest first',
  effect: 'read',
  right: 'logs',
  offline: true,
  input: LogWanted.extend({ limit: z.int().min(1).max(500).default(100) }),
  output: LogPage,
  handle: async ({ limit, ...wanted }, box, asker) => box.log.list(soughtOf(wanted, asker), limit),
});

export const logExport = operation({
  name: 'log.export',
  title: 'Operations and events as a piece of a file, from the oldest on',
  effect: 'read',
  right: 'logs',
  audit: 'always',
  offline: true,
  input: LogWanted.extend({ format: z.enum(['csv', 'jsonl']).default('csv') }),
  output: LogPiece,
  handle: async ({ format, ...wanted }, box, asker) => box.log.export(soughtOf(wanted, asker), format),
});

export const logVerify = operation({
  name: 'log.verify',
  title: 'Prove that the log is what the box wrote',
  effect: 'read',
  right: 'logs',
  audit: 'always',
  offline: true,
  input: z.object({}),
  output: LogVerdict,
  handle: async (_input, box) => box.log.verify(),
});

function soughtOf({ from, to, ...wanted }: z.output<typeof LogWanted>, asker: Asker): LogSought {
  return { ...wanted, fromUs: from, toUs: to, narrowed: asker.narrowed() };
}
