import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { AccountBook, type AccountState } from '../../../firmware/accounts/account-book.ts';

const WRITER = join(import.meta.dirname, '../../support/account-writer.ts');

/** The update that all of it is of. */
function numberOf({ users, tokens }: AccountState): number {
  const numbers = new Set([...users, ...tokens].map(({ createdUs }) => createdUs));
  if (users.length !== 40 || tokens.length !== 40 || numbers.size !== 1) throw new Error('two updates in one file');
  return [...numbers][0]!;
}

t.test('accounts killed in the middle of writing are those of one whole update', async (t) => {
  const folder = t.testdir();
  for (let round = 0; round < 5; round++) {
    const child = spawn(process.execPath, [WRITER, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.teardown(() => child.kill('SIGKILL'));
    const exited = once(child, 'exit');
    const spoke = await Promise.race([once(child.stdout, 'data'), exited.then(() => undefined)]);
    if (!spoke) return void t.fail('the writer could not open what an earlier round left');
    // Whoever reads meanwhile sees a whole file, too: a kill hits the short moment of a torn one only by luck.
    for (let reads = 0; reads < 15 + round * 7; reads++) {
      numberOf(JSON.parse(await readFile(join(folder, 'accounts.json'), 'utf8')) as AccountState);
    }
    child.kill('SIGKILL');
    await exited;
    const book = await AccountBook.open(folder);
    t.equal(book.fault, undefined);
    t.ok(numberOf(book.state) >= 3);
  }
});

t.test('a change that cannot be written does not happen', async (t) => {
  const book = await AccountBook.open('/nonexistent/accounts');
  await t.rejects(
    book.update((draft) => (draft.setUp = { name: 'x', timeZone: 'UTC', language: 'en' })),
    { code: 'accounts.not-written' },
  );
  t.equal(book.state.setUp, undefined);
});
