import { BoxError } from '../base/index.ts';
import type { Command } from './command.ts';

export const RESET_COMMAND: Command = {
  name: 'reset',
  usage: 'reset --recordings keep|erase --confirm NAME-OF-THE-BOX',
  help: 'makes the box as it came from the factory: erases users, tokens, keys, logins, settings and log, and recordings if you say so',
  words: 0,
  options: { recordings: { type: 'string' }, confirm: { type: 'string' } },
  run: async ({ options, host }) => {
    const { recordings, confirm } = options;
    // There is no choice that could be taken for granted.
    if (recordings !== 'keep' && recordings !== 'erase') {
      throw new BoxError('control.bad-input', { option: '--recordings', expected: 'keep or erase' });
    }
    const answer = await host.call('box.reset', { recordings, confirm: confirm ?? '' });
    const kept = recordings === 'keep' ? 'The recordings stay.' : 'The recordings are erased, too.';
    return { json: answer, text: `The box is made as it came from the factory. ${kept} It has to be claimed anew.` };
  },
};
