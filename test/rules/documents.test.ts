import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { ERROR_CODES } from '../../firmware/base/index.ts';
import { PAGES } from '../../scripts/lib/pages.ts';
import { sources, type Source } from './sources.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const TABLE = 'firmware/base/error-codes.ts';
const RAISED = /\b(?:new BoxError|\.raise|asBoxError)\((?:[^'()]*,\s*)?'([a-z0-9]+\.[a-z0-9-]+)'/g;

/** Codes that the sources raise and the table lacks, and codes of the table that no source mentions. */
function mismatches(codes: readonly string[], files: readonly Source[]): { unknown: string[]; unused: string[] } {
  const text = files.map((file) => file.text).join('\n');
  const raised = [...text.matchAll(RAISED)].map((match) => match[1] ?? '');
  return {
    unknown: raised.filter((code) => !codes.includes(code)),
    unused: codes.filter((code) => !text.includes(`'${code}'`)),
  };
}

t.test('the table of errors and the source know the same codes', async (t) => {
  const files = sources('firmware/**/*.ts').filter(({ path }) => path !== TABLE);
  t.strictSame(mismatches(Object.keys(ERROR_CODES), files), { unknown: [], unused: [] });
  const text = "throw new BoxError('a.b'); throw asBoxError(error, 'a.c'); problems.raise('a.d', x)";
  t.strictSame(mismatches(['a.b', 'a.x'], [{ path: 'x', text }]), { unknown: ['a.c', 'a.d'], unused: ['a.x'] });
});

t.test('the pages that are generated from the source are up to date', async (t) => {
  for (const [path, page] of Object.entries(PAGES)) {
    const [file] = sources(path);
    t.equal(file?.text, page(), `${path} (npm run docs writes it)`);
  }
});

t.test('links between the documents of the repository lead somewhere', async (t) => {
  const LINK = /\]\((?!https?:|mailto:|#)([^)#\s]+)/g;
  const broken = sources('*.md', '{firmware,test,scripts,docs,board}/**/*.md').flatMap(({ path, text }) =>
    [...text.matchAll(LINK)]
      .map((match) => match[1] ?? '')
      .filter((link) => !existsSync(join(ROOT, path, '..', link)))
      .map((link) => `${path}: ${link}`),
  );
  t.strictSame(broken, []);
});
