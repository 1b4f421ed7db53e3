/** A scenario as a test: some rounds, short hangs, always the same chance. */
import t from 'tap';
import { conduct } from './conduct.ts';
import { SCENARIOS } from './index.ts';

const ROUNDS = 6;
const SEED = 20260311;

export async function inBrief(name: string): Promise<void> {
  const scenario = SCENARIOS.find((each) => each.name === name)!;
  const why = await scenario.skip();
  await t.test(scenario.what, why ? { skip: why } : {}, async (t) => {
    const outcome = await conduct(scenario, { rounds: ROUNDS, seed: SEED, brief: true });
    t.comment(outcome.summary());
    t.same(outcome.faults, [], outcome.summary());
  });
}
