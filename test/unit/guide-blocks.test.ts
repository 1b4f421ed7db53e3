import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { blocksOf } from '../../scripts/lib/guide-blocks.ts';

const DOCS = resolve(import.meta.dirname, '../../docs');

t.test('a guide becomes blocks, and what the window cannot draw is refused', async (t) => {
  t.strictSame(blocksOf('# A\n\nOne\ntwo `K` **b**.\n\n中文\n一行\n\n- x\n  y\n- z'), [
    { kind: 'title', runs: ['A'] },
    { kind: 'text', runs: ['One two ', { code: 'K' }, ' ', { strong: 'b' }, '.'] },
    { kind: 'text', runs: ['中文一行'] },
    { kind: 'list', items: [['x y'], ['z']] },
  ]);
  t.strictSame(blocksOf('| a | b |\n| - | - |\n| 1 |   |'), [
    {
      kind: 'table',
      rows: [
        [['a'], ['b']],
        [['1'], []],
      ],
    },
  ]);
  for (const text of ['### deep', '```\ncode\n```', '> said', '1. one', '<b>']) t.throws(() => blocksOf(text), text);
});

t.test('both guides have the same parts, and their pictures', async (t) => {
  const [en, zh] = ['window.md', 'window.zh-CN.md'].map((file) => blocksOf(readFileSync(join(DOCS, file), 'utf8')));
  const kinds = (blocks: typeof en): string[] => blocks!.map(({ kind }) => kind).filter((kind) => kind !== 'text');
  t.strictSame(kinds(en), kinds(zh));
  for (const block of [...en!, ...zh!]) {
    if (block.kind === 'picture') t.ok(readFileSync(join(DOCS, block.file)).length > 10_000, block.file);
  }
});
