import { signal } from '@preact/signals';
import { me } from '../../box/session.ts';
import { keep, kept } from '../../shell/kept.ts';

export const SIZES = [1, 4, 9, 16] as const;
const MOST_VIEWS = 50;

/** What hangs on the wall. `cameras` has one entry for each place; the empty text is an empty place. */
export interface View {
  readonly name: string;
  readonly size: number;
  readonly cameras: readonly string[];
}

/** The wall as it is now; undefined until the cameras are known. */
export const wall = signal<View | undefined>(undefined);
export const views = signal<readonly View[]>([]);

const keyOf = (what: string): string => `${what}.${me.peek()?.name ?? ''}`;

function isView(value: unknown): value is View {
  const { name, size, cameras } = (value ?? {}) as Partial<View>;
  const known = typeof name === 'string' && Array.isArray(cameras) && SIZES.some((each) => each === size);
  return known && cameras.every((each) => typeof each === 'string');
}

function read(what: string): unknown {
  try {
    return JSON.parse(kept(keyOf(what)) ?? 'null');
  } catch {
    return null;
  }
}

/** As this user left it on this computer, or with the first cameras there are. */
export function openWall(cameras: readonly string[]): void {
  const found = read('views');
  views.value = Array.isArray(found) ? found.filter(isView) : [];
  const last = read('wall');
  const size = SIZES.find((each) => each >= cameras.length) ?? 16;
  wall.value = isView(last) ? last : { name: '', size, cameras: filled(cameras, size) };
}

function filled(cameras: readonly string[], size: number): string[] {
  return Array.from({ length: size }, (_, place) => cameras[place] ?? '');
}

function set(next: View): void {
  wall.value = next;
  keep(keyOf('wall'), JSON.stringify(next));
}

/** More places are filled with cameras that are not there yet; fewer keep the first. */
export function resize(size: number, all: readonly string[]): void {
  const now = wall.peek();
  if (!now || now.size === size) return;
  const kept = now.cameras.filter(Boolean);
  const rest = all.filter((camera) => !kept.includes(camera));
  const cameras = size < now.size ? filled(kept, size) : filled([...now.cameras, ...rest], size);
  set({ ...now, size, cameras });
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

export function saveView(name: string): void {
  const now = wall.peek();
  if (!now) return;
  const next = { ...now, name };
  set(next);
  views.value = [...views.value.filter((each) => each.name !== name), next].slice(-MOST_VIEWS);
  keep(keyOf('views'), JSON.stringify(views.value));
}

export function openView(name: string): void {
  const found = views.peek().find((each) => each.name === name);
  if (found) set(found);
}

export function dropView(name: string): void {
  views.value = views.value.filter((each) => each.name !== name);
  keep(keyOf('views'), JSON.stringify(views.value));
  const now = wall.peek();
  if (now?.name === name) set({ ...now, name: '' });
}
