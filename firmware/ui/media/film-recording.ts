import { BoxFault } from '../box/client.ts';
import { FilmFile, type FilmPiece } from './film-file.ts';
import { isOpen, join, leave, nextEpoch, send, type Receiver } from './media-line.ts';
import type { MediaAnswer, MediaPart } from './protocol.ts';

/** More than a moment of a heavy stream: what the disk has not taken is not sent either. */
const WINDOW_BYTES = 8 << 20;
/** Faults after which nothing more comes. */
const FINAL = /^(?:control|live\.no-such-stream|live\.too-many|live\.user-full|cameras\.untrusted)/;

/**
 * A camera's best stream and its sound, live into a file that the operator has chosen: written as it comes, so it may be larger than
 * any memory. It has a picture of its own on the line, since what a tile shows changes with the tile.
 */
export class FilmRecording implements Receiver {
  readonly #camera: string;
  readonly #out: FileSystemWritableFileStream;
  readonly #over: (error: unknown) => void;
  readonly #film = new FilmFile();
  #channel: number | undefined;
  #epoch = 0;
  #takenBytes = 0;
  #writtenBytes = 0;
  #last: Promise<void> = Promise.resolve();
  #isUnwritable = false;

  /** `over`: told once if it ends by itself, with the reason; `undefined` when the picture has changed its form. */
  constructor(camera: string, out: FileSystemWritableFileStream, over: (error: unknown) => void) {
    this.#camera = camera;
    this.#out = out;
    this.#over = over;
  }

  start(): void {
    this.#channel = join(this);
    if (isOpen()) this.#begin();
  }

  /** Ends the film and closes the file; resolves with its bytes. Rejects if the disk has not taken it, which `over` may have told. */
  async stop(): Promise<number> {
    this.#leave();
    if (!this.#isUnwritable) this.#write(this.#film.end());
    await this.#last;
    await this.#out.close();
    return this.#writtenBytes;
  }

  opened(): void {
    this.#begin();
  }

  lost(): void {
    // Goes on when the line is there again; the film has a pause then.
  }

  told(answer: MediaAnswer): void {
    if (answer.epoch !== this.#epoch || answer.type !== 'media.error') return;
    if (FINAL.test(answer.code)) {
      this.#end(new BoxFault({ code: answer.code, title: answer.detail, detail: '', status: 0, context: {} }));
      return;
    }
    setTimeout(() => this.#channel !== undefined && isOpen() && this.#begin(), 2000);
  }

  part(part: MediaPart): void {
    if (part.epoch !== this.#epoch || this.#channel === undefined) return;
    let pieces;
    try {
      pieces = this.#film.add(part);
    } catch (error) {
      this.#end(error);
      return;
    }
    if (!pieces) {
      this.#end(undefined);
      return;
    }
    const epoch = this.#epoch;
    this.#write(pieces);
    void this.#last.then(
      () => {
        this.#takenBytes += part.bytes.length;
        if (epoch !== this.#epoch || this.#channel === undefined) return;
        send({ type: 'media.ack', channel: this.#channel, epoch, bytes: this.#takenBytes });
      },
      () => undefined,
    );
  }

  #begin(): void {
    this.#epoch = nextEpoch();
    this.#takenBytes = 0;
    const what = { camera: this.#camera, stream: 'main', sound: true, window: WINDOW_BYTES };
    send({ type: 'media.live', channel: this.#channel, epoch: this.#epoch, ...what });
  }

  #write(pieces: readonly FilmPiece[]): void {
    if (pieces.length === 0) return;
    this.#last = this.#last.then(async () => {
      for (const { position, bytes } of pieces) {
        if (position === undefined) {
          await this.#out.write(bytes);
          this.#writtenBytes += bytes.length;
        } else await this.#out.write({ type: 'write', position, data: bytes });
      }
    });
    this.#last.catch((error: unknown) => {
      this.#isUnwritable = true;
      this.#end(error);
    });
  }

  #end(error: unknown): void {
    if (this.#channel === undefined) return;
    this.#leave();
    this.#over(error);
  }

  #leave(): void {
    if (this.#channel !== undefined) leave(this.#channel);
    this.#channel = undefined;
  }
}
