/** npm test: checks, then every test; conformance is skipped where its data is not. The last line gives the totals over everything. */
import { buildUi } from './lib/build-ui.ts';
import { runChecks } from './lib/checks.ts';
import { installPeers } from './lib/debian.ts';
import { runTests, type TestGroup } from './lib/run-tests.ts';
import { addTotals, NO_TOTALS, verdict } from './lib/tap-report.ts';

/** Looks how old a picture is that the box converts and the browser decodes, both by computing alone. */
const COMPUTING = 'converted-view';
const SHARING = 'changes,clock,damage,hostile,log,sockets';

const GROUPS: readonly TestGroup[] = [
  // Whole boxes mostly wait for their cameras, and the parts fill the processors meanwhile. The longest first, so that nobody
  // waits for it at the end.
  {
    files: [
      'test/fuzz/**/*.test.ts',
      `test/box/**/!(${COMPUTING}).test.ts`,
      `test/torture/{${SHARING}}.test.ts`,
      'test/parts/**/*.test.ts',
      'test/unit/**/*.test.ts',
      'test/conformance/**/*.test.ts',
      'test/rules/**/*.test.ts',
    ],
    jobs: 4,
    timeoutS: 900,
  },
  // Disks that fail and processes that die, with lost pictures counted: they need the machine almost for themselves.
  {
    files: [`test/box/${COMPUTING}.test.ts`, `test/torture/!(${SHARING.replaceAll(',', '|')}).test.ts`],
    jobs: 2,
    timeoutS: 600,
  },
];

await installPeers();
await buildUi();
const checks = await runChecks();
let totals = addTotals(NO_TOTALS, { passed: checks.passed.length, failed: checks.failed.length, skipped: 0 });
for (const group of GROUPS) totals = addTotals(totals, await runTests(group));
if (checks.failed.length > 0) console.log(`failed checks: ${checks.failed.join(', ')}`);
console.log(verdict(totals));
process.exitCode = totals.failed === 0 ? 0 : 1;
