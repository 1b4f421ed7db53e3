import { globSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FuzzTarget } from '../../test/fuzz/target.ts';
import { ROOT } from '../lib/tool.ts';

/** A target and the URL of the module whose `targets` it is one of, so that a thread can find it again. */
export interface PlacedTarget {
  readonly target: FuzzTarget;
  readonly module: string;
}

/** The targets of all files in test/fuzz. Their names must differ. */
export async function allTargets(): Promise<PlacedTarget[]> {
  const folder = join(ROOT, 'test/fuzz');
  const files = globSync('*.ts', { cwd: folder }).filter((name) => !name.endsWith('.test.ts') && name !== 'target.ts');
  const lists = await Promise.all(files.sort().map((file) => targetsOf(pathToFileURL(join(folder, file)).href)));
  const found = lists.flat();
  if (new Set(found.map(({ target }) => target.name)).size !== found.length)
    throw new Error('two targets have one name');
  return found;
}

export async function targetsOf(module: string): Promise<PlacedTarget[]> {
  const { targets } = (await import(module)) as { targets?: readonly FuzzTarget[] };
  if (!targets) throw new Error(`${module} exports no targets`);
  return targets.map((target) => ({ target, module }));
}
