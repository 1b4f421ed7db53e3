/** What an index says about a file, by name. */
export type Facts = Readonly<Record<string, unknown>>;

/** One file of a corpus with what has to be read out of it. */
export interface CorpusEntry {
  readonly file: string;
  readonly kind: string;
  readonly expect: Facts;
}

const SHOWN = 300;

/**
 * Every fact that the firmware states too must be the same. Facts that only one side knows are passed over; an expected null
 * stands for a fact that must not come out. Gives the mismatches in words.
 */
export function compare(where: string, expected: Facts, actual: Facts): string[] {
  return Object.keys(actual)
    .filter((key) => key in expected && expected[key] !== undefined && !same(key, expected[key], actual[key]))
    .map((key) => `${where}${key}: expected ${shown(expected[key])}, got ${shown(actual[key])}`);
}

/** Facts that remember which of them were looked at. */
export function watchFacts(facts: Facts): { facts: Facts; unread: () => string[]; isTouched: () => boolean } {
  const read = new Set<string>();
  const leaves: string[] = [];
  const watch = (value: unknown, path: string): unknown => {
    if (typeof value !== 'object' || value === null) {
      leaves.push(path);
      return value;
    }
    const children = new Map(Object.entries(value).map(([key, child]) => [key, watch(child, join(path, key))]));
    return new Proxy(value, {
      get: (target, key, receiver) => {
        if (typeof key !== 'string' || !children.has(key)) return Reflect.get(target, key, receiver) as unknown;
        read.add(join(path, key));
        return children.get(key);
      },
    });
  };
  /** A list of which some members were looked at counts as looked at. */
  const unread = (): string[] => {
    const seen = new Set(merged([...read]));
    return merged(leaves).filter((path) => !seen.has(path));
  };
  return { facts: watch(facts, '') as Facts, unread, isTouched: () => leaves.some((path) => read.has(path)) };
}

/** A fact as text, or undefined where it is none. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A fact as a list; one that is none counts as empty. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

/** Members of a list have one name. */
function merged(paths: readonly string[]): string[] {
  return [...new Set(paths.map((path) => path.replaceAll(/\.\d+(?=\.|$)/g, '[]')))];
}

function same(key: string, want: unknown, got: unknown): boolean {
  if (want === null) return got === undefined || got === null;
  if (key === 'vui_fps' && typeof got === 'number') return Math.abs(got - Number(want)) < 0.05;
  if (key === 'rfc6381') return bare(want) === bare(got);
  if (key === 'asc') return asText(want)?.toLowerCase() === asText(got)?.toLowerCase();
  return json(want) === json(got);
}

/** Trailing zero constraint bytes of an H.265 codec string may be written or not (ISO/IEC 14496-15 annex E). */
function bare(codec: unknown): string | undefined {
  return asText(codec)?.replace(/(?:\.0+)+$/, '');
}

function shown(value: unknown): string {
  return json(value).slice(0, SHOWN);
}

/** The order in which members were written says nothing. */
function json(value: unknown): string {
  const sorted = (_: string, member: unknown): unknown => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  return JSON.stringify(value, sorted) ?? 'nothing';
}
