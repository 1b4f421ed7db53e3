import { z } from 'zod';
import { RIGHTS } from '../../accounts/index.ts';
import { BoxError } from '../../base/index.ts';
import { operation, type Asker } from '../operation.ts';

export const boxReset = operation({
  name: 'box.reset',
  title:
    'Make the box as it came from the factory: users, tokens, keys, logins, settings and log are erased, recordings if that is said',
  effect: 'erase',
  right: 'erase',
  offline: true,
  input: z.object({
    /** The name of the box once more. */
    confirm: z.string().max(200),
    /** Erasing takes locked footage with the rest; disks that are not there now keep what is on them. */
    recordings: z.enum(['keep', 'erase']),
  }),
  output: z.object({
    /** The box begins anew: it answers for a moment no more, and has to be claimed then. */
    begins: z.literal(true),
  }),
  audit: 'always',
  handle: async ({ confirm, recordings }, box, asker) => {
    mustOwnTheBox(asker);
    if (confirm !== box.settings.boxName()) throw new BoxError('control.not-confirmed', { operation: 'box.reset' });
    await box.reset(recordings, asker.caller.name);
    return { begins: true as const };
  },
});

/** Somebody at the box, or an administrator who has signed in: not a machine, and nobody with a part of the rights. */
function mustOwnTheBox({ caller, narrowed }: Asker): void {
  const isPerson = caller.kind === 'local' || caller.kind === 'session';
  if (!isPerson || narrowed() || !RIGHTS.every((right) => caller.may(right))) {
    throw new BoxError('control.forbidden', { operation: 'box.reset' });
  }
}
