/** The box as a process of its own, to be killed, stopped, asked and read. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Status } from '../support/box.ts';
import { type Outcome as Result, runProgram } from '../support/programs.ts';
import type { Lab } from './lab.ts';

/** One line of the box's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string };

export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly lingers: boolean;
  readonly tookMs: number;
}

const START_MS = 120_000;
const WAIT_MS = 180_000;
const POLL_MS = 50;

export interface BoxOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Where the box's log goes instead of into this process. */
  readonly stderr?: number;
}

export class BoxProcess {
  readonly data: string;
  readonly child: ChildProcess;
  readonly log: LogLine[] = [];
  readonly exited: Promise<void>;
  /** Of the door for this machine. */
  url = '';
  secureUrl = '';
  readonly #heard = new Set<() => void>();

  private constructor(data: string, child: ChildProcess) {
    this.data = data;
    this.child = child;
    this.exited = once(child, 'exit').then(() => this.#tell());
    if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => this.#read(line));
  }

  /** Resolves when the box says that it records. */
  static async start(lab: Lab, data: string, options: BoxOptions = {}): Promise<BoxProcess> {
    const child = spawn(process.execPath, [join(lab.firmware, 'main.ts'), 'run', '--port', '0', '--data', data], {
      stdio: ['ignore', 'pipe', options.stderr ?? 'pipe'],
      env: options.env ?? process.env,
    });
    const box = new BoxProcess(data, child);
    lab.teardown(() => box.kill());
    let said = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      box.#tell();
    });
    await box.#until(() => said.includes('The box records') || box.isOver, START_MS, 'the start');
    if (box.isOver) throw new Error(`the box did not start: ${box.log.map((line) => line.msg).join(' | ')} ${said}`);
    box.url = /Status page: (\S+)/.exec(said)?.[1] ?? '';
    box.secureUrl = /For everybody: (\S+)/.exec(said)?.[1] ?? '';
    return box;
  }

  /** The end of its log, for whoever wonders why it is silent. */
  get lastWords(): string {
    const shown = this.log.slice(-8).map(({ msg, part = '', reason = '' }) => [msg, part, reason].join(' ').trim());
    return shown.join(' | ');
  }

  get isOver(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Sends SIGKILL at this very instant; resolves when the process is gone. */
  async kill(): Promise<void> {
    if (!this.isOver) this.child.kill('SIGKILL');
    if (!this.isOver) await this.exited;
  }

  /**
   * Asks the box to end. Resolves with how long that took and how it ended; undefined if it has not ended by `limitMs`. A
   * process that has been killed while one of its threads waits for a disk in the kernel (state D) has ended as far as any
   * process can: `lingers` then.
   */
  async stop(limitMs = 30_000): Promise<Ending | undefined> {
    const began = performance.now();
    this.child.kill('SIGTERM');
    for (;;) {
      const lingers = !this.isOver && (await this.#isZombie());
      const tookMs = performance.now() - began;
      if (this.isOver || lingers) return { code: this.child.exitCode, signal: this.child.signalCode, lingers, tookMs };
      if (tookMs > limitMs) return undefined;
      await sleep(POLL_MS);
    }
  }

  /** The first line of that event that fits, now or later. */
  async heard(event: string, fits: (line: LogLine) => boolean = () => true, limitMs = WAIT_MS): Promise<LogLine> {
    const find = (): LogLine | undefined => this.log.find((line) => line.msg === event && fits(line));
    await this.#until(() => find() !== undefined || this.isOver, limitMs, event);
    const line = find();
    if (!line) throw new Error(`the box ended before ${event}`);
    return line;
  }

  has(event: string): boolean {
    return this.log.some((line) => line.msg === event);
  }

  async status(): Promise<Status> {
    return (await this.ask('box.status', {})) as Status;
  }

  /** The first status that fits, looked for again and again; undefined if none comes by the limit. */
  async reaches(fits: (status: Status) => boolean, limitMs = WAIT_MS): Promise<Status | undefined> {
    const until = performance.now() + limitMs;
    while (performance.now() < until && !this.isOver) {
      const status = await this.status().catch(() => undefined);
      if (status && fits(status)) return status;
      await sleep(POLL_MS);
    }
    return undefined;
  }

  /** One operation through the box's socket. */
  ask(operation: string, input: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const socket = connect(join(this.data, 'ipvs.sock'));
      let received = '';
      socket.setEncoding('utf8').setTimeout(10_000, () => socket.destroy(new Error(`no answer to ${operation}`)));
      socket.on('error', reject);
      socket.on('close', () => reject(new Error(`the box hung up on ${operation}`)));
      socket.on('connect', () => socket.write(`${JSON.stringify({ id: 1, operation, input })}\n`));
      socket.on('data', (text: string) => {
        received += text;
        if (!received.endsWith('\n')) return;
        const reply = JSON.parse(received) as { result?: unknown; error?: { code: string } };
        if (reply.error) reject(new Error(reply.error.code));
        else resolve(reply.result);
        socket.destroy();
      });
    });
  }

  /** The first thread is gone, and another one cannot be ended before its disk answers. */
  async #isZombie(): Promise<boolean> {
    const { pid } = this.child;
    if ((await stateOf(`/proc/${pid}`)) !== 'Z') return false;
    const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
    const states = await Promise.all(threads.map((thread) => stateOf(`/proc/${pid}/task/${thread}`)));
    return states.includes('D');
  }

  #read(line: string): void {
    this.log.push(line.startsWith('{') ? (JSON.parse(line) as LogLine) : { msg: line });
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#heard) listener();
  }

  async #until(holds: () => boolean, limitMs: number, what: string): Promise<void> {
    if (holds()) return;
    let timer: NodeJS.Timeout | undefined;
    let listener: (() => void) | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        timer = setTimeout(
          () => reject(new Error(`the box did not come to ${what} in ${limitMs} ms: ${this.lastWords}`)),
          limitMs,
        );
        listener = () => holds() && resolve();
        this.#heard.add(listener);
      });
    } finally {
      clearTimeout(timer);
      if (listener) this.#heard.delete(listener);
    }
  }
}

/** The one-letter state of a process or thread (proc(5)). */
async function stateOf(folder: string): Promise<string> {
  const text = await readFile(`${folder}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2, text.lastIndexOf(')') + 3);
}

/** A command of the box's command line, with --json. */
export async function command(lab: Lab, data: string, ...words: string[]): Promise<Result & { answer: unknown }> {
  const args = [join(lab.firmware, 'main.ts'), ...words, '--json', '--data', data];
  const result = await runProgram(process.execPath, args, { timeoutMs: 300_000 });
  const [first = ''] = result.stdout.trim().split('\n');
  return { ...result, answer: first.startsWith('{') || first.startsWith('[') ? JSON.parse(first) : undefined };
}
