import { computed, signal } from '@preact/signals';
import { ask, csrfToken, request, signedOutBy, type Output } from './client.ts';

export type Me = Output<'users.me'>;
export type Right = Me['rights'][number];

interface SessionState {
  readonly claimed: boolean;
  readonly signedIn: boolean;
  readonly name?: string;
  readonly kind?: string;
  readonly csrf?: string;
}

/** Undefined until the box has answered for the first time. */
export const session = signal<SessionState | undefined>(undefined);
/** Who is signed in; stays while a session has ended and the page waits behind the sign-in. */
export const me = signal<Me | undefined>(undefined);
/** A session that ended while the window was open: the page stays where it is. */
export const ended = signal(false);

/** A screen on a wall, which has a token and nobody before it. */
export const onScreen = computed(() => session.value?.kind === 'token');

const rights = computed<ReadonlySet<Right>>(() => new Set(me.value?.rights));

export function may(right: Right): boolean {
  return rights.value.has(right);
}

signedOutBy.listener = () => {
  if (session.value?.signedIn !== true) return;
  ended.value = true;
  session.value = { ...session.value, signedIn: false };
};

/** Asks the box who one is. Rejects with BoxFault. */
export async function findSession(): Promise<void> {
  await take((await request('GET', '/api/session')) as SessionState);
}

/** Rejects with BoxFault: accounts.refused, accounts.code-needed, accounts.too-many-tries. */
export async function signIn(given: { name: string; password: string; code?: string }): Promise<void> {
  const before = me.value?.name;
  await take((await request('POST', '/api/session', given)) as SessionState);
  // What somebody else had open is not for this one.
  if (before !== undefined && before !== me.value?.name) location.assign('/');
}

/** A screen gives the token of its link once; from then on the browser keeps it where no script reads it. Rejects with BoxFault. */
export async function beginScreen(token: string): Promise<void> {
  await take((await request('POST', '/api/session/screen', { token })) as SessionState);
}

export async function signOut(): Promise<void> {
  await request('DELETE', '/api/session');
  location.assign('/');
}

async function take(state: SessionState): Promise<void> {
  csrfToken.value = state.csrf;
  if (state.signedIn) me.value = await ask('users.me');
  // Whoever has a page open keeps it; the sign-in lies over it.
  ended.value = !state.signedIn && me.value !== undefined;
  // A screen whose token has ended says so; nobody is there to sign in.
  const screenEnded = onScreen.peek() && !state.signedIn;
  session.value = screenEnded ? { ...state, kind: 'token' } : state;
}
