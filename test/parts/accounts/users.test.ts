import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { Accounts, LOCAL, RIGHTS } from '../../../firmware/accounts/index.ts';
import { accountLab, OTHER_PASSWORD, PASSWORD } from '../../support/account-lab.ts';

const ADDRESS = '192.0.2.1';

t.test('users are added, changed and removed, and another process finds them', async (t) => {
  const { accounts, reopen } = await accountLab(t);
  await accounts.users.add(
    'Guard',
    PASSWORD,
    { role: 'custom', rights: ['live'], cameras: [{ camera: 'gate', rights: ['live'] }] },
    LOCAL,
  );
  await t.rejects(accounts.users.add('gUARD', PASSWORD, { role: 'viewer' }, LOCAL), { code: 'accounts.user-exists' });
  await t.rejects(accounts.users.add('weak', 'password1234', { role: 'viewer' }, LOCAL), {
    code: 'accounts.weak-password',
  });
  t.match(
    (await reopen()).users.list().map(({ name, role, passwordBy }) => [name, role, passwordBy]),
    [
      ['owner', 'administrator', 'local'],
      ['Guard', 'custom', 'local'],
    ],
  );
  const { rights } = await accounts.users.change('guard', { role: 'viewer' }, LOCAL);
  t.equal(rights, undefined, 'rights of its own went with the role');
  await accounts.users.remove('guard', LOCAL);
  await t.rejects(accounts.users.remove('guard', LOCAL), { code: 'accounts.no-such-user' });
  t.notMatch(JSON.stringify(accounts.users.list()), /argon2/);
});

t.test('there is always an administrator', async (t) => {
  const { accounts } = await accountLab(t);
  const last = { code: 'accounts.last-administrator' };
  await t.rejects(accounts.users.remove('owner', LOCAL), last);
  await t.rejects(accounts.users.change('owner', { role: 'viewer' }, LOCAL), last);
  await t.rejects(accounts.users.change('owner', { disabled: true }, LOCAL), last);
  await accounts.users.add('second', PASSWORD, { role: 'administrator' }, LOCAL);
  const both = await Promise.allSettled([
    accounts.users.remove('owner', LOCAL),
    accounts.users.remove('second', LOCAL),
  ]);
  t.strictSame(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'], 'also when two go at once');
});

t.test('whoever manages users gives and changes nothing beyond their own rights', async (t) => {
  const { accounts, signIn } = await accountLab(t);
  const cameras = [{ camera: 'gate', rights: ['live' as const] }];
  await accounts.users.add('keeper', PASSWORD, { role: 'custom', rights: ['users', 'live'], cameras }, LOCAL);
  const { caller } = await signIn('keeper');
  const refused = { code: 'control.forbidden' };
  await t.rejects(accounts.users.add('boss', PASSWORD, { role: 'administrator' }, caller), refused);
  await t.rejects(accounts.users.add('wide', PASSWORD, { role: 'custom', rights: ['live'] }, caller), refused);
  await t.rejects(accounts.users.resetPassword('owner', OTHER_PASSWORD, { removeSecondFactor: true }, caller), refused);
  await t.rejects(accounts.users.change('owner', { role: 'viewer' }, caller), refused);
  await t.rejects(accounts.users.remove('owner', caller), refused);
  await t.rejects(accounts.users.change('keeper', { role: 'administrator' }, caller), refused);
  await t.rejects(accounts.tokens.add({ name: 't', rights: ['disks'], days: 1 }, caller), refused);
  await t.resolves(accounts.users.add('helper', PASSWORD, { role: 'custom', rights: ['live'], cameras }, caller));
  t.equal(accounts.users.list().length, 3);
});

t.test('a second factor: its codes count once, and recovery codes stand in for it', async (t) => {
  const { accounts, signIn, codeOf, pass } = await accountLab(t);
  const first = await signIn('owner');
  const id = accounts.sessions.userIdOf(first.caller)!;
  await t.rejects(accounts.users.beginSecondFactor(id, 'wrong', 'Depot', ADDRESS), { code: 'accounts.refused' });
  const { secret, url } = await accounts.users.beginSecondFactor(id, PASSWORD, 'Depot', ADDRESS);
  t.match(url, /^otpauth:\/\/totp\/Depot:owner\?/);
  await t.rejects(accounts.users.confirmSecondFactor(id, '000000x'), { code: 'accounts.refused' });
  const recovery = await accounts.users.confirmSecondFactor(id, codeOf(secret));
  t.equal(recovery.length, 10);
  t.notOk(first.caller.signedIn);
  await t.rejects(signIn('owner'), { code: 'accounts.code-needed' });
  await t.rejects(
    signIn('owner', PASSWORD, { code: codeOf(secret) }),
    { code: 'accounts.refused' },
    'was used to confirm',
  );
  pass(60);
  const code = codeOf(secret);
  const twice = await Promise.allSettled([signIn('owner', PASSWORD, { code }), signIn('owner', PASSWORD, { code })]);
  t.strictSame(twice.map(({ status }) => status).sort(), ['fulfilled', 'rejected'], 'one code, one session');
  const typed = recovery[0]!.toLowerCase().replaceAll('-', ' ');
  await t.resolves(signIn('owner', PASSWORD, { code: typed }));
  await t.rejects(signIn('owner', PASSWORD, { code: typed }), { code: 'accounts.refused' });
  await t.rejects(signIn('owner', 'wrong', { code: recovery[1]! }), { code: 'accounts.refused' });
  pass(3600);
  await accounts.users.resetPassword('owner', OTHER_PASSWORD, { removeSecondFactor: true }, LOCAL);
  await t.resolves(signIn('owner', OTHER_PASSWORD));
});

t.test('10. tokens have rights, an end, and an owner whom they never outdo', async (t) => {
  const { accounts, signIn, pass } = await accountLab(t);
  await accounts.users.add('chief', PASSWORD, { role: 'administrator' }, LOCAL);
  const { caller } = await signIn('chief');
  await t.rejects(accounts.tokens.add({ name: 'long', rights: ['playback'] }, LOCAL), { code: 'accounts.endless' });
  await t.resolves(accounts.tokens.add({ name: 'wall', rights: ['live', 'state'] }, LOCAL));
  const scope = {
    rights: ['playback', 'users'] as const,
    cameras: [{ camera: 'gate', rights: ['playback' as const] }],
  };
  const { token, secret } = await accounts.tokens.add({ name: 'sync', days: 2, ...scope }, caller);
  const machine = accounts.token(secret, ADDRESS)!;
  t.match(machine, { kind: 'token', name: 'sync', signedIn: true });
  t.ok(machine.may('playback', 'gate'));
  t.notOk(machine.may('playback', 'yard'));
  t.notOk(machine.may('live', 'gate'));
  await t.rejects(accounts.tokens.add({ name: 'child', rights: ['live'] }, machine), {
    code: 'accounts.not-for-machines',
  });
  const { secret: strong } = await accounts.tokens.add({ name: 'strong', days: 2, rights: RIGHTS }, caller);
  const leaked = accounts.token(strong, ADDRESS)!;
  const inviting = [{ role: 'administrator' }, { role: 'custom', rights: ['users'] }] as const;
  for (const grants of inviting) {
    await t.rejects(accounts.users.add('door', PASSWORD, grants, leaked), { code: 'accounts.not-for-machines' });
  }
  const reset = accounts.users.resetPassword('chief', PASSWORD, { removeSecondFactor: true }, leaked);
  await t.rejects(reset, { code: 'accounts.not-for-machines' });
  await t.rejects(accounts.users.remove('chief', leaked), { code: 'accounts.not-for-machines' });
  await t.resolves(
    accounts.users.add('clerk', PASSWORD, { role: 'viewer' }, leaked),
    'others it may, as it was told to',
  );
  await accounts.users.change('chief', { role: 'viewer' }, LOCAL);
  t.ok(machine.may('playback', 'gate'));
  t.notOk(machine.may('users'), 'its owner may not any more');
  pass(2 * 24 * 3600);
  t.notOk(machine.signedIn);
  t.notOk(accounts.token(secret, ADDRESS));
  await accounts.tokens.revoke(token.id, LOCAL);
  await t.rejects(accounts.tokens.revoke(token.id, LOCAL), { code: 'accounts.no-such-token' });
  const again = await accounts.tokens
    .add({ name: 'sync', days: 2, rights: ['live'] }, (await signIn('chief')).caller)
    .catch(() => undefined);
  t.ok(again);
  await accounts.users.remove('chief', LOCAL);
  t.notOk(accounts.token(again!.secret, ADDRESS), 'they end with their owner');
  t.notMatch(JSON.stringify(accounts.tokens.list()), new RegExp(secret));
});

t.test('accounts that cannot be read let nobody in, and are not written over', async (t) => {
  const { folder, accounts } = await accountLab(t);
  await accounts.stop();
  for (const text of ['', '{"version":1,"users":[', '{"version":2,"users":[],"sessions":[],"tokens":[]}', '[]']) {
    await writeFile(join(folder, 'accounts.json'), text);
    const broken = await Accounts.open({
      dataFolder: folder,
      clock: { wallUs: () => 0, monoUs: () => 0 },
      audit: { note: () => {} },
      log: () => {},
    });
    t.equal(broken.fault?.code, 'accounts.unreadable');
    t.ok(broken.claimed(), 'it is not up for being claimed');
    await broken.firstRun.start(() => Promise.resolve());
    t.equal(broken.firstRun.code, undefined);
    const from = { address: ADDRESS, agent: '' };
    await t.rejects(broken.signIn({ name: 'owner', password: PASSWORD }, from), { code: 'accounts.unreadable' });
    await t.rejects(broken.users.add('owner', PASSWORD, { role: 'administrator' }, LOCAL), {
      code: 'accounts.unreadable',
    });
  }
});

t.test('who manages users ends nothing of those who may do more than they may', async (t) => {
  const { accounts, signIn } = await accountLab(t);
  await accounts.users.add('chief', PASSWORD, { role: 'administrator' }, LOCAL);
  const grants = { role: 'custom', rights: ['users', 'live'] } as const;
  await accounts.users.add('clerk', PASSWORD, grants, LOCAL);
  await accounts.users.add('guard', PASSWORD, { role: 'custom', rights: ['live'] }, LOCAL);
  const [{ caller: chief }, { caller: clerk }, { caller: guard }] = [
    await signIn('chief'),
    await signIn('clerk'),
    await signIn('guard'),
  ];
  const { token: strong } = await accounts.tokens.add({ name: 'strong', days: 1, rights: ['erase'] }, chief);
  const { token: weak } = await accounts.tokens.add({ name: 'weak', days: 1, rights: ['live'] }, chief);
  const { made: theirs } = await accounts.rtspPasswords.create({ label: 'theirs' }, guard);
  await t.rejects(accounts.tokens.revoke(strong.id, clerk), { code: 'control.forbidden' });
  await t.rejects(accounts.sessions.end(chief.id, clerk), { code: 'control.forbidden' });
  t.ok(chief.signedIn);
  t.match(accounts.tokens.list(), [{ id: strong.id }, { id: weak.id }]);
  await t.rejects(accounts.sessions.end(clerk.id, guard), { code: 'accounts.no-such-session' });
  await accounts.tokens.revoke(weak.id, clerk);
  await accounts.rtspPasswords.revoke(theirs.id, clerk);
  await accounts.sessions.end(guard.id, clerk);
  t.notOk(guard.signedIn);
  await accounts.sessions.end(clerk.id, clerk);
  t.notOk(clerk.signedIn, 'their own');
  await accounts.sessions.end(chief.id, LOCAL);
  t.notOk(chief.signedIn);
});
