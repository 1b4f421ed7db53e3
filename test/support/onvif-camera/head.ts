/** The moving head of the simulated camera: where it looks, and how it gets there. Angles and zoom as ONVIF's generic spaces. */
export interface Place {
  readonly pan: number;
  readonly tilt: number;
  readonly zoom: number;
}

export interface Preset {
  readonly token: string;
  name: string;
  place: Place;
}

/** From one end to the other at full speed. */
const FULL_TRAVEL_MS = 4_000;
const HOME: Place = { pan: 0, tilt: 0, zoom: 0 };
const STILL = { pan: 0, tilt: 0, zoom: 0 };

export class Head {
  readonly presets = new Map<string, Preset>();
  home: Place = HOME;
  /** Every order as it came: "move", "stop", "goto"... with the place at that moment. */
  readonly orders: { readonly order: string; readonly atMs: number; readonly place: Place }[] = [];
  #from: Place = HOME;
  #speed: Place = STILL;
  #sinceMs = performance.now();
  #untilMs = Infinity;
  #nextToken = 1;

  get place(): Place {
    const elapsed = Math.min(performance.now(), this.#untilMs) - this.#sinceMs;
    const travel = (2 * Math.max(0, elapsed)) / FULL_TRAVEL_MS;
    const at = (from: number, speed: number, min: number): number => Math.min(1, Math.max(min, from + speed * travel));
    return {
      pan: at(this.#from.pan, this.#speed.pan, -1),
      tilt: at(this.#from.tilt, this.#speed.tilt, -1),
      zoom: at(this.#from.zoom, this.#speed.zoom / 2, 0),
    };
  }

  get moving(): boolean {
    const { pan, tilt, zoom } = this.#speed;
    return performance.now() < this.#untilMs && (pan !== 0 || tilt !== 0 || zoom !== 0);
  }

  move(speed: Partial<Place>, timeoutMs: number | undefined): void {
    this.#note('move');
    this.#set(this.place, { ...this.#speed, ...speed }, timeoutMs);
  }

  stop(): void {
    this.#note('stop');
    this.#set(this.place, STILL);
  }

  /** At once: what a test waits for is the order, not the motor. */
  goTo(place: Partial<Place>): void {
    this.#note('goto');
    const { pan, tilt, zoom } = { ...this.place, ...place };
    this.#set({ pan: within(pan, -1), tilt: within(tilt, -1), zoom: within(zoom, 0) }, STILL);
  }

  keep(name: string, token?: string): string {
    const known = token === undefined ? undefined : this.presets.get(token);
    const kept = known?.token ?? `P${this.#nextToken++}`;
    this.presets.set(kept, { token: kept, name, place: this.place });
    return kept;
  }

  #note(order: string): void {
    this.orders.push({ order, atMs: performance.now(), place: this.place });
  }

  #set(from: Place, speed: Place, timeoutMs?: number): void {
    this.#from = from;
    this.#speed = speed;
    this.#sinceMs = performance.now();
    this.#untilMs = timeoutMs === undefined ? Infinity : this.#sinceMs + timeoutMs;
  }
}

function within(value: number, min: number): number {
  return Math.min(1, Math.max(min, value));
}
