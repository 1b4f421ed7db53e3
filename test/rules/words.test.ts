import t from 'tap';
import { places, sources, type Source } from './sources.ts';

interface Rule {
  readonly name: string;
  readonly where: readonly string[];
  readonly pattern: RegExp;
  /** Text that the rule must catch, and text that it must let pass. */
  readonly bad: readonly string[];
  readonly good: readonly string[];
}

const CODE = ['firmware/**/*.{ts,tsx,js}', 'scripts/**/*.{ts,js}'];
const EVERYTHING = ['{firmware,scripts,test,docs,board}/**/*', '*.{md,json,js,ts}', '.ci/*', 'Dockerfile*', 'LICENSE'];

const RULES: readonly Rule[] = [
  {
    name: '15. no shell',
    where: CODE,
    pattern:
      /(?<![.\w#])exec(?:Sync)?\s*\(|\bchild_process\.exec\w*|\bshell:(?!\s*false)|['"`/](?:ba|da|z)?sh['"`]|\bsh -c\b/g,
    bad: [
      "exec('ls')",
      'execSync(x)',
      'spawn(a, b, { shell: true })',
      "spawn('sh', ['-c', x])",
      "'/bin/sh'",
      '`sh -c ${x}`',
    ],
    good: ['pattern.exec(text)', 'this.#database.exec(SQL)', "execFile('ls', [])", 'shell: false', 'a hash', "'.sh-1'"],
  },
  {
    name: 'no places of one machine and no package registries',
    where: EVERYTHING,
    pattern:
      /(?<![\w.)}-])\/(?:work|root|Users)\/|(?<![\w.-])\/home\/(?!<)|registry\.npm|npmmirror|\bregistry\.[a-z-]+\.(?:com|org|cn)/g,
    bad: ['/work/main', 'cd /root/x', '/home/me/x', 'https://registry.npmjs.org/x', 'registry.npmmirror.com'],
    good: ['network/work/x', './work/', '/workers/', 'the registry'],
  },
  {
    name: 'nothing left for later, nothing silenced',
    where: ['{firmware,scripts,test,board}/**/*.{ts,tsx,js,py,c,md}', '*.md'],
    pattern: /(?<!\|)\b(?:TODO|FIXME|XXX|HACK)\b(?![|)])|@ts-(?:ignore|nocheck)|\bcatch(?:\s*\([^)]*\))?\s*\{\s*\}/g,
    bad: ['// TODO later', 'FIXME', '// @ts-ignore', 'try { a(); } catch {}', 'catch (error) { }'],
    good: ['todo', '(?:TODO|SKIP)', 'catch { return 1; }'],
  },
  {
    name: 'comments do not tell the history of the work',
    where: EVERYTHING,
    pattern: /\bissues? #?\d+|\bworkplace\b|\bas an AI\b|\bthe (?:brief|lead) (?:says|asks|wants)\b/gi,
    bad: ['see issue #12', 'Issue 7', 'workplace'],
    good: ['issues a command', 'an issue'],
  },
  {
    name: 'the HTTP module comes through base: its facade for `import` loads what only a browser needs',
    where: ['firmware/**/*.ts'],
    pattern: /^import (?!type\b).*'node:http'/gm,
    bad: ["import { createServer } from 'node:http';", "import http, { type Server } from 'node:http';"],
    good: ["import type { Server } from 'node:http';", "import { request } from 'node:https';"],
  },
];

const POINTLESS_NAME = /(?:^|\/)(?:utils?|helpers?|manager|common|misc)(?:[./]|$)/;
const MAX_LINES = 600;
/** Tables of data, which grow by their nature. */
const TABLES = new Set([
  'firmware/base/error-codes.ts',
  'firmware/notices/words-zh.ts',
  'firmware/ui/words/en.ts',
  'firmware/ui/words/zh.ts',
]);

// These files hold examples of what is forbidden.
function withoutRules(files: readonly Source[]): Source[] {
  return files.filter(({ path }) => !path.startsWith('test/rules/'));
}

function tooLong(files: readonly Source[]): string[] {
  return files
    .filter(({ path, text }) => !TABLES.has(path) && text.trimEnd().split('\n').length > MAX_LINES)
    .map(({ path }) => path);
}

for (const { name, where, pattern, bad, good } of RULES) {
  t.test(name, async (t) => {
    t.strictSame(
      withoutRules(sources(...where)).flatMap((file) => places(file, pattern)),
      [],
    );
    for (const text of bad) t.not(places({ path: 'x', text }, pattern).length, 0, text);
    for (const text of good) t.strictSame(places({ path: 'x', text }, pattern), [], text);
  });
}

t.test('files stay readable in one sitting', async (t) => {
  t.strictSame(tooLong(sources('{firmware,scripts,test}/**/*.{ts,tsx,js,py,css,html}')), []);
  t.equal(tooLong([{ path: 'a.ts', text: '\n'.repeat(600) + 'x' }]).length, 1);
  t.equal(tooLong([{ path: 'a.ts', text: 'x\n'.repeat(600) }]).length, 0);
});

t.test('names of files say something', async (t) => {
  const names = sources('{firmware,scripts,test}/**/*.{ts,tsx,js}').map(({ path }) => path);
  t.strictSame(
    names.filter((path) => POINTLESS_NAME.test(path)),
    [],
  );
  t.strictSame(
    names.filter((path) => !/^[a-z0-9./-]+$/.test(path)),
    [],
    'kebab-case',
  );
  t.ok(POINTLESS_NAME.test('firmware/base/utils.ts'));
  t.ok(POINTLESS_NAME.test('test/helpers/a.ts'));
});
