import { z } from 'zod';
import { Code, NewUserName, Password } from '../account-shapes.ts';
import { operation } from '../operation.ts';

const BoxName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, 'must be letters that can be seen');

export const boxClaimed = operation({
  name: 'box.claimed',
  title: 'Whether the box has been set up',
  effect: 'read',
  right: 'open',
  offline: false,
  input: z.object({}),
  output: z.object({
    claimed: z.boolean(),
    /** Only for whoever asks at the box itself. */
    claimCode: z.string().optional(),
  }),
  handle: async (_input, { accounts: { firstRun } }, { caller }) => {
    const claimCode = caller.kind === 'local' ? firstRun.code : undefined;
    return { claimed: firstRun.claimed, ...(claimCode === undefined ? {} : { claimCode }) };
  },
});

export const boxClaim = operation({
  name: 'box.claim',
  title: 'Set the box up: its administrator, its name, its time zone, its language',
  effect: 'change',
  right: 'open',
  offline: false,
  input: z.object({
    /** Printed when the box starts. */
    claimCode: Code,
    user: NewUserName,
    password: Password,
    boxName: BoxName.default('IPVS box'),
    timeZone: z
      .string()
      .max(100)
      .refine(isTimeZone, 'must be a time zone of the IANA list, for example Asia/Shanghai')
      .default('UTC'),
    language: z.enum(['en', 'zh-CN']).default('en'),
  }),
  output: z.object({ user: z.string() }),
  subject: ({ user }) => user,
  handle: async ({ claimCode, user, password, boxName, timeZone, language }, box, { caller }) => {
    const claim = { code: claimCode, user, password, setUp: { name: boxName, timeZone, language } };
    await box.accounts.firstRun.claim(claim, caller.address, (setUp) => box.settings.setUp(setUp));
    return { user };
  },
});

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    // That is how Intl says no.
    return false;
  }
}
