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
  readonly untilUs: number;
  readonly moving: boolean;
}

export interface PtzDeskOptions {
  readonly steering: (camera: string) => Promise<Steering>;
  readonly nowUs: () => number;
  readonly failed: (camera: string, error: unknown) => void;
}

/** Whoever has steered keeps the camera for so long after the last word; a higher priority takes it at once. */
const HOLD_MS = 10_000;
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
    return { camera, name, priority, sinceUs, untilUs, moving };
  }

  /** Takes the camera, or keeps it. @throws BoxError ptz.taken while somebody of the same or a higher priority steers */
  claim(camera: string, who: Steerer): void {
    const nowUs = this.#options.nowUs();
    const lease = this.lease(camera);
    const isOther = lease !== undefined && lease.name !== who.name;
    if (isOther && lease.priority >= who.priority) throw new BoxError('ptz.taken', { camera, by: lease.name });
    const before = this.#held.get(camera);
    const held = before?.name === who.name ? before : undefined;
    const untilUs = nowUs + HOLD_MS * 1000;
    if (held) {
      held.untilUs = untilUs;
      held.by = who;
    } else {
      // The one before has a move under way that is nobody's any more: the new word replaces it.
      clearTimeout(before?.timer);
      const { name, priority } = who;
      this.#held.set(camera, { name, priority, by: who, sinceUs: nowUs, untilUs, moving: false, timer: undefined });
    }
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

  /** Whoever steered is gone: what they moved stops, and others may steer at once. */
  async release(name: string, camera?: string): Promise<void> {
    const theirs = [...this.#held].filter(
      ([id, held]) => held.name === name && (camera === undefined || id === camera),
    );
    await Promise.all(
      theirs.map(async ([id, held]) => {
        if (held.moving) await this.stop(id);
        this.#held.delete(id);
      }),
    );
  }

  /** A window is gone, however that happened: what it moved stops, and others may steer at once. Another window of it asks again. */
  lost(session: string): void {
    if (session === '') return;
    for (const [camera, held] of this.#held) if (held.by.session === session) void this.#drop(camera, held);
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
    this.#held.delete(camera);
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
