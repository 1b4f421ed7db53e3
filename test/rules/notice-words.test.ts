import t from 'tap';
import { ERROR_CODES } from '../../firmware/base/index.ts';
import { WORDS_ZH } from '../../firmware/notices/words-zh.ts';

/** Only ever the answer to somebody who asks the box for something; never a problem, never in a notice. */
const ANSWERS = /^control\./;

function missing(codes: readonly string[], words: readonly string[]): string[] {
  return codes.filter((code) => !ANSWERS.test(code) && !words.includes(code));
}

t.test('every code that can become a problem has words in Chinese, and no others have', async (t) => {
  const codes = Object.keys(ERROR_CODES);
  t.strictSame(missing(codes, Object.keys(WORDS_ZH)), []);
  t.strictSame(
    Object.keys(WORDS_ZH).filter((code) => !codes.includes(code)),
    [],
  );
  t.strictSame(missing(['a.b', 'a.c', 'control.x'], ['a.b']), ['a.c']);
});

t.test('the words are Chinese sentences', async (t) => {
  for (const [code, { what, advice }] of Object.entries(WORDS_ZH)) {
    for (const text of [what, advice]) t.match(text, /[\u4e00-\u9fff].*。$/u, `${code}: ${text}`);
  }
});
