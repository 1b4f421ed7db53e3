/** A camera, as far as people look for it. */
export interface Listed {
  readonly id: string;
  readonly name: string;
  readonly groups: readonly string[];
  readonly labels: readonly string[];
}

export interface CameraGroup<T> {
  /** Empty: of the cameras that are in no group. */
  readonly name: string;
  readonly cameras: readonly T[];
}

/** Those whose name, id, groups and labels together hold every word that is sought. */
export function foundAmong<T extends Listed>(cameras: readonly T[], sought: string): readonly T[] {
  const words = sought
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return cameras.filter(({ id, name, groups, labels }) => {
    const text = [name, id, ...groups, ...labels].join('\n').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Each camera once, under the first of its groups; groups as their first cameras stand in lists, what is in none comes last. */
export function grouped<T extends Listed>(cameras: readonly T[]): readonly CameraGroup<T>[] {
  const groups = new Map<string, T[]>();
  for (const camera of cameras) {
    const name = camera.groups[0] ?? '';
    const there = groups.get(name);
    if (there) there.push(camera);
    else groups.set(name, [camera]);
  }
  const all = [...groups].map(([name, own]) => ({ name, cameras: own }));
  return [...all.filter(({ name }) => name !== ''), ...all.filter(({ name }) => name === '')];
}
