import { globSync, readFileSync, statSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';

/** A file of the repository, its path from the root with forward slashes. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

const ROOT = resolve(import.meta.dirname, '../..');

/** Files of the repository that match the patterns, without what is installed or recorded. */
export function sources(...patterns: string[]): Source[] {
  return globSync(patterns, {
    cwd: ROOT,
    exclude: ['**/node_modules/**', '**/.tap/**', 'firmware/ui/dist*/**', 'test-results/**', 'test/fixtures/**'],
  })
    .filter((path) => statSync(join(ROOT, path)).isFile())
    .sort()
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'|new URL\(\s*'(\.[^']+\.[jt]s)',\s*import\.meta\.url/g;

/** Paths from the root of the repository files that a file imports, or starts as a worker. */
export function importsOf({ path, text }: Source): string[] {
  return [...text.matchAll(IMPORT)]
    .map((match) => match[1] ?? match[2] ?? '')
    .filter((target) => target.startsWith('.'))
    .map((target) => posix.join(posix.dirname(path), target));
}

/** `path:line` of every place where the pattern, which has the flag g, matches. */
export function places({ path, text }: Source, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(
    (match) => `${path}:${text.slice(0, match.index).split('\n').length} ${match[0].trim()}`,
  );
}
