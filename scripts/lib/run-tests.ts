import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { NO_TOTALS, TapReport, type Totals } from './tap-report.ts';
import { ROOT, runTool } from './tool.ts';

const TAP = 'tap/dist/esm/run.mjs';
const CODE_CACHE = join(ROOT, 'node_modules/.cache/ipvs-box');
const TEST_CLASS = '@tapjs/test/test-built/dist/esm/index.js';
// The plug-in that .taprc leaves out: it brings a compiler of its own, and Node runs the sources as they are.
const UNWANTED_PLUGIN = '@tapjs/typescript';

export interface TestGroup {
  /** Patterns of files below the root of the repository; those of the first begin first. */
  readonly files: readonly string[];
  /** How many files run at a time. */
  readonly jobs: number;
  /** A file that takes longer fails. */
  readonly timeoutS: number;
}

/** Runs the test files of a group through tap and counts their assertions. A group without files counts nothing. */
export async function runTests(group: TestGroup): Promise<Totals> {
  const files = group.files.flatMap((pattern) => globSync(pattern, { cwd: ROOT }).sort());
  if (files.length === 0) return NO_TOTALS;
  await buildTap();
  const child = spawn(
    process.execPath,
    [
      join(ROOT, 'node_modules', TAP),
      'run',
      '--disable-coverage',
      '--reporter=tap',
      `--jobs=${group.jobs}`,
      `--timeout=${group.timeoutS}`,
      ...files,
    ],
    {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
      // One place for all boxes: each would write its modules without types at its first start.
      env: { NODE_COMPILE_CACHE: CODE_CACHE, IPVS_PLAIN_SOURCES_IN: CODE_CACHE, ...process.env },
    },
  );
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const report = new TapReport((text) => console.log(text));
  for await (const line of createInterface({ input: child.stdout })) report.line(line);
  const [code] = await exited;
  return report.end(code ?? 1);
}

/** What tap needs once after an installation without install scripts: its test class with the plug-ins of .taprc. */
async function buildTap(): Promise<void> {
  const built = await readFile(join(ROOT, 'node_modules', TEST_CLASS), 'utf8');
  if (!built.includes(UNWANTED_PLUGIN)) return;
  if ((await runTool(TAP, ['build'])) !== 0) throw new Error('tap could not build its test class');
}
