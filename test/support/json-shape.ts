const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  1e308,
  '',
  ' ',
  '\0',
  '..',
  '../x',
  'é'.repeat(90),
  'a'.repeat(5000),
  '\ud800',
  '__proto__',
  'gate',
  '2026-02-31T25:00:00Z',
  '9999-12-31T23:59:59.999999999+23:59',
  'rtsp://a:b@[::1]:99999/\u2028',
  [],
  {},
  [[[[]]]],
  { a: { b: 1 } },
];
const KEYS = ['__proto__', 'constructor', 'toString', 'id', 'camera', 'version', '', 'x'.repeat(300)];

type Branch = Record<string, unknown> | unknown[];

/** Turns any bytes into a JSON value: one of the bases with changes at places and of kinds that the bytes choose. */
export function jsonFrom(input: Buffer, bases: readonly unknown[]): unknown {
  let at = 0;
  const next = (below: number): number => (below === 0 ? 0 : (input[at++] ?? 0) % below);
  // What JSON.parse gives: a key __proto__ is an ordinary one.
  let value = copy(bases[next(bases.length)]);
  while (at < Math.min(input.length, 64)) {
    const places = placesOf(value);
    const place = places[next(places.length)];
    if (!place) return VALUES[next(VALUES.length)];
    const kind = next(4);
    const hostile = copy(VALUES[next(VALUES.length)]);
    if (kind === 0) set(place.branch, place.key, hostile);
    else if (kind === 1) remove(place.branch, place.key);
    else if (kind === 2) set(place.branch, KEYS[next(KEYS.length)]!, hostile);
    else value = copy(repeated(value, place.key, next(50)));
  }
  return value;
}

function copy(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function placesOf(value: unknown): { branch: Branch; key: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  const branch = value as Branch;
  return Object.keys(branch).flatMap((key) => [{ branch, key }, ...placesOf((branch as Record<string, unknown>)[key])]);
}

function set(branch: Branch, key: string, value: unknown): void {
  if (Array.isArray(branch)) branch.push(value);
  else Object.defineProperty(branch, key, { value, enumerable: true, configurable: true, writable: true });
}

function remove(branch: Branch, key: string): void {
  if (Array.isArray(branch)) branch.splice(Number(key), 1);
  else delete branch[key];
}

/** Lists with that name get many members. */
function repeated(value: unknown, key: string, times: number): unknown {
  if (Array.isArray(value))
    return value.length === 0 ? value : Array.from({ length: times + 1 }, (_, n) => value[n % value.length]);
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, name === key ? repeated(member, '', times) : member]),
  );
}
