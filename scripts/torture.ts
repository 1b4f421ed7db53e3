/**
 * npm run torture [-- --only NAME] [--rounds N] [--seed N]: the box under everything that can happen to it. Figures go to
 * standard output; the exit code is 1 if a promise was broken.
 *
 * npm run torture -- --red: the same with one safeguard after another removed, in a copy of the firmware; each scenario must
 * notice, else the exit code is 1.
 */
import { parseArgs } from 'node:util';
import { conduct } from '../test/torture/conduct.ts';
import { SCENARIOS } from '../test/torture/index.ts';
import { Undoing, type Outcome, type Scenario } from '../test/torture/lab.ts';
import { cripple, REDS } from '../test/torture/red.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string' },
    seed: { type: 'string' },
    red: { type: 'boolean' },
  },
});
const seed = Number(values.seed ?? Date.now() % 1e9);
console.log(`seed ${seed}`);
let broken = 0;
if (values.red) for (const red of REDS) broken += (await seenRed(red)) ? 0 : 1;
else for (const scenario of SCENARIOS) broken += await endured(scenario);
process.exitCode = broken === 0 ? 0 : 1;

/** The number of broken promises. */
async function endured(scenario: Scenario): Promise<number> {
  if (values.only !== undefined && scenario.name !== values.only) return 0;
  if (await skips(scenario)) return 0;
  const began = performance.now();
  const rounds = Number(values.rounds ?? scenario.rounds);
  const outcome = await conduct(scenario, { rounds, seed, brief: false });
  const tookS = ((performance.now() - began) / 1000).toFixed(0);
  console.log(`${scenario.name}: ${scenario.what}: ${outcome.summary()} (${tookS} s)`);
  tell(outcome, 20);
  return outcome.faults.length;
}

/** Whether the scenario noticed that the safeguard is gone. */
async function seenRed(red: (typeof REDS)[number]): Promise<boolean> {
  const scenario = SCENARIOS.find(({ name }) => name === red.scenario)!;
  if (values.only !== undefined && scenario.name !== values.only) return true;
  if (await skips(scenario)) return true;
  const undoing = new Undoing();
  try {
    const firmware = await cripple(undoing, red);
    const outcome = await conduct(scenario, { rounds: red.rounds, seed, brief: red.long !== true, firmware });
    const isRed = outcome.faults.length > 0;
    console.log(`${isRed ? 'red' : 'NOT RED'}: ${scenario.name} without ${red.without}: ${outcome.summary()}`);
    tell(outcome, 2);
    return isRed;
  } finally {
    await undoing.run();
  }
}

async function skips(scenario: Scenario): Promise<boolean> {
  const why = await scenario.skip();
  if (why) console.log(`${scenario.name}: skipped, ${why}`);
  return why !== false;
}

function tell({ faults }: Outcome, most: number): void {
  for (const fault of faults.slice(0, most)) console.log(`  ${fault.slice(0, 400)}`);
  if (faults.length > most) console.log(`  and ${faults.length - most} more`);
}
