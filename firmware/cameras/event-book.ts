import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { asBoxError, firstPromise, type BoxError, type Clock, type Part } from '../base/index.ts';

/** Something that happened at a camera, with all of its repetitions that came close together. */
export interface KeptEvent {
  readonly id: string;
  readonly camera: string;
  /** motion, digital-input, tamper, analytics, relay, other, untrusted; or what a trigger called it. */
  readonly kind: string;
  /** What it is about: people, vehicle, line-crossing ...; empty if nobody says. */
  readonly detail: string;
  /** Token of the video source, input or relay; empty if the camera names none. */
  readonly source: string;
  readonly fromUs: number;
  /** Its end; of one that goes on, up to when it is known. */
  readonly toUs: number;
  readonly active: boolean;
  /** How often it began within this time. */
  readonly count: number;
}

export interface EventWord {
  readonly camera: string;
  readonly kind: string;
  readonly detail?: string;
  readonly source?: string;
  readonly atUs: number;
}

export interface EventPage {
  /** By their beginning, the oldest first. */
  readonly events: readonly KeptEvent[];
  /** How many there are of each kind, also of those that did not fit; `count` holds repetitions. */
  readonly counts: Readonly<Record<string, { readonly events: number; readonly count: number }>>;
  /** Some did not fit. */
  readonly more: boolean;
}

export interface EventBookOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly keepDays: () => number;
  /** Undefined: it goes well again. */
  readonly trouble: (error: BoxError | undefined) => void;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}

/** What begins again within this time is the same event. */
const FOLD_US = 10e6;
/** More events than this of one camera and day are folded however far apart they are. */
const MOST_A_DAY = 2000;
const FLUSH_MS = 1000;
/** A repetition is written at most this often, so that a storm stays small on the disk. */
const REWRITE_US = 10e6;
/** What waits for a disk that does not take it. */
const MOST_WAITING = 20_000;
const DAY_US = 86_400e6;
const SWEEP_US = 3600e6;
const LONGEST_TEXT = 80;

interface Live {
  event: KeptEvent;
  /** Not written as it is now. */
  dirty: boolean;
  writtenUs: number;
}

/**
 * The events of all cameras, one file per camera and day: `<folder>/<camera>/<day>.jsonl`, lines appended and synced once a
 * second. A later line of the same id replaces an earlier one. A line that a power cut has torn is left out.
 */
export class EventBook implements Part {
  readonly name = 'camera-events';
  readonly #options: EventBookOptions;
  /** The newest of each camera, kind, source and detail. */
  readonly #live = new Map<string, Live>();
  /** Lines that are not on the disk yet, by file. */
  readonly #waiting = new Map<string, string[]>();
  /** By camera and day. */
  readonly #counted = new Map<string, { readonly day: string; events: number }>();
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();
  #sweptUs = 0;
  #serial = 0;

  constructor(options: EventBookOptions) {
    this.#options = options;
  }

  readonly start = firstPromise(async () => {
    this.#timer = setInterval(() => void this.flush(), FLUSH_MS);
  });

  readonly stop = firstPromise(async () => {
    clearInterval(this.#timer);
    for (const live of this.#live.values()) if (live.event.active) live.dirty = true;
    await this.flush(true);
  });

  /** It begins, or is told again. */
  begin(word: EventWord): KeptEvent {
    return this.#take(word, true);
  }

  /** Something without an end. */
  moment(word: EventWord): KeptEvent {
    return this.#take(word, false);
  }

  /** It is over. Nothing happens if it never began. */
  end(word: EventWord): void {
    const live = this.#live.get(keyOf(word));
    if (!live?.event.active) return;
    live.event = { ...live.event, toUs: Math.max(live.event.toUs, word.atUs), active: false };
    live.dirty = true;
  }

  /** Whether it has begun and not ended. */
  goesOn(word: EventWord): boolean {
    return this.#live.get(keyOf(word))?.event.active === true;
  }

  /** What goes on now. */
  active(): KeptEvent[] {
    return [...this.#live.values()].filter(({ event }) => event.active).map(({ event }) => event);
  }

  /** Of one camera, overlapping [fromUs, toUs). */
  async read(
    camera: string,
    range: { readonly fromUs: number; readonly toUs: number },
    options: { readonly kinds?: readonly string[] | undefined; readonly limit: number },
  ): Promise<EventPage> {
    const found = new Map<string, KeptEvent>();
    // One may have begun on the day before.
    for (const day of await this.#daysOf(camera, dayOf(range.fromUs - DAY_US), dayOf(range.toUs))) {
      for (const event of await this.#readDay(camera, day)) found.set(event.id, event);
    }
    for (const { event } of this.#live.values()) if (event.camera === camera) found.set(event.id, event);
    const nowUs = this.#options.clock.wallUs();
    const events = [...found.values()]
      .map((event) => (event.active ? { ...event, toUs: Math.max(event.toUs, nowUs) } : event))
      .filter(({ fromUs, toUs }) => fromUs < range.toUs && toUs >= range.fromUs)
      .filter(({ kind }) => options.kinds === undefined || options.kinds.includes(kind))
      .sort((a, b) => a.fromUs - b.fromUs);
    const counts: Record<string, { events: number; count: number }> = {};
    for (const { kind, count } of events) {
      const sum = (counts[kind] ??= { events: 0, count: 0 });
      sum.events++;
      sum.count += count;
    }
    return { events: events.slice(-options.limit), counts, more: events.length > options.limit };
  }

  /** Puts on the disk what is not there yet. `all`: also repetitions that would wait. */
  flush(all = false): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#flush(all));
    return this.#flushing;
  }

  #take({ camera, kind, detail = '', source = '', atUs }: EventWord, active: boolean): KeptEvent {
    const word = { camera, kind: kind.slice(0, LONGEST_TEXT), detail: detail.slice(0, LONGEST_TEXT), source, atUs };
    const key = keyOf(word);
    const before = this.#live.get(key);
    const day = dayOf(atUs);
    const today = this.#countOf(camera, day);
    // Sources without end, each heard of once, are folded into one of none.
    const isCrowd = today.events >= MOST_A_DAY && (source !== '' || detail !== '');
    if (isCrowd && !before) return this.#take({ camera, kind: word.kind, atUs }, false);
    const near = before && atUs - before.event.toUs < FOLD_US;
    const full = before && today.events >= MOST_A_DAY && dayOf(before.event.fromUs) === day;
    if (before && (near || full || before.event.active)) {
      const { event } = before;
      const count = event.active && active ? event.count : event.count + 1;
      before.event = { ...event, toUs: Math.max(event.toUs, atUs), active, count };
      before.dirty = true;
      return before.event;
    }
    // Another one takes its place here: it must not be forgotten before it was written.
    if (before?.dirty) this.#note(before.event);
    today.events++;
    // Ids sort by time, and two processes never make the same one.
    const id = `${Math.floor(atUs / 1000).toString(36)}-${process.pid.toString(36)}${(this.#serial++).toString(36)}`;
    const event: KeptEvent = {
      id,
      camera,
      kind: word.kind,
      detail: word.detail,
      source: source.slice(0, LONGEST_TEXT),
      fromUs: atUs,
      toUs: atUs,
      active,
      count: 1,
    };
    this.#live.set(key, { event, dirty: true, writtenUs: -Infinity });
    return event;
  }

  #countOf(camera: string, day: string): { day: string; events: number } {
    const key = `${camera}/${day}`;
    const counted = this.#counted.get(key) ?? { day, events: 0 };
    this.#counted.set(key, counted);
    return counted;
  }

  async #flush(all: boolean): Promise<void> {
    const nowUs = this.#options.clock.wallUs();
    for (const [key, live] of this.#live) {
      const isDue = all || !live.event.active || live.event.count === 1 || nowUs - live.writtenUs >= REWRITE_US;
      if (live.dirty && isDue) {
        this.#note(live.event);
        live.dirty = false;
        live.writtenUs = nowUs;
      }
      if (!live.event.active && !live.dirty && nowUs - live.event.toUs > DAY_US) this.#live.delete(key);
    }
    let failure: BoxError | undefined;
    for (const [file, lines] of [...this.#waiting]) {
      try {
        const taken = lines.length;
        await append(join(this.#options.folder, file), lines.slice(0, taken));
        lines.splice(0, taken);
        if (lines.length === 0) this.#waiting.delete(file);
      } catch (error) {
        failure = asBoxError(error, 'cameras.events-not-written');
      }
    }
    this.#options.trouble(failure);
    if (nowUs - this.#sweptUs > SWEEP_US) {
      this.#sweptUs = nowUs;
      const old = dayOf(nowUs - 2 * DAY_US);
      for (const [key, { day }] of this.#counted) if (day < old) this.#counted.delete(key);
      await this.#sweep(dayOf(nowUs - this.#options.keepDays() * DAY_US));
    }
  }

  #note({ camera, id, kind, detail, source, fromUs, toUs, active, count }: KeptEvent): void {
    const file = join(camera, `${dayOf(fromUs)}.jsonl`);
    const lines = this.#waiting.get(file) ?? [];
    this.#waiting.set(file, lines);
    lines.push(
      JSON.stringify({ i: id, k: kind, d: detail, s: source, f: fromUs, t: toUs, a: active ? 1 : 0, n: count }),
    );
    if (lines.length > MOST_WAITING) lines.shift();
  }

  async #daysOf(camera: string, from: string, to: string): Promise<string[]> {
    const onDisk = await readdir(join(this.#options.folder, camera)).catch(() => []);
    const waiting = [...this.#waiting.keys()].filter((file) => dirname(file) === camera).map((file) => basename(file));
    return [...new Set([...onDisk, ...waiting])]
      .map((file) => file.replace(/\.jsonl$/, ''))
      .filter((day) => day >= from && day <= to)
      .sort();
  }

  async #readDay(camera: string, day: string): Promise<KeptEvent[]> {
    const text = await readFile(join(this.#options.folder, camera, `${day}.jsonl`), 'utf8').catch(() => '');
    const waiting = this.#waiting.get(join(camera, `${day}.jsonl`)) ?? [];
    return [...text.split('\n'), ...waiting].flatMap((line) => eventFrom(camera, line));
  }

  /** Days that are older than `before` go. What cannot be removed is told, tried again with the next sweep, and holds nothing else up. */
  async #sweep(before: string): Promise<void> {
    const { folder, log } = this.#options;
    const told = (path: string) => (error: unknown) => {
      // Nothing has happened at any camera yet.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') log('events.not-swept', { path, reason: String(error) });
      return [];
    };
    for (const camera of await readdir(folder).catch(told('.'))) {
      for (const file of await readdir(join(folder, camera)).catch(told(camera))) {
        if (file >= `${before}.jsonl`) continue;
        await rm(join(folder, camera, file), { force: true }).catch(told(join(camera, file)));
      }
    }
  }
}

async function append(file: string, lines: readonly string[]): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true, mode: 0o700 });
  await using handle = await open(file, 'a', 0o600);
  // Begun with a line end: whatever a power cut left of the last line stays by itself.
  await handle.write(`\n${lines.join('\n')}`);
  await handle.datasync();
}

/** An event whose process died is over: nobody would ever end it. */
function eventFrom(camera: string, line: string): KeptEvent[] {
  if (line === '') return [];
  try {
    const { i, k, d, s, f, t, n } = JSON.parse(line) as Record<string, unknown>;
    if (typeof i !== 'string' || typeof k !== 'string' || typeof f !== 'number' || typeof t !== 'number') return [];
    const detail = typeof d === 'string' ? d : '';
    const source = typeof s === 'string' ? s : '';
    const count = typeof n === 'number' ? n : 1;
    return [{ id: i, camera, kind: k, detail, source, fromUs: f, toUs: t, active: false, count }];
  } catch {
    return [];
  }
}

function keyOf({ camera, kind, detail = '', source = '' }: EventWord): string {
  return JSON.stringify([camera, kind, source, detail]);
}

function dayOf(wallUs: number): string {
  return new Date(Math.floor(wallUs / 1000)).toISOString().slice(0, 10);
}
