import { asBoxError, BoxError, systemClock, type ErrorCode } from '../base/index.ts';
import { seesCamera, type AuditPort, type Caller } from '../accounts/index.ts';
import type { LiveHouse, LiveView } from '../live/index.ts';
import type { PlaybackHouse, Player } from '../playback/index.ts';
import { jobOwner } from './job-desk.ts';
import { MediaChannel, type MediaWire } from './media-channel.ts';
import type { MediaRequest } from './media-shapes.ts';

export interface MediaDeskDeps {
  readonly live: Pick<LiveHouse, 'watch' | 'attend'>;
  readonly playback: Pick<PlaybackHouse, 'play'>;
  readonly audit: AuditPort;
  /** False of a camera that is not the one that was added, until somebody has confirmed it. */
  isTrusted(camera: string): boolean;
  log(event: string, detail: Record<string, unknown>): void;
}

const CHANNELS = 64;
/** Of one user, on all connections: several walls of screens, and playback, which reads the disks, at a few desks. */
const OF_USER = { live: 256, play: 64 } as const;
const WINDOW_BYTES = { live: 1 << 20, play: 4 << 20 } as const;

type Kind = 'live' | 'play';

/** What a session has to ask of the desk. */
interface Others {
  /** Throws live.user-full. */
  checkShare(kind: Kind): void;
  over(): void;
}

type Of<T extends MediaRequest['type']> = Extract<MediaRequest, { type: T }>;

type Open =
  | { readonly channel: MediaChannel; readonly view: LiveView; readonly anyway: boolean }
  | { readonly channel: MediaChannel; readonly player: Player };

/** Pictures for whoever may see them: the one way in for every door, with the rights and the audit lines of operations. */
export class MediaDesk {
  readonly #deps: MediaDeskDeps;
  readonly #sessions = new Set<MediaSession>();

  constructor(deps: MediaDeskDeps) {
    this.#deps = deps;
  }

  connect(caller: Caller, wire: MediaWire): MediaSession {
    const session: MediaSession = new MediaSession(caller, wire, this.#deps, {
      checkShare: (kind) => this.#checkShare(jobOwner(caller), kind),
      over: () => void this.#sessions.delete(session),
    });
    this.#sessions.add(session);
    return session;
  }

  /** @throws BoxError live.user-full if one more is too many for this user. */
  #checkShare(owner: string, kind: Kind): void {
    const most = OF_USER[kind];
    let open = 0;
    for (const session of this.#sessions) if (session.owner === owner) open += session.count(kind);
    if (open >= most) throw new BoxError('live.user-full', { most });
  }
}

/** All pictures of one connection. */
export class MediaSession {
  readonly #caller: Caller;
  readonly #wire: MediaWire;
  readonly #deps: MediaDeskDeps;
  readonly #others: Others;
  readonly #channels = new Map<number, Open>();
  /** What has been written down already: one line for each camera and kind of a connection. */
  readonly #noted = new Set<string>();
  readonly #leave: () => void;
  #turn = 0;
  #pumping = false;

  constructor(caller: Caller, wire: MediaWire, deps: MediaDeskDeps, others: Others) {
    this.#others = others;
    this.#caller = caller;
    this.#wire = wire;
    this.#deps = deps;
    this.#leave = deps.live.attend();
  }

  /** Somebody is looking at something. */
  get isWatching(): boolean {
    return this.#channels.size > 0;
  }

  get owner(): string {
    return jobOwner(this.#caller);
  }

  /** How many pictures of this kind are open. */
  count(kind: Kind): number {
    return [...this.#channels.values()].filter(({ channel }) => channel.kind === kind).length;
  }

  receive(request: MediaRequest): void {
    switch (request.type) {
      case 'media.ack':
        this.#channels.get(request.channel)?.channel.acked(request.epoch, request.bytes);
        this.#pump();
        break;
      case 'media.close':
        this.#close(request.channel);
        break;
      case 'media.live':
        this.#guarded(request.channel, request.epoch, () => this.#live(request));
        break;
      case 'media.play':
        this.#guarded(request.channel, request.epoch, () => this.#play(request));
        break;
      case 'media.seek':
        for (const player of this.#players(request.channels, request.epoch)) player.seek(request.atUs, request.speed);
        break;
      case 'media.step':
        void this.#step(request);
        break;
    }
  }

  /** Closes what the caller may not see any more; every few seconds. */
  check(): void {
    for (const { channel, ...open } of this.#channels.values()) {
      const error = this.#refusalOf(channel.kind, channel.camera, 'view' in open && open.anyway);
      if (error) channel.failed(error);
      else if ('view' in open) open.view.tick();
    }
  }

  end(): void {
    for (const channel of [...this.#channels.keys()]) this.#close(channel);
    this.#leave();
    this.#others.over();
  }

  #live(request: Of<'media.live'>): void {
    const { channel: number, epoch, camera, stream, sound, pixels, form, anyway } = request;
    this.#permit('live', camera, anyway);
    const wish = { camera, stream, sound, pixels, form };
    const open = this.#channels.get(number);
    if (open && 'view' in open && open.channel.camera === camera && open.anyway === anyway) {
      open.channel.renew(epoch);
      open.view.change(wish);
      return;
    }
    const channel = this.#open(number, 'live', request);
    this.#channels.set(number, { channel, view: this.#deps.live.watch(wish, channel), anyway });
  }

  #play(request: Of<'media.play'>): void {
    const { channel: number, epoch, camera, stream, atUs, speed, sound } = request;
    this.#permit('play', camera);
    const open = this.#channels.get(number);
    const isSame = open && 'player' in open && open.channel.camera === camera && open.player.stream === stream;
    if (isSame) {
      open.channel.renew(epoch);
      open.player.setSound(sound);
      open.player.seek(atUs, speed);
      return;
    }
    const channel = this.#open(number, 'play', request);
    const player = this.#deps.playback.play({ camera, stream, atUs, speed, sound }, channel);
    this.#channels.set(number, { channel, player });
  }

  #open(number: number, kind: Kind, request: Of<'media.live'> | Of<'media.play'>): MediaChannel {
    this.#close(number);
    if (this.#channels.size >= CHANNELS) throw new BoxError('live.too-many', { most: CHANNELS });
    this.#others.checkShare(kind);
    const { channel, epoch, camera, window = WINDOW_BYTES[kind] } = request;
    return new MediaChannel({ channel, epoch, kind, camera, windowBytes: window }, this.#wire, {
      room: () => this.#pump(),
      over: () => this.#close(number),
    });
  }

  async #step({ channels, epoch, atUs, pictures }: Of<'media.step'>): Promise<void> {
    const players = this.#players(channels, epoch);
    const [first, ...others] = players;
    if (!first) return;
    try {
      const at = await first.step(atUs, pictures);
      const open = this.#channels.get(channels[0]!);
      if (open?.channel.epoch !== epoch) return;
      if (at !== undefined) for (const other of others) void other.show(at);
      open.channel.at(at ?? atUs);
    } catch (error) {
      this.#channels.get(channels[0]!)?.channel.failed(error);
    }
  }

  #players(channels: readonly number[], epoch: number): Player[] {
    return channels.flatMap((number) => {
      const open = this.#channels.get(number);
      if (!open || !('player' in open)) return [];
      open.channel.renew(epoch);
      return [open.player];
    });
  }

  #close(number: number): void {
    const open = this.#channels.get(number);
    if (!open) return;
    this.#channels.delete(number);
    open.channel.end();
    if ('view' in open) open.view.end();
    else open.player.end();
  }

  /** Everybody gets a turn at being the first to fill the line. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    const all = [...this.#channels.values()];
    this.#turn++;
    for (let i = 0; i < all.length; i++) {
      const open = all[(i + this.#turn) % all.length]!;
      if ('view' in open) open.view.pump();
      else open.player.pump();
    }
    this.#pumping = false;
  }

  /** @throws BoxError control.not-signed-in, control.forbidden, control.no-such-camera, cameras.untrusted; written down either way. */
  #permit(kind: Kind, camera: string, anyway = false): void {
    const error = this.#refusalOf(kind, camera, anyway);
    this.#note(kind, camera, error?.code ?? 'ok');
    if (error) throw error;
  }

  /** `anyway`: whoever has to decide whether it is the right camera must be able to look. */
  #refusalOf(kind: Kind, camera: string, anyway: boolean): BoxError | undefined {
    const right = kind === 'live' ? 'live' : 'playback';
    if (!this.#caller.signedIn) return new BoxError('control.not-signed-in');
    if (!seesCamera(this.#caller, camera)) return new BoxError('control.no-such-camera', { camera });
    if (!this.#caller.may(right, camera)) return new BoxError('control.forbidden', { right, camera });
    const isHeldBack = kind === 'live' && !this.#deps.isTrusted(camera) && !(anyway && this.#caller.may('cameras'));
    return isHeldBack ? new BoxError('cameras.untrusted', { camera }) : undefined;
  }

  #note(kind: Kind, camera: string, result: 'ok' | ErrorCode): void {
    const key = `${kind} ${camera} ${result}`;
    if (this.#noted.has(key) || this.#noted.size > 1000) return;
    this.#noted.add(key);
    this.#deps.audit.note({
      atUs: systemClock.wallUs(),
      who: this.#caller.name,
      kind: this.#caller.kind,
      address: this.#caller.address,
      operation: kind === 'live' ? 'live.watch' : 'playback.watch',
      subject: camera,
      result,
    });
  }

  #guarded(channel: number, epoch: number, work: () => void): void {
    try {
      work();
    } catch (cause) {
      const error = asBoxError(cause, 'box.bug');
      if (error.kind === 'bug') this.#deps.log('media.bug', { err: error });
      this.#close(channel);
      this.#wire.text({ type: 'media.error', channel, epoch, code: error.code, detail: error.advice });
    }
  }
}
