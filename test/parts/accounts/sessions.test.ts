import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { LOCAL } from '../../../firmware/accounts/index.ts';
import { accountLab, OTHER_PASSWORD, PASSWORD } from '../../support/account-lab.ts';

const ADDRESS = '192.0.2.1';

t.test('6. only a hash of the password is kept, and the file is for the box alone', async (t) => {
  const { folder, signIn } = await accountLab(t);
  const { secret } = await signIn('owner');
  const path = join(folder, 'accounts.json');
  const text = await readFile(path, 'utf8');
  t.match(text, /\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  for (const canary of [PASSWORD, secret]) t.notOk(text.includes(canary));
  t.equal((await stat(path)).mode & 0o777, 0o600);
});

t.test('7. the answer is the same for an unknown name, a wrong password and a disabled user', async (t) => {
  const { accounts, signIn } = await accountLab(t);
  await accounts.users.add('guard', PASSWORD, { role: 'viewer' }, LOCAL);
  await accounts.users.change('guard', { disabled: true }, LOCAL);
  const answers = await Promise.all(
    [signIn('nobody'), signIn('owner', 'wrong'), signIn('guard')].map(async (attempt) => {
      const error: unknown = await attempt.catch((caught: unknown) => caught);
      return JSON.stringify(error);
    }),
  );
  t.match(answers[0], /accounts\.refused/);
  t.equal(new Set(answers).size, 1);
});

t.test('7. guessing is slowed down, wherever the owner has been lets the owner in', async (t) => {
  const { accounts, signIn, pass } = await accountLab(t);
  await signIn('owner', PASSWORD, { address: '198.51.100.1' });
  for (let n = 0; n < 30; n++) {
    await t.rejects(signIn('OWNER', 'wrong', { address: `203.0.113.${n}` }), {
      code: /accounts\.(?:refused|too-many-tries)/,
    });
  }
  await t.rejects(signIn('owner', PASSWORD, { address: '203.0.113.99' }), { code: 'accounts.too-many-tries' });
  await t.resolves(signIn('owner', PASSWORD, { address: '198.51.100.1' }), 'from a network that is known');
  pass(30);
  await t.resolves(signIn('owner', PASSWORD, { address: '203.0.113.99' }), 'after half a minute from everywhere');
  for (let n = 0; n < 12; n++) await signIn('owner', 'wrong').catch(() => {});
  await t.rejects(signIn('owner'), { code: 'accounts.too-many-tries' });
  await accounts.users.resetPassword('owner', OTHER_PASSWORD, { removeSecondFactor: false }, LOCAL);
  await t.resolves(signIn('owner', OTHER_PASSWORD), 'a reset at the box forgets what was tried');
});

t.test('9. a session ends when nobody is there, at its end, and when it is signed out', async (t) => {
  const { accounts, signIn, pass, setClock } = await accountLab(t);
  const { secret, caller } = await signIn('owner');
  const other = await signIn('owner');
  t.not(secret, other.secret);
  t.match(secret, /^[\w-]{43}$/, '256 bits');
  for (let n = 0; n < 20; n++) {
    pass(29 * 60);
    t.ok(accounts.session(secret, ADDRESS), 'there is life');
  }
  t.notOk(accounts.session(other.secret, ADDRESS), 'nobody was there');
  t.notOk(other.caller.signedIn);
  setClock(400 * 24 * 3600);
  t.ok(caller.signedIn, 'setting the clock ends nothing');
  for (let n = 0; n < 5; n++) {
    pass(29 * 60);
    accounts.touch(caller);
  }
  t.notOk(accounts.session(secret, ADDRESS), 'at most twelve hours');
  const third = await signIn('owner');
  await accounts.signOut(third.secret);
  t.notOk(third.caller.signedIn);
  t.notOk(third.caller.may('live'));
});

t.test('9. sessions end when the password or the rights change, also for callers that are held', async (t) => {
  const { accounts, signIn } = await accountLab(t);
  await accounts.users.add('guard', PASSWORD, { role: 'operator' }, LOCAL);
  const id = (caller: Parameters<typeof accounts.holds>[0]): string => accounts.sessions.userIdOf(caller)!;
  const ways: [string, (user: string) => Promise<unknown>][] = [
    ['rights', () => accounts.users.change('guard', { role: 'viewer' }, LOCAL)],
    ['cameras', () => accounts.users.change('guard', { cameras: [{ camera: 'gate', rights: ['live'] }] }, LOCAL)],
    ['own password', (user) => accounts.users.changePassword(user, PASSWORD, OTHER_PASSWORD, ADDRESS)],
    ['reset', () => accounts.users.resetPassword('guard', PASSWORD, { removeSecondFactor: false }, LOCAL)],
    ['disabled', () => accounts.users.change('guard', { disabled: true }, LOCAL)],
    ['removed', () => accounts.users.remove('guard', LOCAL)],
  ];
  const owner = await signIn('owner');
  for (const [what, change] of ways) {
    const { secret, caller } = await signIn('guard');
    t.ok(caller.may('live'), what);
    await change(id(caller));
    t.notOk(accounts.session(secret, ADDRESS), what);
    t.notOk(caller.signedIn, what);
    t.notOk(caller.may('live'), what);
    if (what === 'own password' || what === 'disabled') {
      await accounts.users.resetPassword('guard', PASSWORD, { removeSecondFactor: false }, LOCAL);
    }
  }
  t.ok(owner.caller.signedIn, 'those of others stay');
});

t.test('10. what was tampered with opens nothing', async (t) => {
  const { accounts, signIn } = await accountLab(t);
  const { secret } = await signIn('owner');
  const token = await accounts.tokens.add({ name: 'wall', rights: ['live'] }, LOCAL);
  const bent = (text: string): string[] => [
    '',
    ' ',
    text.slice(1),
    text.slice(0, -1),
    `${text} `,
    text.toUpperCase(),
    text.toLowerCase(),
    `${text}\0`,
    JSON.parse(JSON.stringify({ text })).text.replace(/.$/, (last: string) => (last === 'A' ? 'B' : 'A')) as string,
  ];
  t.ok(accounts.session(secret, ADDRESS));
  t.ok(accounts.token(token.secret, ADDRESS));
  for (const each of [...bent(secret), token.secret, '__proto__'])
    t.notOk(accounts.session(each, ADDRESS), JSON.stringify(each));
  for (const each of [...bent(token.secret), secret, 'ipvs_', '__proto__'])
    t.notOk(accounts.token(each, ADDRESS), JSON.stringify(each));
});

t.test('sessions outlive a restart, but not longer than they would have', async (t) => {
  const { signIn, reopen, pass } = await accountLab(t);
  const { secret } = await signIn('owner');
  pass(60);
  const next = await reopen();
  t.match(next.session(secret, ADDRESS), { name: 'owner', kind: 'session', address: ADDRESS });
  pass(31 * 60);
  t.notOk((await reopen()).session(secret, ADDRESS));
});

t.test('many sign in at once: all or none of it is there', async (t) => {
  const { accounts, signIn } = await accountLab(t);
  const all: Awaited<ReturnType<typeof signIn>>[] = [];
  for (let n = 0; n < 5; n++) all.push(...(await Promise.all(Array.from({ length: 5 }, () => signIn('owner')))));
  const alive = all.filter(({ caller }) => caller.signedIn);
  t.equal(alive.length, 20, 'the oldest had to go');
  t.equal(accounts.sessions.list().length, 20);
});

t.test('44. signing in and out is written down, without what was typed', async (t) => {
  const { accounts, signIn, lines } = await accountLab(t);
  const { secret } = await signIn('owner');
  await signIn('owner', 'my wrong password').catch(() => {});
  await signIn('password-in-the-wrong-field', 'x').catch(() => {});
  await accounts.signOut(secret);
  t.match(lines, [
    { who: 'owner', operation: 'sessions.sign-in', address: ADDRESS, result: 'ok' },
    { who: 'owner', operation: 'sessions.sign-in', result: 'accounts.refused' },
    { who: 'unknown', operation: 'sessions.sign-in', result: 'accounts.refused' },
    { who: 'owner', operation: 'sessions.sign-out', result: 'ok' },
  ]);
  t.notMatch(JSON.stringify(lines), /wrong|field|violet/);
  t.notOk(JSON.stringify(lines).includes(secret));
});
