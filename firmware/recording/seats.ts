import { isDeepStrictEqual } from 'node:util';
import { BoxError } from '../base/index.ts';
import type { Volume } from '../storage/index.ts';
import { place, type Place, type Seat, type Tenant } from './placement.ts';
import type { Homes } from './plan.ts';

export interface SeatsDeps {
  /** In the order of the settings. */
  tenants(): readonly Tenant[];
  places(): readonly Place[];
  ready(volume: string): Volume | undefined;
  /** Where cameras are at home has changed. */
  homes(homes: Homes): void;
  problem(camera: string, error: BoxError | undefined): void;
}

/** Who is recorded on which volumes, kept up to date with what comes and goes. */
export class Seats {
  readonly #deps: SeatsDeps;
  #homes: ReadonlyMap<string, readonly string[]>;
  #seats: ReadonlyMap<string, Seat> = new Map();
  readonly #complaints = new Map<string, string>();

  constructor(homes: Homes, deps: SeatsDeps) {
    this.#deps = deps;
    this.#homes = new Map(homes);
  }

  /** Cameras, volumes or their fitness are others now. `levelOut`: there is a new volume, which takes cameras off the others. */
  renew(options: { levelOut?: boolean } = {}): void {
    const tenants = this.#deps.tenants();
    this.#seats = place(this.#deps.places(), tenants, this.#homes, options);
    const homes = new Map([...this.#seats].map(([camera, seat]) => [camera, seat.homes]));
    if (!isDeepStrictEqual(homes, this.#homes)) {
      this.#homes = homes;
      this.#deps.homes([...homes]);
    }
    for (const tenant of tenants) this.#tellProblem(tenant, this.#seats.get(tenant.id)!);
    for (const camera of this.#complaints.keys()) if (!this.#seats.has(camera)) this.#complain(camera, undefined);
  }

  /**
   * Volumes that take recordings of the camera now, the best first: as many as it has copies, if there are so many besides
   * those that are left out.
   */
  pick(camera: string, leftOut: ReadonlySet<Volume>): readonly Volume[] {
    const tenant = this.#deps.tenants().find(({ id }) => id === camera);
    if (!tenant) return [];
    const picked: Volume[] = [];
    const add = (id: string): void => {
      const volume = this.#deps.ready(id);
      const isWanted = volume && !leftOut.has(volume) && !tenant.barred?.has(id) && !picked.includes(volume);
      if (isWanted && picked.length < tenant.copies) picked.push(volume);
    };
    for (const id of this.#seats.get(camera)?.now ?? []) add(id);
    // A disk has just failed, or is to be left out: the next best, as if it did not take recordings.
    if (picked.length < tenant.copies) for (const id of this.#standIns(tenant, leftOut)) add(id);
    return picked;
  }

  #standIns(tenant: Tenant, leftOut: ReadonlySet<Volume>): readonly string[] {
    const places = this.#deps.places().map((each) => {
      const volume = this.#deps.ready(each.id);
      return { ...each, isReady: volume !== undefined && !leftOut.has(volume) };
    });
    return place(places, this.#deps.tenants(), this.#homes).get(tenant.id)!.now;
  }

  #tellProblem({ id, copies, group }: Tenant, { now, strays }: Seat): void {
    if (now.length > 0 && strays) {
      this.#complain(id, new BoxError('recording.out-of-group', { camera: id, group, volumes: now }));
    } else if (now.length > 0 && now.length < copies) {
      this.#complain(id, new BoxError('recording.fewer-copies', { camera: id, volumes: now }));
    } else {
      this.#complain(id, undefined);
    }
  }

  #complain(camera: string, error: BoxError | undefined): void {
    const said = error && JSON.stringify(error.toJSON());
    if (this.#complaints.get(camera) === said) return;
    if (said === undefined) this.#complaints.delete(camera);
    else this.#complaints.set(camera, said);
    this.#deps.problem(camera, error);
  }
}
