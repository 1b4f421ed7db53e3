import { z } from 'zod';
import { BoxError } from '../base/index.ts';

const USUAL = 100;
export const MOST = 1000;

export interface Page {
  readonly items: unknown[];
  /** To be given as `cursor` for the page after this one; absent on the last. */
  readonly next?: string;
}

const Wish = z.object({
  limit: z.coerce.number().int().min(1).max(MOST).default(USUAL),
  cursor: z.string().max(1000).optional(),
});
const Cursor = z.object({ after: z.string().max(500), index: z.int().min(0) });

/** What a query says about paging. Throws control.bad-input. */
export function pageWish(query: Readonly<Record<string, unknown>>): { limit: number; cursor?: string | undefined } {
  const parsed = Wish.safeParse({ limit: query['limit'], cursor: query['cursor'] });
  if (parsed.success) return parsed.data;
  throw badInput(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`));
}

/**
 * One page of a list. The cursor names the last item of the page before, so that items which come or go in between are neither
 * shown twice nor left out; if that item itself is gone, its place in the list counts. Throws control.bad-input.
 */
export function pageOf(list: readonly unknown[], wish: { limit: number; cursor?: string | undefined }): Page {
  const start = wish.cursor === undefined ? 0 : startAfter(list, wish.cursor);
  const end = start + wish.limit;
  const items = list.slice(start, end);
  if (end >= list.length) return { items };
  const cursor = { after: identity(list[end - 1]), index: end };
  return { items, next: Buffer.from(JSON.stringify(cursor)).toString('base64url') };
}

function startAfter(list: readonly unknown[], text: string): number {
  let cursor;
  try {
    cursor = Cursor.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch (cause) {
    throw badInput(['cursor: must be one that the box gave'], cause);
  }
  const { after, index } = cursor;
  // Where it was is where it most likely still is.
  if (index > 0 && identity(list[index - 1]) === after) return index;
  const found = list.findIndex((item) => identity(item) === after);
  return found >= 0 ? found + 1 : Math.min(index, list.length);
}

/** What tells an item from the others of its list. */
function identity(item: unknown): string {
  if (typeof item !== 'object' || item === null) return String(item).slice(0, 500);
  const { id, volume, sequence, day, start, name } = item as Readonly<Record<string, string | number | undefined>>;
  if (sequence !== undefined) return `${volume}/${sequence}`;
  return String(id ?? start ?? day ?? name ?? '').slice(0, 500);
}

function badInput(faults: readonly string[], cause?: unknown): BoxError {
  return new BoxError('control.bad-input', { faults }, cause === undefined ? {} : { cause });
}
