import { z } from 'zod';
import { seenGrants, Session, Token, tokenOf, TokenScope } from '../account-shapes.ts';
import { operation } from '../operation.ts';
import { isoOf } from '../shapes.ts';

const Id = z.object({ id: z.string().min(1).max(60) });
const idIn = ({ id }: { readonly id: string }): string => id;

export const sessionsList = operation({
  name: 'sessions.list',
  title: 'List who is signed in: those who may manage users see everybody, others themselves',
  effect: 'read',
  right: 'none',
  offline: true,
  input: z.object({}),
  output: z.array(Session),
  handle: async (_input, { accounts }, { caller }) =>
    accounts.sessions
      .list()
      .filter(({ user }) => caller.may('users') || (caller.kind === 'session' && user === caller.name))
      .map(({ id, user, address, agent, createdUs, lastUs }) => {
        const own = caller.kind === 'session' && id === caller.id;
        return { id, user, address, agent, created: isoOf(createdUs), lastSeen: isoOf(lastUs), own };
      }),
});

export const sessionsEnd = operation({
  name: 'sessions.end',
  title: 'Sign a session out: your own, or that of anybody if you may manage users',
  effect: 'change',
  right: 'none',
  offline: true,
  input: Id,
  output: Id,
  subject: idIn,
  handle: async ({ id }, { accounts }, { caller }) => {
    await accounts.sessions.end(id, caller);
    return { id };
  },
});

export const tokensList = operation({
  name: 'tokens.list',
  title: 'List the tokens of machines, without their secrets',
  effect: 'read',
  right: 'users',
  offline: true,
  input: z.object({}),
  output: z.array(Token),
  seen: (tokens, { sees }) => tokens.map((token) => seenGrants(token, sees)),
  handle: async (_input, { accounts }) => accounts.tokens.list().map(tokenOf),
});

export const tokensAdd = operation({
  name: 'tokens.add',
  title: 'Make a token for a machine; its secret is told this once',
  effect: 'change',
  right: 'users',
  offline: true,
  input: z.object({
    name: z
      .string()
      .trim()
      .min(1)
      .max(60)
      .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, 'must be letters that can be seen'),
    ...TokenScope,
    /** From now; without it the token never ends, which only those that look on may. */
    days: z.number().positive().max(3660).optional(),
  }),
  output: Token.extend({ secret: z.string() }),
  subject: ({ name }) => name,
  seen: (token, { sees }) => seenGrants(token, sees),
  handle: async ({ cameras, ...wanted }, { accounts }, { caller }) => {
    const { token, secret } = await accounts.tokens.add({ ...wanted, cameras: cameras ?? undefined }, caller);
    return { ...tokenOf(token), secret };
  },
});

export const tokensRevoke = operation({
  name: 'tokens.revoke',
  title: 'Revoke a token',
  effect: 'change',
  right: 'users',
  offline: true,
  input: Id,
  output: Id,
  subject: idIn,
  handle: async ({ id }, { accounts }, { caller }) => {
    await accounts.tokens.revoke(id, caller);
    return { id };
  },
});
