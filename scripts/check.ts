/** npm run check: types, lint, format, dead code, and the rules that no linter knows. Seconds, no network, no packages. */
import { runChecks } from './lib/checks.ts';
import { runTests } from './lib/run-tests.ts';
import { verdict } from './lib/tap-report.ts';

const { passed, failed } = await runChecks();
const rules = await runTests({ files: ['test/rules/**/*.test.ts'], jobs: 2, timeoutS: 120 });
const totals = { ...rules, passed: rules.passed + passed.length, failed: rules.failed + failed.length };
console.log(verdict(totals));
process.exitCode = totals.failed === 0 ? 0 : 1;
