import type { AuditReading, LogFinding, LogLine } from '../audit/index.ts';
import { isoOf, type LogPort } from '../control/index.ts';

const FINDINGS: Readonly<Record<LogFinding['code'], string>> = {
  altered: 'A line is not what was written, or stands where it was not written.',
  missing: 'Lines are missing here.',
  unreadable: 'Something here is no line of the log.',
  'file-missing': 'A file of the log is missing.',
  'beginning-missing': 'The oldest lines are missing, and the box did not delete them.',
  'end-missing': 'The newest lines are missing.',
};

/** The log as operations see it. `written` resolves when all lines so far can be read. */
export function logPort(reading: AuditReading, written: () => Promise<unknown>): LogPort {
  return {
    list: async (sought, limit) => {
      await written();
      const { lines, cursor } = await reading.ask('search', { ...sought, limit });
      return { entries: lines.map(shown), ...(cursor === undefined ? {} : { cursor }) };
    },
    export: async (sought, format) => {
      await written();
      return reading.ask('export', { ...sought, format });
    },
    verify: async () => {
      await written();
      const { first, last, findings, ...counts } = await reading.ask('verify', undefined);
      return {
        ...counts,
        ...(first && { first: { number: first.n, at: isoOf(first.atUs) } }),
        ...(last && { last: { number: last.n, at: isoOf(last.atUs), hash: last.hash } }),
        findings: findings.map((finding) => ({ ...finding, what: FINDINGS[finding.code] })),
      };
    },
  };
}

function shown({ n, at, kind, ...line }: LogLine & { hash: string }) {
  return { number: n, at: isoOf(at), kind: kind === 'event' ? kind : ('operation' as const), ...line };
}
