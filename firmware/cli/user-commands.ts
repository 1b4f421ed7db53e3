import { BoxError } from '../base/index.ts';
import type { Command, Invocation } from './command.ts';
import { readSecret } from './login.ts';
import { numberOption } from './number-option.ts';
import { formatTokens, formatUsers } from './user-text.ts';

const PASSWORD_USAGE = '[--password-stdin | --password-file F]';
const PASSWORD = { 'password-file': { type: 'string' }, 'password-stdin': { type: 'boolean' } } as const;
const SCOPE_USAGE = '[--cameras ID,ID]';
/** What a role or right over cameras may mean for each camera of a list; the role narrows it further. */
const OVER_CAMERAS = ['live', 'playback', 'export', 'ptz'];

const usersList: Command = {
  name: 'users list',
  usage: 'users list',
  help: 'lists the users and what they may do',
  words: 0,
  run: async ({ host }) => {
    const users = await host.call('users.list', {});
    return { json: users, text: formatUsers(users) };
  },
};

const usersAdd: Command = {
  name: 'users add',
  usage: `users add NAME --role administrator|operator|viewer|custom [--rights RIGHT,RIGHT] ${SCOPE_USAGE} ${PASSWORD_USAGE}`,
  help: 'adds a user; without an option for it the password is asked for',
  words: 1,
  options: { ...PASSWORD, role: { type: 'string' }, rights: { type: 'string' }, cameras: { type: 'string' } },
  run: async ({ words, options, host }) => {
    const { role, rights } = options;
    const user = await host.call('users.add', {
      user: words[0],
      role: role ?? 'viewer',
      ...(typeof rights === 'string' ? { rights: rights.split(',') } : {}),
      ...camerasIn(options),
      password: await newPassword({ words, options, host }),
    });
    return { json: user, text: formatUsers([user]) };
  },
};

const usersRemove: Command = {
  name: 'users remove',
  usage: 'users remove NAME',
  help: 'removes a user, with their sessions and tokens',
  words: 1,
  run: async ({ words, host }) => {
    const removed = (await host.call('users.remove', { user: words[0] })) as { user: string };
    return { json: removed, text: `${removed.user} can no longer sign in.` };
  },
};

const usersReset: Command = {
  name: 'users reset-password',
  usage: `users reset-password NAME [--remove-second-factor] ${PASSWORD_USAGE}`,
  help: 'sets a new password for somebody who has lost theirs; their sessions and tokens end',
  words: 1,
  options: { ...PASSWORD, 'remove-second-factor': { type: 'boolean' } },
  run: async ({ words, options, host }) => {
    const password = await newPassword({ words, options, host });
    const removeSecondFactor = options['remove-second-factor'] === true;
    const user = await host.call('users.reset-password', { user: words[0], password, removeSecondFactor });
    return { json: user, text: `The password is set; sessions and tokens of this user have ended.` };
  },
};

const tokensList: Command = {
  name: 'tokens list',
  usage: 'tokens list',
  help: 'lists the tokens of machines, without their secrets',
  words: 0,
  run: async ({ host }) => {
    const tokens = await host.call('tokens.list', {});
    return { json: tokens, text: formatTokens(tokens) };
  },
};

const tokensAdd: Command = {
  name: 'tokens add',
  usage: `tokens add NAME --rights RIGHT,RIGHT [--days N] ${SCOPE_USAGE}`,
  help: 'makes a token for a machine and shows its secret, this once; without days only for live pictures and state',
  words: 1,
  options: { rights: { type: 'string' }, days: { type: 'string' }, cameras: { type: 'string' } },
  run: async ({ words, options, host }) => {
    const { rights } = options;
    const token = (await host.call('tokens.add', {
      name: words[0],
      rights: typeof rights === 'string' ? rights.split(',') : [],
      ...numberOption(options, 'days'),
      ...camerasIn(options),
    })) as { secret: string };
    return { json: token, text: `${formatTokens([token])}\n${token.secret}\nThis secret is not shown again.` };
  },
};

const tokensRevoke: Command = {
  name: 'tokens revoke',
  usage: 'tokens revoke ID',
  help: 'revokes a token',
  words: 1,
  run: async ({ words, host }) => {
    const revoked = (await host.call('tokens.revoke', { id: words[0] })) as { id: string };
    return { json: revoked, text: `The token ${revoked.id} is no longer taken.` };
  },
};

/** From an option, else asked for at the terminal. */
async function newPassword({ options, host }: Invocation): Promise<string> {
  const given = await readSecret('password', options, host, 'New password: ');
  const password = given ?? (await readSecret('password', { 'password-stdin': true }, host, 'New password: '));
  if (!password) throw new BoxError('control.bad-input', { faults: ['password: not given'] });
  return password;
}

function camerasIn(options: Invocation['options']): { cameras?: { camera: string; rights: string[] }[] } {
  const { cameras } = options;
  if (typeof cameras !== 'string') return {};
  return { cameras: cameras.split(',').map((camera) => ({ camera, rights: OVER_CAMERAS })) };
}

export const USER_COMMANDS: readonly Command[] = [
  usersList,
  usersAdd,
  usersRemove,
  usersReset,
  tokensList,
  tokensAdd,
  tokensRevoke,
];
