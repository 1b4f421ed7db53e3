import t from 'tap';
import { runCampaign } from '../../scripts/fuzz/campaign.ts';
import { allTargets } from '../../scripts/fuzz/targets.ts';

/** Enough to catch a parser that lost a check; the long run is `npm run fuzz`. */
const INPUTS = 300;
const SEED = 2026;

t.setTimeout(800_000);

for (const placed of await allTargets()) {
  t.test(`23. ${placed.target.name}`, async (t) => {
    const { inputs, findings } = await runCampaign(placed, { seed: SEED, inputs: INPUTS });
    t.same(findings, []);
    t.equal(inputs, INPUTS);
  });
}
