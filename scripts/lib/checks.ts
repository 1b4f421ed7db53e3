import { runTool } from './tool.ts';

interface Check {
  readonly name: string;
  readonly tool: string;
  readonly args: readonly string[];
}

const CHECKS: readonly Check[] = [
  { name: 'types', tool: 'typescript/bin/tsc', args: ['-p', '.'] },
  { name: 'types of the window', tool: 'typescript/bin/tsc', args: ['-p', 'firmware/ui'] },
  { name: 'lint', tool: 'oxlint/bin/oxlint', args: ['--type-aware', '--deny-warnings'] },
  { name: 'format', tool: 'prettier/bin/prettier.cjs', args: ['--check', '--log-level=warn', '.'] },
  { name: 'dead code', tool: 'knip/bin/knip.js', args: ['--no-progress'] },
];

/** Runs every check, also after one has failed, and gives the names of those that passed and failed. */
export async function runChecks(): Promise<{ passed: string[]; failed: string[] }> {
  const [passed, failed]: [string[], string[]] = [[], []];
  for (const { name, tool, args } of CHECKS) {
    const code = await runTool(tool, args);
    console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name}`);
    (code === 0 ? passed : failed).push(name);
  }
  return { passed, failed };
}
