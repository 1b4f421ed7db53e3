import t from 'tap';
import { checkPassword } from '../../../firmware/accounts/password-rules.ts';

function faults(password: string, ...names: string[]): string[] {
  try {
    checkPassword(password, names);
    return [];
  } catch (error) {
    return (error as { context: { faults: string[] } }).context.faults;
  }
}

t.test('6. passwords that are guessed first are refused', async (t) => {
  const common = [
    'password1234',
    'Password1234!',
    'P@ssw0rd2026',
    'passwordpassword',
    'qwertyuiop123',
    'qwertyuiop[]12',
    '123456789012',
    '1q2w3e4r5t6y',
    '1qaz2wsx3edc',
    'adminadmin123',
    'abcdefghijkl',
    'zyxwvutsrqpo',
    'iloveyou12345',
    'Welcome2026!!',
    'aaaaaaaaaaaaaa',
    'hikvision12345',
    'letmein letmein',
    '2026-05-31-2026',
  ];
  for (const password of common) t.not(faults(password).length, 0, password);
});

t.test('6. passwords that nobody guesses are taken', async (t) => {
  const good = [
    'violet-tram-crossing',
    'correct horse battery',
    'xK4#vPq9!mZr',
    '长长的密码没有人猜到吧就这样',
    'Grüße vom Bahnhof 7',
  ];
  for (const password of good) t.strictSame(faults(password, 'owner'), [], password);
});

t.test('6. the other rules', async (t) => {
  t.match(faults('xK4#vPq9!mZ'), ['must have at least 12 characters']);
  t.match(faults('x'.repeat(129)), ['must have at most 128 characters']);
  t.match(faults('my Margarete 1954', 'margarete'), ['must not contain the name of the user or of the box']);
  t.match(faults('depot-tram-crossing', 'owner', 'Depot'), ['must not contain the name of the user or of the box']);
  t.strictSame(faults('violet-tram-crossing', 'al'), [], 'two letters are in many words');
  t.match(faults('abababababab'), [/different/, /guessed/]);
});
