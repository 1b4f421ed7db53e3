import * as z from 'zod';
import { notes } from './setting-notes.ts';

const ID = /^[a-z0-9-]{1,40}$/;
/** A reference to a thing with an id, or to none. */
export const ID_OR_NONE = /^[a-z0-9-]{0,40}$/;
export const MIB = 1024 * 1024;

export const id = (help: string) =>
  z
    .string()
    .regex(ID)
    .meta(notes({ title: 'Id', help }));

/** A text of one line that people read. Control and direction-changing characters would let it disguise itself in lists and logs. */
export const plainLine = (most: number) =>
  z
    .string()
    .trim()
    .max(most)
    .regex(/^[^\p{Cc}\u202a-\u202e\u2066-\u2069]*$/u);

export const name = (help: string, initial: string) =>
  plainLine(100)
    .default(initial)
    .meta(notes({ title: 'Name', help }));

export function uniqueIds(items: readonly { id: string }[]): boolean {
  return new Set(items.map((item) => item.id)).size === items.length;
}
