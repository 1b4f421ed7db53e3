import { asBoxError, BoxError, systemClock, type ErrorCode } from '../base/index.ts';
import { seesCamera, type AuditPort, type Caller } from '../accounts/index.ts';
import type { LiveHouse, LiveSink, LiveView } from '../live/index.ts';

export interface StreamDeskDeps {
  readonly live: Pick<LiveHouse, 'watch'>;
  readonly audit: AuditPort;
  cameras(): readonly {
    readonly id: string;
    readonly name: string;
    readonly streams: readonly { readonly id: string }[];
  }[];
}

/** A stream as an address names it. */
export interface NamedStream {
  readonly camera: string;
  readonly stream: string;
  /** Name of the camera, for people. */
  readonly title: string;
}

/** Live streams for doors that hand them on as they are; with the rights and the audit lines of operations. */
export class StreamDesk {
  readonly #deps: StreamDeskDeps;

  constructor(deps: StreamDeskDeps) {
    this.#deps = deps;
  }

  /**
   * The stream that is meant; without `stream` the camera's first, which is its best. Throws control.not-signed-in,
   * control.no-such-camera (also for one that the caller may not watch), live.no-such-stream; refusals are written down.
   */
  find(caller: Caller, camera: string, stream: string | undefined): NamedStream {
    try {
      this.check(caller, camera);
      const found = this.#deps.cameras().find(({ id }) => id === camera)!;
      const one = found.streams.find(({ id }) => id === (stream ?? found.streams[0]?.id));
      if (!one) throw new BoxError('live.no-such-stream', { camera, stream: stream ?? '' });
      return { camera, stream: one.id, title: found.name || camera };
    } catch (error) {
      this.#note(caller, camera, asBoxError(error, 'box.bug').code);
      throw error;
    }
  }

  /** Throws what `find` throws; to be asked of everything that stays open. */
  check(caller: Caller, camera: string): void {
    if (!caller.signedIn) throw new BoxError('control.not-signed-in');
    const isKnown = this.#deps.cameras().some(({ id }) => id === camera);
    if (!isKnown || !seesCamera(caller, camera)) throw new BoxError('control.no-such-camera', { camera });
    if (!caller.may('live', camera)) throw new BoxError('control.forbidden', { right: 'live', camera });
  }

  /** What `find` has found, until the view is ended; what is wrong comes through the sink. */
  watch(caller: Caller, { camera, stream }: NamedStream, sink: LiveSink): LiveView {
    this.#note(caller, camera, 'ok', stream);
    return this.#deps.live.watch({ camera, stream, sound: true, form: 'mp4' }, sink);
  }

  #note(caller: Caller, camera: string, result: 'ok' | ErrorCode, stream?: string): void {
    this.#deps.audit.note({
      atUs: systemClock.wallUs(),
      who: caller.name,
      kind: caller.kind,
      address: caller.address,
      operation: 'live.watch',
      subject: camera.slice(0, 100),
      result,
      detail: { door: 'rtsp', ...(stream === undefined ? {} : { stream }) },
    });
  }
}
