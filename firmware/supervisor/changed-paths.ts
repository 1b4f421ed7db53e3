import { isDeepStrictEqual } from 'node:util';

const MAX_PATHS = 40;

/** The settings that differ, by their paths and never by their values: `cameras[front].mode`, `notices.email`. */
export function changedPaths(before: unknown, after: unknown): string[] {
  const paths: string[] = [];
  compare(before, after, '', paths);
  return paths.length > MAX_PATHS ? [...paths.slice(0, MAX_PATHS), '...'] : paths;
}

function compare(before: unknown, after: unknown, path: string, paths: string[]): void {
  if (paths.length > MAX_PATHS || isDeepStrictEqual(before, after)) return;
  const [one, other] = [membersOf(before), membersOf(after)];
  if (!one || !other || Array.isArray(before) !== Array.isArray(after)) {
    paths.push(path);
    return;
  }
  for (const key of new Set([...one.keys(), ...other.keys()])) {
    const member = Array.isArray(after) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    compare(one.get(key), other.get(key), member, paths);
  }
}

/** Items of a list by their ids. Undefined if there is nothing to go into. */
function membersOf(value: unknown): Map<string, unknown> | undefined {
  if (Array.isArray(value)) {
    const items = value as { readonly id?: unknown }[];
    if (!items.every((item) => typeof item?.id === 'string')) return undefined;
    return new Map(items.map((item) => [String(item.id), item]));
  }
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined;
}
