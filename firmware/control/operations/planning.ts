import { z } from 'zod';
import { EVERY_CAMERA } from '../../accounts/index.ts';
import { BoxError } from '../../base/index.ts';
import { operation, type Asker, type KnownCameras } from '../operation.ts';
import { PlanForecast, StoragePlan, Wishes } from '../planning-shapes.ts';
import type { BoxPorts } from '../ports.ts';
import { findCamera } from './cameras.ts';

export const planShow = operation({
  name: 'plan.show',
  title: 'For how many days each camera will be kept, and when each disk fills',
  effect: 'read',
  right: 'disks',
  offline: false,
  input: z.object({}),
  output: PlanForecast,
  seen: (plan, { sees }) => ({ ...plan, cameras: plan.cameras.filter(({ camera }) => sees(camera)) }),
  handle: async (_input, box) => box.planning.show(),
});

export const planPropose = operation({
  name: 'plan.propose',
  title: 'What must change so that cameras are kept as long as wished',
  effect: 'read',
  right: 'disks',
  offline: false,
  input: z.object({ wishes: Wishes.default([]) }),
  output: StoragePlan,
  cameras: wished,
  seen: (plan, { sees }) => {
    const proposals = (all: typeof plan.recommended): typeof plan.recommended =>
      all
        .filter(({ change }) => !('camera' in change) || sees(change.camera))
        .map((each) => ({ ...each, effects: each.effects.filter(({ camera }) => sees(camera)) }));
    return {
      ...plan,
      cameras: plan.cameras.filter(({ camera }) => sees(camera)),
      recommended: proposals(plan.recommended),
      alternatives: proposals(plan.alternatives),
    };
  },
  handle: async ({ wishes }, box) => box.planning.propose(named(wishes, box)),
});

export const planApply = operation({
  name: 'plan.apply',
  title: 'Put proposals of the plan, and the wishes that it was made for, into the settings',
  effect: 'change',
  right: 'settings',
  offline: false,
  input: z.object({
    /** Ids of proposals; `recommended` stands for all of those. */
    proposals: z.array(z.string().min(1).max(200)).max(1000),
    wishes: Wishes.default([]),
  }),
  output: z.object({ applied: z.array(z.string()) }),
  cameras: wished,
  handle: async ({ proposals, wishes }, box, asker) => {
    const days = named(wishes, box);
    const wanted = asker.sees(EVERY_CAMERA) ? proposals : await seenProposals(proposals, days, box, asker);
    return { applied: await box.planning.apply(wanted, days) };
  },
});

/** Ids of those among them that change no camera which the asker does not see. Others are not known to anybody who asks so. */
async function seenProposals(
  wanted: readonly string[],
  days: ReadonlyMap<string, number>,
  box: BoxPorts,
  { sees }: Asker,
): Promise<string[]> {
  const plan = await box.planning.propose(days);
  const idsOf = (proposals: typeof plan.recommended): string[] =>
    proposals.filter(({ change }) => !('camera' in change) || sees(change.camera)).map(({ id }) => id);
  const recommended = idsOf(plan.recommended);
  const known = [...recommended, ...idsOf(plan.alternatives)];
  const ids = wanted.flatMap((id) => (id === 'recommended' ? recommended : [id]));
  const unknown = ids.find((id) => !known.includes(id));
  if (unknown !== undefined) throw new BoxError('planning.no-such-proposal', { proposal: unknown, known });
  return ids;
}

function wished(input: { wishes: z.output<typeof Wishes> }, known: KnownCameras): string[] {
  return input.wishes.map(({ camera }) => findCamera(known(), camera).id);
}

function named(wishes: z.output<typeof Wishes>, box: BoxPorts): ReadonlyMap<string, number> {
  return new Map(wishes.map(({ camera, days }) => [findCamera(box.settings.cameras(), camera).id, days]));
}
