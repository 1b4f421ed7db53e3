import { BoxError } from '../base/index.ts';

/** What steers a camera; `PtzControl` of the onvif room is one. */
export interface Steering {
  move(speed: PtzSpeed, signal: AbortSignal, limitMs?: number): Promise<void>;
  stop(): Promise<void>;
}

/** -1 to 1 for each axis; what is absent does not move. */
export interface PtzSpeed {
  readonly pan?: number;
  readonly tilt?: number;
  readonly zoom?: number;
}

/** Who steers. */
export interface Steerer {
  /** Of a person: one over all of their windows. */
  readonly name: string;
  /** The larger one takes the camera over. */
  readonly priority: number;
  /** Of the window or program that spoke: what it moves ends with it. Empty: of nobody who could be lost. */
  readonly session: string;
  /** False once the one who spoke is signed out, or may not steer this camera any more. */
  readonly present: () => boolean;
}

export interface Lease extends Pick<Steerer, 'name' | 'priority'> {
  readonly camera: string;
  readonly sinceUs: number;
  /** When others may steer, if no other word comes. */
  readonly untilUs: number;
  readonly moving: boolean;
  /** Who would like to steer next, the first one first. */
  readonly asks: readonly Wish[];
}

export interface Wish extends Pick<Steerer, 'name' | 'priority'> {
  readonly sinceUs: number;
}

export interface PtzDeskOptions {
  readonly steering: (camera: string) => Promise<Steering>;
  readonly nowUs: () => number;
  readonly failed: (camera: string, error: unknown) => void;
}

/** Whoever has steered keeps the camera for so long after the last word; a higher priority takes it at once. */
const HOLD_MS = 30_000;
/** So long somebody waits for an answer, and so many at a camera. */
const ASK_MS = 60_000;
const MOST_ASKS = 8;
const TRIES = 3;
/** How often it is looked whether those who move something are still there. */
const WATCH_MS = 200;

interface Held extends Pick<Steerer, 'name' | 'priority'> {
  readonly sinceUs: number;
  /** Through which of their windows they spoke last. */
  by: Steerer;
  untilUs: number;
  moving: boolean;
  timer: NodeJS.Timeout | undefined;
  readonly asks: Map<string, { readonly who: Steerer; readonly sinceUs: number }>;
}

/**
 * Who steers which camera. Whatever happens to the one who steers (a lost mouse, a lost connection, a closed page), a move ends:
 * it is a lease that runs out here in the box, and the camera is told to stop.
 */
export class PtzDesk {
  readonly #options: PtzDeskOptions;
  readonly #held = new Map<string, Held>();
  #watch: NodeJS.Timeout | undefined;

  constructor(options: PtzDeskOptions) {
    this.#options = options;
  }

  /** Who steers now; undefined if nobody does. */
  lease(camera: string): Lease | undefined {
    const held = this.#held.get(camera);
    if (!held) return undefined;
    const isOver = held.untilUs <= this.#options.nowUs() || !held.by.present();
    if (isOver && !held.moving) return undefined;
    const { name, priority, sinceUs, untilUs, moving } = held;
    const asks = this.#waiting(held).map(({ who, sinceUs: since }) => ({
      name: who.name,
      priority: who.priority,
      sinceUs: since,
    }));
    return { camera, name, priority, sinceUs, untilUs, moving, asks };
  }

  /** Takes the camera, or keeps it. @throws BoxError ptz.taken while somebody of the same or a higher priority steers */
  claim(camera: string, who: Steerer): void {
    const nowUs = this.#options.nowUs();
    const lease = this.lease(camera);
    const isOther = lease !== undefined && lease.name !== who.name;
    if (isOther && lease.priority >= who.priority) throw new BoxError('ptz.taken', { camera, by: lease.name });
    const before = this.#held.get(camera);
    const held = before?.name === who.name ? before : undefined;
    if (held) {
      held.untilUs = nowUs + HOLD_MS * 1000;
      held.by = who;
    } else {
      // The one before has a move under way that is nobody's any more: the new word replaces it.
      clearTimeout(before?.timer);
      this.#give(camera, who, lease ? before : undefined);
    }
  }

  /**
   * Takes the camera, or keeps it, for something that is no move: what another one was moving stops.
   * Rejects with ptz.taken, or with what the camera says.
   */
  async take(camera: string, who: Steerer): Promise<void> {
    const before = this.#held.get(camera);
    this.claim(camera, who);
    if (before?.moving === true && before.name !== who.name) await this.stop(camera);
  }

  /** Says to the one who steers that another would like to; where nobody steers, that one does. False: it has to be waited for. */
  ask(camera: string, who: Steerer): boolean {
    const lease = this.lease(camera);
    if (!lease || lease.name === who.name) {
      this.claim(camera, who);
      return true;
    }
    const held = this.#held.get(camera)!;
    const waiting = this.#waiting(held);
    if (waiting.some((each) => each.who.name === who.name)) return false;
    if (waiting.length >= MOST_ASKS) throw new BoxError('ptz.taken', { camera, by: lease.name });
    held.asks.set(who.name, { who, sinceUs: this.#options.nowUs() });
    return false;
  }

  #give(camera: string, who: Steerer, before: Held | undefined): void {
    const { name, priority } = who;
    const sinceUs = this.#options.nowUs();
    const asks = new Map(before?.asks);
    asks.delete(name);
    const untilUs = sinceUs + HOLD_MS * 1000;
    this.#held.set(camera, { name, priority, by: who, sinceUs, untilUs, moving: false, timer: undefined, asks });
  }

  /** Who waits for it and is still there. */
  #waiting(held: Held): readonly { readonly who: Steerer; readonly sinceUs: number }[] {
    const oldestUs = this.#options.nowUs() - ASK_MS * 1000;
    for (const [name, { who, sinceUs }] of held.asks) {
      if (sinceUs <= oldestUs || !who.present()) held.asks.delete(name);
    }
    return [...held.asks.values()];
  }

  /** Nobody's any more, or of the first who waits for it. */
  #pass(camera: string, held: Held): void {
    const [next] = this.#waiting(held);
    if (next) this.#give(camera, next.who, held);
    else this.#held.delete(camera);
  }

  /** Moves until `stop`, another move, or `ms` without another word. Rejects with ptz.taken, or with what the camera says. */
  async move(camera: string, who: Steerer, speed: PtzSpeed, ms: number): Promise<void> {
    this.claim(camera, who);
    const steering = await this.#options.steering(camera);
    // Released or taken meanwhile.
    const held = this.#held.get(camera);
    if (held?.name !== who.name) throw new BoxError('ptz.taken', { camera, by: held?.name });
    // The camera's own limit is a second safeguard, should the box die meanwhile.
    await this.begin(camera, who, ms, () => steering.move(speed, AbortSignal.timeout(10_000), ms + 1000));
  }

  /** Anything that goes on until `stop`, as `move` does. */
  async begin(camera: string, who: Steerer, ms: number, act: () => Promise<void>): Promise<void> {
    if (!who.present()) throw new BoxError('control.not-signed-in');
    this.claim(camera, who);
    const held = this.#held.get(camera)!;
    clearTimeout(held.timer);
    held.moving = true;
    held.timer = setTimeout(() => void this.#end(camera, held), ms);
    this.#watch ??= setInterval(() => this.#look(), WATCH_MS);
    await act();
  }

  /** Anybody who may steer may stop: a move that nobody wants is never protected. */
  async stop(camera: string): Promise<void> {
    const held = this.#held.get(camera);
    clearTimeout(held?.timer);
    await this.#tell(camera);
    if (held) held.moving = false;
  }

  /** Whoever steered lets go: what they moved stops, and the first who asked steers; without one, others may at once. Nor do they wait any more. */
  async release(name: string, camera?: string): Promise<void> {
    for (const [id, { asks }] of this.#held) if (camera === undefined || id === camera) asks.delete(name);
    const theirs = [...this.#held].filter(
      ([id, held]) => held.name === name && (camera === undefined || id === camera),
    );
    await Promise.all(
      theirs.map(async ([id, held]) => {
        if (held.moving) await this.stop(id);
        // Taken over meanwhile, it is not theirs to give.
        if (this.#held.get(id) === held) this.#pass(id, held);
      }),
    );
  }

  /** A window is gone, however that happened: what it moved stops, and others may steer at once. Another window of it asks again. */
  lost(session: string): void {
    if (session === '') return;
    for (const [camera, held] of this.#held) {
      for (const [name, { who }] of held.asks) if (who.session === session) held.asks.delete(name);
      if (held.by.session === session) void this.#drop(camera, held);
    }
  }

  /** Everything stops. */
  async close(): Promise<void> {
    clearInterval(this.#watch);
    await Promise.all(
      [...this.#held].filter(([, held]) => held.moving).map(([camera, held]) => this.#end(camera, held)),
    );
  }

  /** Whoever was signed out, or has lost the right, moves nothing from then on, whatever time the move has left. */
  #look(): void {
    const moving = [...this.#held].filter(([, held]) => held.moving);
    for (const [camera, held] of moving) if (!held.by.present()) void this.#drop(camera, held);
    if (moving.length > 0) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  async #drop(camera: string, held: Held): Promise<void> {
    this.#pass(camera, held);
    if (held.moving) await this.#end(camera, held);
  }

  async #end(camera: string, held: Held): Promise<void> {
    clearTimeout(held.timer);
    try {
      await this.#tell(camera);
    } catch (error) {
      this.#options.failed(camera, error);
    }
    held.moving = false;
  }

  /** A stop that is lost on the way leaves a camera turning: it is told again. */
  async #tell(camera: string): Promise<void> {
    const steering = await this.#options.steering(camera);
    for (let tries = 1; ; tries++) {
      try {
        await steering.stop();
        return;
      } catch (error) {
        if (tries === TRIES) throw error;
      }
    }
  }
}
