/** A process that adds and removes users in a folder as fast as it can, for tests that kill it. Says `ready` once it is in its stride. */
import { AccountBook } from '../../firmware/accounts/account-book.ts';
import { PasswordHasher } from '../../firmware/accounts/password-hash.ts';
import { putUser } from '../../firmware/accounts/users.ts';

const [folder = ''] = process.argv.slice(2);
const book = await AccountBook.open(folder);
const hash = await new PasswordHasher().hash('violet-tram-crossing');
for (let n = 1; ; n++) {
  // Every user and token tells the number of the update, so that a mixed file cannot pass for a whole one.
  await book.update((draft) => {
    draft.users = [];
    for (let at = 0; at < 40; at++) {
      putUser(draft, { name: `user-${at}-${n}`, hash, grants: { role: 'viewer' }, by: `update ${n}`, atUs: n });
    }
    draft.tokens = [];
    for (let at = 0; at < 40; at++) {
      draft.tokens.push({
        id: `${at}`,
        digest: `${at}`,
        name: `update ${n}`,
        owner: '',
        rights: ['live'],
        createdUs: n,
      });
    }
  });
  if (n === 3) process.stdout.write('ready\n');
}
