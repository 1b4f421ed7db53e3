import { signal } from '@preact/signals';
import { boxClockMs, isOpen, join, leave, nextEpoch, send, type Receiver } from './media-line.ts';
import { Mpeg1Screen } from './mpeg1-screen.ts';
import type { MediaAnswer, MediaFormat, MediaPart, Places } from './protocol.ts';
import { jpegOf, paint } from './still.ts';
import { canPlay, Track } from './track.ts';
import type { LiveWish, PlayWish } from './wishes.ts';

/** How a picture is; what stands between brackets comes with words for people. */
export type PictureState =
  | { readonly kind: 'off' | 'connecting' | 'waiting' | 'shown' | 'edge' | 'end' | 'lost' }
  | { readonly kind: 'gap'; readonly fromUs: number; readonly toUs: number }
  | { readonly kind: 'fault'; readonly code: string; readonly codec?: string | undefined }
  | { readonly kind: 'unplayable'; readonly codec: string };

export interface Figures {
  readonly bitsPerSecond: number;
  readonly latencyMs: number | undefined;
  /** How long the picture on the screen has been there. */
  readonly stillMs: number;
}

const DAY_US = 86_400e6;
const TICK_MS = 100;
const BEHIND_S = 0.15;
const CATCH_UP_S = 0.6;
const JUMP_S = 2;
const SETTLES_MS = 3000;
/** Seconds of playback that are fetched ahead, at normal speed. */
const AHEAD_S = 8;
const WINDOW_BYTES = { live: 1 << 20, play: 4 << 20 };
const HIDDEN_MS = 5000;
const FAULT_RETRY_MS = 2000;
/** So much behind a picture that stands, and no browser waits for more before it shows it. */
const SURE_US = 500_000;
/** Nothing has come for so long: nothing more will. */
const QUIET_MS = 300;
/** Faults that pass by themselves. */
const PASSING = new Set(['recording.restarting', 'live.too-many', 'live.user-full']);
/** Why a picture is not converted: that may be different in a while. */
const UNCONVERTED = new Set(['live.mpeg1-full', 'live.mpeg1-failed', 'live.no-ffmpeg']);
const CONVERT_AGAIN_MS = 10_000;
/** Held back until somebody has confirmed the camera: asked for again so often. */
const HELD_BACK = 'cameras.untrusted';
const HELD_AGAIN_MS = 3000;
const CONVERTED = 'MPEG-1';
/** A file that was caught while it was being finished can be read a moment later; one that is damaged cannot. */
const UNREADABLE = new Set(['playback.unreadable', 'mp4.damaged', 'mp4.not-ours']);
const MOST_TRIES = 3;

/** One picture on the screen: a camera live, or its recordings. The page gives it a place for its elements. */
export class Picture implements Receiver {
  readonly video: HTMLVideoElement = document.createElement('video');
  readonly state = signal<PictureState>({ kind: 'off' });
  readonly format = signal<MediaFormat | undefined>(undefined);
  readonly figures = signal<Figures>({ bitsPerSecond: 0, latencyMs: undefined, stillMs: 0 });
  /** The codec that this browser cannot play: a lighter stream is shown, or the picture is converted. */
  readonly reduced = signal<string | undefined>(undefined);
  /** What a converted picture is painted on; it lies over the video. */
  readonly canvas = signal<HTMLCanvasElement | undefined>(undefined);
  readonly places = signal<Places | undefined>(undefined);
  /** The instant of the picture on the screen. */
  shownUs: number | undefined;
  /** Told where a step has led. */
  onStep: ((atUs: number) => void) | undefined;

  #channel: number | undefined;
  #epoch = 0;
  #wish: LiveWish | PlayWish | undefined;
  #track: Track | undefined;
  #mpeg1: Mpeg1Screen | undefined;
  /** Takes the place of the one that is shown with its first picture. */
  #nextMpeg1: Mpeg1Screen | undefined;
  #sound: { readonly element: HTMLAudioElement; readonly track: Track } | undefined;
  readonly #mime = { video: '', audio: '' };
  #ackable = 0;
  #acked = 0;
  #fresh = false;
  #jumped = false;
  #gaps: { fromUs: number; toUs: number }[] = [];
  #bytes = 0;
  #figuresAtMs = 0;
  #shownAtMs = 0;
  #tick: ReturnType<typeof setInterval> | undefined;
  #hidden: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #asleep = false;
  #unreadable = 0;
  #settlesMs = 0;
  /** The picture that stands was sought before all of it had come. */
  #unsure = false;
  #busyAtMs = 0;

  constructor() {
    const { video } = this;
    video.muted = true;
    video.playsInline = true;
    video.addEventListener('error', () => this.#broken(video.error?.message ?? ''));
    const shown: VideoFrameRequestCallback = (_now, { mediaTime }) => {
      if (this.#track) this.#shown(this.#track.wallUsOf(mediaTime));
      video.requestVideoFrameCallback(shown);
    };
    video.requestVideoFrameCallback(shown);
  }

  get camera(): string | undefined {
    return this.#wish?.camera;
  }

  get hears(): boolean {
    return this.#wish?.sound ?? false;
  }

  /** Shows a camera live; what was shown before stays until the first new picture. */
  live(wish: Omit<LiveWish, 'kind' | 'form'>): void {
    const was = this.#wish;
    const isSame = was?.camera === wish.camera && was.kind === 'live' && this.reduced.peek() !== undefined;
    const form = isSame ? was.form : 'mp4';
    const next: LiveWish = { kind: 'live', ...wish, form, ...(isSame && form === 'mp4' && { stream: 'sub' }) };
    if (was && JSON.stringify(was) === JSON.stringify(next)) return;
    if (was?.camera !== wish.camera || was.kind !== 'live') this.#forget();
    this.#wish = next;
    this.#begin();
  }

  /** Plays recordings from an instant on. The master clock of the page moves the picture (`follow`). */
  play(wish: Omit<PlayWish, 'kind'>): void {
    if (this.#wish?.camera !== wish.camera) this.#forget();
    this.#wish = { kind: 'play', ...wish };
    this.#begin();
  }

  /** What came for a step, asked for by the first of several pictures. */
  stepping(epoch: number): void {
    this.#epoch = epoch;
    this.#acked = this.#ackable = 0;
    this.#track?.clear(false);
  }

  get channel(): number | undefined {
    return this.#channel;
  }

  stop(): void {
    clearTimeout(this.#retry);
    clearInterval(this.#tick);
    this.#tick = undefined;
    document.removeEventListener('visibilitychange', this.#visible);
    if (this.#channel !== undefined) leave(this.#channel);
    this.#channel = undefined;
    this.#wish = undefined;
    this.#forget();
    this.state.value = { kind: 'off' };
  }

  /** Full resolution of the picture on the screen, as PNG. Undefined if there is none. */
  async snapshot(): Promise<Blob | undefined> {
    const canvas = this.#still();
    return canvas && new Promise((resolve) => canvas.toBlob((blob) => resolve(blob ?? undefined), 'image/png'));
  }

  /** The picture on the screen in small: a JPEG in base64. Undefined if there is none. */
  thumbnail(width: number): string | undefined {
    return jpegOf(this.#still(width));
  }

  /** Size of the picture as it comes; 0 while there is none. */
  get size(): { readonly width: number; readonly height: number } {
    const { videoWidth, videoHeight } = this.video;
    return this.#mpeg1?.size ?? { width: videoWidth, height: videoHeight };
  }

  #still(width?: number): HTMLCanvasElement | undefined {
    return this.shownUs === undefined ? undefined : paint(this.#mpeg1?.canvas ?? this.video, this.size, width);
  }

  /** Whether the picture of this instant can be shown, is a gap, or has still to come. */
  at(wallUs: number): 'here' | 'gap' | 'away' {
    if (this.#fresh && this.#track?.endOfRange(wallUs) !== undefined) return 'here';
    if (this.#gapAt(wallUs)) return 'gap';
    const kind = this.state.peek().kind;
    return kind === 'end' || kind === 'fault' || kind === 'unplayable' ? 'gap' : 'away';
  }

  /** Where the gap at this instant ends. */
  gapEnd(wallUs: number): number | undefined {
    return this.#gapAt(wallUs)?.toUs;
  }

  /** What the box told of, else a hole in what it has sent. */
  #gapAt(wallUs: number): { fromUs: number; toUs: number } | undefined {
    const told = this.#gaps.find(({ fromUs, toUs }) => wallUs >= fromUs - 50_000 && wallUs < toUs - 1000);
    if (told || !this.#fresh) return told;
    const next = this.#track?.startAfter(wallUs);
    return next === undefined ? undefined : { fromUs: wallUs, toUs: next };
  }

  /** The instant of the picture that is on the screen at this moment; `shownUs` may be of the one before. */
  seenUs(): number | undefined {
    return (this.#mpeg1 ? undefined : this.#track?.seenUs()) ?? this.shownUs;
  }

  /** Moves with the clock of the page: near it while it runs, exactly there while it stands. */
  follow(wallUs: number, speed: number, running: boolean): void {
    const track = this.#track;
    if (!track) return;
    const { video } = this;
    this.#ackAhead(wallUs, speed);
    const there = this.at(wallUs);
    if (there !== 'here') {
      if (!video.paused) video.pause();
      if (there === 'gap') {
        const gap = this.#gapAt(wallUs);
        // Files do not adjoin to the microsecond: that is no gap for people.
        if (gap && gap.toUs - gap.fromUs > 500_000 && this.state.peek().kind !== 'gap') {
          this.state.value = { kind: 'gap', ...gap };
        }
      }
      return;
    }
    if (['gap', 'connecting', 'waiting', 'lost'].includes(this.state.peek().kind)) this.#show();
    const wanted = track.secondsOf(wallUs);
    const off = video.currentTime - wanted;
    if (!running) {
      this.#stand(track, wallUs, off);
      return;
    }
    this.#unsure = false;
    if (Math.abs(off) > 0.35 * Math.max(1, speed)) {
      if (!video.seeking) video.currentTime = wanted;
      video.playbackRate = speed;
    } else {
      video.playbackRate = Math.abs(off) > 0.02 ? speed * (1 - Math.max(-0.3, Math.min(0.3, off / speed))) : speed;
    }
    if (video.paused) void video.play().catch((error: unknown) => console.debug('play', error));
    this.#steerSound(speed === 1);
  }

  /**
   * Exactly there. A browser that runs short of pictures while it looks for the wanted one shows an older one and, standing, never
   * corrects it: so whatever was sought before all had come is sought once more.
   */
  #stand(track: Track, wallUs: number, off: number): void {
    const { video } = this;
    if (!video.paused) video.pause();
    if (video.seeking) return;
    const now = performance.now();
    if (track.busy) this.#busyAtMs = now;
    const more = (track.endOfRange(wallUs) ?? wallUs) - wallUs > SURE_US || now - this.#busyAtMs > QUIET_MS;
    const sure = more && !track.busy;
    // A hair before its beginning stands the picture before it.
    const moves = off < -0.00001 || off > 0.001;
    if (!moves && !(sure && this.#unsure)) return;
    this.#unsure = !sure;
    video.currentTime = track.secondsOf(wallUs) + 0.0005;
  }

  // Receiver.

  opened(): void {
    if (this.#wish) this.#begin();
  }

  lost(): void {
    if (this.#wish) this.state.value = { kind: 'lost' };
  }

  told(answer: MediaAnswer): void {
    if (answer.epoch < this.#epoch) return;
    if (answer.type === 'media.format') {
      this.#mime[answer.track] = answer.mime;
      if (answer.track === 'video') this.#newFormat(answer);
    } else if (answer.type === 'media.state') this.#newState(answer);
    else if (answer.type === 'media.places') this.places.value = answer;
    else if (answer.type === 'media.at') this.onStep?.(answer.atUs);
    else if (answer.type === 'media.error') this.#failed(answer.code);
  }

  part(part: MediaPart): void {
    if (part.epoch < this.#epoch || this.state.peek().kind === 'unplayable') return;
    const { track, init, zeroUs, bytes, jump } = part;
    this.#bytes += bytes.length;
    const screen = this.#nextMpeg1 ?? this.#mpeg1;
    if (track === 'video' && screen) {
      if (!init) this.#convertedPart(screen, part);
      return;
    }
    const own = track === 'video' ? this.#trackFrom(zeroUs) : this.#soundFrom(zeroUs);
    if (jump && track === 'video') this.#jumped = true;
    own?.add({
      init,
      mime: this.#mime[track],
      zeroUs,
      bytes,
      taken: () => {
        if (part.epoch !== this.#epoch) return;
        this.#ackable += bytes.length;
        if (!init && track === 'video') this.#fresh = true;
        if (this.#wish?.kind === 'live') this.#ack();
      },
    });
    if (!own) this.#ackable += bytes.length;
  }

  #convertedPart(screen: Mpeg1Screen, { epoch, bytes, wallUs }: MediaPart): void {
    const { length } = bytes;
    screen.add(bytes, wallUs, () => {
      if (epoch !== this.#epoch) return;
      this.#ackable += length;
      this.#ack();
    });
  }

  /** `quietly`: what is said of the picture stays until there is one. */
  #begin(quietly = false): void {
    clearTimeout(this.#retry);
    const wish = this.#wish;
    if (!wish || this.#asleep) return;
    this.#channel ??= join(this);
    this.#tick ??= this.#startTicking();
    this.#acked = this.#ackable = 0;
    this.#epoch = nextEpoch();
    this.#settlesMs = performance.now() + SETTLES_MS;
    if (wish.kind === 'play') this.#clearFor(wish.atUs);
    if (!wish.sound) this.#dropSound();
    if ((this.state.peek().kind !== 'shown' && !quietly) || wish.kind === 'play')
      this.state.value = { kind: 'connecting' };
    if (!isOpen()) return;
    const { kind, ...more } = wish;
    const rest = kind === 'live' ? { ...more, pixels: Math.max(1, Math.round(wish.pixels)) } : more;
    send({ type: `media.${kind}`, channel: this.#channel, epoch: this.#epoch, window: WINDOW_BYTES[kind], ...rest });
  }

  #startTicking(): ReturnType<typeof setInterval> {
    document.addEventListener('visibilitychange', this.#visible);
    return setInterval(() => {
      if (this.#wish?.kind === 'live') this.#tendLive();
      this.#measure();
    }, TICK_MS);
  }

  #clearFor(atUs: number): void {
    this.#fresh = false;
    this.#gaps = [];
    // Before the beginning of its timeline an element cannot go.
    if (this.#track && this.#track.secondsOf(atUs) < 3600) this.#forget();
    this.#track?.clear(true);
    this.#sound?.track.clear(true);
  }

  #forget(): void {
    this.#dropSound();
    this.#dropMpeg1();
    this.#track?.dispose();
    this.#track = undefined;
    this.#fresh = false;
    this.#gaps = [];
    this.shownUs = undefined;
    this.format.value = undefined;
    this.reduced.value = undefined;
    if (this.state.peek().kind === 'shown') this.state.value = { kind: 'connecting' };
  }

  #trackFrom(zeroUs: number): Track {
    this.#track ??= new Track(this.video, zeroUs - DAY_US, {
      change: () => this.#wish?.kind === 'live' && this.#tendLive(),
      fault: (words) => this.#broken(words),
    });
    return this.#track;
  }

  /** Sound has an element of its own: a browser takes no second track once it plays. */
  #soundFrom(zeroUs: number): Track | undefined {
    if (this.#wish?.sound !== true || !canPlay(this.#mime.audio)) return undefined;
    if (!this.#sound) {
      const element = document.createElement('audio');
      const originUs = this.#track?.originUs ?? zeroUs - DAY_US;
      const nothing = (): void => undefined;
      this.#sound = {
        element,
        track: new Track(element, originUs, { change: nothing, fault: () => this.#dropSound() }),
      };
    }
    return this.#sound.track;
  }

  #dropSound(): void {
    this.#sound?.element.pause();
    this.#sound?.track.dispose();
    this.#sound = undefined;
  }

  #dropMpeg1(): void {
    this.#mpeg1?.dispose();
    this.#nextMpeg1?.dispose();
    this.#mpeg1 = this.#nextMpeg1 = undefined;
    this.canvas.value = undefined;
    this.places.value = undefined;
  }

  #nextConverted(): void {
    this.#nextMpeg1?.dispose();
    const screen: Mpeg1Screen = new Mpeg1Screen({
      shown: (wallUs) => {
        if (this.#nextMpeg1 === screen) {
          this.#mpeg1?.dispose();
          this.#mpeg1 = screen;
          this.#nextMpeg1 = undefined;
          this.canvas.value = screen.canvas;
        }
        this.#shown(wallUs);
      },
      fault: (words) => this.#broken(words),
    });
    this.#nextMpeg1 = screen;
  }

  #newFormat(format: MediaFormat): void {
    const isConverted = format.codec === CONVERTED;
    if (isConverted || canPlay(format.mime)) {
      if (isConverted) this.#nextConverted();
      else this.#dropMpeg1();
      this.format.value = format;
      return;
    }
    const isSub = format.stream === 'sub' || this.reduced.peek() !== undefined;
    if (this.#wish?.kind === 'live' && this.#wish.form === 'mp4') this.#askInstead(this.#wish, format.codec, isSub);
    else this.#unplayable(format.codec);
  }

  /** What this browser cannot play as it is: first the lighter stream of the camera, then converted. */
  #askInstead(wish: LiveWish, codec: string, converted: boolean): void {
    this.reduced.value ??= codec;
    // Or what cannot be played would go on until the other one is there.
    send({ type: 'media.close', channel: this.#channel });
    this.#wish = converted ? { ...wish, stream: 'auto', form: 'mpeg1' } : { ...wish, stream: 'sub' };
    this.#begin();
  }

  #unplayable(codec: string): void {
    this.state.value = { kind: 'unplayable', codec };
    send({ type: 'media.close', channel: this.#channel });
  }

  #newState(answer: Extract<MediaAnswer, { type: 'media.state' }>): void {
    const { state, fromUs = 0, toUs = 0 } = answer;
    if (state === 'gap') this.#gaps.push({ fromUs, toUs });
    else if (state === 'waiting' && this.#wish?.kind === 'live') this.state.value = { kind: 'waiting' };
    else if (state === 'edge' || state === 'end') this.state.value = { kind: state };
  }

  #failed(code: string): void {
    const wish = this.#wish;
    const codec = this.reduced.peek();
    if (code === 'live.no-such-stream' && codec !== undefined && wish?.kind === 'live' && wish.form === 'mp4') {
      this.#askInstead(wish, codec, true);
      return;
    }
    if (UNCONVERTED.has(code)) {
      this.state.value = { kind: 'fault', code, codec };
      this.#retry = setTimeout(() => this.#begin(true), CONVERT_AGAIN_MS);
      return;
    }
    const passes = PASSING.has(code) || (UNREADABLE.has(code) && ++this.#unreadable <= MOST_TRIES);
    this.state.value = passes ? { kind: 'waiting' } : { kind: 'fault', code };
    if (code === 'control.forbidden' || code === 'control.no-such-camera' || code === HELD_BACK) this.#forgetPicture();
    if (code === HELD_BACK) this.#retry = setTimeout(() => this.#begin(true), HELD_AGAIN_MS);
    if (passes) this.#retry = setTimeout(() => this.#begin(), FAULT_RETRY_MS);
  }

  /** What somebody may not see any more does not stay on the screen. */
  #forgetPicture(): void {
    this.#dropMpeg1();
    this.#track?.dispose();
    this.#track = undefined;
    this.shownUs = undefined;
  }

  #broken(words: string): void {
    if (!this.#wish || (this.#track === undefined && this.#mpeg1 === undefined)) return;
    console.debug('picture begins anew', words);
    this.#forget();
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#begin(), FAULT_RETRY_MS);
  }

  /** The picture of this instant is on the screen. */
  #shown(wallUs: number): void {
    this.shownUs = wallUs;
    this.#shownAtMs = performance.now();
    const { kind } = this.state.peek();
    const isConverted = kind === 'fault' && this.#mpeg1 !== undefined;
    if (kind === 'connecting' || kind === 'waiting' || kind === 'lost' || isConverted) this.#show();
  }

  #show(): void {
    this.#unreadable = 0;
    if (this.#wish) this.state.value = { kind: 'shown' };
  }

  #ack(): void {
    if (this.#ackable === this.#acked || this.#channel === undefined) return;
    this.#acked = this.#ackable;
    send({ type: 'media.ack', channel: this.#channel, epoch: this.#epoch, bytes: this.#acked });
  }

  /** Playback is paced by what is acknowledged: no more than some seconds ahead. */
  #ackAhead(wallUs: number, speed: number): void {
    const newest = this.#track?.newest();
    const ahead = newest ? newest.end - this.#track!.secondsOf(wallUs) : 0;
    if (ahead < AHEAD_S * Math.max(1, speed)) this.#ack();
  }

  #tendLive(): void {
    const { video } = this;
    if (this.#mpeg1) this.#steerSound(true);
    const range = this.#track?.newest();
    if (!range || !this.#fresh) return;
    const behind = range.end - video.currentTime;
    // What was held for the first picture comes in a burst, of which only the end is now.
    const patienceS = performance.now() < this.#settlesMs ? CATCH_UP_S : JUMP_S;
    if (video.currentTime < range.start || behind > patienceS || behind < -JUMP_S || this.#jumped) {
      this.#jumped = false;
      video.currentTime = Math.max(range.start, range.end - BEHIND_S);
      video.playbackRate = 1;
    } else if (behind > CATCH_UP_S) video.playbackRate = 1.1;
    else if (behind > BEHIND_S + 0.15) video.playbackRate = 1.03;
    else if (behind <= BEHIND_S) video.playbackRate = 1;
    if (video.paused) void video.play().catch((error: unknown) => console.debug('play', error));
    this.#steerSound(true);
  }

  #steerSound(plays: boolean): void {
    const sound = this.#sound;
    if (!sound) return;
    const { element, track } = sound;
    // What is converted is painted as it comes.
    const at = this.#mpeg1 ? track.secondsOf(this.shownUs ?? 0) : this.video.currentTime;
    const rate = this.#mpeg1 ? 1 : this.video.playbackRate;
    if (!plays || track.endOfRange(track.wallUsOf(at)) === undefined) {
      element.pause();
      return;
    }
    const off = element.currentTime - at;
    if (Math.abs(off) > 0.3) element.currentTime = at;
    element.playbackRate = rate * (Math.abs(off) > 0.04 ? 1 - Math.sign(off) * 0.04 : 1);
    if (element.paused) void element.play().catch((error: unknown) => console.debug('sound', error));
  }

  /** Pauses the sound with the picture. */
  silence(): void {
    this.#sound?.element.pause();
  }

  #measure(): void {
    const now = performance.now();
    const spanMs = now - this.#figuresAtMs;
    if (spanMs < 1000) return;
    this.#figuresAtMs = now;
    if (spanMs > 5000) return;
    const isLive = this.#wish?.kind === 'live';
    this.figures.value = {
      bitsPerSecond: (this.#bytes * 8000) / spanMs,
      latencyMs: isLive && this.shownUs !== undefined ? boxClockMs() - this.shownUs / 1000 : undefined,
      stillMs: this.#shownAtMs === 0 ? 0 : now - this.#shownAtMs,
    };
    this.#bytes = 0;
  }

  /** What nobody sees is neither sent nor decoded. */
  readonly #visible = (): void => {
    clearTimeout(this.#hidden);
    if (document.hidden) {
      this.#hidden = setTimeout(() => {
        if (this.#wish?.kind !== 'live' || this.#channel === undefined) return;
        this.#asleep = true;
        send({ type: 'media.close', channel: this.#channel });
      }, HIDDEN_MS);
    } else if (this.#asleep) {
      this.#asleep = false;
      this.#begin();
    }
  };
}
