import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { LOCAL } from '../../../firmware/accounts/index.ts';
import { accountLab, claimOf, PASSWORD } from '../../support/account-lab.ts';

const ADDRESS = '192.0.2.1';
const nothing = (): Promise<void> => Promise.resolve();

t.test('3. a new box has no user, and its claim code makes one administrator, once', async (t) => {
  const { accounts, folder, signIn, reopen } = await accountLab(t, { claimed: false });
  await accounts.firstRun.start(nothing);
  t.notOk(accounts.claimed());
  for (const name of ['admin', 'root', 'owner', '']) await t.rejects(signIn(name), { code: 'accounts.refused' });
  const code = accounts.firstRun.code!;
  t.match(code, /^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
  const path = join(folder, 'claim-code');
  t.equal((await stat(path)).mode & 0o777, 0o600);
  t.equal(await readFile(path, 'utf8'), `${code}\n`);
  const next = await reopen();
  await next.firstRun.start(nothing);
  t.equal(next.firstRun.code, code, 'the same at each start');

  const wrong = { code: 'accounts.bad-claim-code' };
  await t.rejects(accounts.firstRun.claim(claimOf('AAAA-AAAA-AAAA'), ADDRESS, nothing), wrong);
  await t.rejects(accounts.firstRun.claim(claimOf(''), ADDRESS, nothing), wrong);
  const weak = { ...claimOf(code), password: 'password1234' };
  await t.rejects(accounts.firstRun.claim(weak, ADDRESS, nothing), { code: 'accounts.weak-password' });
  t.notOk(accounts.claimed());
  const given: unknown[] = [];
  const apply = async (setUp: unknown): Promise<void> => void given.push(setUp);
  const typed = claimOf(code.toLowerCase().replaceAll('-', ' '));
  const both = await Promise.allSettled([
    accounts.firstRun.claim(typed, ADDRESS, apply),
    accounts.firstRun.claim({ ...typed, user: 'thief' }, ADDRESS, apply),
  ]);
  t.strictSame(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'], 'one of two at once');
  t.strictSame(given, [{ name: 'Depot', timeZone: 'Europe/Berlin', language: 'en' }]);
  t.equal(accounts.users.list().length, 1);
  t.equal(accounts.firstRun.code, undefined);
  await t.rejects(stat(path), { code: 'ENOENT' });
  await t.rejects(accounts.firstRun.claim(claimOf(code), ADDRESS, nothing), { code: 'accounts.already-claimed' });
  t.ok((await reopen()).claimed());
});

t.test('3. the first administrator may also be made at the box, and nobody before', async (t) => {
  const { accounts, folder } = await accountLab(t, { claimed: false });
  await accounts.firstRun.start(nothing);
  await t.rejects(accounts.users.add('guard', PASSWORD, { role: 'viewer' }, LOCAL), {
    code: 'accounts.administrator-first',
  });
  await accounts.users.add('owner', PASSWORD, { role: 'administrator' }, LOCAL);
  t.equal(accounts.firstRun.code, undefined);
  await accounts.firstRun.start(nothing);
  await t.rejects(stat(join(folder, 'claim-code')), { code: 'ENOENT' });
});

t.test('7. guessing the claim code is slowed down', async (t) => {
  const { accounts, pass } = await accountLab(t, { claimed: false });
  await accounts.firstRun.start(nothing);
  const guess = (address: string): Promise<string> =>
    accounts.firstRun.claim(claimOf('AAAA-AAAA-AAAA'), address, nothing).then(
      () => 'claimed',
      (error: { code: string }) => error.code,
    );
  const codes: string[] = [];
  for (let n = 0; n < 8; n++) codes.push(await guess(ADDRESS));
  t.strictSame([...new Set(codes)], ['accounts.bad-claim-code', 'accounts.too-many-tries']);
  const elsewhere = '198.51.100.9';
  t.equal(await guess(elsewhere), 'accounts.bad-claim-code');
  pass(60);
  await t.resolves(accounts.firstRun.claim(claimOf(accounts.firstRun.code!), ADDRESS, nothing));
});

t.test('a power cut between the two files of the first run: the next start ends it', async (t) => {
  const { accounts, reopen, signIn } = await accountLab(t, { claimed: false });
  await accounts.firstRun.start(nothing);
  const cut = (): Promise<void> => Promise.reject(new Error('the power is gone'));
  await t.rejects(accounts.firstRun.claim(claimOf(accounts.firstRun.code!), ADDRESS, cut), /power/);
  const given: unknown[] = [];
  const next = await reopen();
  await next.firstRun.start(async (setUp) => void given.push(setUp));
  t.match(given, [{ name: 'Depot' }]);
  await (await reopen()).firstRun.start(async (setUp) => void given.push(setUp));
  t.equal(given.length, 1, 'once');
  await t.resolves(signIn('owner'));
});
