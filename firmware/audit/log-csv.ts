import type { HashedLine } from './line.ts';

const COLUMNS = [
  'number',
  'time',
  'severity',
  'kind',
  'who',
  'via',
  'from',
  'what',
  'subject',
  'result',
  'detail',
  'hash',
];
/** A spreadsheet takes what begins with one of these for a formula (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r]/;
// What could disguise a name: control, direction-changing and line-separating characters.
const DISGUISE = /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** The first row, RFC 4180. */
export function csvHead(): string {
  return `${COLUMNS.join(',')}\r\n`;
}

export function csvRow({ line, hash }: HashedLine): string {
  const { n, at, severity, kind, who, via, from, what, subject, result, detail } = line;
  const time = new Date(at / 1000).toISOString();
  const cells = [who, via, from, what, subject, result, detail && JSON.stringify(detail)].map(cell);
  return `${[n, time, severity, kind, ...cells, hash].join(',')}\r\n`;
}

/** The text with everything visible that could make it look like another one. */
export function plainText(text: string): string {
  return text.replace(DISGUISE, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function cell(value: string | undefined): string {
  const plain = plainText(value ?? '');
  const inert = FORMULA.test(value ?? '') ? `'${plain}` : plain;
  return /[",']/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
