/**
 * Which cameras go to which disks: pure. Every camera has homes, one for each of its copies, where it stays as long as they
 * are in the settings and of its group. While a home takes no recordings or had better be spared, another disk stands in.
 */

/** `avoid`: takes recordings only if no good one does: it is about to fail, say, or has no room to spare. */
export type Fitness = 'good' | 'avoid';

/** A disk as placement sees it. */
export interface Place {
  readonly id: string;
  readonly group: string;
  /** It takes recordings now. */
  readonly isReady: boolean;
  readonly fitness: Fitness;
  /** What recordings may take on it; undefined while nobody knows. */
  readonly roomBytes: number | undefined;
  /** The most that it has been seen to be able to write; Infinity while nobody knows. */
  readonly bytesPerS: number;
}

/** A camera as placement sees it. */
export interface Tenant {
  readonly id: string;
  /** Group of volumes that it is bound to; empty: any. */
  readonly group: string;
  readonly copies: number;
  readonly bytesPerS: number;
  /** Disks that have no room for it now. */
  readonly barred?: ReadonlySet<string>;
}

export interface Seat {
  /** Where the camera belongs, the first copy first. */
  readonly homes: readonly string[];
  /** Where its next segments go; fewer than its copies if no more disks take recordings. */
  readonly now: readonly string[];
  /** Some of that is outside its group. */
  readonly strays: boolean;
}

export interface PlacementOptions {
  /** A disk is new: cameras that crowd the others move there. */
  readonly levelOut?: boolean;
}

/** No disk is asked to write more than this share of what it can, as long as there are others. */
const BUSY_SHARE = 0.7;
/** A camera moves to a new disk only if its share there is so much smaller than where it was. */
const WORTH_MOVING = 0.8;

/** Seats for all cameras, in their order; those in `homes` keep what they have. Equal input gives equal seats. */
export function place(
  places: readonly Place[],
  tenants: readonly Tenant[],
  homes: ReadonlyMap<string, readonly string[]>,
  options: PlacementOptions = {},
): Map<string, Seat> {
  const belongs = new Load(places);
  const settled = new Map<string, string[]>();
  for (const tenant of tenants) {
    const kept = (homes.get(tenant.id) ?? []).filter((id) => isHome(places, tenant, id)).slice(0, tenant.copies);
    settled.set(tenant.id, kept);
    for (const id of kept) belongs.add(id, tenant.bytesPerS);
  }
  for (const tenant of tenants) findHomes(belongs, tenant, settled.get(tenant.id)!);
  if (options.levelOut) levelOut(belongs, tenants, settled);
  return seatAll(places, tenants, settled);
}

/** How much of what each disk can is asked of it. */
class Load {
  readonly places: readonly Place[];
  readonly #bytesPerS = new Map<string, number>();
  readonly #weights: readonly number[];

  constructor(places: readonly Place[]) {
    this.places = places;
    const isKnown = places.every(({ roomBytes }) => roomBytes !== undefined && roomBytes > 0);
    // Sizes count in steps of two, so that small differences decide nothing.
    this.#weights = places.map(({ roomBytes }) => (isKnown ? 2 ** Math.round(Math.log2(roomBytes!)) : 1));
  }

  add(id: string, bytesPerS: number): void {
    this.#bytesPerS.set(id, (this.#bytesPerS.get(id) ?? 0) + bytesPerS);
  }

  /** How full the disk would be of recordings compared with others, with so much more. */
  shareWith(index: number, bytesPerS: number): number {
    return ((this.#bytesPerS.get(this.places[index]!.id) ?? 0) + bytesPerS) / this.#weights[index]!;
  }

  isBusyWith(index: number, bytesPerS: number): boolean {
    const { id, bytesPerS: most } = this.places[index]!;
    return (this.#bytesPerS.get(id) ?? 0) + bytesPerS > most * BUSY_SHARE;
  }

  /** The best disk by rank (0 is best), then by share, then by order; those ranked Infinity never. */
  best(bytesPerS: number, rank: (place: Place, index: number) => number): string | undefined {
    let best: { id: string; rank: number; share: number } | undefined;
    for (const [index, each] of this.places.entries()) {
      const found = { id: each.id, rank: rank(each, index), share: this.shareWith(index, bytesPerS) };
      if (found.rank === Infinity) continue;
      const isBetter = !best || found.rank < best.rank || (found.rank === best.rank && found.share < best.share);
      if (isBetter) best = found;
    }
    return best?.id;
  }
}

function isHome(places: readonly Place[], tenant: Tenant, id: string): boolean {
  const found = places.find((each) => each.id === id);
  return found !== undefined && (inGroup(tenant, found) || !places.some((each) => inGroup(tenant, each)));
}

function inGroup({ group }: Tenant, place: Place): boolean {
  return group === '' || place.group === group;
}

/** Gives a camera the homes that it lacks. */
function findHomes(load: Load, tenant: Tenant, homes: string[]): void {
  const { bytesPerS } = tenant;
  while (homes.length < tenant.copies) {
    const id = load.best(bytesPerS, (each, index) => {
      if (homes.includes(each.id)) return Infinity;
      const busy = load.isBusyWith(index, bytesPerS) ? 1 : 0;
      return (inGroup(tenant, each) ? 0 : 8) + (each.fitness === 'good' ? 0 : 4) + (each.isReady ? 0 : 2) + busy;
    });
    if (id === undefined) return;
    homes.push(id);
    load.add(id, bytesPerS);
  }
}

/** Moves cameras one after another from where they crowd to where there is room, as long as that is worth while. */
function levelOut(load: Load, tenants: readonly Tenant[], settled: ReadonlyMap<string, string[]>): void {
  for (let moves = 0; moves < tenants.length; moves++) {
    const move = bestMove(load, tenants, settled);
    if (!move) return;
    const { tenant, copy, to } = move;
    const homes = settled.get(tenant.id)!;
    load.add(homes[copy]!, -tenant.bytesPerS);
    load.add(to, tenant.bytesPerS);
    homes[copy] = to;
  }
}

function bestMove(
  load: Load,
  tenants: readonly Tenant[],
  settled: ReadonlyMap<string, string[]>,
): { tenant: Tenant; copy: number; to: string } | undefined {
  const { places } = load;
  let best: { tenant: Tenant; copy: number; to: string; gain: number } | undefined;
  for (const tenant of tenants) {
    const homes = settled.get(tenant.id)!;
    for (const [copy, home] of homes.entries()) {
      const before = load.shareWith(
        places.findIndex(({ id }) => id === home),
        0,
      );
      for (const [index, each] of places.entries()) {
        if (homes.includes(each.id) || !isHome(places, tenant, each.id) || each.fitness !== 'good') continue;
        const after = load.shareWith(index, tenant.bytesPerS);
        const gain = before - after;
        if (after < before * WORTH_MOVING && (!best || gain > best.gain)) best = { tenant, copy, to: each.id, gain };
      }
    }
  }
  return best;
}

/** Where everybody goes now: home, if that takes recordings and need not be spared. */
function seatAll(
  places: readonly Place[],
  tenants: readonly Tenant[],
  settled: ReadonlyMap<string, readonly string[]>,
): Map<string, Seat> {
  const load = new Load(places);
  const now = new Map<string, string[]>();
  for (const tenant of tenants) {
    const there = settled
      .get(tenant.id)!
      .filter((id) => !tenant.barred?.has(id) && isFit(places.find((each) => each.id === id)!));
    now.set(tenant.id, there);
    for (const id of there) load.add(id, tenant.bytesPerS);
  }
  for (const tenant of tenants) findStandIns(load, tenant, settled.get(tenant.id)!, now.get(tenant.id)!);
  return new Map(
    tenants.map((tenant) => {
      const seated = now.get(tenant.id)!;
      const strays = seated.some(
        (id) =>
          !inGroup(
            tenant,
            places.find((each) => each.id === id)!,
          ),
      );
      return [tenant.id, { homes: settled.get(tenant.id)!, now: seated, strays }];
    }),
  );
}

function isFit({ isReady, fitness }: Place): boolean {
  return isReady && fitness === 'good';
}

function findStandIns(load: Load, tenant: Tenant, homes: readonly string[], now: string[]): void {
  const { bytesPerS } = tenant;
  while (now.length < tenant.copies) {
    const id = load.best(bytesPerS, (each, index) => {
      if (!each.isReady || tenant.barred?.has(each.id) || now.includes(each.id)) return Infinity;
      const atHome = homes.includes(each.id) ? 0 : 2;
      const busy = load.isBusyWith(index, bytesPerS) ? 1 : 0;
      return (each.fitness === 'good' ? 0 : 8) + (inGroup(tenant, each) ? 0 : 4) + atHome + busy;
    });
    if (id === undefined) return;
    now.push(id);
    load.add(id, bytesPerS);
  }
}
