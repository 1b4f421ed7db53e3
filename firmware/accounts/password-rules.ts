import { BoxError } from '../base/index.ts';

const MIN_CHARS = 12;
const MAX_CHARS = 128;
const MIN_DIFFERENT = 5;

/** What the passwords most often found in leaks are made of, alone or one after another, with digits and signs around them. */
const COMMON = new Set(
  (
    'password passwort passw pass admin administrator root user guest login welcome letmein default changeme secret master ' +
    'qwerty qwertyuiop qwertz azerty asdf asdfgh asdfghjkl zxcv zxcvbn zxcvbnm qazwsx wsx edc abc abcd abcde abcdef abcdefg ' +
    'iloveyou love monkey dragon sunshine princess football baseball superman batman trustno hello test testing computer ' +
    'internet server system access manager super shadow michael jordan charlie summer winter spring autumn starwars google ' +
    'samsung camera cameras security surveillance video recorder nvr dvr cctv ipvs ipcam hikvision dahua axis office home ' +
    'woaini aini wo ni qwe asd zxc qaz company my your is the new'
  ).split(' '),
);
/** Digits and signs that stand for letters. */
const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};
const ROWS = [
  '01234567890',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  '1q2w3e4r5t6y7u8i9o0p',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
];
const MIN_RUN = 4;

/** Throws accounts.weak-password, naming every rule that the password breaks, without the password. */
export function checkPassword(password: string, names: readonly string[]): void {
  const faults = faultsOf(password.normalize('NFKC'), names);
  if (faults.length > 0) throw new BoxError('accounts.weak-password', { faults });
}

function faultsOf(password: string, names: readonly string[]): string[] {
  const letters = Array.from(password);
  const faults: string[] = [];
  if (letters.length < MIN_CHARS) faults.push(`must have at least ${MIN_CHARS} characters`);
  if (letters.length > MAX_CHARS) return [`must have at most ${MAX_CHARS} characters`];
  if (new Set(letters).size < MIN_DIFFERENT) faults.push(`must have at least ${MIN_DIFFERENT} different characters`);
  const lower = password.toLowerCase();
  for (const name of names) {
    if (name.length >= 3 && lower.includes(name.normalize('NFKC').toLowerCase())) {
      faults.push('must not contain the name of the user or of the box');
      break;
    }
  }
  if (isCommon(lower)) faults.push('is one of those that are guessed first');
  return faults;
}

function isCommon(lower: string): boolean {
  return isWorn(lower) || isWorn(Array.from(lower, (letter) => LEET[letter] ?? letter).join(''));
}

/** Whether nothing is left once common words, rows of the keyboard, digits, signs and repeats are taken away. */
function isWorn(lower: string): boolean {
  const plain = withoutRows(lower);
  return plain
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '')
    .every((word) => isMadeOf(word));
}

function withoutRows(text: string): string {
  let left = text;
  for (const row of ROWS.flatMap((each) => [each, Array.from(each).toReversed().join('')])) {
    for (let length = Math.min(row.length, left.length); length >= MIN_RUN; length--) {
      for (let at = 0; at + length <= row.length; at++) left = left.replaceAll(row.slice(at, at + length), ' ');
    }
  }
  return left;
}

/** Whether a word is common words one after another. */
function isMadeOf(word: string): boolean {
  const ends = new Set([0]);
  for (let at = 0; at < word.length; at++) {
    if (!ends.has(at)) continue;
    for (const common of COMMON) if (word.startsWith(common, at)) ends.add(at + common.length);
  }
  return ends.has(word.length) || new Set(word).size <= 2;
}
