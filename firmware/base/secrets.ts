/** What stands in place of a secret wherever one would have been shown. */
export const MASK = '***';

const SECRET_KEY =
  /pass(word|wd|phrase)?$|^pwd$|secret|token|authori[sz]ation|credential|cookie|private-?key|^user-?name$/i;

/** True for names whose values are never shown: passwords and tokens, and also user names, which are half of a login. */
function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key);
}

// RFC 3986 section 3.2.1 wants "@", "/" and the like percent-encoded in a password; people do not know that. So everything
// from "//" to the last "@" of the word counts as credentials: rather lose a host name than show a password.
const URL_CREDENTIALS = /\b([a-z][a-z0-9+.-]{1,15}:\/\/)(?:[^\s/?#:@"'<>]*:[^\s"'<>]{0,1000}|[^\s/?#"'<>]{0,1000})@/gi;
const AUTH_HEADER = /\b((?:(?:proxy-)?authorization|(?:www|proxy)-authenticate)\s*[:=]\s*)[^\r\n]+/gi;
// Also inside paths: several makers put "user=admin_password=..." there.
const KEY_VALUE =
  /(?<![a-z])(password|passwd|passphrase|pass|pwd|psw|secret|token)(\s*["']?\s*[=:]\s*["']?)[^\s&;,"'<>]+/gi;
// What services put into the addresses that they give away for being posted to.
const QUERY_VALUE = /([?&](?:(?:api|access|auth)?[-_]?key|sig(?:nature)?|auth|code)=)[^\s&;,"'<>#]+/gi;
const MAY_HOLD_SECRET = /:\/\/|auth|pass|pwd|psw|secret|token|[?&]/i;

/** The text with credentials of URLs, authorization headers and `password=...` pairs masked. */
export function maskText(text: string): string {
  if (!MAY_HOLD_SECRET.test(text)) return text;
  return text
    .replace(URL_CREDENTIALS, `$1${MASK}@`)
    .replace(AUTH_HEADER, `$1${MASK}`)
    .replace(KEY_VALUE, `$1$2${MASK}`)
    .replace(QUERY_VALUE, `$1${MASK}`);
}

const MAX_DEPTH = 6;
const MAX_MEMBERS = 200;

/**
 * A copy that JSON can hold and people may see: secret members masked, strings cleaned by `maskText`, depth and breadth
 * bounded. Objects with behaviour (sockets, streams) shrink to their class name unless they have a `toJSON`.
 */
export function maskSecrets(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return maskText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return `<${typeof value}>`;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '...';
  if (Array.isArray(value)) return value.slice(0, MAX_MEMBERS).map((item) => maskSecrets(item, depth + 1));
  if (value instanceof Error) return maskError(value, depth);
  if (ArrayBuffer.isView(value)) return `<${value.byteLength} bytes>`;
  if (value instanceof Map || value instanceof URLSearchParams) return maskEntries([...value.entries()], depth);
  if (value instanceof Set) return maskSecrets([...value], depth);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return maskEntries(Object.entries(value), depth);
  if ('toJSON' in value && typeof value.toJSON === 'function') return maskSecrets(value.toJSON(), depth + 1);
  return `<${value.constructor.name}>`;
}

function maskEntries(entries: [unknown, unknown][], depth: number): Record<string, unknown> {
  const masked = entries
    .slice(0, MAX_MEMBERS)
    .map(([key, item]): [string, unknown] => [
      String(key),
      isSecretKey(String(key)) && item !== undefined ? MASK : maskSecrets(item, depth + 1),
    ]);
  return Object.fromEntries(masked);
}

/** Name, message and stack of an error and of its causes, and the members that errors of Node and of the box carry. */
function maskError(error: Error, depth: number): Record<string, unknown> {
  const known = error as Error & { code?: unknown; syscall?: unknown; context?: unknown };
  return maskEntries(
    [
      ['name', error.name],
      ['message', error.message],
      ['code', known.code],
      ['syscall', known.syscall],
      ['context', known.context],
      ['stack', error.stack],
      ['cause', error.cause],
    ].filter(([, item]) => item !== undefined) as [string, unknown][],
    depth,
  );
}
