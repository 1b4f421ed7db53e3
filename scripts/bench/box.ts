import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { ROOT } from '../lib/tool.ts';
import { Child } from './child.ts';
import { CACHE, nodeForBox } from './media.ts';

const LOOK_EVERY_MS = 10;

export interface BoxOptions {
  readonly data: string;
  readonly log: string;
  readonly urls: readonly string[];
  readonly transport: 'tcp' | 'udp';
  /** Instead of one volume in `recordings`. */
  readonly volumes?: readonly { readonly id: string; readonly folder: string; readonly budgetBytes: number }[];
  /** uuid of the box; else it gives itself one. */
  readonly box?: string;
}

export interface BoxStatus {
  readonly recording: number;
  readonly volumes: readonly { readonly usedBytes: number; readonly syncMsP99: number }[];
  readonly process: {
    readonly loopDelayMsP99: number;
    readonly recordLoopDelayMsP99: number;
    readonly mediaBytesHeld: number;
  };
}

/** The firmware as a person runs it: its own process, one settings file, questions through its socket. */
export class Box {
  readonly data: string;
  readonly pid: number;
  readonly startedMs: number;
  readonly #child: Child;
  readonly #volumes: readonly string[];

  private constructor(data: string, child: Child, startedMs: number, folders: readonly string[]) {
    this.#volumes = folders;
    this.data = data;
    this.pid = child.pid;
    this.#child = child;
    this.startedMs = startedMs;
  }

  static async start(options: BoxOptions): Promise<Box> {
    const { data, log, urls, transport } = options;
    await mkdir(data, { recursive: true });
    const cameras = urls.map((url, index) => ({
      id: `cam${index}`,
      name: `cam${index}`,
      streams: [{ id: 'main', url, transport }],
    }));
    // Room for more than the disk has: nothing is to be deleted while it is measured.
    const volumes = options.volumes ?? [{ id: 'disk1', folder: 'recordings', budgetBytes: 2 ** 50 }];
    const identity = options.box === undefined ? {} : { box: { id: options.box, name: 'bench' } };
    // A box that is started again keeps its settings, and with them its identity.
    const write = { mode: 0o600, flag: 'wx' };
    await writeFile(
      join(data, 'settings.json'),
      JSON.stringify({ version: 1, ...identity, cameras, volumes }),
      write,
    ).catch(keepExisting);
    const node = await nodeForBox();
    const startedMs = performance.now();
    // A box keeps its modules without types from one start to the next; these have new data folders and share them.
    const env = { ...process.env, IPVS_PLAIN_SOURCES_IN: join(CACHE, 'plain-sources') };
    const args = [join(ROOT, 'firmware/main.ts'), 'run', '--port', '0', '--data', data];
    const child = new Child(node, args, { log, env });
    const folders = volumes.map(({ folder }) => folder);
    return new Box(data, child, startedMs, folders);
  }

  /** Resolves, with the milliseconds since the start of the process, when that many cameras have a file that grows. */
  async recording(count: number, limitMs: number): Promise<number> {
    for (;;) {
      const tookMs = performance.now() - this.startedMs;
      if ((await this.#folders()).length >= count) return tookMs;
      if (tookMs > limitMs) throw new Error(`after ${limitMs} ms not all of ${count} cameras are recorded`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  /** Asks a running box, as the command line does. */
  ask<T>(operation: string, input: unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      const socket = connect(join(this.data, 'ipvs.sock'));
      let text = '';
      socket.setEncoding('utf8');
      socket.once('error', reject);
      socket.once('connect', () => socket.write(`${JSON.stringify({ id: 1, operation, input })}\n`));
      socket.on('data', (piece: string) => {
        text += piece;
        if (!text.endsWith('\n')) return;
        socket.destroy();
        const reply = JSON.parse(text) as { result?: T; error?: unknown };
        if (reply.error) reject(new Error(`${operation}: ${JSON.stringify(reply.error)}`));
        else resolve(reply.result as T);
      });
    });
  }

  /** Where its web interface for this machine is. */
  async url(): Promise<string> {
    for (;;) {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(await this.#child.line());
      if (found) return found[0];
    }
  }

  status(): Promise<BoxStatus> {
    return this.ask('box.status', {});
  }

  /** The files of a camera, oldest first. */
  async files(camera: string): Promise<string[]> {
    const folder = join(this.data, 'recordings/video', camera);
    const names = await readdir(folder, { recursive: true }).catch(() => []);
    return names
      .filter((name) => name.endsWith('.mp4'))
      .toSorted()
      .map((name) => join(folder, name));
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    return this.#child.stop(signal);
  }

  /** Cameras that have a file. A folder is made right before its first file. */
  async #folders(): Promise<string[]> {
    const found = this.#volumes.map((folder) => readdir(join(this.data, folder, 'video')).catch(() => []));
    return (await Promise.all(found)).flat();
  }
}

function keepExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
