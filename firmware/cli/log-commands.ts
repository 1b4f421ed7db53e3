import { open } from 'node:fs/promises';
import type { ParseArgsOptionsConfig } from 'node:util';
import { resolve } from 'node:path';
import type { z } from 'zod';
import { BoxError } from '../base/index.ts';
import { plainText } from '../audit/index.ts';
import type { LogPage, LogVerdict } from '../control/index.ts';
import type { Command, Invocation } from './command.ts';
import { table } from './text.ts';

type Page = z.output<typeof LogPage>;
type Verdict = z.output<typeof LogVerdict>;

const FILTER: ParseArgsOptionsConfig = {
  from: { type: 'string' },
  to: { type: 'string' },
  who: { type: 'string' },
  camera: { type: 'string' },
  kind: { type: 'string' },
  what: { type: 'string' },
  severity: { type: 'string' },
  text: { type: 'string' },
};
const FILTER_USAGE =
  '[--from ISO] [--to ISO] [--who NAME] [--camera ID] [--kind operation|event] [--what NAME] [--severity info|notice|warning|error] [--text WORDS]';
/** What the box gives at most in one answer. */
const PAGE = 500;

const list: Command = {
  name: 'log list',
  usage: `log list [--limit 100] ${FILTER_USAGE}`,
  help: 'lists operations and events, the newest first',
  words: 0,
  options: { ...FILTER, limit: { type: 'string' } },
  run: async ({ options, host }) => {
    const limit = options['limit'] === undefined ? 100 : Number(options['limit']);
    if (!Number.isInteger(limit) || limit < 1)
      throw new BoxError('control.bad-input', { faults: ['--limit: a number'] });
    const entries: Page['entries'] = [];
    let cursor: string | undefined;
    do {
      const wanted = { ...filterOf(options), limit: Math.min(PAGE, limit - entries.length), ...(cursor && { cursor }) };
      const page = (await host.call('log.list', wanted)) as Page;
      entries.push(...page.entries);
      cursor = page.cursor;
    } while (cursor !== undefined && entries.length < limit);
    return { json: { entries, ...(cursor === undefined ? {} : { cursor }) }, text: formatLog(entries) };
  },
};

const exportLog: Command = {
  name: 'log export',
  usage: `log export FILE [--format csv|jsonl] ${FILTER_USAGE}`,
  help: 'writes operations and events to a file, the oldest first',
  words: 1,
  options: { ...FILTER, format: { type: 'string' } },
  run: async ({ words, options, host }) => {
    const path = resolve(words[0] ?? '');
    const format = options['format'] === undefined ? {} : { format: options['format'] };
    const file = await open(path, 'w', 0o600);
    let bytes = 0;
    try {
      let cursor: string | undefined;
      do {
        const piece = await host.call('log.export', { ...filterOf(options), ...format, ...(cursor && { cursor }) });
        const { text, cursor: next } = piece as { text: string; cursor?: string };
        bytes += (await file.write(text)).bytesWritten;
        cursor = next;
      } while (cursor !== undefined);
      await file.sync();
    } finally {
      await file.close();
    }
    return { json: { file: path, bytes }, text: `Wrote ${path}: ${bytes} bytes.` };
  },
};

const verify: Command = {
  name: 'log verify',
  usage: 'log verify',
  help: 'proves that the log is what the box wrote; exit code 1 if it is not',
  words: 0,
  run: async ({ host }) => {
    const verdict = (await host.call('log.verify', {})) as Verdict;
    return { json: verdict, text: formatVerdict(verdict), exitCode: verdict.ok ? 0 : 1 };
  },
};

export const LOG_COMMANDS: readonly Command[] = [list, exportLog, verify];

function filterOf(options: Invocation['options']): Record<string, unknown> {
  return Object.fromEntries(
    Object.keys(FILTER).flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );
}

function formatLog(entries: Page['entries']): string {
  if (entries.length === 0) return 'Nothing was found.';
  const rows = entries.map(({ at, severity, who, from, what, subject, result, detail }) =>
    [
      at,
      severity,
      who === undefined ? '' : `${who}@${from}`,
      what,
      subject ?? '',
      result ?? '',
      detail === undefined ? '' : JSON.stringify(detail),
    ].map(plainText),
  );
  return table(['time', 'severity', 'who', 'what', 'about', 'result', 'detail'], rows);
}

function formatVerdict({ ok, files, lines, last, findings }: Verdict): string {
  const rows = findings.map(({ what, file, line, from, to }) => {
    const place = [`file ${file}`, ...(line === undefined ? [] : [`line ${line}`])].join(', ');
    return `  ${place}: ${what}${from === undefined || to === undefined ? '' : ` (numbers ${from} to ${to})`}`;
  });
  const head = ok ? 'The log is whole' : 'The log is NOT what the box wrote';
  const end = last ? `\nIts last line is number ${last.number} of ${last.at}, ${last.hash}` : '';
  return [`${head}: ${lines} lines in ${files} files.`, ...rows].join('\n') + end;
}
