import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { access, constants, writeFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import Mpeg1Muxer from 'node-rtsp-stream/mpeg1muxer.js';
import { BoxError } from '../base/index.ts';
import { TsPictures, type TsPicture } from './ts-pictures.ts';

/** So much may wait for the child before it is taken to be busy. */
const WAITING_BYTES = 512 << 10;
/** A child that is given pictures and gives none back for so long is ended. */
const STALLED_MS = 15_000;
/** So many pictures it may hold before its first one. */
const HELD_PICTURES = 40;
const WATCH_MS = 1000;
/** Behind everything that records. */
const NICE = 10;
/** When memory runs out, the kernel ends it before the box. */
const OOM_SCORE = '500';
const MOST_WIDTH = 1280;
const MOST_HEIGHT = 720;
const BITS_PER_PIXEL = 2;
const LEAST_BITRATE = 400_000;
const MOST_BITRATE = 3_000_000;
const WORDS_CHARS = 500;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The size in which a picture is shown as MPEG-1: no larger than a script can decode many times a second, and even. */
export function mpeg1Size({ width, height }: Size): Size {
  const scale = Math.min(1, MOST_WIDTH / width, MOST_HEIGHT / height);
  const even = (pixels: number): number => Math.max(16, Math.round((pixels * scale) / 2) * 2);
  return { width: even(width), height: even(height) };
}

/** Options of ffmpeg's output. Its input is `pipe:0` and nothing else, and no word of it comes from a person or a camera. */
export function mpeg1Options(size: Size): Record<string, string> {
  const bitrate = Math.round(size.width * size.height * BITS_PER_PIXEL);
  return {
    '-loglevel': 'error',
    '-protocol_whitelist': 'pipe',
    '-an': '',
    '-s': `${size.width}x${size.height}`,
    // MPEG-1 knows no 15 pictures a second; as they are counted and not timed, any rate is the right one.
    '-r': '25',
    '-g': '25',
    '-bf': '0',
    '-b:v': String(Math.min(MOST_BITRATE, Math.max(LEAST_BITRATE, bitrate))),
    '-threads': '1',
    '-muxdelay': '0',
    '-muxpreload': '0',
    '-omit_video_pes_length': '0',
    '-flush_packets': '1',
  };
}

export interface Mpeg1Listener {
  picture(picture: TsPicture): void;
  /** It takes more again. */
  drained(): void;
  /** It is gone, by itself or because it gave nothing for long. Not called after `end`. */
  failed(error: BoxError): void;
}

/** The muxer of node-rtsp-stream, listening to its child before anything can go wrong: an error nobody hears ends the box. */
class HeardMuxer extends Mpeg1Muxer {
  static readonly #children = new WeakMap<Mpeg1Muxer, ChildProcessWithoutNullStreams>();

  // @ts-expect-error: the muxer assigns it while it is being made, which is the moment to listen.
  override set stream(child: ChildProcessWithoutNullStreams) {
    child.on('error', () => undefined);
    HeardMuxer.#children.set(this, child);
  }

  override get stream(): ChildProcessWithoutNullStreams {
    return HeardMuxer.#children.get(this)!;
  }
}

/** One ffmpeg that makes MPEG-1 of the pictures it is given. */
export class Mpeg1Child {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #listener: Mpeg1Listener;
  readonly #watch: NodeJS.Timeout;
  #owed = 0;
  #owedSinceMs = 0;
  #words = '';
  #over = false;

  /** @throws BoxError live.mpeg1-failed if no process can be started */
  constructor(ffmpeg: string, size: Size, listener: Mpeg1Listener) {
    this.#listener = listener;
    const pictures = new TsPictures((picture) => {
      this.#owed = 0;
      if (!this.#over) listener.picture(picture);
    });
    const muxer = startMuxer(ffmpeg, size);
    const child = muxer.stream;
    this.#child = child;
    muxer.on('mpeg1data', (bytes) => {
      if (!pictures.push(bytes)) this.#fail('what ffmpeg wrote is no transport stream');
    });
    muxer.on('ffmpegStderr', (bytes) => (this.#words = (this.#words + bytes.toString()).slice(-WORDS_CHARS)));
    child.on('error', (error) => this.#fail(error.message));
    child.on('exit', (code, signal) => this.#fail(`ffmpeg ended (${signal ?? code})`));
    child.stdin.on('error', () => undefined);
    child.stdin.on('drain', () => this.#over || listener.drained());
    this.#watch = setInterval(() => this.#look(), WATCH_MS);
    this.#watch.unref();
    if (child.pid !== undefined) makeMeek(child.pid);
  }

  get isFree(): boolean {
    return !this.#over && this.#child.stdin.writableLength < WAITING_BYTES;
  }

  /** An init or a fragment. */
  write(bytes: Buffer): void {
    if (this.#over) return;
    if (this.#owed++ === 0) this.#owedSinceMs = performance.now();
    this.#child.stdin.write(bytes);
  }

  /** Nothing more comes; it ends by itself. */
  close(): void {
    this.#child.stdin.end();
  }

  /** At once, also if it hangs. */
  end(): void {
    this.#over = true;
    clearInterval(this.#watch);
    this.#child.stdin.destroy();
    this.#child.kill('SIGKILL');
  }

  #look(): void {
    if (this.#owed === 0 || performance.now() - this.#owedSinceMs < STALLED_MS) return;
    // A camera that pauses leaves some pictures in the child, which is no fault.
    if (this.#owed < HELD_PICTURES && this.#child.stdin.writableLength === 0) return;
    this.#fail(`ffmpeg has given no picture for ${STALLED_MS / 1000} s`);
  }

  #fail(reason: string): void {
    if (this.#over) return;
    this.end();
    const said = this.#words.trim();
    this.#listener.failed(new BoxError('live.mpeg1-failed', { reason, ...(said !== '' && { said }) }));
  }
}

function startMuxer(ffmpegPath: string, size: Size): Mpeg1Muxer {
  try {
    return new HeardMuxer({ url: 'pipe:0', ffmpegPath, ffmpegOptions: mpeg1Options(size) });
  } catch (cause) {
    // Without a free descriptor there are no pipes to listen to.
    throw new BoxError('live.mpeg1-failed', { reason: 'no process could be started' }, { cause });
  }
}

/** Whatever else wants the processor or the memory goes first. */
function makeMeek(pid: number): void {
  try {
    setPriority(pid, NICE);
  } catch {
    // It has ended already, which is told by itself.
  }
  void writeFile(`/proc/${pid}/oom_score_adj`, OOM_SCORE).catch(() => undefined);
}

/** Where ffmpeg is on this machine, if anywhere: looked up each time, since it may be installed while the box runs. */
export async function findFfmpeg(): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '/usr/bin').split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    const path = join(folder, 'ffmpeg');
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}
