import { signal } from '@preact/signals';
import { ask, BoxFault, type Output } from '../../box/client.ts';
import { explain, type Fault } from '../../parts/fault.tsx';

export type PtzState = Output<'ptz.state'>;
export interface Vector {
  readonly pan?: number;
  readonly tilt?: number;
  readonly zoom?: number;
}

/** A move is asked for again so often, and ends in the box by itself if it is not asked for any more. */
const AGAIN_MS = 600;
const LIMIT_S = 2;
const LOOK_MS = 2000;
const STOP_TRIES = 3;

/**
 * One person steering one camera from this window. The newest wish counts; requests go one after the other, so that no move
 * overtakes the stop behind it. A lost mouse, a window that is left or hidden, and `end` are stops, too.
 */
export class Steering {
  readonly camera: string;
  readonly state = signal<PtzState | undefined>(undefined);
  readonly presets = signal<Output<'ptz.presets'>>([]);
  readonly fault = signal<Fault | undefined>(undefined);
  /** What is asked of the camera now, for the picture; undefined: to stand still. */
  readonly wish = signal<Vector | undefined>(undefined);
  #running = false;
  #changed = Promise.withResolvers<void>();
  #look: ReturnType<typeof setInterval> | undefined;
  #over = new AbortController();
  #focusing: Promise<void> = Promise.resolve();

  constructor(camera: string) {
    this.camera = camera;
  }

  begin(): void {
    this.#over = new AbortController();
    const { signal: ends } = this.#over;
    const stop = (): void => this.move(undefined);
    addEventListener('blur', stop, { signal: ends });
    addEventListener('pagehide', stop, { signal: ends });
    document.addEventListener('visibilitychange', () => document.hidden && stop(), { signal: ends });
    this.#look = setInterval(() => void this.#see(), LOOK_MS);
    void this.#see();
    void this.do(async () => this.#readPresets());
  }

  /** What moves stops, and others may steer at once. */
  end(): void {
    clearInterval(this.#look);
    this.#over.abort();
    this.move(undefined);
    if (this.state.value?.steering?.mine === true) void this.do(() => ask('ptz.release', { camera: this.camera }));
  }

  /** Moves like this until something else is wished. */
  move(wish: Vector | undefined): void {
    if (wish === undefined && this.wish.value === undefined) return;
    this.wish.value = wish;
    this.#changed.resolve();
    if (!this.#running) void this.#run();
  }

  /** Anything else that is asked of the camera; what is wrong is shown. */
  async do(act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
      this.fault.value = undefined;
      await this.#see();
    } catch (error) {
      this.fault.value = explain(error);
    }
  }

  /** Begins to focus (-1 near, 1 far) or ends it (0); one after the other, so that the end comes last. */
  focus(focus: number): void {
    this.#focusing = this.#focusing.then(() => this.do(() => ask('ptz.lens', { camera: this.camera, focus })));
  }

  goTo(preset?: string): Promise<void> {
    return this.do(() => ask('ptz.goto', { camera: this.camera, ...(preset === undefined ? {} : { preset }) }));
  }

  keep(name: string, preset?: string): Promise<void> {
    return this.do(async () => {
      await ask('ptz.preset.set', { camera: this.camera, name, ...(preset === undefined ? {} : { preset }) });
      await this.#readPresets();
    });
  }

  async removePreset(preset: string): Promise<void> {
    await ask('ptz.preset.remove', { camera: this.camera, preset });
    await this.#readPresets();
  }

  async #readPresets(): Promise<void> {
    this.presets.value = await ask('ptz.presets', { camera: this.camera });
  }

  async #see(): Promise<void> {
    try {
      this.state.value = await ask('ptz.state', { camera: this.camera });
    } catch (error) {
      this.fault.value = explain(error);
    }
  }

  async #run(): Promise<void> {
    this.#running = true;
    let refused = false;
    try {
      for (let wish = this.wish.value; wish !== undefined; wish = this.wish.value) {
        this.#changed = Promise.withResolvers();
        await ask('ptz.move', { camera: this.camera, ...wish, seconds: LIMIT_S });
        this.fault.value = undefined;
        if (this.wish.value !== wish) continue;
        await Promise.race([this.#changed.promise, new Promise((again) => setTimeout(again, AGAIN_MS))]);
      }
    } catch (error) {
      this.wish.value = undefined;
      this.fault.value = explain(error);
      // What moves is somebody else's.
      refused = error instanceof BoxFault && error.code === 'ptz.taken';
    }
    if (!refused) await this.#stop();
    this.#running = false;
    if (this.wish.value !== undefined) void this.#run();
    else void this.#see();
  }

  /** A stop that is lost on the way is told again; then the box's own limit ends the move. */
  async #stop(): Promise<void> {
    for (let tries = 1; tries <= STOP_TRIES; tries++) {
      try {
        await ask('ptz.stop', { camera: this.camera });
        return;
      } catch (error) {
        if (tries === STOP_TRIES) this.fault.value ??= explain(error);
      }
    }
  }
}
