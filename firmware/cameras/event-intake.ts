import type { CameraEvent } from '../onvif/index.ts';
import type { EventBook } from './event-book.ts';

export interface EventIntakeOptions {
  readonly book: EventBook;
  /** Kinds that begin a recording; undefined for a camera that is not there any more. */
  readonly kindsOf: (camera: string) => readonly string[] | undefined;
  /** Tells recording of an event that begins, or that goes on (`again`). */
  readonly record: (camera: string, kind: string, again: boolean) => void;
}

/** While an event lasts recording is told of it this often; the shortest post-record time bridges it. */
const HOLD_MS = 2_000;
/** A camera that never tells the end is not believed for longer. */
const LONGEST_US = 15 * 60e6;

/** Takes what cameras tell: writes it down, and has it recorded with what came before and comes after. */
export class EventIntake {
  readonly #options: EventIntakeOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: EventIntakeOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.#hold(Date.now() * 1000), HOLD_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  take(camera: string, event: CameraEvent): void {
    const kinds = this.#options.kindsOf(camera);
    if (!kinds) return;
    const { kind, source, active, initial } = event;
    const word = { camera, kind, detail: event.detail ?? '', source, atUs: event.atMs * 1000 };
    const { book, record } = this.#options;
    if (active === false) {
      book.end(word);
      if (!initial && kinds.includes(kind)) record(camera, kind, true);
      return;
    }
    // A state that has lasted since before the subscription is no news, but it is recorded while it lasts.
    if (active === undefined && initial) return;
    const isNew = !book.goesOn(word);
    if (active) book.begin(word);
    else book.moment(word);
    if (kinds.includes(kind)) record(camera, kind, !isNew);
  }

  /** The camera cannot be heard any more: what it began is over as far as anybody knows. */
  lost(camera: string): void {
    for (const { kind, detail, source, ...event } of this.#options.book.active()) {
      const mine = event.camera === camera && this.#options.kindsOf(camera) !== undefined && kind !== 'untrusted';
      if (mine) this.#options.book.end({ camera, kind, detail, source, atUs: Date.now() * 1000 });
    }
  }

  #hold(nowUs: number): void {
    const { book, kindsOf, record } = this.#options;
    // However many sources a camera names: it is recorded once.
    const held = new Map<string, { camera: string; kind: string }>();
    for (const { camera, kind, detail, source, fromUs } of book.active()) {
      if (kind === 'untrusted') continue;
      if (nowUs - fromUs > LONGEST_US) book.end({ camera, kind, detail, source, atUs: nowUs });
      else if (kindsOf(camera)?.includes(kind)) held.set(`${camera}/${kind}`, { camera, kind });
    }
    for (const { camera, kind } of held.values()) record(camera, kind, true);
  }
}
