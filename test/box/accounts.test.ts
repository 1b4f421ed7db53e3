import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { Accounts, LOCAL } from '../../firmware/accounts/index.ts';
import { systemClock } from '../../firmware/base/index.ts';
import { Box } from '../support/box.ts';

const PASSWORD = 'violet-tram-crossing';
const OTHER = 'granite under the pier';
const CLAIM_CODE = /claim code (?:is )?([0-9A-Z]{4}(?:-[0-9A-Z]{4}){2})/;
const CLAIM = { user: 'owner', password: PASSWORD, boxName: 'Depot', timeZone: 'Europe/Berlin', language: 'zh-CN' };

interface User {
  name: string;
  role: string;
  passwordSetBy: string;
}

/** Whether somebody can sign in; the box must be stopped. */
async function letsIn(box: Box, name: string, password: string): Promise<boolean> {
  const silent = { audit: { note: () => {} }, log: () => {} };
  const accounts = await Accounts.open({ dataFolder: box.data, clock: systemClock, ...silent });
  return accounts.signIn({ name, password }, { address: '192.0.2.1', agent: 'test' }).then(
    () => true,
    () => false,
  );
}

t.test('3. the first run: claimed once, with the code that the box prints', { timeout: 240_000 }, async (t) => {
  const box = await Box.start(t);
  await box.untilLogged(CLAIM_CODE);
  const claimCode = CLAIM_CODE.exec(box.output)![1]!;
  t.match((await box.cli(['status'])).stdout, new RegExp(`claim code is ${claimCode}`));
  await t.rejects(box.call('box.claim', { ...CLAIM, claimCode: 'AAAA-AAAA-AAAA' }), {
    cause: { code: 'accounts.bad-claim-code' },
  });
  await t.rejects(box.call('box.claim', { ...CLAIM, claimCode, timeZone: 'Mars/Olympus' }), {
    cause: { code: 'control.bad-input' },
  });
  t.strictSame(await box.call('box.claim', { ...CLAIM, claimCode }), { user: 'owner' });
  await t.rejects(box.call('box.claim', { ...CLAIM, claimCode }), { cause: { code: 'accounts.already-claimed' } });
  t.strictSame(await box.call('box.claimed'), { claimed: true });
  t.notMatch((await box.cli(['status'])).stdout, CLAIM_CODE);
  t.notOk(existsSync(join(box.data, 'claim-code')));
  const settings: unknown = JSON.parse(await readFile(join(box.data, 'settings.json'), 'utf8'));
  t.match(settings, { box: { name: 'Depot' }, site: { timeZone: 'Europe/Berlin' }, notices: { language: 'zh-CN' } });
  await box.kill();
  const from = box.output.length;
  await box.run();
  t.strictSame(await box.call('box.claimed'), { claimed: true }, 'also after a power cut');
  t.notMatch(box.output.slice(from), CLAIM_CODE);
  t.notMatch(box.output, new RegExp(PASSWORD), 'no password in the log');
  t.match(await box.ask<User[]>('users', 'list'), [{ name: 'owner', role: 'administrator', passwordSetBy: 'owner' }]);
});

t.test('somebody at the box makes users, tokens and new passwords', { timeout: 240_000 }, async (t) => {
  const box = await Box.prepare(t, { settings: {} });
  const add = (name: string, role: string, ...more: string[]) =>
    box.cli(['users', 'add', name, '--role', role, '--password-stdin', ...more], `${PASSWORD}\n`);
  t.match(await add('guard', 'viewer'), { code: 1, stderr: /accounts\.administrator-first/ });
  t.match(await add('owner', 'administrator'), { code: 0, stdout: /^owner {2}administrator/ });
  t.match(await add('weak', 'viewer', '--rights', 'fly'), { code: 2, stderr: /rights/ });
  await box.run();
  t.strictSame(await box.call('box.claimed'), { claimed: true });
  t.match(await add('guard', 'viewer', '--cameras', 'gate,yard'), { code: 0, stdout: /cameras: gate yard/ });
  const token = await box.ask<{ id: string; secret: string }>('tokens', 'add', 'wall', '--rights', 'live');
  t.match(token.secret, /^ipvs_[\w-]{43}$/);
  t.match((await box.cli(['tokens', 'list'])).stdout, new RegExp(`^${token.id} {2}wall {2}live, never ends\n$`));
  t.match(await box.cli(['tokens', 'add', 'sync', '--rights', 'playback']), { code: 1, stderr: /accounts\.endless/ });
  t.match(await box.cli(['users', 'remove', 'owner']), { code: 1, stderr: /accounts\.last-administrator/ });

  const reset = (password: string): ReturnType<Box['cli']> =>
    box.cli(['users', 'reset-password', 'owner', '--password-stdin'], `${password}\n`);
  t.match(await reset('password1234'), { code: 1, stderr: /accounts\.weak-password/ });
  t.match(await reset(OTHER), { code: 0 });
  await box.stop();
  t.equal(await letsIn(box, 'owner', OTHER), true);
  t.equal(await letsIn(box, 'owner', PASSWORD), false);
  t.match(await reset(PASSWORD), { code: 0 }, 'also while the box is stopped');
  t.equal(await letsIn(box, 'owner', PASSWORD), true);
  t.match(await box.cli(['users', 'remove', 'guard']), { code: 0 });
  t.match(await box.ask<User[]>('users', 'list'), [{ name: 'owner', passwordSetBy: LOCAL.name }]);
});
