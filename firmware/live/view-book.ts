import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { asBoxError, BoxError } from '../base/index.ts';
import { replaceFile } from '../config/index.ts';

const FILE = 'views.json';
/** Of one person, and of the box. */
const MOST_EACH = 50;

const record = z.strictObject({
  id: z.string().min(1),
  /** Name of the user whose view it is; empty: everybody's, the box's. */
  owner: z.string(),
  name: z.string(),
  places: z.int(),
  layout: z.strictObject({ columns: z.int(), rows: z.int(), large: z.int() }).optional(),
  /** Ids of cameras, one for each place; empty where nothing hangs. */
  cameras: z.array(z.string()),
});
const document = z.strictObject({ version: z.literal(1), views: z.array(record) });

/** A named arrangement of the live wall. */
export type WallView = z.output<typeof record>;

/**
 * Named views of the live wall: those of the box, and those that people keep for themselves. In memory, and durable in `views.json`
 * of the data folder; each change is whole or not at all, one after another.
 */
export class ViewBook {
  readonly #path: string;
  readonly #fault: BoxError | undefined;
  #views: readonly WallView[];
  #last: Promise<unknown> = Promise.resolve();

  private constructor(path: string, views: readonly WallView[], fault: BoxError | undefined) {
    this.#path = path;
    this.#views = views;
    this.#fault = fault;
  }

  /** A file that cannot be used is told to whoever saves a view, and not written over; the box does without it. */
  static async open(dataFolder: string): Promise<ViewBook> {
    const path = join(dataFolder, FILE);
    try {
      return new ViewBook(path, await read(path), undefined);
    } catch (error) {
      return new ViewBook(path, [], asBoxError(error, 'views.unreadable'));
    }
  }

  /** The box's, and those of this person; `undefined`: the box's alone. */
  list(owner: string | undefined): WallView[] {
    return this.#views.filter((view) => view.owner === '' || view.owner === owner);
  }

  /** Replaces the one with this id, or this owner and name. Rejects with views.too-many, views.unreadable or views.not-written. */
  save(view: WallView): Promise<void> {
    return this.#change((views) => {
      const others = views.filter(
        ({ id, owner, name }) => id !== view.id && !(owner === view.owner && name === view.name),
      );
      if (others.filter(({ owner }) => owner === view.owner).length >= MOST_EACH) {
        throw new BoxError('views.too-many', { most: MOST_EACH });
      }
      return [...others, view];
    });
  }

  /** Rejects with views.no-such-view if it is not there or somebody else's, and as `save` does. */
  remove(id: string, owner: string): Promise<void> {
    return this.#change((views) => {
      const left = views.filter((each) => each.id !== id || each.owner !== owner);
      if (left.length === views.length) throw new BoxError('views.no-such-view', { view: id });
      return left;
    });
  }

  /** Forgets the views of people who are no longer there. */
  async keepOnly(owners: readonly string[]): Promise<void> {
    const goes = ({ owner }: WallView): boolean => owner !== '' && !owners.includes(owner);
    if (this.#views.some(goes)) await this.#change((views) => views.filter((view) => !goes(view)));
  }

  #change(change: (views: readonly WallView[]) => readonly WallView[]): Promise<void> {
    const made = this.#last.then(async () => {
      if (this.#fault) throw this.#fault;
      const views = change(this.#views);
      try {
        await replaceFile(this.#path, `${JSON.stringify(document.parse({ version: 1, views }), undefined, 2)}\n`);
      } catch (error) {
        throw asBoxError(error, 'views.not-written');
      }
      this.#views = views;
    });
    // The failure belongs to whoever asked for this change, not to the next one.
    this.#last = made.catch(() => undefined);
    return made;
  }
}

async function read(path: string): Promise<WallView[]> {
  let text;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return parseViews(text, path);
}

/** What the text of the file says. Throws views.unreadable, which names `path`. */
export function parseViews(text: string, path: string): WallView[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BoxError('views.unreadable', { file: path, reason: 'it is not JSON' });
  }
  const checked = document.safeParse(value);
  if (checked.success) return checked.data.views;
  const faults = checked.error.issues.slice(0, 5).map((issue) => issue.path.map(String).join('.'));
  throw new BoxError('views.unreadable', { file: path, faults });
}
