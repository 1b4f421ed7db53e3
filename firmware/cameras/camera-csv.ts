import { BoxError } from '../base/index.ts';

/** A camera as one line of a table. Passwords go in and never come out. */
export interface CameraRow {
  readonly id: string;
  readonly name: string;
  readonly main: string;
  readonly sub: string;
  readonly onvif: string;
  readonly username: string;
  readonly password: string;
  readonly mode: string;
  readonly groups: string;
  readonly labels: string;
  readonly order: string;
  readonly enabled: string;
  readonly maker: string;
  readonly model: string;
  readonly serial: string;
  readonly mac: string;
}

const COLUMNS = [
  'id',
  'name',
  'main',
  'sub',
  'onvif',
  'username',
  'password',
  'mode',
  'groups',
  'labels',
  'order',
  'enabled',
  'maker',
  'model',
  'serial',
  'mac',
] as const satisfies readonly (keyof CameraRow)[];

const MOST_BYTES = 1024 * 1024;
const MOST_ROWS = 256;
/** What a spreadsheet would take for a formula; behind apostrophes it is one that was made harmless, or a name that looks like that. */
const FORMULA = /^'*[=+\-@\t\r]/;

/** A table for spreadsheets (RFC 4180), with a byte order mark so that they read UTF-8. */
export function writeCameraCsv(rows: readonly CameraRow[]): string {
  const lines = [COLUMNS as readonly string[], ...rows.map((row) => COLUMNS.map((column) => row[column]))];
  return `\ufeff${lines.map((cells) => cells.map(cell).join(',')).join('\r\n')}\r\n`;
}

/**
 * Rows of a table whose first line names the columns, in any order; those that are missing are empty. Separators may be commas,
 * semicolons or tabs. @throws BoxError cameras.bad-table
 */
export function readCameraCsv(text: string): CameraRow[] {
  if (Buffer.byteLength(text) > MOST_BYTES)
    throw new BoxError('cameras.bad-table', { reason: 'it is larger than 1 MB' });
  if (text.includes('\ufffd')) {
    const reason = 'it is not in UTF-8, so names would be spoilt; save it as "CSV UTF-8" in the spreadsheet';
    throw new BoxError('cameras.bad-table', { reason });
  }
  const plain = text.replace(/^\ufeff/, '');
  const first = plain.slice(0, plain.search(/[\r\n]|$/));
  const separator = [',', ';', '\t'].toSorted((a, b) => first.split(b).length - first.split(a).length)[0]!;
  const [head = [], ...body] = parse(plain, separator);
  const columns = head.map((name) => name.trim().toLowerCase());
  const unknown = columns.filter((name) => name !== '' && !(COLUMNS as readonly string[]).includes(name));
  if (unknown.length > 0) throw new BoxError('cameras.bad-table', { reason: `unknown columns: ${unknown.join(', ')}` });
  if (!columns.includes('main') && !columns.includes('onvif'))
    throw new BoxError('cameras.bad-table', { reason: 'it has neither a column main nor a column onvif' });
  const rows = body.filter((cells) => cells.some((each) => each.trim() !== ''));
  if (rows.length > MOST_ROWS)
    throw new BoxError('cameras.bad-table', { reason: `it has more than ${MOST_ROWS} rows` });
  return rows.map((cells) => {
    const found = COLUMNS.map((column) => [column, unquoted(cells[columns.indexOf(column)] ?? '')] as const);
    return Object.fromEntries(found) as Record<keyof CameraRow, string>;
  });
}

function cell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",;\r\n\t]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Takes back what `cell` has put before a formula. */
function unquoted(text: string): string {
  const trimmed = text.trim();
  return trimmed.startsWith("'") && FORMULA.test(trimmed.slice(1)) ? trimmed.slice(1) : trimmed;
}

function parse(text: string, separator: string): string[][] {
  const rows: string[][] = [[]];
  let field = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!;
    if (quoted) {
      if (letter !== '"') field += letter;
      else if (text[at + 1] === '"') field += text[++at];
      else quoted = false;
    } else if (letter === '"' && field === '') quoted = true;
    else if (letter === separator || letter === '\n') {
      rows.at(-1)!.push(field.replace(/\r$/, ''));
      field = '';
      if (letter === '\n') rows.push([]);
    } else field += letter;
  }
  if (quoted) throw new BoxError('cameras.bad-table', { reason: 'a quotation mark is not closed' });
  rows.at(-1)!.push(field.replace(/\r$/, ''));
  return rows;
}
