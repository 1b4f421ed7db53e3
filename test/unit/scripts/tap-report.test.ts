import t from 'tap';
import { addTotals, NO_TOTALS, TapReport, verdict } from '../../../scripts/lib/tap-report.ts';

function read(tap: string, exitCode: number) {
  const said: string[] = [];
  const report = new TapReport((text) => said.push(text));
  for (const line of tap.split('\n')) report.line(line);
  return { totals: report.end(exitCode), said };
}

const GOOD = `TAP version 14
1..1
# Subtest: test/a.test.ts
    ok 1 - one
    # Subtest: deep
        ok 1 - two
        ok 2 - three # SKIP no ffmpeg
        1..2
    ok 2 - deep # time=1ms
    1..2
ok 1 - test/a.test.ts # time=47.507ms

# { total: 3, pass: 2, skip: 1 }
# time=14508.685ms`;

t.test('assertions are counted, subtests are not', async (t) => {
  const { totals, said } = read(GOOD, 0);
  t.strictSame(totals, { passed: 2, failed: 0, skipped: 1 });
  t.strictSame(said, ['ok   test/a.test.ts (time=47.507ms)']);
  t.equal(verdict(totals), '2 passed, 0 failed, 1 skipped');
  t.equal(verdict(addTotals(totals, { passed: 1, failed: 1, skipped: -1 })), '3 passed, 1 failed');
});

t.test('a failing assertion counts once and is shown whole', async (t) => {
  const { totals, said } = read(
    `# Subtest: test/a.test.ts
    ok 1 - one
    not ok 2 - two
      ---
      found: 1
      ...
    not ok 3 - later # todo
    1..3
not ok 1 - test/a.test.ts # time=1ms
# { total: 3, pass: 1, fail: 1, todo: 1 }`,
    1,
  );
  t.strictSame(totals, { passed: 1, failed: 1, skipped: 1 });
  t.match(said.join('\n'), 'found: 1');
});

t.test('a file that fails without a failing assertion counts as a failure', async (t) => {
  for (const body of ['    1..0 # no tests found', '    ok 1 - one\n    1..1']) {
    const tap = `# Subtest: test/a.test.ts\n${body}\nnot ok 1 - test/a.test.ts # time=1ms\n# { total: 1, pass: 1 }`;
    t.strictSame(read(tap, 1).totals, { passed: 1, failed: 1, skipped: 0 });
  }
});

t.test('a run that ends badly never passes for success', async (t) => {
  t.equal(read('', 0).totals.failed, 1, 'no totals at all');
  t.equal(read(GOOD, 1).totals.failed, 1, 'tap itself failed');
  t.strictSame(NO_TOTALS, { passed: 0, failed: 0, skipped: 0 });
});
