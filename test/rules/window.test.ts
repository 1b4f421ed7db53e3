import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import t from 'tap';
import { parseAst } from 'vite';
import { en } from '../../firmware/ui/words/en.ts';
import { zh } from '../../firmware/ui/words/zh.ts';
import { sources, type Source } from './sources.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const WINDOW = 'firmware/ui/**/*.{ts,tsx}';

/** What is put into words, by name; which forms a plural has is the language's own affair. */
function placeholders(text: string): string[] {
  return [...new Set([...text.matchAll(/\{(\w+)(?:\|[^}]*)?\}/g)].map((match) => match[1] ?? ''))].sort();
}

function differences(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((key) => {
    const [here, there] = [one[key], other[key]];
    if (here === undefined || there === undefined || here.trim() === '' || there.trim() === '') return true;
    const plural = /\{n\|/.test(here);
    const [a, b] = [placeholders(here), placeholders(there)].map((all) =>
      all.filter((name) => !plural || name !== 'n'),
    );
    return a!.join() !== b!.join();
  });
}

t.test('both languages have all words, with the same places for values', async (t) => {
  t.strictSame(differences(en, zh), []);
  t.strictSame(differences({ a: 'x', b: '{n} of {m}', c: 'x' }, { a: 'y', b: '{n}' }), ['b', 'c']);
});

t.test('a place for a value holds no other', async (t) => {
  const nested = (all: Readonly<Record<string, string>>): string[] =>
    Object.entries(all).flatMap(([key, text]) => (/\{[^}]*\{/.test(text) ? [key] : []));
  t.strictSame([...nested(en), ...nested(zh)], []);
  t.strictSame(nested({ a: '{n|one|{n} of them}' }), ['a']);
});

t.test('Chinese is Chinese', async (t) => {
  const SAME = /^(?:brand|stream|transport|unit|volumeSays|time|copy|colon|comma)\b|^(?:change\.bigger-disk)$/;
  const latin = Object.entries(zh).filter(([key, text]) => !SAME.test(key) && !/[\u4e00-\u9fff]/.test(text));
  t.strictSame(
    latin.map(([key]) => key),
    [],
  );
  const halfWidth = Object.entries(zh).filter(([, text]) => /[\u4e00-\u9fff][,;:!?]|[\u4e00-\u9fff]\.$/.test(text));
  t.strictSame(halfWidth, [], 'punctuation of sentences is full-width');
});

t.test('words that nobody uses are gone', async (t) => {
  const text = sources(WINDOW)
    .filter(({ path }) => !path.startsWith('firmware/ui/words/en') && !path.startsWith('firmware/ui/words/zh'))
    .map((file) => file.text)
    .join('\n');
  // Keys that are made of a value: t(`right.${right}`) and tOf('right', right).
  const made = [...text.matchAll(/`([\w.]+)\.\$\{|tOf\(\s*'([\w.]+)'/g)].map((match) => match[1] ?? match[2] ?? '');
  const unused = Object.keys(en).filter(
    (key) => !text.includes(`'${key}'`) && !made.some((prefix) => key.startsWith(`${prefix}.`)),
  );
  t.strictSame(unused, []);
});

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

const SPOKEN = new Set(['title', 'aria-label', 'placeholder', 'alt', 'label', 'hint']);
/** Names of things that are the same in all languages. */
const NAMES = /^(?:CSV|Esc|G|[\W\d_]*|中文|English)$/;

/** Text of the markup that stands there as it is instead of in the tables of words. */
function hardCoded({ path, text }: Source): string[] {
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      node.forEach(visit);
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    const { type, value, name } = node as Node;
    if (type === 'JSXText' && !NAMES.test(String(value).trim())) found.push(`${path}: ${String(value).trim()}`);
    if (type === 'JSXAttribute') {
      const attribute = (name as Node)['name'];
      const given = (value as Node | null)?.['value'];
      if (SPOKEN.has(String(attribute)) && typeof given === 'string' && !NAMES.test(given))
        found.push(`${path}: ${given}`);
    }
    for (const child of Object.values(node)) visit(child);
  };
  visit(parseAst(text, { lang: 'tsx' }));
  return found;
}

t.test('no text is hard-coded', async (t) => {
  t.strictSame(sources('firmware/ui/**/*.tsx').flatMap(hardCoded), []);
  const file = (text: string): number => hardCoded({ path: 'x', text: `const a = ${text};` }).length;
  t.equal(file('<p>Hello</p>'), 1);
  t.equal(file('<p title="Hello">{t("x")} · </p>'), 1);
  t.equal(file('<p title={t("x")} class="words">{t("y")}: 12 %</p>'), 0);
});

t.test('the window shares types with control, and nothing else with the firmware', async (t) => {
  const wrong = (files: readonly Source[]): string[] =>
    files.flatMap(({ path, text }) =>
      [...text.matchAll(/^import (?!type )[^;]*'(?:\.\.\/)+(?!ui\/)(\w+)\/index\.ts';/gm)].map(
        (match) => `${path}: ${match[0]}`,
      ),
    );
  const foreign = sources(WINDOW).filter(({ text }) => /from '(?:\.\.\/)+(?:control|accounts|base|http)\//.test(text));
  t.ok(foreign.length > 0);
  t.strictSame(wrong(foreign), []);
  t.equal(wrong([{ path: 'x', text: "import { Control } from '../../control/index.ts';" }]).length, 1);
});

/** Colours of a theme by role. */
function tokens(css: string, selector: string): Map<string, string> {
  const start = css.indexOf(selector);
  const block = css.slice(css.indexOf('{', start), css.indexOf('}', start));
  return new Map([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((match) => [match[1]!, match[2]!]));
}

/** Relative luminance and contrast (WCAG 2.2, definitions). */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const SURFACES = ['bg', 's1', 's2', 's3'];
/** What stands on what, and the least contrast: text 4.5, marks and edges of controls 3. */
const PAIRS: readonly (readonly [string, readonly string[], number])[] = [
  ...['t1', 't2', 't3', 'acc', 'ok', 'warn', 'bad'].map((role) => [role, SURFACES, 4.5] as const),
  ['on-acc', ['acc'], 4.5],
  ['t1', ['warn-bg', 'bad-bg', 'acc-bg'], 4.5],
  ['warn', ['warn-bg'], 4.5],
  ['bad', ['bad-bg'], 4.5],
  ['acc', ['acc-bg'], 4.5],
  ['edge', ['bg', 's1', 's2'], 3],
  ['rec', ['bg', 's1'], 3],
  ['evidence', SURFACES, 3],
];

t.test('every pair of colours can be read, in both themes', async (t) => {
  const css = readFileSync(join(ROOT, 'firmware/ui/style/tokens.css'), 'utf8');
  for (const theme of ['dark', 'light']) {
    const colours = tokens(css, `[data-theme='${theme}']`);
    for (const [role, grounds, least] of PAIRS) {
      for (const ground of grounds) {
        const found = contrast(colours.get(role)!, colours.get(ground)!);
        t.ok(found >= least, `${theme}: ${role} on ${ground} is ${found.toFixed(2)}, wanted ${least}`);
      }
    }
  }
  t.equal(contrast('#ffffff', '#000000'), 21);
  t.ok(contrast('#777777', '#ffffff') < 4.5);
});
