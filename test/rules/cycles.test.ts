import t from 'tap';
import { importsOf, sources, type Source } from './sources.ts';

/** Files that import each other, directly or around some corners, types included: each ring once, its names in order. */
function rings(files: readonly Source[]): string[] {
  const below = new Map(files.map((file) => [file.path, importsOf(file)]));
  const found = new Set<string>();
  for (const start of below.keys()) {
    const ring = reached(start, below);
    if (!ring.has(start)) continue;
    const mutual = [...ring].filter((path) => reached(path, below).has(start));
    found.add(mutual.sort().join(' <-> '));
  }
  return [...found];
}

/** All files that a file needs. */
function reached(start: string, below: ReadonlyMap<string, readonly string[]>): Set<string> {
  const seen = new Set<string>();
  const open = [start];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    for (const target of below.get(path) ?? []) {
      if (seen.has(target)) continue;
      seen.add(target);
      open.push(target);
    }
  }
  return seen;
}

t.test('no file needs a file that needs it', async (t) => {
  t.strictSame(rings(sources('{firmware,scripts,test}/**/*.{ts,tsx,js}')), []);
});

t.test('the rule sees rings', async (t) => {
  const file = (name: string, ...targets: string[]): Source => ({
    path: `firmware/x/${name}.ts`,
    text: targets.map((target) => `import type { A } from './${target}.ts';`).join('\n'),
  });
  t.strictSame(rings([file('a', 'b'), file('b', 'c'), file('c')]), []);
  t.strictSame(rings([file('a', 'b'), file('b', 'a')]), ['firmware/x/a.ts <-> firmware/x/b.ts']);
  t.strictSame(rings([file('top', 'a'), file('a', 'b'), file('b', 'c', 'low'), file('c', 'a'), file('low')]), [
    'firmware/x/a.ts <-> firmware/x/b.ts <-> firmware/x/c.ts',
  ]);
  t.strictSame(rings([file('a', 'a')]), ['firmware/x/a.ts']);
});
