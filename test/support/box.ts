/** The whole firmware as a child process: settings in, commands and the window out. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { z } from 'zod';
import { callBox } from '../../firmware/cli/socket-client.ts';
import type { BoxStatus, CameraSettings, Gap, Segment, VerifyReport } from '../../firmware/control/index.ts';
import { mustRun, type Outcome } from './programs.ts';
import { tempFolder, type Teardown } from './temp-folder.ts';

export type Status = z.output<typeof BoxStatus>;
export type CameraState = Status['cameras'][number];
export type SegmentRow = z.output<typeof Segment>;
export type GapRow = z.output<typeof Gap>;
export type CameraRow = z.output<typeof CameraSettings>;
export type Verdict = z.output<typeof VerifyReport>;

const MAIN = new URL('../../firmware/main.ts', import.meta.url).pathname;
const POLL_MS = 100;
const DEADLINE_MS = 120_000;
/** Everything that a test can have recorded. */
const ALWAYS = { from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' };

export interface BoxOptions {
  /** As in settings.json; what is left out has its default. */
  readonly settings?: Record<string, unknown>;
  /** A folder that an earlier box used; default: a new one, removed at the end of the test. */
  readonly data?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** More arguments for Node, before the firmware. */
  readonly nodeArgs?: readonly string[];
  /** What stands before the command, such as that of a network namespace; its status page can then only be reached from there. */
  readonly under?: readonly string[];
  /** Whom the box runs as; default: whoever runs the test. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** A data folder, and the box that may be running on it. */
export class Box {
  readonly data: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #nodeArgs: readonly string[];
  readonly #under: readonly string[];
  readonly #user: { readonly uid: number; readonly gid: number } | undefined;
  #child: ChildProcess | undefined;
  #output = '';
  #url = '';

  private constructor(data: string, options: BoxOptions) {
    this.data = data;
    // Its cameras are simulated on this machine.
    this.#env = options.env ?? process.env;
    this.#nodeArgs = options.nodeArgs ?? [];
    this.#under = options.under ?? [];
    this.#user = options.user;
  }

  /** Writes the settings, but starts nothing. The box that is started later ends with the test. */
  static async prepare(t: Teardown, options: BoxOptions = {}): Promise<Box> {
    const data = options.data ?? (await tempFolder(t, 'box'));
    const box = new Box(data, options);
    t.teardown(() => box.kill());
    if (options.settings) await box.writeSettings(options.settings);
    if (options.user) await mustRun('chown', ['-R', `${options.user.uid}:${options.user.gid}`, data]);
    return box;
  }

  /** Also starts the box, and returns when it says that it records. */
  static async start(t: Teardown, options: BoxOptions = {}): Promise<Box> {
    const box = await Box.prepare(t, options);
    await box.run();
    return box;
  }

  async writeSettings(settings: Record<string, unknown>): Promise<void> {
    await mkdir(this.data, { recursive: true });
    await writeFile(join(this.data, 'settings.json'), JSON.stringify({ version: 1, ...settings }));
  }

  /** All that the box has written to standard output and standard error, over all its starts. */
  get output(): string {
    return this.#output;
  }

  /** Of the window, for this machine. */
  get url(): string {
    return this.#url;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  /** Default: any free port; `as-set`: those of the settings, and `url` is empty where another program has that of the window. */
  async run(port: number | 'as-set' = 0): Promise<void> {
    const asked = port === 'as-set' ? [] : ['--port', String(port)];
    const run = [...this.#nodeArgs, MAIN, 'run', ...asked, '--data', this.data];
    const [program = '', ...args] = [...this.#under, process.execPath, ...run];
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: this.#env,
      ...this.#user,
    });
    this.#child = child;
    const ready = Promise.withResolvers<string>();
    const from = this.#output.length;
    const take = (text: string): void => {
      this.#output += text;
      const found = /The box records\. (?:Status page: (\S+)|.*)\n/.exec(this.#output.slice(from));
      if (found) ready.resolve(found[1] ?? '');
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.once('exit', (code) => {
      ready.reject(new Error(`the box ended with ${code}:\n${this.#output.slice(from)}`));
    });
    this.#url = await ready.promise;
  }

  /** Asks the box to end and returns its exit code. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    const child = this.#child;
    if (!child || !this.#runs) return child?.exitCode ?? null;
    const exited = once(child, 'close');
    child.kill(signal);
    await exited;
    return child.exitCode;
  }

  /** As a power cut, but for what the disk was told. */
  async kill(): Promise<void> {
    await this.stop('SIGKILL');
  }

  /** One command, as typed. */
  async cli(words: readonly string[], input?: string): Promise<Outcome> {
    const args = [MAIN, ...words, '--data', this.data];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'], env: this.#env, ...this.#user });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdin.end(input ?? '');
    const [code] = (await once(child, 'close')) as [number];
    return { code, stdout, stderr };
  }

  /** The answer of a command with --json that must go well. */
  async ask<T>(...words: string[]): Promise<T> {
    const { code, stdout, stderr } = await this.cli([...words, '--json']);
    if (code !== 0) throw new Error(`ipvs ${words.join(' ')} ended with ${code}: ${stdout}${stderr}`);
    return JSON.parse(stdout) as T;
  }

  /** One operation of the running box, without the cost of another process. */
  async call<T>(operation: string, input: Record<string, unknown> = {}): Promise<T> {
    try {
      return (await callBox(this.data, operation, input)) as T;
    } catch (cause) {
      throw new Error(`${operation}\n${this.#tail()}`, { cause });
    }
  }

  /** All segments of a stream; the box may be stopped. */
  segments(camera: string, stream = 'main'): Promise<SegmentRow[]> {
    return this.#footage('segments', camera, stream);
  }

  gaps(camera: string, stream = 'main'): Promise<GapRow[]> {
    return this.#footage('gaps', camera, stream);
  }

  #footage<T>(kind: 'segments' | 'gaps', camera: string, stream: string): Promise<T> {
    if (this.#runs) return this.call(`${kind}.list`, { camera, stream, ...ALWAYS });
    const { from, to } = ALWAYS;
    return this.ask(kind, 'list', '--camera', camera, '--stream', stream, '--from', from, '--to', to);
  }

  get #runs(): boolean {
    const child = this.#child;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** The report of `verify`, whatever its exit code. The box must be stopped. */
  async verify(...options: string[]): Promise<Verdict> {
    const { stdout } = await this.cli(['verify', ...options, '--json']);
    return JSON.parse(stdout) as Verdict;
  }

  async status(): Promise<Status> {
    return this.call('box.status');
  }

  /** Waits until the status is as wanted and returns it. */
  untilStatus(what: string, wanted: (status: Status) => boolean, deadlineMs?: number): Promise<Status> {
    const look = async (): Promise<Status | undefined> => {
      const status = await this.status();
      return wanted(status) ? status : undefined;
    };
    return until(what, look, () => this.#tail(), deadlineMs);
  }

  /** Waits until a camera's stream is as wanted. */
  async untilCamera(
    id: string,
    what: string,
    wanted: (camera: CameraState) => boolean,
    deadlineMs?: number,
  ): Promise<CameraState> {
    const one = ({ cameras }: Status): CameraState | undefined => cameras.find((camera) => camera.id === id);
    const found = (status: Status): boolean => {
      const camera = one(status);
      return camera !== undefined && wanted(camera);
    };
    return one(await this.untilStatus(`${id}: ${what}`, found, deadlineMs))!;
  }

  /** Waits until every stream of the settings is being recorded. */
  untilRecording(deadlineMs?: number): Promise<Status> {
    return this.untilStatus('all recording', ({ recording, expected }) => recording === expected, deadlineMs);
  }

  /** Waits until a stream has so many finished segments and returns them. */
  untilSegments(camera: string, count: number, stream = 'main', deadlineMs?: number): Promise<SegmentRow[]> {
    const look = async (): Promise<SegmentRow[] | undefined> => {
      const finished = (await this.segments(camera, stream)).filter(({ open }) => !open);
      return finished.length >= count ? finished : undefined;
    };
    return until(`${count} segments of ${camera}`, look, () => this.#tail(), deadlineMs);
  }

  /** Waits for a line of the log. */
  async untilLogged(pattern: RegExp, deadlineMs?: number): Promise<void> {
    const look = (): Promise<true | undefined> => Promise.resolve(pattern.test(this.#output) ? true : undefined);
    await until(`the log says ${pattern}`, look, () => this.#tail(), deadlineMs);
  }

  #tail(): string {
    return this.#output.split('\n').slice(-15).join('\n');
  }
}

/** Asks again and again until there is an answer; gives up, with what `explain` knows, at the deadline. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined>,
  explain: () => string = () => '',
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}\n${explain()}`);
    await pause(POLL_MS);
  }
}

/** One camera of the settings with a stream `main`, as the shortest text that says so. */
export function cameraAt(id: string, url: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { id, streams: [{ id: 'main', url }], ...more };
}
