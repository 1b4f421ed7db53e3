import { asBoxError, BoxError } from '../base/index.ts';
import { trackFacts, trackInit, type Format, type MediaPart, type TrackIndex } from '../media/index.ts';
import { endOfSample, OpenFootage, spanFrom, type SampleSpan } from './open-footage.ts';
import type { FootageFinder, PlaySink, PlayWish, SegmentPlace } from './play-ports.ts';
import { pictureFrom } from './picture-steps.ts';
import type { VolumeGate } from './volume-gate.ts';

/** Faster than this only key frames are sent. */
const ALL_PICTURES_SPEED = 4;
/** Shorter holes between segments are no gaps (as in cuts). */
const GAP_US = 100_000;
/** Two segments that count time alike differ by rounding only. */
const SAME_US = 500;
const PART = { seconds: 1, bytes: 2 << 20 };
/** A group of pictures for stepping is sent as a whole; one that is larger than this only up to the picture wanted. */
const STEP_BYTES = 16 << 20;
/** New footage is looked for this often where it is being recorded, and this often where nothing has come for long. */
const FOLLOW_MS = 400;
const LOOK_MS = 2000;
const END_AFTER_MS = 12_000;
/** A file that has not grown for so long may have been left. */
const STALE_MS = 3000;
const AGAIN_MS = 150;

export interface PlayerDeps {
  readonly finder: FootageFinder;
  gateOf(volume: string): VolumeGate;
}

/** Where playing has got to. */
interface Position {
  readonly footage: OpenFootage;
  /** The next picture, and the next sound. */
  video: number;
  audio: number;
}

/**
 * Plays one stream to one channel: parts of about a second straight from the files, as fast as the viewer takes them. Pausing is not
 * taking them. What was asked last counts: whatever is still being read for an earlier wish is dropped.
 */
export class Player {
  readonly camera: string;
  readonly stream: string;
  readonly #sink: PlaySink;
  readonly #deps: PlayerDeps;
  #keysOnly: boolean;
  #sound: boolean;
  /** Rises with each wish. */
  #wish = 0;
  #ended = false;
  #running: Promise<void> = Promise.resolve();
  #room: PromiseWithResolvers<void> | undefined;
  #footage: OpenFootage | undefined;
  #told: Format[] = [];
  #jump = true;
  #toldState: 'edge' | 'end' | undefined;

  constructor(wish: PlayWish, sink: PlaySink, deps: PlayerDeps) {
    this.camera = wish.camera;
    this.stream = wish.stream;
    this.#sink = sink;
    this.#deps = deps;
    this.#sound = wish.sound;
    this.#keysOnly = wish.speed > ALL_PICTURES_SPEED;
    this.seek(wish.atUs, wish.speed);
  }

  setSound(sound: boolean): void {
    this.#sound = sound;
  }

  seek(atUs: number, speed: number): void {
    this.#keysOnly = speed > ALL_PICTURES_SPEED;
    void this.#begin((wish) => this.#play(wish, atUs));
  }

  /** Takes up again after a pause for want of room. */
  pump(): void {
    if (!this.#sink.isFree) return;
    this.#room?.resolve();
    this.#room = undefined;
  }

  /**
   * The instant of the picture so many further than the one shown at `atUs`; its group of pictures is sent. Undefined if there is
   * none within the neighbouring segments.
   */
  async step(atUs: number, pictures: number): Promise<number | undefined> {
    let found: number | undefined;
    await this.#begin(async (wish) => {
      found = await this.#stepTo(wish, atUs, pictures);
    });
    return found;
  }

  /** Sends the group of pictures around an instant, for a viewer that stands still. */
  show(atUs: number): Promise<void> {
    return this.#begin(async (wish) => {
      const footage = await this.#openAt(wish, atUs);
      if (footage?.lead) await this.#sendGroup(wish, footage, footage.lead, atUs);
    });
  }

  end(): void {
    this.#ended = true;
    void this.#begin(async () => undefined);
    void this.#running.then(() => this.#footage?.close());
  }

  /** One wish after another; a new one ends the one before at its next step. */
  #begin(work: (wish: number) => Promise<void>): Promise<void> {
    const wish = ++this.#wish;
    this.#room?.resolve();
    this.#room = undefined;
    this.#told = [];
    this.#toldState = undefined;
    this.#jump = true;
    const before = this.#running;
    const run = async (): Promise<void> => {
      await before;
      if (!this.#isCurrent(wish)) return;
      try {
        await work(wish);
      } catch (error) {
        if (this.#isCurrent(wish)) this.#sink.failed(error);
      }
    };
    this.#running = run();
    return this.#running;
  }

  #isCurrent(wish: number): boolean {
    return wish === this.#wish && !this.#ended;
  }

  async #play(wish: number, atUs: number): Promise<void> {
    let footage = await this.#openAt(wish, atUs);
    if (!this.#isCurrent(wish)) return;
    if (!footage) throw new BoxError('playback.nothing-there', { camera: this.camera, stream: this.stream });
    if (footage.place.startUs > atUs + GAP_US) this.#sink.state('gap', { fromUs: atUs, toUs: footage.place.startUs });
    let position = positionAt(footage, atUs);
    this.#sink.state('playing');
    while (this.#isCurrent(wish)) {
      await this.#hasRoom();
      if (!this.#isCurrent(wish)) return;
      if (await this.#sendNext(wish, position)) continue;
      const next = await this.#goOn(wish, position);
      if (!next) return;
      if (next !== position) footage = next.footage;
      position = next;
    }
  }

  async #hasRoom(): Promise<void> {
    if (this.#sink.isFree) return;
    this.#room = Promise.withResolvers();
    await this.#room.promise;
  }

  /** False if there is nothing more in this segment for now. */
  async #sendNext(wish: number, position: Position): Promise<boolean> {
    const { footage } = position;
    const { lead } = footage;
    if (!lead) return false;
    if (this.#keysOnly) {
      while (position.video < lead.count && lead.key[position.video] !== 1) position.video++;
    }
    if (position.video >= lead.count) return false;
    const span = this.#keysOnly
      ? { first: position.video, last: position.video + 1 }
      : spanFrom(lead, position.video, { ticks: PART.seconds * lead.format.timescale, bytes: PART.bytes });
    const endTicks = this.#keysOnly ? nextKeyTicks(lead, span.first) : endOfSample(lead, span.last - 1);
    this.#introduce(lead.format, footage.zeroUs);
    const part = await footage.part(lead, span, endTicks);
    if (!this.#isCurrent(wish)) return true;
    this.#send({ ...part, jump: this.#jump, keysOnly: this.#keysOnly });
    this.#jump = false;
    position.video = span.last;
    if (this.#sound && !this.#keysOnly) await this.#sendSound(wish, position, footage.wallUsOf(lead, endTicks));
    return true;
  }

  /** The sound up to an instant. */
  async #sendSound(wish: number, position: Position, untilUs: number): Promise<void> {
    const { footage } = position;
    const { audio } = footage;
    if (!audio) return;
    const until = footage.ticksAt(audio, untilUs);
    while (position.audio < audio.count && audio.dts[position.audio]! < until) {
      const ticks = until - audio.dts[position.audio]!;
      const span = spanFrom(audio, position.audio, { ticks, bytes: PART.bytes });
      this.#introduce(audio.format, footage.zeroUs);
      const part = await footage.part(audio, span, endOfSample(audio, span.last - 1));
      if (!this.#isCurrent(wish)) return;
      this.#send(part);
      position.audio = span.last;
    }
  }

  #introduce(format: Format, zeroUs: number): void {
    const told = this.#told.find(({ kind }) => kind === format.kind);
    if (told && told.codec === format.codec && Buffer.compare(told.config, format.config) === 0) return;
    this.#told = [...this.#told.filter(({ kind }) => kind !== format.kind), format];
    this.#sink.track(trackFacts(format), this.stream);
    this.#send({ track: format.kind, kind: 'init', bytes: trackInit(format), frames: 0, wallUs: 0, zeroUs });
  }

  #send(part: MediaPart): void {
    this.#sink.part(part);
  }

  /** What comes behind the end of a segment: more of it, another one, or a wait for either. Undefined: another wish has come. */
  async #goOn(wish: number, position: Position): Promise<Position | undefined> {
    const { footage } = position;
    let waitedMs = 0;
    let { endUs: behindUs } = footage;
    for (;;) {
      if (await footage.follow()) return position;
      if (!this.#isCurrent(wish)) return undefined;
      // A file that was never finished, because its disk went, does not grow any more either.
      const isOver = footage.isWhole || !footage.place.open || waitedMs >= STALE_MS;
      const place = isOver ? await this.#placeBehind(footage, behindUs) : undefined;
      if (!this.#isCurrent(wish)) return undefined;
      if (place) {
        const next = await this.#open(place, wish).catch((error: unknown) => asBoxError(error, 'playback.unreadable'));
        if (!this.#isCurrent(wish)) return undefined;
        if (next instanceof BoxError) {
          if (next.kind === 'bug') throw next;
          // What cannot be read is passed over.
          behindUs = Math.max(behindUs + SAME_US, place.endUs);
          continue;
        }
        const { endUs } = footage;
        if (next.place.startUs - endUs > GAP_US) {
          this.#sink.state('gap', { fromUs: endUs, toUs: next.place.startUs });
          this.#jump = true;
        }
        return positionBehind(next, endUs);
      }
      const state = waitedMs >= END_AFTER_MS ? 'end' : 'edge';
      if (state !== this.#toldState) this.#sink.state(state);
      this.#toldState = state;
      const waitMs = state === 'end' ? LOOK_MS : FOLLOW_MS;
      await this.#pause(waitMs);
      if (!this.#isCurrent(wish)) return undefined;
      waitedMs += waitMs;
    }
  }

  /** A wait that a new wish ends. */
  async #pause(ms: number): Promise<void> {
    const room = Promise.withResolvers<void>();
    this.#room = room;
    const timer = setTimeout(() => room.resolve(), ms);
    await room.promise;
    clearTimeout(timer);
  }

  /** The segment behind one, passing over those that end with it. */
  async #placeBehind(footage: OpenFootage, fromUs = footage.endUs): Promise<SegmentPlace | undefined> {
    const { endUs, place } = footage;
    for (let timeUs = fromUs; ;) {
      const found = await this.#deps.finder.locate(this.camera, this.stream, timeUs);
      if (!found) return undefined;
      const isSame = found.volume === place.volume && found.sequence === place.sequence;
      if (!isSame && (found.open || found.endUs > endUs + SAME_US) && found.file !== undefined) return found;
      timeUs = Math.max(timeUs + SAME_US, found.endUs);
      if (isSame && found.open) return undefined;
    }
  }

  /** The segment with this instant, or the next one; undefined if there is none. Files that cannot be read are passed over. */
  async #openAt(wish: number, atUs: number): Promise<OpenFootage | undefined> {
    const present = this.#footage;
    if (present?.lead && present.place.startUs <= atUs && (atUs < present.endUs || !present.isWhole)) {
      if (atUs >= present.endUs) await present.follow();
      if (atUs < present.endUs) return present;
    }
    let failure: unknown;
    for (let timeUs = atUs; this.#isCurrent(wish);) {
      const place = await this.#deps.finder.locate(this.camera, this.stream, timeUs);
      if (!place) break;
      try {
        const footage = await this.#open(place, wish);
        if (footage.lead) return footage;
      } catch (error) {
        failure = error;
      }
      timeUs = Math.max(timeUs + SAME_US, place.startUs + SAME_US, place.endUs);
    }
    if (failure) throw asBoxError(failure, 'playback.unreadable');
    // What is being written reaches further than is known of it; and after the last picture one may wait for more.
    const last = this.#isCurrent(wish) ? await this.#deps.finder.before(this.camera, this.stream, atUs) : undefined;
    return last && this.#open(last, wish);
  }

  async #open(place: SegmentPlace, wish: number): Promise<OpenFootage> {
    const footage = await this.#openPatiently(place, wish);
    const before = this.#footage;
    this.#footage = footage;
    await before?.close();
    return footage;
  }

  /** A file that is just being begun or finished cannot be read for a moment. */
  async #openPatiently(place: SegmentPlace, wish: number): Promise<OpenFootage> {
    const gate = this.#deps.gateOf(place.volume);
    for (let triesLeft = place.open ? 12 : 3; ; triesLeft--) {
      try {
        return await OpenFootage.open(place, gate);
      } catch (error) {
        const isMoment = error instanceof BoxError && error.code === 'mp4.damaged';
        if (!isMoment || triesLeft === 0 || !this.#isCurrent(wish)) throw error;
      }
      await this.#pause(AGAIN_MS);
    }
  }

  async #stepTo(wish: number, atUs: number, pictures: number): Promise<number | undefined> {
    let footage = await this.#openAt(wish, atUs);
    if (!footage?.lead) return undefined;
    let found = pictureFrom(footage.lead, footage.ticksAt(footage.lead, atUs), pictures);
    if ('beyond' in found) {
      const { place } = footage;
      const { beyond } = found;
      const isBack = beyond < 0;
      const neighbour = isBack
        ? await this.#deps.finder.before(this.camera, this.stream, place.startUs)
        : await this.#placeBehind(footage);
      if (!neighbour || !this.#isCurrent(wish)) return undefined;
      const { endUs } = footage;
      footage = await this.#open(neighbour, wish);
      const { lead } = footage;
      if (!lead) return undefined;
      const firstTicks = Math.max(footage.ticksAt(lead, endUs), lead.dts[0]! + lead.cts[0]!);
      found = isBack ? pictureFrom(lead, Infinity, beyond + 1) : pictureFrom(lead, firstTicks, beyond);
    }
    if ('beyond' in found || !footage.lead) return undefined;
    const wallUs = Math.round(footage.wallUsOf(footage.lead, found.ticks));
    await this.#sendGroup(wish, footage, footage.lead, wallUs);
    return wallUs;
  }

  /** All pictures from the key frame before an instant to the next one. */
  async #sendGroup(wish: number, footage: OpenFootage, lead: TrackIndex, atUs: number): Promise<void> {
    // Half a picture later: what was rounded must not fall into the group before.
    const first = footage.keyFor(atUs + 1000);
    const target = footage.ticksAt(lead, atUs);
    let end = first + 1;
    for (let bytes = 0; end < lead.count && lead.key[end] !== 1; end++) {
      bytes += lead.size[end]!;
      if (bytes > STEP_BYTES && lead.dts[end]! > target) break;
    }
    this.#introduce(lead.format, footage.zeroUs);
    for (let at = first; at < end;) {
      const span: SampleSpan = spanFrom(lead, at, { ticks: Infinity, bytes: PART.bytes });
      const last = Math.min(end, span.last);
      const part = await footage.part(lead, { first: at, last }, endOfSample(lead, last - 1));
      if (!this.#isCurrent(wish)) return;
      this.#send({ ...part, jump: at === first, step: true });
      at = last;
    }
  }
}

function positionAt(footage: OpenFootage, atUs: number): Position {
  const { lead } = footage;
  const isBehind = footage.isWhole && atUs >= footage.endUs;
  const video = isBehind && lead ? lead.count : footage.keyFor(atUs);
  return { footage, video, audio: soundFrom(footage, video) };
}

/** Behind what another segment has shown up to `endUs`: exactly there if it goes on, else with a key frame. */
function positionBehind(footage: OpenFootage, endUs: number): Position {
  const { lead } = footage;
  if (!lead || Math.abs(footage.place.startUs - endUs) <= GAP_US) return { footage, video: 0, audio: 0 };
  if (footage.place.startUs > endUs) return positionAt(footage, footage.place.startUs);
  const from = footage.ticksAt(lead, endUs - SAME_US);
  let video = lead.dts.findIndex((dts) => dts >= from);
  if (video < 0) video = lead.count;
  return { footage, video, audio: soundFrom(footage, video) };
}

function soundFrom(footage: OpenFootage, video: number): number {
  const { lead, audio } = footage;
  if (!lead || !audio || video >= lead.count) return 0;
  const from = footage.ticksAt(audio, footage.wallUsOf(lead, lead.dts[video]!));
  const first = audio.dts.findIndex((dts) => dts >= from);
  return first < 0 ? audio.count : first;
}

function nextKeyTicks(track: TrackIndex, sample: number): number {
  for (let i = sample + 1; i < track.count; i++) if (track.key[i] === 1) return track.dts[i]!;
  return track.dts[track.count - 1]! + track.lastDuration;
}
