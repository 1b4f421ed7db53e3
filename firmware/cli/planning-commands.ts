import type { z } from 'zod';
import { BoxError } from '../base/index.ts';
import type { PlanForecast, StoragePlan } from '../control/index.ts';
import type { Command, Invocation } from './command.ts';
import { formatForecast, formatPlan } from './planning-text.ts';

const USAGE = 'disks plan [--wish CAMERA=DAYS,...] [--apply recommended|ID,...]';

const disksPlan: Command = {
  name: 'disks plan',
  usage: USAGE,
  help: 'says for how many days each camera is kept, when disks fill, and what to change to reach a wish',
  words: 0,
  options: { wish: { type: 'string' }, apply: { type: 'string' } },
  run: async ({ options, host }) => {
    const wishes = wishesOf(options['wish']);
    if (typeof options['apply'] === 'string') {
      const done = (await host.call('plan.apply', { proposals: options['apply'].split(','), wishes })) as {
        applied: string[];
      };
      return {
        json: done,
        text: done.applied.length > 0 ? `Applied: ${done.applied.join(', ')}` : 'Nothing to apply.',
      };
    }
    const shown = (await host.call('plan.show', {})) as z.output<typeof PlanForecast>;
    const plan = (await host.call('plan.propose', { wishes })) as z.output<typeof StoragePlan>;
    return { json: { forecast: shown, plan }, text: `${formatForecast(shown)}\n\n${formatPlan(plan)}` };
  },
};

function wishesOf(given: Invocation['options'][string]): { camera: string; days: number }[] {
  if (typeof given !== 'string') return [];
  return given.split(',').map((wish) => {
    const [, camera, days] = /^(.+)=(\d+)$/.exec(wish.trim()) ?? [];
    if (camera === undefined) {
      throw new BoxError('control.bad-input', {
        faults: [`--wish: ${wish} is not CAMERA=DAYS`],
        usage: `ipvs ${USAGE}`,
      });
    }
    return { camera, days: Number(days) };
  });
}

export const PLANNING_COMMANDS: readonly Command[] = [disksPlan];
