import { batch, signal } from '@preact/signals';
import { boxNow } from '../box/client.ts';
import { boxClockMs, nextEpoch, send } from './media-line.ts';
import { Picture } from './picture.ts';

const TICK_MS = 40;
const SAY_MS = 100;
/** Seeks that follow each other faster than this wait: the newest wins. */
const SCRUB_MS = 150;
const KEYS_ONLY_ABOVE = 4;
/** Surely inside of a picture that begins at an instant. */
const WITHIN_US = 2000;
export const MOST_IN_STEP = 9;

/** One clock for several pictures: all show the same instant, at the same speed. Times are wall time in microseconds. */
export class PlayClock {
  readonly atUs = signal(0);
  readonly running = signal(false);
  readonly speed = signal(1);
  /** At now, live. */
  readonly live = signal(false);
  readonly waits = signal(false);
  readonly pictures = signal<readonly Picture[]>([]);
  readonly sounding = signal<string | undefined>(undefined);
  /** Counts up some times a second: for what is drawn of pictures that stand still. */
  readonly beat = signal(0);
  #at: number;
  #lastMs = performance.now();
  #saidMs = 0;
  #scrubbedMs = 0;
  #scrub: ReturnType<typeof setTimeout> | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** After a step the box sends nothing further until it is asked to. */
  #stepped = false;
  #stepping = false;

  constructor(atUs: number) {
    this.#at = atUs;
    this.atUs.value = atUs;
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#scrub);
    for (const picture of this.pictures.peek()) picture.stop();
    this.pictures.value = [];
  }

  /** Those that stay go on; new ones join at the instant of the clock. */
  show(cameras: readonly string[]): void {
    const before = this.pictures.peek();
    const wanted = cameras.slice(0, MOST_IN_STEP);
    for (const picture of before) if (!wanted.includes(picture.camera ?? '')) picture.stop();
    this.pictures.value = wanted.map((camera) => {
      const found = before.find((each) => each.camera === camera);
      if (found) return found;
      const picture = new Picture();
      this.#ask(picture, camera);
      return picture;
    });
  }

  get cameras(): string[] {
    return this.pictures.peek().map(({ camera }) => camera ?? '');
  }

  play(): void {
    if (this.#stepped) this.#askAll();
    this.running.value = true;
    this.#lastMs = performance.now();
  }

  pause(): void {
    if (this.live.peek()) this.#leaveLive();
    this.running.value = false;
    for (const picture of this.pictures.peek()) picture.silence();
  }

  /** Goes to an instant; whether it runs stays as it is. What is there already is not asked for again. */
  seek(atUs: number): void {
    const wasLive = this.live.peek();
    this.live.value = false;
    this.#at = Math.min(atUs, boxNow() * 1000);
    this.atUs.value = this.#at;
    const here = this.pictures.peek().every((picture) => picture.at(this.#at) === 'here');
    if (!here || wasLive || this.#stepped) this.#askAll();
  }

  /** As `seek`, for a pointer that is still moving. */
  scrub(atUs: number): void {
    clearTimeout(this.#scrub);
    const wait = this.#scrubbedMs + SCRUB_MS - performance.now();
    this.atUs.value = atUs;
    const go = (): void => {
      this.#scrubbedMs = performance.now();
      this.seek(atUs);
    };
    if (wait <= 0) go();
    else this.#scrub = setTimeout(go, wait);
  }

  setSpeed(speed: number): void {
    const kinds = [this.speed.peek(), speed].map((each) => each > KEYS_ONLY_ABOVE);
    this.speed.value = speed;
    if (this.live.peek()) this.#leaveLive();
    else if (kinds[0] !== kinds[1]) this.#askAll();
  }

  /** So many pictures on or back, counted in the first camera; the others show what was then. */
  step(pictures: number): void {
    if (this.#stepping) return;
    this.pause();
    const all = this.pictures.peek();
    const first = all.find((picture) => picture.at(this.#at) === 'here') ?? all[0];
    if (first?.channel === undefined) return;
    const channels = [first, ...all.filter((each) => each !== first)].flatMap(({ channel }) => channel ?? []);
    const epoch = nextEpoch();
    const from = this.#stepsFrom(first);
    for (const picture of all) picture.stepping(epoch);
    this.#stepped = true;
    this.#stepping = true;
    const over = setTimeout(() => (this.#stepping = false), 2000);
    first.onStep = (atUs) => {
      clearTimeout(over);
      this.#stepping = false;
      this.#at = atUs;
      this.atUs.value = atUs;
    };
    send({ type: 'media.step', channels, epoch, atUs: Math.round(from), pictures });
  }

  /**
   * A step has led to the very beginning of a picture, which may not be drawn yet. Otherwise what is seen counts: where two pictures
   * meet, the browser may show another one than the clock means.
   */
  #stepsFrom(picture: Picture): number {
    const seenUs = this.#stepped ? undefined : picture.seenUs();
    return (seenUs ?? this.#at) + WITHIN_US;
  }

  toLive(): void {
    batch(() => {
      this.live.value = true;
      this.running.value = true;
      this.speed.value = 1;
    });
    for (const picture of this.pictures.peek()) this.#ask(picture, picture.camera ?? '');
  }

  hear(camera: string | undefined): void {
    this.sounding.value = camera;
    for (const picture of this.pictures.peek()) {
      const hears = picture.camera === camera;
      if (hears || picture.hears) this.#ask(picture, picture.camera ?? '');
    }
  }

  #leaveLive(): void {
    this.live.value = false;
    this.seek(this.#at);
    this.#askAll();
  }

  #askAll(): void {
    this.#stepped = false;
    for (const picture of this.pictures.peek()) this.#ask(picture, picture.camera ?? '');
  }

  #ask(picture: Picture, camera: string): void {
    const sound = this.sounding.peek() === camera;
    if (this.live.peek()) {
      picture.live({ camera, stream: 'auto', pixels: picture.video.clientHeight * devicePixelRatio || 360, sound });
    } else {
      picture.play({ camera, stream: 'main', atUs: Math.round(this.#at), speed: this.speed.peek(), sound });
    }
  }

  #tick(): void {
    const now = performance.now();
    const passedMs = now - this.#lastMs;
    this.#lastMs = now;
    const all = this.pictures.peek();
    if (this.live.peek()) {
      this.#at = all.find(({ shownUs }) => shownUs !== undefined)?.shownUs ?? boxClockMs() * 1000;
    } else if (all.length > 0 && this.#at > 0) this.#move(all, passedMs);
    if (now - this.#saidMs < SAY_MS) return;
    this.#saidMs = now;
    this.beat.value++;
    if (now - this.#scrubbedMs > SCRUB_MS) this.atUs.value = this.#at;
  }

  #move(all: readonly Picture[], passedMs: number): void {
    const speed = this.speed.peek();
    const there = all.map((picture) => picture.at(this.#at));
    const coming = there.includes('away');
    const running = this.running.peek();
    if (running && coming && this.#atEdge(all)) {
      this.toLive();
      return;
    }
    this.waits.value = coming;
    if (running && !coming) {
      // Where none of them has anything, time jumps.
      const ends = all.map((picture) => picture.gapEnd(this.#at));
      if (there.every((each) => each === 'gap')) {
        const next = Math.min(...ends.map((end) => end ?? Number.POSITIVE_INFINITY));
        if (Number.isFinite(next)) this.#at = next + 1000;
        else this.running.value = false;
      } else this.#at += passedMs * 1000 * speed;
    }
    for (const picture of all) picture.follow(this.#at, speed, running && !coming);
  }

  #atEdge(all: readonly Picture[]): boolean {
    const nearNow = this.#at > boxNow() * 1000 - 30e6;
    return nearNow && all.some((picture) => picture.at(this.#at) === 'away' && picture.state.peek().kind === 'edge');
  }
}
