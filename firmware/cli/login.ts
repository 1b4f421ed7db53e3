import { readFile } from 'node:fs/promises';
import { BoxError } from '../base/index.ts';
import type { CliHost } from './host.ts';

export interface Login {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

const SEEN =
  'warning: the password in the URL can be seen in the process list and the shell history; use --username with --password-stdin or --password-file.';

const PROMPT = 'Password of the camera: ';

/** Takes user name and password out of a URL, percent-decoded. A text that is no URL comes back as it is. */
function splitLogin(given: string): Login {
  // The last @ before the path: passwords may hold @, : and # (people paste them unescaped).
  const match = /^(rtsps?h?:\/\/)([^/]*)@([^@/]*)(\/.*)?$/i.exec(given);
  if (!match) return { url: given, username: '', password: '' };
  const [, scheme = '', login = '', host = '', path = ''] = match;
  const colon = login.indexOf(':');
  const username = colon < 0 ? login : login.slice(0, colon);
  const password = colon < 0 ? '' : login.slice(colon + 1);
  return { url: `${scheme}${host}${path}`, username: decoded(username), password: decoded(password) };
}

/** The camera's login from the options, standard input, a file, or (with a warning) the URL itself. */
export async function readLogin(
  given: string,
  options: Readonly<Record<string, string | boolean | undefined>>,
  host: CliHost,
): Promise<Login> {
  const inUrl = splitLogin(given);
  if (inUrl.password) host.warn(SEEN);
  const username = typeof options['username'] === 'string' ? options['username'] : inUrl.username;
  const password = (await readSecret('password', options, host, PROMPT)) ?? inUrl.password;
  if (password && !username)
    throw new BoxError('control.bad-input', { faults: ['--username: is needed with a password'] });
  return { url: inUrl.url, username, password };
}

/** What `--<name>-file` or `--<name>-stdin` give: the first line. Undefined if neither was asked for. */
export async function readSecret(
  name: 'password' | 'secret',
  options: Readonly<Record<string, string | boolean | undefined>>,
  host: CliHost,
  prompt: string,
): Promise<string | undefined> {
  const file = options[`${name}-file`];
  if (typeof file === 'string') return firstLine(await readGiven(`--${name}-file`, file));
  return options[`${name}-stdin`] === true ? firstLine(await host.readPassword(prompt)) : undefined;
}

/** The content of a file that an option names. Rejects with control.bad-input. */
export async function readGiven(option: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new BoxError('control.bad-input', { faults: [`${option}: cannot read ${file}`] }, { cause });
  }
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? '';
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone % is part of the password as it was typed.
    return text;
  }
}
