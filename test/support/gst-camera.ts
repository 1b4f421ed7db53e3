/** GStreamer's RTSP server as a camera that we did not write (gst-camera.py). */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { runProgram } from './programs.ts';
import type { Teardown } from './temp-folder.ts';

export interface GstCameraOptions {
  readonly path: string;
  readonly video?: 'h264' | 'h265';
  readonly audio?: 'aac' | 'latm' | 'opus' | 'l16' | 'pcma' | 'none';
  /** An Annex-B clip to loop; without it, a moving ball of 320x240 is encoded. */
  readonly file?: string;
  readonly fps?: number;
  readonly user?: string;
  readonly password?: string;
  /** All cameras of one server must ask for the same kind. Default digest. */
  readonly auth?: 'basic' | 'digest';
  /** Seconds between parameter sets in band; -1 = with each key frame, 0 = never. */
  readonly configInterval?: number;
}

// Debian's own Python has the bindings; another one on the path need not have them.
const PYTHON = '/usr/bin/python3';

/** For tap's `skip`. */
export async function skipWithoutGstCamera(): Promise<string | false> {
  const check = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer";
  const found = await runProgram(PYTHON, ['-c', check]).catch(() => ({ code: 1 }));
  return found.code === 0 ? false : 'python3-gi or gir1.2-gst-rtsp-server-1.0 is not installed';
}

export class GstCameras {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** Returns when the server listens; it ends with the test. */
  static async start(t: Teardown, cameras: readonly GstCameraOptions[]): Promise<GstCameras> {
    const script = new URL('gst-camera.py', import.meta.url).pathname;
    const child = spawn(PYTHON, [script, JSON.stringify({ cameras })], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    const [line] = (await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => [''])])) as [string];
    if (line === '') throw new Error(`the GStreamer camera ended with ${child.exitCode}`);
    const server = new GstCameras(child, (JSON.parse(line) as { port: number }).port);
    t.teardown(() => server.stop());
    return server;
  }

  /** Without name and password. */
  url(path: string): string {
    return `rtsp://${this.host}:${this.port}/${path}`;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.stdin?.end();
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), 2000);
    await exited;
    clearTimeout(kill);
  }
}
