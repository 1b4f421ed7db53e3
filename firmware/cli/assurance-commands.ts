import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { z } from 'zod';
import { BoxError } from '../base/index.ts';
import type { AssuranceMonth } from '../control/index.ts';
import type { Command } from './command.ts';
import { formatSeconds, table } from './text.ts';

type Month = z.output<typeof AssuranceMonth>;

const USAGE = 'assurance report [--month 2026-05] [--csv FILE | --html FILE] [--lang en|zh]';

const report: Command = {
  name: 'assurance report',
  usage: USAGE,
  help: 'says what should have been recorded in a month, what was, and why not; also as a table or a page to print',
  words: 0,
  options: { month: { type: 'string' }, csv: { type: 'string' }, html: { type: 'string' }, lang: { type: 'string' } },
  run: async ({ options, host }) => {
    const { month, csv, html, lang } = options;
    if (csv !== undefined && html !== undefined) {
      throw new BoxError('control.bad-input', {
        faults: ['--csv and --html: only one of them'],
        usage: `ipvs ${USAGE}`,
      });
    }
    const { document, ...data } = (await host.call('assurance.report', {
      ...(month === undefined ? {} : { month }),
      ...(lang === undefined ? {} : { language: lang }),
      document: csv === undefined ? (html === undefined ? 'none' : 'page') : 'csv',
    })) as Month;
    const given = csv ?? html;
    if (document === undefined || typeof given !== 'string') return { json: data, text: formatMonth(data) };
    const file = resolve(given);
    await writeFile(file, document, { mode: 0o600 });
    return { json: { file, bytes: Buffer.byteLength(document) }, text: `Wrote ${file}.` };
  },
};

function formatMonth({ month, timeZone, until, cameras }: Month): string {
  if (cameras.length === 0) return `Nothing was expected or recorded in ${month} (${timeZone}).`;
  const rows = cameras.map(({ name, expectedS, recordedS, missingS, filledInS, missingByReason }) => [
    name,
    formatSeconds(expectedS),
    formatSeconds(recordedS),
    formatSeconds(missingS),
    formatSeconds(filledInS),
    expectedS > 0 ? `${(Math.floor((recordedS / expectedS) * 10_000) / 100).toFixed(2)} %` : '-',
    Object.entries(missingByReason)
      .sort(([, a], [, b]) => b - a)
      .map(([reason, seconds]) => `${reason} ${formatSeconds(seconds)}`)
      .join(', '),
  ]);
  const head = ['camera', 'expected', 'recorded', 'missing', 'filled in', 'share', 'why'];
  return `${month}, days of ${timeZone}, up to ${until}\n${table(head, rows)}`;
}

export const ASSURANCE_COMMANDS: readonly Command[] = [report];
