import t from 'tap';
import { place, type Place, type Tenant } from '../../firmware/recording/placement.ts';

const NOBODY: ReadonlyMap<string, readonly string[]> = new Map();
const TB = 1e12;

function disks(...given: (Partial<Place> & { id: string })[]): Place[] {
  return given.map((each) => ({
    group: 'default',
    isReady: true,
    fitness: 'good',
    roomBytes: TB,
    bytesPerS: Infinity,
    ...each,
  }));
}

function cameras(count: number, more: Partial<Tenant> = {}): Tenant[] {
  return Array.from({ length: count }, (_, i) => ({ id: `c${i}`, group: '', copies: 1, bytesPerS: 5e5, ...more }));
}

function counts(seats: ReturnType<typeof place>, what: 'homes' | 'now' = 'now'): Record<string, number> {
  const found: Record<string, number> = {};
  for (const seat of seats.values()) for (const id of seat[what]) found[id] = (found[id] ?? 0) + 1;
  return found;
}

const homesOf = (seats: ReturnType<typeof place>): Map<string, readonly string[]> =>
  new Map([...seats].map(([id, { homes }]) => [id, homes]));

t.test('equal disks get equal shares, in turn, and the same each time', async (t) => {
  const places = disks({ id: 'a' }, { id: 'b' }, { id: 'c' });
  const seats = place(places, cameras(7), NOBODY);
  t.same(
    [...seats.values()].map(({ now }) => now[0]),
    ['a', 'b', 'c', 'a', 'b', 'c', 'a'],
  );
  t.same(place(places, cameras(7), NOBODY), seats);
  t.same(place(places, cameras(7), homesOf(seats)), seats, 'who has a home stays');
});

t.test('who has a home stays there, whatever the others weigh', async (t) => {
  const places = disks({ id: 'a' }, { id: 'b' });
  const heavy = cameras(4).map((each, i) => ({ ...each, bytesPerS: i < 2 ? 5e6 : 1e5 }));
  const homes = new Map(heavy.map(({ id }) => [id, ['a']]));
  t.same(counts(place(places, heavy, homes)), { a: 4 });
  const [, , , , next] = [...place(places, [...heavy, ...cameras(5).slice(4)], homes).values()];
  t.same(next!.homes, ['b'], 'a new one goes where there is room');
});

t.test('larger disks get more, busy ones less', async (t) => {
  t.same(counts(place(disks({ id: 'small' }, { id: 'large', roomBytes: 3.7 * TB }), cameras(10), NOBODY)), {
    small: 2,
    large: 8,
  });
  t.same(counts(place(disks({ id: 'a', roomBytes: 0.9 * TB }, { id: 'b', roomBytes: 1.1 * TB }), cameras(4), NOBODY)), {
    a: 2,
    b: 2,
  });
  const slow = disks({ id: 'slow', bytesPerS: 1e6 }, { id: 'b' });
  t.same(counts(place(slow, cameras(6), NOBODY)), { slow: 1, b: 5 });
});

t.test('the cameras of a disk that is away are spread over all others, and go home when it is back', async (t) => {
  const all = disks({ id: 'a' }, { id: 'b' }, { id: 'c' });
  const before = place(all, cameras(12), NOBODY);
  const away = all.map((each) => (each.id === 'b' ? { ...each, isReady: false } : each));
  const meanwhile = place(away, cameras(12), homesOf(before));
  t.same(counts(meanwhile), { a: 6, c: 6 });
  t.same(counts(meanwhile, 'homes'), { a: 4, b: 4, c: 4 });
  for (const [id, { now }] of before) if (now[0] !== 'b') t.same(meanwhile.get(id)!.now, now, `${id} is not touched`);
  t.same(place(all, cameras(12), homesOf(meanwhile)), before);
});

t.test('a disk to be spared is used only when there is no other', async (t) => {
  const places = disks({ id: 'a', fitness: 'avoid' }, { id: 'b' });
  const homes = new Map([['c0', ['a']]]);
  const [seat] = [...place(places, cameras(1), homes).values()];
  t.match(seat, { homes: ['a'], now: ['b'] });
  const alone = places.map((each) => (each.id === 'b' ? { ...each, isReady: false } : each));
  t.same(place(alone, cameras(1), homes).get('c0')!.now, ['a']);
  const none = places.map((each) => ({ ...each, isReady: false }));
  t.same(place(none, cameras(1), homes).get('c0')!.now, []);
});

t.test('a camera of a group stays in it as long as one of its disks is fit', async (t) => {
  const places = disks({ id: 'a' }, { id: 'b', group: 'inner' }, { id: 'c', group: 'inner' });
  const [bound] = cameras(1, { group: 'inner' });
  const seat = (given: readonly Place[]): unknown => place(given, [bound!], NOBODY).get('c0');
  t.match(seat(places), { homes: ['b'], now: ['b'], strays: false });
  const one = places.map((each) => (each.id === 'b' ? { ...each, isReady: false } : each));
  t.match(place(one, [bound!], new Map([['c0', ['b']]])).get('c0'), { homes: ['b'], now: ['c'], strays: false });
  const none = places.map((each) => ({ ...each, isReady: each.group !== 'inner' }));
  t.match(place(none, [bound!], new Map([['c0', ['b']]])).get('c0'), { homes: ['b'], now: ['a'], strays: true });
  const unfit = places.map((each): Place => (each.group === 'inner' ? { ...each, fitness: 'avoid' } : each));
  t.match(place(unfit, [bound!], new Map([['c0', ['b']]])).get('c0'), { now: ['a'], strays: true });
  t.match(seat(disks({ id: 'a' })), { homes: ['a'], now: ['a'], strays: true }, 'a group without disks');
  const moved = place(places, [bound!], new Map([['c0', ['a']]])).get('c0');
  t.same(moved!.homes, ['b'], 'a home outside the group is none');
});

t.test('two copies never share a disk', async (t) => {
  const places = disks({ id: 'a' }, { id: 'b' }, { id: 'c' });
  const seats = place(places, cameras(6, { copies: 2 }), NOBODY);
  for (const [id, { now }] of seats) t.equal(new Set(now).size, 2, id);
  t.same(counts(seats), { a: 4, b: 4, c: 4 });
  const one = places.map((each) => ({ ...each, isReady: each.id === 'c' }));
  t.same(counts(place(one, cameras(6, { copies: 2 }), homesOf(seats))), { c: 6 });
});

t.test('a new disk takes cameras off the others until all have their share, and no more', async (t) => {
  const before = place(disks({ id: 'a' }, { id: 'b' }), cameras(8), NOBODY);
  const places = disks({ id: 'a' }, { id: 'b' }, { id: 'c' });
  t.same(counts(place(places, cameras(8), homesOf(before))), { a: 4, b: 4 }, 'not by itself');
  const after = place(places, cameras(8), homesOf(before), { levelOut: true });
  t.same(counts(after, 'homes'), { a: 3, b: 3, c: 2 });
  t.same(place(places, cameras(8), homesOf(after), { levelOut: true }), after, 'and then all stay');
});

t.test('a volume that has left the settings is nobody’s home', async (t) => {
  const before = place(disks({ id: 'a' }, { id: 'b' }), cameras(4), NOBODY);
  const after = place(disks({ id: 'b' }), cameras(4), homesOf(before));
  t.same(counts(after, 'homes'), { b: 4 });
});
