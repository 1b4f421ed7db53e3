import type { MissingReason } from './day-account.ts';
import { WORDS, type Language } from './report-words.ts';
import type { AssuranceReport } from './report.ts';

const REASONS = Object.keys(WORDS.en.reasons) as MissingReason[];

/**
 * One line per camera and day, seconds with three decimals (RFC 4180), with a byte order mark, so that spreadsheets take it as
 * UTF-8.
 */
export function reportCsv(report: AssuranceReport, language: Language): string {
  const words = WORDS[language];
  const head = [
    words.day,
    words.camera,
    'id',
    ...[words.expected, words.recorded, words.missing, words.filledIn, words.besides].map((word) => `${word} (s)`),
    ...REASONS.map((reason) => `${words.missing}: ${words.reasons[reason]} (s)`),
  ];
  const rows = report.cameras.flatMap(({ camera, name, days }) =>
    days.map((day) => [
      day.day,
      name,
      camera,
      ...[day.expectedS, day.recordedS, day.missingS, day.filledInS, day.besidesS].map(figure),
      ...REASONS.map((reason) => figure(day.missingByReason[reason] ?? 0)),
    ]),
  );
  return `\uFEFF${[head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

function figure(seconds: number): string {
  return seconds.toFixed(3);
}

function cell(text: string): string {
  // A name that begins like a formula would be run by a spreadsheet.
  const harmless = /^[=+\-@\t\r]/.test(text) && !/^-?\d/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
