import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { LOCAL, type DigestLogin } from '../../../firmware/accounts/index.ts';
import { accountLab, OTHER_PASSWORD, PASSWORD } from '../../support/account-lab.ts';
import { digestAnswer, type DigestOptions, type RtspLogin } from '../../support/rtsp-player.ts';

const ADDRESS = '192.0.2.9';
const URI = 'rtsp://box/gate/main';
const REQUEST = { method: 'DESCRIBE', isAbout: (uri: string) => uri === URI };

/** The answer to a challenge of this connection, or to one that was given. */
function answer(login: DigestLogin, who: RtspLogin, options: DigestOptions = {}, challenge?: string): string {
  const [sha, md5] = login.challenges(false);
  const own = options.algorithm === 'SHA-256' ? sha! : md5!;
  return digestAnswer(challenge ?? own, who, 'DESCRIBE', URI, options);
}

t.test('6. the password is told once; what is kept is for the box alone, and opens nothing but streams', async (t) => {
  const { accounts, folder, reopen } = await accountLab(t);
  const { made, password } = await accounts.rtspPasswords.create({ label: 'wall' }, LOCAL);
  t.match(password, /^[0-9a-hjkmnp-tv-z]{20}$/, '100 bits that one can type');
  const path = join(folder, 'accounts.json');
  t.notOk((await readFile(path, 'utf8')).includes(password));
  t.equal((await stat(path)).mode & 0o777, 0o600);
  t.notOk(JSON.stringify(accounts.rtspPasswords.list()).includes('ha1'));
  const again = await reopen();
  const login = again.digestLogin(ADDRESS);
  const caller = login.admit(answer(login, { user: made.user, password }), REQUEST);
  t.ok(caller.may('live', 'gate'));
  for (const right of ['playback', 'export', 'settings', 'users', 'state'] as const) t.notOk(caller.may(right, 'gate'));
  t.equal(again.token(password, ADDRESS), undefined);
  await t.rejects(again.signIn({ name: made.user, password }, { address: ADDRESS, agent: '' }), {
    code: 'accounts.refused',
  });
});

t.test('both kinds of digest are taken, counted or not; nothing else', async (t) => {
  const { accounts } = await accountLab(t);
  const { made, password } = await accounts.rtspPasswords.create({ label: '' }, LOCAL);
  const who = { user: made.user, password };
  for (const options of [{}, { qop: true }, { algorithm: 'SHA-256' }, { algorithm: 'SHA-256', qop: true }] as const) {
    const login = accounts.digestLogin(ADDRESS);
    t.ok(login.admit(answer(login, who, options), REQUEST).signedIn, JSON.stringify(options));
  }
  const login = accounts.digestLogin(ADDRESS);
  const good = answer(login, who);
  for (const bad of [
    good.replace('algorithm=MD5', 'algorithm=MD5-sess'),
    good.replace(/response="."?/, 'response="'),
    good.replace('realm="IPVS box"', 'realm="other"'),
    good.replace(URI, 'rtsp://box/vault/main'),
    `Basic ${Buffer.from(`${who.user}:${who.password}`).toString('base64')}`,
    'Digest',
    `${good}, junk`,
    '',
  ]) {
    const code = /^accounts\.(?:refused|stale-challenge|too-many-tries)$/;
    t.throws(() => login.admit(bad, REQUEST), { code }, bad.slice(0, 40));
  }
});

t.test('11. an answer that was seen on the wire opens nothing elsewhere, twice, or later', async (t) => {
  const { accounts, pass } = await accountLab(t);
  const { made, password } = await accounts.rtspPasswords.create({ label: '' }, LOCAL);
  const who = { user: made.user, password };
  const seen = accounts.digestLogin(ADDRESS);
  const [, challenge] = seen.challenges(false);
  const counted = digestAnswer(challenge!, who, 'DESCRIBE', URI, { qop: true, count: 1 });
  t.ok(seen.admit(counted, REQUEST).signedIn);
  t.throws(() => seen.admit(counted, REQUEST), { code: 'accounts.stale-challenge' }, 'twice');
  const next = digestAnswer(challenge!, who, 'DESCRIBE', URI, { qop: true, count: 2 });
  t.throws(() => accounts.digestLogin(ADDRESS).admit(next, REQUEST), { code: 'accounts.stale-challenge' }, 'elsewhere');
  const other = accounts.digestLogin(ADDRESS);
  other.challenges(false);
  t.throws(() => other.admit(next, REQUEST), { code: 'accounts.stale-challenge' }, 'elsewhere, where one was asked');
  t.throws(() => seen.admit(next, { ...REQUEST, method: 'PLAY' }), { code: 'accounts.refused' }, 'for something else');
  pass(6 * 60);
  t.throws(() => seen.admit(next, REQUEST), { code: 'accounts.stale-challenge' }, 'later');
  t.ok(seen.admit(answer(seen, who), REQUEST).signedIn, 'a new challenge, a new answer');
});

t.test('8. guessing is slowed down as at the window, and alike for a name that nobody has', async (t) => {
  const { accounts, pass, lines } = await accountLab(t);
  const { made, password } = await accounts.rtspPasswords.create({ label: 'wall' }, LOCAL);
  const who = { user: made.user, password };
  const attempt = (user: string, secret: string, address: string): string => {
    const login = accounts.digestLogin(address);
    try {
      login.admit(answer(login, { user, password: secret }), REQUEST);
      return 'ok';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  t.equal(attempt(who.user, password, '198.51.100.1'), 'ok');
  const known = Array.from({ length: 12 }, () => attempt(who.user, 'wrong', '203.0.113.1'));
  const unknown = Array.from({ length: 12 }, () => attempt('rtsp-nobody', 'wrong', '203.0.113.2'));
  t.strictSame(known, unknown);
  t.strictSame(new Set(known), new Set(['accounts.refused', 'accounts.too-many-tries']));
  t.equal(attempt(who.user, password, '203.0.113.1'), 'accounts.too-many-tries', 'also the right one');
  t.equal(attempt(who.user, password, '198.51.100.1'), 'ok', 'where it has been before nothing waits');
  for (let n = 0; n < 15; n++) attempt(`rtsp-${n}`, 'wrong', '203.0.113.3');
  for (let n = 0; n < 10; n++) attempt(`rtsp-x${n}`, 'wrong', '203.0.113.3');
  await t.rejects(
    accounts.signIn({ name: 'owner', password: PASSWORD }, { address: '203.0.113.3', agent: '' }),
    { code: 'accounts.too-many-tries' },
    'guesses of either kind count for both',
  );
  pass(300);
  t.equal(attempt(who.user, password, '203.0.113.1'), 'ok', 'nobody is locked out for ever');
  const refused = lines.filter(({ operation, result }) => operation === 'rtsp.sign-in' && result !== 'ok');
  t.ok(refused.length > 10, '44. refusals are written down');
  t.notOk(JSON.stringify(lines).includes('rtsp-nobody'), 'but not what somebody typed');
});

t.test('4, 9. it shows no more than its owner may watch, and ends with what made it', async (t) => {
  const { accounts, signIn, pass } = await accountLab(t);
  const gate = [{ camera: 'gate', rights: ['live' as const] }];
  await accounts.users.add('guard', PASSWORD, { role: 'viewer', cameras: gate }, LOCAL);
  const { caller: guard } = await signIn('guard');
  const create = accounts.rtspPasswords;
  const { made, password } = await create.create({ label: '' }, guard);
  const login = accounts.digestLogin(ADDRESS);
  const caller = login.admit(answer(login, { user: made.user, password }), REQUEST);
  t.ok(caller.may('live', 'gate'));
  t.notOk(caller.may('live', 'vault'));
  await t.rejects(create.create({ label: '', cameras: ['vault'] }, guard), { code: 'control.forbidden' });
  await t.rejects(create.create({ label: '' }, caller), { code: 'accounts.not-for-machines' });
  await accounts.users.change('guard', { cameras: [] }, LOCAL);
  t.notOk(caller.may('live', 'gate'), 'what the owner lost is lost at once');
  await accounts.users.change('guard', { cameras: gate }, LOCAL);
  t.ok(caller.may('live', 'gate'));
  await accounts.users.change('guard', { disabled: true }, LOCAL);
  t.notOk(caller.signedIn);
  await accounts.users.change('guard', { disabled: false }, LOCAL);
  await accounts.users.resetPassword('guard', OTHER_PASSWORD, { removeSecondFactor: false }, LOCAL);
  t.notOk(caller.signedIn, 'a reset ends it');

  const short = await create.create({ label: '', cameras: ['gate'], days: 1 }, LOCAL);
  const again = accounts.digestLogin(ADDRESS);
  const there = again.admit(answer(again, { user: short.made.user, password: short.password }), REQUEST);
  t.ok(there.may('live', 'gate'));
  t.notOk(there.may('live', 'vault'), 'a list narrows it');
  pass(25 * 3600);
  t.notOk(there.signedIn, 'its end');
  const third = await create.create({ label: '' }, LOCAL);
  await t.rejects(create.revoke(third.made.id, (await signIn('guard', OTHER_PASSWORD)).caller), {
    code: 'accounts.no-such-rtsp-password',
  });
  await create.revoke(third.made.id, LOCAL);
  t.equal(
    create.list().some(({ id }) => id === third.made.id),
    false,
  );
});
