import { signal } from '@preact/signals';
import { ask } from '../../box/client.ts';
import { me } from '../../box/session.ts';
import { keep, kept } from '../../shell/kept.ts';
import { go } from '../../shell/route.ts';

/** Numbers of tiles; with 6 and 8, the first is large. */
export const SIZES = [1, 4, 6, 8, 9, 16] as const;
/** What a wall of so many tiles is called, and how many fit beside each other. */
export const LAYOUTS: Readonly<Record<number, { readonly label: string; readonly columns: number }>> = {
  1: { label: '1', columns: 1 },
  4: { label: '4', columns: 2 },
  6: { label: '1+5', columns: 3 },
  8: { label: '1+7', columns: 4 },
  9: { label: '9', columns: 3 },
  16: { label: '16', columns: 4 },
};
/** A wall as somebody has laid it out: so many tiles beside and below each other, the first as wide and high as `large` of them. */
export interface Layout {
  readonly columns: number;
  readonly rows: number;
  readonly large: number;
}
export const MOST_SIDE = 8;

export function placesOf({ columns, rows, large }: Layout): number {
  return columns * rows - large * large + 1;
}

export function columnsOf({ size, layout }: Pick<View, 'size' | 'layout'>): number {
  return layout?.columns ?? LAYOUTS[size]?.columns ?? 1;
}

const EVEN_SIZES = [1, 4, 9, 16];

/** What hangs on the wall. `cameras` has one entry for each place; the empty text is an empty place. */
export interface View {
  readonly name: string;
  readonly size: number;
  readonly cameras: readonly string[];
  /** Absent: one of `LAYOUTS`, by its size. */
  readonly layout?: Layout | undefined;
}

export interface NamedView extends View {
  readonly id: string;
  /** The box's, for everybody; false: one's own. */
  readonly shared: boolean;
}

/** The wall as it is now; undefined until the cameras are known. */
export const wall = signal<View | undefined>(undefined);
/** Those of the box, then one's own; each by name. */
export const views = signal<readonly NamedView[]>([]);

const keyOf = (what: string): string => `${what}.${me.peek()?.name ?? ''}`;

function isView(value: unknown): value is View {
  const { name, size, cameras, layout } = (value ?? {}) as Partial<View>;
  const known = typeof name === 'string' && Array.isArray(cameras) && isLaidOut({ size: size ?? 0, layout });
  return known && cameras.every((each) => typeof each === 'string');
}

function isLaidOut({ size, layout }: Pick<View, 'size' | 'layout'>): boolean {
  return layout ? placesOf(layout) === size : SIZES.some((each) => each === size);
}

function read(what: string): unknown {
  try {
    return JSON.parse(kept(keyOf(what)) ?? 'null');
  } catch {
    return null;
  }
}

/**
 * As this user left it on this computer, or with the first cameras there are. `id`: the named view that the address wants. Resolves
 * when the named views are known.
 */
export async function openWall(cameras: readonly string[], id: string | undefined): Promise<void> {
  const last = read('wall');
  const size = EVEN_SIZES.find((each) => each >= cameras.length) ?? 16;
  if (id === undefined) wall.value = isView(last) ? last : { name: '', size, cameras: filled(cameras, size) };
  await lookForViews();
  const wanted = views.peek().find((view) => view.id === id);
  if (wanted) wall.value = wanted;
  else wall.value ??= { name: '', size, cameras: filled(cameras, size) };
}

export async function lookForViews(): Promise<void> {
  const found = await ask('views.list', {});
  views.value = found
    .map(({ places, ...view }) => ({ ...view, size: places, cameras: filled(view.cameras, places) }))
    .filter(isLaidOut)
    .toSorted((one, other) => Number(other.shared) - Number(one.shared) || one.name.localeCompare(other.name));
}

function filled(cameras: readonly string[], size: number): string[] {
  return Array.from({ length: size }, (_, place) => cameras[place] ?? '');
}

function set(next: View): void {
  wall.value = next;
  keep(keyOf('wall'), JSON.stringify(next));
}

/** More places are filled with cameras that are not there yet; fewer keep the first. */
export function resize(size: number, all: readonly string[], layout?: Layout): void {
  const now = wall.peek();
  if (!now || (now.size === size && !now.layout && !layout)) return;
  const kept = now.cameras.filter(Boolean);
  const rest = all.filter((camera) => !kept.includes(camera));
  const cameras = size < now.size ? filled(kept, size) : filled([...now.cameras, ...rest], size);
  set({ ...now, size, cameras, layout });
}

/** Puts a camera in a place. What was there goes where the camera came from. */
export function place(camera: string, to: number): void {
  const now = wall.peek();
  if (!now) return;
  const cameras = [...now.cameras];
  const from = cameras.indexOf(camera);
  if (from >= 0) cameras[from] = cameras[to] ?? '';
  cameras[to] = camera;
  set({ ...now, cameras });
}

export function clearPlace(at: number): void {
  const now = wall.peek();
  if (now) set({ ...now, cameras: now.cameras.map((camera, place) => (place === at ? '' : camera)) });
}

/** Keeps what hangs now under a name. Rejects with BoxFault. */
export async function saveView(name: string, shared: boolean): Promise<void> {
  const now = wall.peek();
  if (!now) return;
  const { id } = await ask('views.save', {
    name,
    places: now.size,
    cameras: [...now.cameras],
    shared,
    layout: now.layout,
  });
  set({ ...now, name });
  await lookForViews();
  go(`/live/view/${id}`, { replace: true });
}

export function openView(id: string): void {
  const found = views.peek().find((each) => each.id === id);
  if (found) set({ name: found.name, size: found.size, cameras: found.cameras, layout: found.layout });
  if (found) go(`/live/view/${id}`, { replace: true });
}

/** Rejects with BoxFault. */
export async function dropView({ id, name }: NamedView): Promise<void> {
  await ask('views.remove', { id });
  await lookForViews();
  const now = wall.peek();
  if (now?.name === name) set({ ...now, name: '' });
  go('/live', { replace: true });
}
