/** npm run docs: writes the pages of docs/ that are generated from the source. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PAGES } from './lib/pages.ts';
import { ROOT } from './lib/tool.ts';

for (const [path, page] of Object.entries(PAGES)) {
  await mkdir(dirname(join(ROOT, path)), { recursive: true });
  await writeFile(join(ROOT, path), page());
  console.log(path);
}
