import { z } from 'zod';
import { CAMERA_RIGHTS, RIGHTS } from '../../accounts/index.ts';
import { BoxError } from '../../base/index.ts';
import { Code, GrantsInput, Password, NewUserName, seenGrants, User, userOf, UserName } from '../account-shapes.ts';
import { operation, type Asker } from '../operation.ts';
import type { BoxPorts } from '../ports.ts';
import { Id } from '../shapes.ts';

const One = z.object({ user: UserName });
const userIn = ({ user }: { readonly user: string }): string => user;
const Done = z.object({ user: z.string() });

export const usersList = operation({
  name: 'users.list',
  title: 'List the users and what they may do',
  effect: 'read',
  right: 'users',
  offline: true,
  input: z.object({}),
  output: z.array(User),
  seen: (users, { sees }) => users.map((user) => seenGrants(user, sees)),
  handle: async (_input, { accounts }) => accounts.users.list().map(userOf),
});

export const usersAdd = operation({
  name: 'users.add',
  title: 'Add a user',
  effect: 'change',
  right: 'users',
  offline: true,
  input: z.object({ user: NewUserName, password: Password, ...GrantsInput }),
  output: User,
  subject: userIn,
  seen: (user, { sees }) => seenGrants(user, sees),
  handle: async ({ user, password, cameras, ...grants }, { accounts }, { caller }) =>
    userOf(await accounts.users.add(user, password, { ...grants, cameras: cameras ?? undefined }, caller)),
});

export const usersChange = operation({
  name: 'users.change',
  title: 'Change what a user may do; their sessions end',
  effect: 'change',
  right: 'users',
  offline: true,
  input: One.extend({ ...GrantsInput, role: GrantsInput.role.optional(), disabled: z.boolean().optional() }),
  output: User,
  subject: userIn,
  seen: (user, { sees }) => seenGrants(user, sees),
  handle: async ({ user, cameras, ...change }, { accounts }, { caller }) => {
    const list = cameras === undefined ? {} : { cameras: cameras ?? undefined };
    return userOf(await accounts.users.change(user, { ...change, ...list }, caller));
  },
});

export const usersRemove = operation({
  name: 'users.remove',
  title: 'Remove a user; their sessions and tokens end',
  effect: 'change',
  right: 'users',
  offline: true,
  input: One,
  output: Done,
  subject: userIn,
  handle: async ({ user }, { accounts, views }, { caller }) => {
    await accounts.users.remove(user, caller);
    await views.keepOnly(accounts.users.list().map(({ name }) => name));
    return { user };
  },
});

export const usersResetPassword = operation({
  name: 'users.reset-password',
  title: 'Give a user who has lost theirs a new password; their sessions and tokens end',
  effect: 'change',
  right: 'users',
  offline: true,
  input: One.extend({ password: Password, removeSecondFactor: z.boolean().default(false) }),
  output: User,
  subject: userIn,
  seen: (user, { sees }) => seenGrants(user, sees),
  handle: async ({ user, password, ...options }, { accounts }, { caller }) =>
    userOf(await accounts.users.resetPassword(user, password, options, caller)),
});

export const usersMe = operation({
  name: 'users.me',
  title: 'Who asks, and what they may do',
  effect: 'read',
  right: 'none',
  offline: false,
  input: z.object({}),
  output: z.object({
    name: z.string(),
    kind: z.string(),
    rights: z.array(z.enum(RIGHTS)),
    cameras: z.array(z.object({ camera: Id, rights: z.array(z.enum(CAMERA_RIGHTS)) })),
  }),
  // Made of the cameras that the asker sees.
  seen: (me) => me,
  handle: async (_input, box, { caller }) => ({
    name: caller.name,
    kind: caller.kind,
    rights: RIGHTS.filter((right) => caller.may(right)),
    cameras: box.settings.cameras().map(({ id }) => {
      return { camera: id, rights: CAMERA_RIGHTS.filter((right) => caller.may(right, id)) };
    }),
  }),
});

export const usersChangePassword = operation({
  name: 'users.change-password',
  title: 'Change your own password; all your sessions end',
  effect: 'change',
  right: 'none',
  offline: false,
  input: z.object({ oldPassword: Password, password: Password }),
  output: Done,
  handle: async ({ oldPassword, password }, box, { caller }) => {
    await box.accounts.users.changePassword(self(box, caller), oldPassword, password, caller.address);
    return { user: caller.name };
  },
});

export const usersSecondFactorBegin = operation({
  name: 'users.second-factor.begin',
  title: 'Begin to use an authenticator app: the secret for it, told this once',
  effect: 'change',
  right: 'none',
  offline: false,
  input: z.object({ password: Password }),
  output: z.object({ secret: z.string(), url: z.string() }),
  handle: async ({ password }, box, { caller }) => {
    const name = box.settings.boxName();
    return box.accounts.users.beginSecondFactor(self(box, caller), password, name, caller.address);
  },
});

export const usersSecondFactorConfirm = operation({
  name: 'users.second-factor.confirm',
  title: 'Show that the authenticator app works; from then on its code is asked for. All your sessions end',
  effect: 'change',
  right: 'none',
  offline: false,
  input: z.object({ code: Code }),
  output: z.object({ recoveryCodes: z.array(z.string()) }),
  handle: async ({ code }, box, { caller }) => ({
    recoveryCodes: await box.accounts.users.confirmSecondFactor(self(box, caller), code),
  }),
});

export const usersSecondFactorRemove = operation({
  name: 'users.second-factor.remove',
  title: 'Use no authenticator app any more; all your sessions end',
  effect: 'change',
  right: 'none',
  offline: false,
  input: z.object({ password: Password }),
  output: Done,
  handle: async ({ password }, box, { caller }) => {
    await box.accounts.users.removeSecondFactor(self(box, caller), password, caller.address);
    return { user: caller.name };
  },
});

/** The user who has signed in; throws accounts.not-for-machines for every other caller. */
function self(box: BoxPorts, caller: Asker['caller']): string {
  const id = box.accounts.sessions.userIdOf(caller);
  if (id === undefined) throw new BoxError('accounts.not-for-machines');
  return id;
}
