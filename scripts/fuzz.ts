/**
 * npm run fuzz [-- --only NAME --inputs N --seed S --minutes M]: mutated input for every parser. Findings go to tmp/fuzz-findings.
 * npm run fuzz -- --only NAME --replay FILE: one saved input once more.
 */
import { parseArgs } from 'node:util';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCampaign, type CampaignResult, type Finding } from './fuzz/campaign.ts';
import { judge } from './fuzz/judge.ts';
import { allTargets, type PlacedTarget } from './fuzz/targets.ts';
import { ROOT } from './lib/tool.ts';

const FINDINGS = join(ROOT, 'tmp/fuzz-findings');
const MINUTE_MS = 60_000;

const { values } = parseArgs({
  options: {
    /** Part of a target's name. */
    only: { type: 'string', default: '' },
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    /** For each target. */
    minutes: { type: 'string', default: '60' },
    replay: { type: 'string' },
  },
});

async function save(finding: Finding): Promise<void> {
  const { target, kind, words, seed, index, input } = finding;
  const name = `${target.replaceAll(/[^a-z0-9]+/gi, '-')}-${kind}-${seed}-${index}`;
  await mkdir(FINDINGS, { recursive: true });
  if (input) await writeFile(join(FINDINGS, `${name}.bin`), input);
  await writeFile(join(FINDINGS, `${name}.txt`), `${target}\nseed ${seed}, input ${index}\n${kind}: ${words}\n`);
  console.log(`FAIL ${target}: ${kind} at input ${index} of seed ${seed} (tmp/fuzz-findings/${name})`);
  console.log(`     ${words.split('\n').slice(0, 4).join('\n     ')}`);
}

function tell({ target, inputs, seconds, findings }: CampaignResult): void {
  const rate = Math.round(inputs / seconds);
  const row = [target.padEnd(40), String(inputs).padStart(9), `${rate}/s`.padStart(10), findings.length];
  console.log(`${findings.length === 0 ? 'ok  ' : 'FAIL'} ${row.join('  ')}`);
}

async function replay(chosen: readonly PlacedTarget[], file: string): Promise<number> {
  const input = await readFile(file);
  let faults = 0;
  for (const { target } of chosen) {
    const fault = await judge(target, input);
    console.log(`${fault ? 'FAIL' : 'ok  '} ${target.name}${fault ? `: ${fault.words}` : ''}`);
    if (fault) faults++;
  }
  return faults;
}

async function attack(chosen: readonly PlacedTarget[]): Promise<number> {
  let total = 0;
  for (const placed of chosen) {
    const untilMs = Date.now() + Number(values.minutes) * MINUTE_MS;
    const result = await runCampaign(placed, { inputs: Number(values.inputs), seed: Number(values.seed), untilMs });
    for (const finding of result.findings) await save(finding);
    tell(result);
    total += result.findings.length;
  }
  console.log(`${chosen.length} targets, ${total} findings`);
  return total;
}

const chosen = (await allTargets()).filter(({ target }) => target.name.includes(values.only));
if (chosen.length === 0) throw new Error(`no target has ${values.only} in its name`);
const found = await (values.replay === undefined ? attack(chosen) : replay(chosen, values.replay));
process.exitCode = found === 0 ? 0 : 1;
