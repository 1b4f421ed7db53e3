import { ERROR_CODES, type ErrorInfo, type ErrorKind } from '../../firmware/base/index.ts';
import { row } from './markdown.ts';

const KINDS: Record<ErrorKind, string> = {
  caller: 'what was asked, or set, is wrong',
  missing: 'it does not exist',
  later: 'may work later',
  lost: 'data is lost or doubtful',
  bug: 'fault of the firmware',
};

/** docs/errors.md */
export function errorsPage(): string {
  const codes: [string, ErrorInfo][] = Object.entries(ERROR_CODES);
  return [
    '# Errors',
    '',
    'Every error and problem that the box reports carries one of these codes. A code never changes its meaning. This page is',
    'generated from `firmware/base/error-codes.ts` by `npm run docs`.',
    '',
    row(['code', 'kind', 'what happened', 'what to do']),
    row(['---', '---', '---', '---']),
    ...codes
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([code, { kind, what, advice }]) => row([`\`${code}\``, KINDS[kind], what, advice])),
    '',
  ].join('\n');
}
