import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { BoxError } from '../base/index.ts';
import { COOKIE, checkOrigin, csrfTokenOf } from './identity.ts';
import type { WebPorts } from './ports.ts';

export const Credentials = z.strictObject({
  name: z.string().min(1).max(200),
  password: z.string().min(1).max(1000),
  code: z.string().max(20).optional(),
});

/** What a client learns of itself. */
export const SessionState = z.object({
  /** False: only the set-up can be done. */
  claimed: z.boolean(),
  signedIn: z.boolean(),
  name: z.string().optional(),
  kind: z.string().optional(),
  /** To be sent as X-CSRF-Token with every POST and DELETE of this session. */
  csrf: z.string().optional(),
});

const COOKIE_OPTIONS = { path: '/', secure: true, httpOnly: true, sameSite: 'strict' } as const;

/** `/api/session`: signing in (POST), out (DELETE), and who one is (GET). */
export function addSession(app: FastifyInstance, ports: WebPorts): void {
  const { accounts } = ports;
  app.get('/api/session', async ({ identity }) => ({
    claimed: accounts.claimed(),
    signedIn: identity.caller.signedIn,
    ...(identity.caller.signedIn && { name: identity.caller.name, kind: identity.caller.kind }),
    ...(identity.secret !== undefined && { csrf: csrfTokenOf(identity.secret) }),
  }));
  app.post(
    '/api/session',
    { preParsing: async (request) => checkOrigin(request.identity, request.headers, false) },
    (request, reply) => signIn(ports, request, reply),
  );
  app.delete('/api/session', async (request, reply) => {
    checkOrigin(request.identity, request.headers, true);
    if (request.identity.secret !== undefined) await accounts.signOut(request.identity.secret);
    return reply.clearCookie(COOKIE, COOKIE_OPTIONS).code(204).send();
  });
}

async function signIn(ports: WebPorts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { accounts } = ports;
  if (!accounts.claimed()) throw new BoxError('http.unclaimed');
  const parsed = Credentials.safeParse(request.body);
  if (!parsed.success) {
    throw new BoxError('control.bad-input', { faults: parsed.error.issues.map(({ path }) => path.join('.')) });
  }
  const agent = (request.headers['user-agent'] ?? '').slice(0, 200);
  const { secret, caller } = await accounts.signIn(parsed.data, { address: request.remote, agent });
  // A session is never taken over by the next sign-in: its id is new, and the old one ends.
  if (request.identity.secret !== undefined) await accounts.signOut(request.identity.secret);
  return reply
    .setCookie(COOKIE, secret, COOKIE_OPTIONS)
    .send({ claimed: true, signedIn: true, name: caller.name, kind: caller.kind, csrf: csrfTokenOf(secret) });
}
