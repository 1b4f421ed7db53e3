import { signal } from '@preact/signals';
import { ask, BoxFault, boxNow, type Output } from '../../box/client.ts';
import type { Picture } from '../../media/picture.ts';
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
/** An order that is longer on its way is seen to lag behind the hand. */
const LAG_MS = 300;
const IRIS_STEP = 0.1;
const THUMBNAIL_WIDTH = 160;
/** A camera that was sent somewhere is looked after for so long, and a picture that came later than its arrival by this shows it. */
const ARRIVAL_MS = 20_000;
const SETTLED_MS = 700;

/**
 * One person steering one camera from this window. The newest wish counts; requests go one after the other, so that no move
 * overtakes the stop behind it. A lost mouse, a window that is left or hidden, and `end` are stops, too.
 */
export class Steering {
  readonly camera: string;
  readonly state = signal<PtzState | undefined>(undefined);
  readonly presets = signal<Output<'ptz.presets'>>([]);
  /** What presets look like: JPEGs in base64, by preset. */
  readonly pictures = signal<ReadonlyMap<string, string>>(new Map());
  /** What this window shows of the camera; undefined while it shows nothing. */
  eye: Pick<Picture, 'shownUs' | 'thumbnail'> | undefined;
  readonly fault = signal<Fault | undefined>(undefined);
  /** What is asked of the camera now, for the picture; undefined: to stand still. */
  readonly wish = signal<Vector | undefined>(undefined);
  /** How long the camera takes to do what is asked, in ms, while that is longer than a hand expects; else undefined. */
  readonly lagMs = signal<number | undefined>(undefined);
  /** Somebody has taken the camera from this window, and still steers it. */
  readonly isTaken = signal(false);
  /** How far the iris is open, 0 to 1, as this window has set it. */
  readonly iris = signal(0.5);
  /** A preset that is to be kept once its replacing is confirmed. */
  readonly keeps = signal<{ readonly preset: string; readonly name: string } | undefined>(undefined);
  #running = false;
  /** By the last that the box said. */
  #steered = false;
  #changed = Promise.withResolvers<void>();
  #look: ReturnType<typeof setInterval> | undefined;
  #over = new AbortController();
  #focusing: Promise<void> = Promise.resolve();
  /** Counted up by whatever moves the camera. */
  #moves = 0;

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
    const { mine, asked } = this.state.value?.steering ?? {};
    if (mine === true || asked === true) void this.do(() => ask('ptz.release', { camera: this.camera }));
  }

  /** Moves like this until something else is wished. */
  move(wish: Vector | undefined): void {
    if (wish === undefined && this.wish.value === undefined) return;
    this.wish.value = wish;
    this.#moves++;
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
      if (isTaken(error)) await this.#see();
      else this.fault.value = explain(error);
    }
  }

  /** Tells whoever steers that this one would like to. */
  askFor(): Promise<void> {
    return this.do(() => ask('ptz.ask', { camera: this.camera }));
  }

  /** Takes it from somebody whose role comes after. */
  take(): Promise<void> {
    return this.do(() => ask('ptz.take', { camera: this.camera }));
  }

  /** Leaves it to whoever asked first. */
  letGo(): Promise<void> {
    this.move(undefined);
    return this.do(async () => {
      await ask('ptz.release', { camera: this.camera });
      // Given, not taken.
      this.#steered = false;
    });
  }

  /** Somebody began or ended to steer it. */
  look(): void {
    void this.#see();
  }

  /** Begins to focus (-1 near, 1 far) or ends it (0); one after the other, so that the end comes last. */
  focus(focus: number): void {
    this.#focusing = this.#focusing.then(() => this.do(() => ask('ptz.lens', { camera: this.camera, focus })));
  }

  setIris(iris: number): void {
    this.iris.value = iris;
    void this.do(() => ask('ptz.lens', { camera: this.camera, iris }));
  }

  /** One step: -1 closes, 1 opens. */
  irisBy(step: number): void {
    const iris = Math.min(1, Math.max(0, this.iris.value + step * IRIS_STEP));
    this.setIris(Number(iris.toFixed(2)));
  }

  /** Where it looks becomes the preset of a key: one that is there only after a question, else a new one of that number. */
  wishToKeep(preset: { readonly preset: string; readonly name: string } | undefined, digit: string): void {
    if (preset) this.keeps.value = preset;
    else void this.keep(digit);
  }

  async goTo(preset?: string): Promise<void> {
    const move = ++this.#moves;
    const { camera } = this;
    await this.do(() => ask('ptz.goto', { camera, ...(preset === undefined ? {} : { preset }) }));
    if (preset !== undefined) void this.#lookAfter(move, preset);
  }

  /** Brings a point of the picture to its middle; -1 to 1 from there to the edges, right and up. */
  centre(x: number, y: number): Promise<void> {
    this.#moves++;
    return this.do(() => ask('ptz.centre', { camera: this.camera, x, y }));
  }

  keep(name: string, preset?: string): Promise<void> {
    return this.do(async () => {
      const { camera } = this;
      const kept = await ask('ptz.preset.set', { camera, name, ...(preset === undefined ? {} : { preset }) });
      await this.#show(kept.preset);
      await this.#readPresets();
    });
  }

  /** When a camera has come to a preset, and nobody has moved it meanwhile, what it shows is the picture of that preset. */
  async #lookAfter(move: number, preset: string): Promise<void> {
    const { signal: over } = this.#over;
    const isOff = (): boolean => over.aborted || this.#moves !== move || this.fault.value !== undefined;
    const end = performance.now() + ARRIVAL_MS;
    const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
    await pause();
    for (;;) {
      if (isOff() || performance.now() > end) return;
      await this.#see();
      if (this.state.value?.moving === false) break;
      await pause();
    }
    const arrivedUs = (boxNow() + SETTLED_MS) * 1000;
    while ((this.eye?.shownUs ?? 0) < arrivedUs) {
      if (isOff() || performance.now() > end) return;
      await pause();
    }
    if (!isOff()) await this.#show(preset).catch((error: unknown) => console.debug('picture of a preset', error));
  }

  /** What is on the screen is what the preset looks like. */
  async #show(preset: string): Promise<void> {
    const jpeg = this.eye?.thumbnail(THUMBNAIL_WIDTH);
    if (jpeg === undefined) return;
    await ask('ptz.preset.picture.set', { camera: this.camera, preset, jpeg });
    this.pictures.value = new Map([...this.pictures.value, [preset, jpeg]]);
  }

  async removePreset(preset: string): Promise<void> {
    await ask('ptz.preset.remove', { camera: this.camera, preset });
    this.pictures.value = new Map([...this.pictures.value].filter(([each]) => each !== preset));
    await this.#readPresets();
  }

  async #readPresets(): Promise<void> {
    const { camera } = this;
    this.presets.value = await ask('ptz.presets', { camera });
    for (const { preset } of this.presets.value) {
      if (this.pictures.value.has(preset) || this.#over.signal.aborted) continue;
      const { jpeg } = await ask('ptz.preset.picture', { camera, preset });
      if (jpeg !== undefined) this.pictures.value = new Map([...this.pictures.value, [preset, jpeg]]);
    }
  }

  async #see(): Promise<void> {
    try {
      const now = await ask('ptz.state', { camera: this.camera });
      const isOthers = now.steering?.mine === false;
      this.isTaken.value = isOthers && (this.#steered || this.isTaken.value);
      this.#steered = now.steering?.mine === true;
      this.state.value = now;
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
        await this.#order(wish);
        this.fault.value = undefined;
        if (this.wish.value !== wish) continue;
        await Promise.race([this.#changed.promise, new Promise((again) => setTimeout(again, AGAIN_MS))]);
      }
    } catch (error) {
      this.wish.value = undefined;
      // What moves is somebody else's, and who that is, is shown.
      refused = isTaken(error);
      if (!refused) this.fault.value = explain(error);
    }
    this.lagMs.value = undefined;
    if (!refused) await this.#stop();
    this.#running = false;
    if (this.wish.value !== undefined) void this.#run();
    else void this.#see();
  }

  async #order(wish: Vector): Promise<void> {
    const beganMs = performance.now();
    const late = setInterval(() => {
      this.lagMs.value = performance.now() - beganMs;
    }, LAG_MS);
    try {
      await ask('ptz.move', { camera: this.camera, ...wish, seconds: LIMIT_S });
    } finally {
      clearInterval(late);
    }
    this.#steered = true;
    const tookMs = performance.now() - beganMs;
    this.lagMs.value = tookMs > LAG_MS ? tookMs : undefined;
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

function isTaken(error: unknown): boolean {
  return error instanceof BoxFault && error.code === 'ptz.taken';
}
