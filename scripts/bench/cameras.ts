import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../lib/tool.ts';
import { Child } from './child.ts';
import { benchClip, CLIP_FPS, GOP_PICTURES } from './media.ts';

export interface CamerasOptions {
  readonly count: number;
  readonly audio: boolean;
  /** Where the farm's options and log go. */
  readonly folder: string;
}

/** What one camera sent: the ordinals of its pictures as closed ranges, and bytes of pictures and sound. */
export interface Sent {
  readonly ranges: readonly (readonly [number, number])[];
  readonly pictures: number;
  readonly mediaBytes: number;
}

interface SessionReport {
  readonly path: string;
  readonly tracks: readonly {
    readonly kind: string;
    readonly ranges: [number, number][];
    readonly frames: number;
    readonly mediaBytes: number;
  }[];
}

/** The simulated cameras, in a process of their own. Their key frames are spread over the group of pictures. */
export class Cameras {
  readonly #child: Child;
  readonly port: number;
  readonly count: number;

  private constructor(child: Child, port: number, count: number) {
    this.#child = child;
    this.port = port;
    this.count = count;
  }

  static async start(options: CamerasOptions): Promise<Cameras> {
    const clip = { file: await benchClip(), codec: 'h264', fps: CLIP_FPS, width: 1920, height: 1080 };
    const gopMs = (GOP_PICTURES / CLIP_FPS) * 1000;
    const cameras = Array.from({ length: options.count }, (_, index) => ({
      path: `cam${index}`,
      clip,
      audio: options.audio ? 'aac' : 'none',
      staggerMs: (index * gopMs) / options.count,
      sessionTimeoutS: 3600,
    }));
    const file = join(options.folder, 'cameras.json');
    await writeFile(file, JSON.stringify({ cameras }));
    const main = join(ROOT, 'test/support/camera/main.ts');
    const child = new Child(process.execPath, [main, '--json', `@${file}`], {
      log: join(options.folder, 'cameras.log'),
    });
    const { port } = JSON.parse(await child.line()) as { port: number };
    return new Cameras(child, port, options.count);
  }

  get pid(): number {
    return this.#child.pid;
  }

  url(index: number): string {
    return `rtsp://127.0.0.1:${this.port}/cam${index}`;
  }

  /** What every camera has sent so far, by its number; `pictures` and `mediaBytes` over all sessions. */
  async sent(): Promise<Sent[]> {
    this.#child.say(JSON.stringify({ report: true }));
    const { sessions } = JSON.parse(await this.#child.line()) as { sessions: SessionReport[] };
    return Array.from({ length: this.count }, (_, index) => {
      const tracks = sessions
        .filter(({ path }) => path.replace(/^\//, '') === `cam${index}`)
        .flatMap((each) => each.tracks);
      const videos = tracks.filter(({ kind }) => kind === 'video');
      return {
        ranges: videos.flatMap(({ ranges }) => ranges),
        pictures: videos.reduce((sum, { frames }) => sum + frames, 0),
        mediaBytes: tracks.reduce((sum, { mediaBytes }) => sum + mediaBytes, 0),
      };
    });
  }

  async stop(): Promise<void> {
    await this.#child.stop();
  }
}
