import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { RIGHTS } from '../accounts/index.ts';
import { BoxError } from '../base/index.ts';
import type { Caller, Right } from '../control/index.ts';
import { COOKIE, checkOrigin, csrfTokenOf, isScreenToken } from './identity.ts';
import type { WebPorts } from './ports.ts';

export const Credentials = z.strictObject({
  name: z.string().min(1).max(200),
  password: z.string().min(1).max(1000),
  code: z.string().max(20).optional(),
});

export const ScreenToken = z.strictObject({ token: z.string().min(1).max(500) });
/** Rights that a token in a browser may have: whoever stands before a screen on a wall can only look on. */
const LOOKS_ON: readonly Right[] = ['live', 'state'];

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

/** Browsers keep no cookie for longer. */
const SCREEN_COOKIE_S = 400 * 86_400;
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
  app.post(
    '/api/session/screen',
    { preParsing: async (request) => checkOrigin(request.identity, request.headers, false) },
    (request, reply) => beginScreen(ports, request, reply),
  );
  app.delete('/api/session', async (request, reply) => {
    checkOrigin(request.identity, request.headers, true);
    const { secret } = request.identity;
    if (secret !== undefined && !isScreenToken(secret)) await accounts.signOut(secret);
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
  await endSession(ports, request);
  return reply.setCookie(COOKIE, secret, COOKIE_OPTIONS).send(signedInState(caller, secret));
}

/** A screen on a wall gives its token once and keeps it as a cookie, which no script can read; its link holds it no more. */
async function beginScreen(ports: WebPorts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const parsed = ScreenToken.safeParse(request.body);
  if (!parsed.success) throw new BoxError('control.bad-input', { faults: ['token'] });
  const { token } = parsed.data;
  const caller = isScreenToken(token) ? ports.accounts.token(token, request.remote) : undefined;
  if (!caller) throw new BoxError('http.no-such-screen');
  if (RIGHTS.some((right) => caller.may(right) && !LOOKS_ON.includes(right))) {
    throw new BoxError('http.not-for-screens', { allowed: LOOKS_ON });
  }
  await endSession(ports, request);
  return reply
    .setCookie(COOKIE, token, { ...COOKIE_OPTIONS, maxAge: SCREEN_COOKIE_S })
    .send(signedInState(caller, token));
}

async function endSession({ accounts }: WebPorts, { identity: { secret } }: FastifyRequest): Promise<void> {
  if (secret !== undefined && !isScreenToken(secret)) await accounts.signOut(secret);
}

function signedInState({ name, kind }: Caller, secret: string): z.output<typeof SessionState> {
  return { claimed: true, signedIn: true, name, kind, csrf: csrfTokenOf(secret) };
}
