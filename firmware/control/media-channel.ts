import { asBoxError } from '../base/index.ts';
import type { LiveSink, Mpeg1Places } from '../live/index.ts';
import { partHeader, type MediaPart, type TrackFacts } from '../media/index.ts';
import type { PlaySink, PlayState } from '../playback/index.ts';
import type { MediaAnswer } from './media-shapes.ts';

/** The connection of a viewer, as far as pictures need it. */
export interface MediaWire {
  /** Bytes that the other end has not taken yet. */
  readonly backlogBytes: number;
  text(message: MediaAnswer): void;
  /** One binary message of two pieces. The payload may be shared and must not be changed. `sent`: it has left the process. */
  binary(header: Uint8Array, payload: Uint8Array, sent: () => void): void;
}

/** More than this is not put on a line that does not take it, so that what is urgent never waits behind much. */
const LINE_BYTES = 192 << 10;

/** One picture on a viewer's screen: what is on its way to it, and what it is about. */
export class MediaChannel implements LiveSink, PlaySink {
  readonly channel: number;
  readonly kind: 'live' | 'play';
  readonly camera: string;
  epoch: number;
  windowBytes: number;
  readonly #wire: MediaWire;
  readonly #room: () => void;
  readonly #over: () => void;
  #sentBytes = 0;
  #ackedBytes = 0;
  #ended = false;

  constructor(
    what: { channel: number; epoch: number; kind: 'live' | 'play'; camera: string; windowBytes: number },
    wire: MediaWire,
    events: { room: () => void; over: () => void },
  ) {
    this.channel = what.channel;
    this.epoch = what.epoch;
    this.kind = what.kind;
    this.camera = what.camera;
    this.windowBytes = what.windowBytes;
    this.#wire = wire;
    this.#room = events.room;
    this.#over = events.over;
  }

  get isFree(): boolean {
    const isLineFree = this.#wire.backlogBytes < LINE_BYTES;
    return !this.#ended && isLineFree && this.#sentBytes - this.#ackedBytes < this.windowBytes;
  }

  /** The client has asked anew: what it has got before counts no more. */
  renew(epoch: number): void {
    this.epoch = epoch;
    this.#sentBytes = 0;
    this.#ackedBytes = 0;
  }

  /** The client has used up so many bytes of this epoch. */
  acked(epoch: number, bytes: number): void {
    if (epoch === this.epoch) this.#ackedBytes = Math.max(this.#ackedBytes, Math.min(bytes, this.#sentBytes));
  }

  track(facts: TrackFacts, stream: string, because?: 'asked' | 'tile' | 'slow' | 'only'): void {
    const { channel, epoch, kind, camera } = this;
    this.#tell({
      type: 'media.format',
      channel,
      epoch,
      kind,
      camera,
      stream,
      ...facts,
      ...(because !== undefined && { because }),
    });
  }

  part(part: MediaPart): void {
    if (this.#ended) return;
    this.#sentBytes += part.bytes.length;
    this.#wire.binary(partHeader(part, this.channel, this.epoch), part.bytes, this.#room);
  }

  state(state: 'waiting' | PlayState['state'], span?: { fromUs: number; toUs: number }): void {
    this.#tell({ type: 'media.state', channel: this.channel, epoch: this.epoch, state, ...span });
  }

  dropped(pictures: number, bytes: number): void {
    this.#tell({ type: 'media.dropped', channel: this.channel, epoch: this.epoch, pictures, bytes });
  }

  places({ used, most }: Mpeg1Places): void {
    this.#tell({ type: 'media.places', channel: this.channel, epoch: this.epoch, used, most });
  }

  at(atUs: number): void {
    this.#tell({ type: 'media.at', channel: this.channel, epoch: this.epoch, atUs });
  }

  failed(cause: unknown): void {
    const error = asBoxError(cause, 'box.bug');
    const { channel, epoch } = this;
    this.#tell({ type: 'media.error', channel, epoch, code: error.code, detail: error.advice });
    this.#over();
  }

  end(): void {
    this.#ended = true;
  }

  #tell(message: MediaAnswer): void {
    if (!this.#ended) this.#wire.text(message);
  }
}
