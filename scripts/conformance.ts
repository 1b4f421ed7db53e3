/** npm run conformance [-- <folder> [-v]]: the firmware against recorded data of real cameras and disks and the facts known about them. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readCorpus, runCase, type CaseResult } from '../test/conformance/corpus.ts';
import { conformanceFolders } from './lib/conformance-data.ts';
import { verdict } from './lib/tap-report.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { verbose: { type: 'boolean', short: 'v', default: false } },
});

const WORDS = { passed: 'ok', failed: 'FAIL', skipped: 'skip' } as const;

function tell(file: string, { outcome, words, ignored }: CaseResult): void {
  console.log(`${WORDS[outcome]} ${file}${words.length > 0 ? `: ${words.join('; ')}` : ''}`);
  if (values.verbose && ignored.length > 0) console.log(`     not compared: ${ignored.join(', ')}`);
}

const totals = { passed: 0, failed: 0, skipped: 0 };

async function runCorpus(folder: string): Promise<void> {
  for (const entry of await readCorpus(folder)) {
    const result = await runCase(entry, folder);
    totals[result.outcome]++;
    tell(entry.file ?? '(no file)', result);
  }
}

const folders = positionals.length === 0 ? conformanceFolders() : positionals.map((folder) => resolve(folder));
const bare = folders.filter((folder) => !existsSync(join(folder, 'INDEX.json')));
if (folders.length === 0) {
  console.log('No recorded data of cameras and disks here; name its folder or set IPVS_CONFORMANCE_DIR. Skipped.');
} else if (bare.length > 0) {
  console.error(`There is no INDEX.json in ${bare.join(', ')}.`);
  process.exitCode = 2;
} else {
  for (const folder of folders) await runCorpus(folder);
  console.log(verdict(totals));
  process.exitCode = totals.failed === 0 ? 0 : 1;
}
